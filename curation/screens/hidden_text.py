"""What a reader does not see and a model does: hidden characters, direction, special tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from goldleaf.curation.texts.hidden_characters import HIDDEN, hidden_characters, hidden_runs
from goldleaf.curation.texts.special_tokens import SPECIAL_TOKEN, special_tokens
from goldleaf.curation.texts.text_spans import Span, span_findings, with_any

NAME = "hidden_text"
VERSION = "1"

_TOKEN_LIKE = re.sub(r"\(\?<=\\?[<\[\]]\)", "", SPECIAL_TOKEN.pattern)
"""The pattern without what Rust's syntax lacks: it finds the same and a little more."""
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each run of hidden characters and each special token."""
    return span_findings(with_any(texts, (HIDDEN.pattern, _TOKEN_LIKE)), _spans)


def _spans(text: str) -> Iterator[Span]:
    for (start, end), (_, names) in zip(hidden_runs(text), hidden_characters(text), strict=True):
        verdict = "bidi" if _DIRECTION.search(text, start, end) else "hidden_characters"
        yield Span(start, end, verdict, 1.0, names)
    for start, token in special_tokens(text):
        yield Span(start, start + len(token), "special_token", 1.0, token)
