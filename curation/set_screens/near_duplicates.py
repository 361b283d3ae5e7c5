"""Near duplicates: records whose prompt and answer nearly are those of a record that stays (S3)."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.near_duplicates import near_duplicates
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "near_duplicates"
SCREENS = ("near_duplicate", "same_prompt")


def run(inputs: SetInputs) -> SetFindings:
    """Return which records nearly repeat another one, or ask nearly the same."""
    found = near_duplicates(inputs.batches.paths, inputs.work / NAME)
    same_prompt = pl.col("verdict") == "same_prompt"
    return SetFindings(
        findings=found.with_columns(
            screen=pl.when(same_prompt)
            .then(pl.lit("same_prompt"))
            .otherwise(pl.lit("near_duplicate")),
            verdict=pl.when(same_prompt).then(pl.lit("other_answer")).otherwise("verdict"),
        )
    )
