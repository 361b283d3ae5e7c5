"""Prompts that are nearly the same share a side of the split: train or test, never both."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.near_duplicates.split_leaks import prompt_clusters
from goldleaf.curation.set_screens.near_duplicates import whole_set
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "prompt_clusters"
SCREENS = ("near_duplicate", "same_prompt")


def run(inputs: SetInputs) -> SetFindings:
    """Return the cluster of every record whose prompt is nearly that of another."""
    whole = whole_set(inputs)
    if whole is not None:
        found = prompt_clusters(*whole, inputs.engine, answers=True)
    else:
        found = prompt_clusters(inputs.batches.paths, inputs.work / NAME, inputs.engine)
    several = found.filter(pl.len().over("cluster") > 1)
    clusters, records = several["cluster"].n_unique(), several.height
    return SetFindings(
        tags=several.select("record", prompt_cluster="cluster"),
        facts={"prompt_clusters": {"clusters": clusters, "records_in_clusters": records}},
    )
