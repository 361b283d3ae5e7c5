"""Answers that may belong to another prompt: a ranking for people, never a gate."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.answer_checks.relevance import relevance
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "swapped_answers"
SCREENS = ("flaw",)
ALONE = True
SIGNAL = "answer_mismatch"
"""The signal's name: 0 to 1, how far an answer is from belonging to its prompt."""
FEWEST = 1_000
"""Rows that are ranked from which a verdict is given. Measured, one row in twenty swapped
(benchmarks/swapped_by_size.py): of 60 to 250 rows about half of the verdicts were wrong or more,
from 1,000 on six to eight in ten are right. The signal is there from 40 rows on."""
SHOWN = 0.75
"""Score from which it is a verdict. Measured: 1 in 200 good rows lie above
(benchmarks/bad_rows.py); a profile may send it to people, and none drops it."""


def run(inputs: SetInputs) -> SetFindings:
    """Return the signal of every record, and a verdict for the likeliest; or that they are few."""
    rows = inputs.batches.read("record", "prompt", "answer", "structured")
    scored = relevance(rows.filter(~pl.col("structured")).drop("structured")).drop_nulls()
    scored = scored.with_columns(pl.col("score").round(4))
    likely = scored.filter(pl.col("score") >= SHOWN, pl.len() >= FEWEST).join(rows, on="record")
    # A refusal has few words of its prompt, whichever it is.
    likely = likely.filter(~pl.col("answer").map_elements(refuses, pl.Boolean))
    named = {"screen": pl.lit("flaw"), "verdict": pl.lit("swapped")}
    few = {"rows_compared": scored.height, "verdicts_from": FEWEST}
    return SetFindings(
        findings=likely.select("record", "score").with_columns(**named),
        signals=scored.select("record", pl.lit(SIGNAL).alias("name"), value="score"),
        facts={NAME: few} if scored.height < FEWEST else {},
    )
