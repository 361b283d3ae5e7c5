"""Refusals whose prompt was never judged, settled by the prompt; harmless look-alikes of them.

An import tags what an answer's wording shows (`refusal_unsettled`), which no share counts. Here the
prompt settles it (S12): where the prior calls it harmful the answer is a `refusal`, where harmless
it is none, and the screen `over_refusal` shows it as work for the refusal kind.
"""

from __future__ import annotations

import polars as pl

from goldleaf.core.records import UNSETTLED
from goldleaf.core.screen_verdicts import OVER_REFUSAL
from goldleaf.curation.refusals.prompt_harm import HARMLESS_BELOW, judge_prompt, method
from goldleaf.curation.screens.over_refusal import twin_candidates
from goldleaf.curation.screens.screen import asked
from goldleaf.curation.set_screens.set_screen import BEHAVIOURS, SetFindings, SetInputs

NAME = "refusals"
SCREENS = (OVER_REFUSAL, "twin_candidate")


def run(inputs: SetInputs) -> SetFindings:
    """Return settled behaviours, and candidates for benign twins of refused prompts."""
    rows = inputs.batches.read("record", "prompt", "question", "answer", "behaviours", "refuses")
    unsettled = rows.filter(pl.col("behaviours").list.contains(UNSETTLED)).with_columns(
        question=asked()
    )
    harm = judge_prompt(unsettled["question"].to_list())
    judged = unsettled.select("record").with_columns(harm=pl.Series(harm, dtype=pl.Float64))
    harmful = judged.filter(pl.col("harm") >= HARMLESS_BELOW).select("record")
    twins = twin_candidates(rows)
    return SetFindings(
        findings=twins.select(
            "record",
            pl.lit("twin_candidate").alias("screen"),
            pl.lit("candidate").alias("verdict"),
            "of",
            pl.col("score").clip(0, 1).round(3),
        ),
        behaviours=pl.concat(
            [
                pl.DataFrame(schema=BEHAVIOURS),
                harmful.select("record", pl.lit("refusal").alias("name"), shown=pl.lit(True)),
                judged.select("record", pl.lit(UNSETTLED).alias("name"), shown=pl.lit(False)),
            ]
        ),
        facts={"refusals": {"judged": judged.height, "refusal": harmful.height, "by": method()}},
    )
