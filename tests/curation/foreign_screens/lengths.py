"""A screen that compares records, of another package: the longest answer of a set."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "lengths"
SCREENS = ("longest_answer",)


def run(inputs: SetInputs) -> SetFindings:
    """Return a verdict and a signal for the longest answer."""
    rows = inputs.batches.read("record", "answer")
    longest = rows.sort(pl.col("answer").str.len_chars(), "record").tail(1)
    named = {"screen": pl.lit("longest_answer"), "verdict": pl.lit("longest")}
    value = pl.col("answer").str.len_chars().cast(pl.Float64)
    return SetFindings(
        findings=longest.select("record", **named),
        signals=longest.select("record", name=pl.lit("longest"), value=value),
    )
