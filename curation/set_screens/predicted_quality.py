"""The quality that people would give (S10, S16), where enough of them rated answers of the set.

A signal `predicted_quality` of answers that nobody rated; a person's rating is never replaced.
"""

from __future__ import annotations

from dataclasses import asdict

import polars as pl

from goldleaf.curation.meaning.predicted_quality import predicted_quality
from goldleaf.curation.screens.screen import asked
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "predicted_quality"
SCREENS = ("meaning",)
READS_SIGNALS = True
"""It runs after the screens whose signals it learns from."""


def run(inputs: SetInputs) -> SetFindings:
    """Return the signals, and how well held-out ratings are met."""
    rows = inputs.batches.read("record", "prompt", "question", "answer", "quality", "annotated")
    rated = rows.filter(pl.col("annotated") & pl.col("quality").is_not_null()).height
    if not rated:
        return SetFindings()
    found, validation = predicted_quality(
        rows.with_columns(question=asked()),
        inputs.batches.findings.select("record", "screen", "verdict"),
        inputs.signals,
    )
    facts = {"rated": rated, "predicted": found.height}
    if validation is not None:
        facts |= {**asdict(validation), "predicted": found.height}
    return SetFindings(signals=found, facts={"predicted_quality": facts})
