"""Insulting, hateful or sexually explicit words: suggestions for a person, with their density."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from goldleaf.curation.texts.text_spans import Span, span_findings, with_any
from goldleaf.curation.texts.toxic_words import VERDICTS, candidate_patterns, said_to_reader, tone

NAME = "toxicity"
VERSION = "2"
AT_READER = "at_reader"


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return at most one finding of each verdict for a text, at its first strong word.

    `at_reader` is only for the answer of a demonstration, which is there to be learned; a rejected
    answer may insult.
    """
    suspected = with_any(texts, candidate_patterns())
    taught = records.filter(pl.col("kind") == "demonstration").select("row")
    answers = suspected.filter(
        pl.col("field").str.starts_with("response["), pl.col("role") == "assistant"
    )
    return pl.concat(
        [
            span_findings(suspected, _spans),
            span_findings(answers.join(taught, on="row", how="semi"), _at_reader),
        ]
    ).sort("row", maintain_order=True)


def _spans(text: str) -> Iterator[Span]:
    for verdict in VERDICTS:
        found = tone(text, verdict)
        if found:
            reason = f"{found.words} such words" if found.words > 1 else "1 such word"
            yield Span(found.start, found.end, verdict, found.score, reason)


def _at_reader(text: str) -> Iterator[Span]:
    found, place = tone(text, "toxic"), said_to_reader(text)
    if found and place:
        yield Span(*place, AT_READER, found.score, "insults whom it answers")
