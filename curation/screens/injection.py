"""Prompt injection: words in the data that are aimed at the model, judge or trainer reading it."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.texts.injection_patterns import CUES, PHRASES, injections
from goldleaf.curation.texts.text_spans import span_findings

NAME = "injection"
VERSION = "1"


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each such place; a low score where the text may only talk about it."""
    text = pl.col("text")
    cues = [text.str.contains(cue) for cue in CUES]
    phrases = text.str.contains_any(PHRASES, ascii_case_insensitive=True)
    return span_findings(texts.filter(pl.any_horizontal(phrases, *cues)), injections)
