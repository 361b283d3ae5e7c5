"""Answers that disagree where prompts are the same or nearly so (S17): a signal, no verdict."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.answer_checks.inconsistent_answers import inconsistent_answers
from goldleaf.curation.near_duplicates.band_kernels import PROMPT
from goldleaf.curation.near_duplicates.leader_rule import followers
from goldleaf.curation.near_duplicates.near_duplicates import compare_rows, one_of_each_prompt
from goldleaf.curation.set_screens import prompt_clusters
from goldleaf.curation.set_screens.near_duplicates import whole_set
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "inconsistent_answers"
SCREENS = ("exact_check", "same_prompt")


def run(inputs: SetInputs) -> SetFindings:
    """Return the signal of every record whose prompt has answers that can disagree."""
    rows = inputs.batches.read("record", "prompt", "answer")
    asked = rows.join(_same_prompts(inputs), on="record", how="left")
    return SetFindings(signals=inconsistent_answers(asked.drop("prompt")))


def _same_prompts(inputs: SetInputs) -> pl.DataFrame:
    """Return `record` and `group` of records with a prompt: one group for all that ask the same.

    The comparison is that of near duplicates, whose stages are found again; prompts in which a
    number or a word of content differs do not ask the same. A chain of small changes does not unite
    its ends: each prompt of a group asks what the group's first one asks.
    """
    whole = whole_set(inputs)
    if whole is not None:
        found = compare_rows(*whole, inputs.engine, answers=True)
    else:
        folder = inputs.work / prompt_clusters.NAME
        found = compare_rows(inputs.batches.paths, folder, inputs.engine, answers=False)
    prompts = one_of_each_prompt(found.rows).sort("prompt").with_row_index("number")
    number = prompts.select("key", "number")
    pairs = found.alike.filter(pl.col("kind") == PROMPT, "same")
    edges = (
        pairs.join(number.rename({"key": "a", "number": "one"}), on="a")
        .join(number.rename({"key": "b", "number": "other"}), on="b")
        .select("one", "other", "score")
    )
    gone = [(rank, best) for rank, (best, _) in followers(edges.rows()).items()]
    led = pl.DataFrame(gone, schema={"number": pl.UInt32, "best": pl.UInt32}, orient="row")
    groups = prompts.join(led, on="number", how="left").select(
        "prompt", group=pl.coalesce("best", "number")
    )
    return found.rows.join(groups, on="prompt").select("record", "group")
