"""Evaluation prompts that a set would train on: the user's (`--eval`), and of public sets."""

from __future__ import annotations

from collections import Counter

import polars as pl

from goldleaf.curation.contamination.contamination import (
    CONTAMINATION,
    EVALUATION,
    Evaluation,
    contamination,
)
from goldleaf.curation.contamination.evaluation_sets import read_hashed
from goldleaf.curation.contamination.hashed_evaluation import (
    HashedEvaluation,
    hashed_contamination,
)
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "contamination"
SCREENS = ("contamination",)
ALONE = True
_COLUMNS = ["record", "prompt", "question", "answer"]


def run(inputs: SetInputs) -> SetFindings:
    """Return which records hold an evaluation prompt; `of` is its file and line, or set and row.

    Where a record holds prompts of both, the user's own is named unless only the other stands there
    as a whole. Without any prompt the facts say that nothing was compared.
    """
    prompts = pl.DataFrame(inputs.evaluations, schema=EVALUATION, orient="row")
    known = Evaluation(prompts) if inputs.evaluations else None
    hashed = (
        HashedEvaluation(read_hashed(inputs.evaluation_sets)) if inputs.evaluation_sets else None
    )
    found = [pl.DataFrame(schema=CONTAMINATION)]
    if known is not None or hashed is not None:
        for path in inputs.batches.parts:
            part = pl.read_parquet(path, columns=_COLUMNS, glob=False)
            own = [contamination(part, known)] if known is not None else []
            public = [hashed_contamination(part, hashed)] if hashed is not None else []
            found.append(_first(pl.concat([*own, *public])))
    sets = Counter(of.partition(":")[0] for of in hashed.of) if hashed is not None else {}
    return SetFindings(
        findings=pl.concat(found).with_columns(screen=pl.lit(NAME)),
        facts={
            "contamination": {"evaluation_prompts": len(known.of) if known is not None else 0},
            "evaluation_sets": dict(sorted(sets.items())),
        },
    )


def _first(found: pl.DataFrame) -> pl.DataFrame:
    """Return one finding a record: one that is contained, else the first."""
    whole = pl.col("verdict") == "contained"
    return found.sort(whole, descending=True, maintain_order=True).unique(
        "record", keep="first", maintain_order=True
    )
