"""Evaluation prompts that a set would train on: named by the user with `--eval`."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.contamination.contamination import (
    CONTAMINATION,
    EVALUATION,
    Evaluation,
    contamination,
)
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "contamination"
SCREENS = ("contamination",)
_COLUMNS = ["record", "prompt", "question", "answer"]


def run(inputs: SetInputs) -> SetFindings:
    """Return which records hold an evaluation prompt; `of` is its file and line."""
    if not inputs.evaluations:
        return SetFindings()
    prompts = pl.DataFrame(inputs.evaluations, schema=EVALUATION, orient="row")
    known = Evaluation(prompts)
    paths = inputs.batches.parts
    parts = (pl.read_parquet(path, columns=_COLUMNS, glob=False) for path in paths)
    found = [contamination(part, known) for part in parts]
    facts = {"evaluation_prompts": len(known.of)}
    return SetFindings(
        findings=pl.concat([pl.DataFrame(schema=CONTAMINATION), *found]).with_columns(
            screen=pl.lit(NAME)
        ),
        facts={"contamination": facts},
    )
