"""Insulting, hateful or sexually explicit words: suggestions for a person, with their density."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from goldleaf.curation.texts.text_spans import Span, span_findings, with_any
from goldleaf.curation.texts.toxic_words import VERDICTS, candidate_patterns, tone

NAME = "toxicity"
VERSION = "1"


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return at most one finding of each verdict for a text, at its first strong word."""
    return span_findings(with_any(texts, candidate_patterns()), _spans)


def _spans(text: str) -> Iterator[Span]:
    for verdict in VERDICTS:
        found = tone(text, verdict)
        if found:
            reason = f"{found.words} such words" if found.words > 1 else "1 such word"
            yield Span(found.start, found.end, verdict, found.score, reason)
