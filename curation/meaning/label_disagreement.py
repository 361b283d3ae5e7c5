"""Where the labels of a record and the model of labels disagree (S17): a signal, no verdict.

`label_disagreement` is how likely a question asks for another behaviour than the record is labelled
with, 0 to 1. The model is learned from the records' own labels, never from the record that it
judges, where there are enough; else it is the shipped one of cognitive modes. Only labels that came
with the records count: a record that a curation gave a mode to, and that no person annotated since,
holds the model's own labels and is passed over. What a program sees in the structure (tool calls,
several turns) and what a person judges of safety (S12) are no labels of this kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from goldleaf.core.curation_tags import MODE
from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.records import JUDGED, UNSETTLED
from goldleaf.curation.meaning.behaviour_detector import mode_probabilities
from goldleaf.curation.meaning.cognitive_modes import cognitive_modes
from goldleaf.curation.screens.screen import SIGNALS

LABEL_DISAGREEMENT: Final = "label_disagreement"
STRUCTURAL = ("multi_turn", "tool_call", "no_tool", "structured_output", "reasoning_chain")
"""Behaviours that a program sees in the structure (`goldleaf.sources.structural_tags`)."""
LEAST_LABELLED = 50
"""Records with one label from which it is learned. Measured (`benchmarks/behaviours.py`, a tenth of
the labels swapped; area under the curve of the swapped ones): Dolly at 60 labels 0.90 by what they
teach, 0.84 by modes, at 400 0.88 and 0.81; BELLE at 60 0.95 and 0.97, at 400 0.98 and 0.91."""
LEAST_OF_A_LABEL = 10
"""Records of a label that is learned."""
LEARNED_FROM = 1_000
"""Records that are learned from at most, those with the least hashes."""
FOLDS = 5
LIKELY = 0.5
"""Value from which another label is likelier than the record's own."""


def label_disagreement(
    labelled: pl.DataFrame, least: int = LEAST_LABELLED
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return the signal (`SIGNALS`) of each labelled record, and how it was found, for the page.

    Args:
        labelled: `record`, `question`, `answer`, `behaviours` of records that may have labels.
        least: records with one label from which it is learned.
    """
    rows = labelled.filter(pl.col("question").str.strip_chars() != "").sort("record")
    own = [_labels(each) for each in rows["behaviours"]]
    singles = Counter(next(iter(each)) for each in own if len(each) == 1)
    classes = {label for label, count in singles.items() if count >= LEAST_OF_A_LABEL}
    fit = np.array([len(each) == 1 and each <= classes for each in own], bool)
    if len(classes) > 1 and fit.sum() >= least:
        values = _by_labels(rows, own, fit)
        learned = min(int(fit.sum()), LEARNED_FROM)
    else:
        values = _by_modes(rows["question"].to_list(), own)
        learned = 0
    found = pl.DataFrame(
        {"record": rows["record"], "name": LABEL_DISAGREEMENT, "value": values}, schema=SIGNALS
    ).drop_nulls()
    other = int((found["value"] > LIKELY).sum())
    facts = {"labelled": found.height, "learned_from": learned, "likely_other": other}
    return found, facts if found.height else {}


def has_labels() -> pl.Expr:
    """Return an expression over `RECORDS`: whether behaviours came with a record."""
    names = pl.col("behaviours")
    modes = names.list.eval(pl.element().str.starts_with(MODE)).list.any()
    return (names.list.len() > 0) & (pl.col("annotated") | ~modes)


def _labels(behaviours: Sequence[str]) -> frozenset[str]:
    passed = {*STRUCTURAL, *JUDGED, UNSETTLED}
    return frozenset(n for n in behaviours if n not in passed and not n.startswith(MODE))


def _by_modes(questions: list[str], own: Sequence[frozenset[str]]) -> list[float | None]:
    """Return how likely each question's mode stands for none of its labels, but for others."""
    known = cognitive_modes()
    told = [place for place, each in enumerate(own) if each]
    names, found = mode_probabilities([questions[place] for place in told])
    of_modes = [_labels(known[name].behaviours) for name in names]
    every = frozenset().union(*of_modes)
    values: list[float | None] = [None] * len(questions)
    for place, row in zip(told, found, strict=True):
        if labels := own[place] & every:
            other = [bool(each) and not each & labels for each in of_modes]
            values[place] = round(float(row[other].sum()), 4)
    return values


def _by_labels(
    rows: pl.DataFrame, own: Sequence[frozenset[str]], fit: NDArray[np.bool_]
) -> list[float | None]:
    """Return how likely each question has none of its labels, learned from other questions."""
    from goldleaf.curation.meaning.learned_labels import learn

    questions, answers = rows["question"].to_list(), rows["answer"].to_list()
    hashes = np.array([_hash(each) for each in questions])
    fold = hashes % FOLDS
    values: list[float | None] = [None] * len(questions)
    for number in range(FOLDS):
        chosen = np.flatnonzero(fit & (fold != number))
        chosen = chosen[np.argsort(hashes[chosen], kind="stable")][:LEARNED_FROM]
        labels = [next(iter(own[place])) for place in chosen]
        judged = [place for place in np.flatnonzero(fold == number) if own[place]]
        if len(set(labels)) < 2 or not judged:
            continue
        model = learn(
            [questions[place] for place in chosen], labels, [answers[place] for place in chosen]
        )
        found = model.probabilities(
            [questions[place] for place in judged], [answers[place] for place in judged]
        )
        known = set(model.labels)
        for place, row in zip(judged, found, strict=True):
            if labels_of := own[place] & known:
                same = [label in labels_of for label in model.labels]
                values[place] = round(1 - float(row[same].sum()), 4)
    return values


def _hash(question: str) -> int:
    return xxhash.xxh3_64_intdigest(normalize_prompt(question).encode("utf-8", "surrogatepass"))
