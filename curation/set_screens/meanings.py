"""What a prompt asks for and what an answer shows, beyond its structure: prototypes and behaviours.

Prototypes (S16) and cognitive modes (S10) are told from sentence vectors, with the extra `embed`
or without it; below a confidence a record gets none. What a record is tagged with already stays.
Behaviours whose share a recipe oversamples for safety (S12) are never tagged by a model.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from goldleaf.core.records import JUDGED
from goldleaf.curation.meaning.behaviour_detector import detect, method
from goldleaf.curation.meaning.prototype_assignment import assign, coverage, new_prototypes
from goldleaf.curation.screens.screen import asked
from goldleaf.curation.set_screens.set_screen import BEHAVIOURS, SetFindings, SetInputs

NAME = "meanings"
SCREENS = ("meaning",)
MODE = "mode_"
"""Prefix of the tag of a cognitive mode: `behaviours: {explain: {tag: mode_explain}}` in a recipe
gives it a share."""
NEW = 10
"""Clusters of prompts that fit no prototype, at most, that are offered."""
_COLUMNS = ["record", "prompt", "question", "answer", "prototype"]


def run(inputs: SetInputs) -> SetFindings:
    """Return prototypes and behaviours of all records, and what fits no prototype."""
    behaviours = [pl.DataFrame(schema=BEHAVIOURS)]
    assigned: list[pl.DataFrame] = []
    given: list[pl.DataFrame] = []
    done = 0
    for path in inputs.batches.parts:
        part = pl.read_parquet(path, columns=_COLUMNS, glob=False)
        part = part.with_columns(question=asked())
        behaviours.append(_behaviours(part))
        assigned.append(assign(part.select("record", prompt="question")))
        given.append(part.select("record", "prototype", "question"))
        inputs.report(done := done + part.height)
    every = pl.concat(given)
    found = pl.concat(assigned).join(every, on="record")
    unnamed = found.filter(pl.col("prototype_right") == "")
    named = unnamed.drop_nulls("prototype").select("record", "prototype")
    return SetFindings(
        behaviours=pl.concat(behaviours), tags=named, facts=_facts(found, unnamed, every)
    )


def _behaviours(part: pl.DataFrame) -> pl.DataFrame:
    """Return the behaviours and the mode of each record, as far as they are told."""
    found = detect(part)
    modes = found.drop_nulls("mode").select("record", name=pl.format(f"{MODE}{{}}", "mode"))
    shown = found.select("record", name="behaviours").explode("name").drop_nulls("name")
    told = pl.concat([modes, shown.filter(~pl.col("name").is_in([*JUDGED]))])
    return told.with_columns(shown=pl.lit(True)).select(list(BEHAVIOURS))


def _facts(found: pl.DataFrame, unnamed: pl.DataFrame, every: pl.DataFrame) -> dict[str, Any]:
    """Return the coverage of the taxonomy, and clusters of what fits nowhere with an example."""
    named = pl.when(pl.col("prototype_right") == "").then("prototype").otherwise("prototype_right")
    covered = coverage(found.with_columns(prototype=named))
    counts = {
        str(name): int(count)
        for name, count in covered.drop_nulls("prototype")
        .select("prototype", "records")
        .iter_rows()
    }
    empty = [name for name, count in counts.items() if not count]
    filled = dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
    rest = unnamed.filter(pl.col("prototype").is_null())
    clusters = new_prototypes(rest.select("record", prompt="question")).head(NEW)
    texts = dict(every.select("record", "question").iter_rows())
    offered = {
        f"{row['records']}": " | ".join(texts[example][:80] for example in row["examples"][:3])
        for row in clusters.iter_rows(named=True)
    }
    return {
        "prototypes": {name: count for name, count in filled.items() if count},
        "prototypes_summary": {
            "by": method(),
            "without_prototype": rest.height,
            "empty_prototypes": ", ".join(empty),
        },
        "new_prototypes": offered,
    }
