"""What a prompt asks for and what an answer shows, beyond its structure: prototypes and behaviours.

Prototypes (S16) and cognitive modes (S10) are told from sentence vectors, with the extra `embed`
or without it; below a confidence a record gets none. What a record is tagged with already stays.
Behaviours whose share a recipe oversamples for safety (S12) are never tagged by a model.

Two signals are for hard examples (S17): how far a prompt is from every other one, and where the
labels that came with a record are not those that the model of labels sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from goldleaf.core.curation_tags import MODE
from goldleaf.core.records import JUDGED
from goldleaf.curation.meaning.behaviour_detector import method
from goldleaf.curation.meaning.embedder import Vectors, remember
from goldleaf.curation.meaning.label_disagreement import has_labels, label_disagreement
from goldleaf.curation.meaning.novelty import Prompts
from goldleaf.curation.meaning.prototype_assignment import coverage, new_prototypes
from goldleaf.curation.meaning.question_meanings import question_meanings, vectors_of
from goldleaf.curation.private_data.redact_text import private_spans, redact
from goldleaf.curation.screened_batches import BATCH
from goldleaf.curation.screens.screen import asked
from goldleaf.curation.set_screens.set_screen import BEHAVIOURS, SetFindings, SetInputs

NAME = "meanings"
SCREENS = ("meaning",)
NEW = 10
"""Clusters of prompts that fit no prototype, at most, that are offered."""
_COLUMNS = ["record", "prompt", "question", "answer", "prototype", "behaviours", "annotated"]
_LABELLED = ["record", "question", "answer", "behaviours"]


def run(inputs: SetInputs) -> SetFindings:
    """Return prototypes, behaviours and signals of records, and what fits no prototype.

    A mode is tagged as `mode_NAME`; `behaviours: {explain: {tag: mode_explain}}` in a recipe gives
    it a share.
    """
    behaviours = [pl.DataFrame(schema=BEHAVIOURS)]
    assigned: list[pl.DataFrame] = []
    given: list[pl.DataFrame] = []
    labelled: list[pl.DataFrame] = []
    left: dict[str, Vectors] = {}
    prompts, parts = Prompts(), inputs.batches.parts
    for path, its in zip(parts, _read(inputs), strict=True):
        part = pl.read_parquet(path, columns=_COLUMNS, glob=False)
        part = part.with_columns(question=asked())
        vectors = vectors_of(its)
        behaviours.append(_behaviours(its))
        assigned.append(its.select("record", "prototype", "score"))
        fits_none = (its["prototype"].is_null() & (part["prototype"] == "")).arg_true().to_list()
        left |= zip(part["record"].gather(fits_none), vectors[fits_none], strict=True)
        given.append(part.select("record", "prototype", "question"))
        labelled.append(part.filter(has_labels()).select(_LABELLED))
        commands = its["command"].to_list()
        prompts.add(part["record"].to_list(), commands, vectors)
        remember(commands, vectors)
    every = pl.concat(given)
    found = pl.concat(assigned).join(every, on="record")
    unnamed = found.filter(pl.col("prototype_right") == "")
    named = unnamed.drop_nulls("prototype").select("record", "prototype")
    disagreement, labels = label_disagreement(pl.concat(labelled))
    return SetFindings(
        signals=pl.concat([prompts.novelty(), disagreement]),
        behaviours=pl.concat(behaviours),
        tags=named,
        facts={**_facts(found, unnamed, every, left), "label_disagreement": labels},
    )


def _read(inputs: SetInputs) -> Iterator[pl.DataFrame]:
    """Yield what questions and answers of each batch mean, and report how many are read."""
    done, total = 0, inputs.batches.read("record").height

    def finished() -> None:
        nonlocal done
        inputs.report(done := min(done + BATCH, total))

    folder = inputs.work / NAME
    yield from question_meanings(inputs.batches.parts, folder, inputs.here, finished)


def _behaviours(meanings: pl.DataFrame) -> pl.DataFrame:
    """Return the behaviours and the mode of each record, as far as they are told."""
    named = meanings.drop_nulls("mode").select("record", name=pl.format(f"{MODE}{{}}", "mode"))
    shown = meanings.filter(pl.col("behaviours") != "").select(
        "record", name=pl.col("behaviours").str.split("\n")
    )
    shown = shown.explode("name").filter(~pl.col("name").is_in([*JUDGED]))
    return pl.concat([named, shown]).with_columns(shown=pl.lit(True)).select(list(BEHAVIOURS))


def _shown(question: str) -> str:
    """Return the start of a question, without personal data and secrets: a page shows it."""
    return redact(question, private_spans(question))[:80]


def _facts(
    found: pl.DataFrame, unnamed: pl.DataFrame, every: pl.DataFrame, left: Mapping[str, Vectors]
) -> dict[str, Any]:
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
    clusters = new_prototypes(rest.select("record", prompt="question"), vectors=left).head(NEW)
    texts = dict(every.select("record", "question").iter_rows())
    offered = {
        " | ".join(_shown(texts[each]) for each in row["examples"][:3]): int(row["records"])
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
