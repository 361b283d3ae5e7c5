"""Annotators whose answers say no more than chance: they agree with the others as a die would.

Each annotator is compared with what the others settle without them (`dawid_skene`), on the one
control of a kind on which people agree best. What counts is agreement beyond chance (Cohen's kappa
with it). Named is who has less than half of what the others have, and surely less than they
(one-sided, corrected for all annotators by Holm).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist, median

import numpy as np
import polars as pl

from goldleaf.agreement.control_answers import NOBODY, SUBMITTED
from goldleaf.agreement.dawid_skene import dawid_skene
from goldleaf.curation.pair_audit.exact_tests import holm_rejected

NAMING_LEVEL = 0.01
"""Teams without a weak annotator in which one is named, at most: naming a person is grave."""
LEAST_ITEMS = 30
"""Items shared with others without which nobody is judged."""
LEAST_PEOPLE = 3
"""With two annotators it is not known which of them is wrong."""
MOST_VALUES = 12
"""Controls with more values are not choices but texts or lists."""
LEAST_KAPPA = 0.2
"""Where even the others agree no better than this beyond chance, nobody is named."""
_ITEM = ["task_hash", "place"]


@dataclass(frozen=True, slots=True)
class AgreementWithOthers:
    """How one annotator agrees with what the others settle, on one control.

    `kappa`: agreement beyond chance, 1 at most; `error`: its standard error; `others`: the median
    of the others' kappa; `random`: whether the annotator is named.
    """

    annotator: str
    kind: str
    control: str
    items: int
    kappa: float
    error: float
    others: float
    random: bool


def agreement_with_others(
    answers: pl.DataFrame, controls: pl.DataFrame
) -> tuple[AgreementWithOthers, ...]:
    """Return every annotator's agreement with the others, by kind and pseudonym.

    Args:
        answers: those that count (`current_answers`).
        controls: `agreement_by_control` of them: on which control people agree best.
    """
    said = answers.filter(
        (pl.col("state") == SUBMITTED)
        & (pl.col("scale") != "text")
        & ~pl.col("annotator").is_in(NOBODY)
    )
    said = said.unique(["kind", "control", *_ITEM, "annotator"], keep="last", maintain_order=True)
    found: list[AgreementWithOthers] = []
    for kind, control in _best_controls(said, controls):
        found += _of_control(said.filter(kind=kind, control=control), kind, control)
    return tuple(found)


def _best_controls(said: pl.DataFrame, controls: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield (kind, control): of each kind the choice with the highest alpha, and many items."""
    values = said.group_by("kind", "control").agg(values=pl.col("value").n_unique())
    known = controls.join(values, on=["kind", "control"]).filter(
        (pl.col("items") >= LEAST_ITEMS)
        & (pl.col("annotators") >= LEAST_PEOPLE)
        & pl.col("values").is_between(2, MOST_VALUES)
        & pl.col("alpha_nominal").is_not_null()
    )
    best = known.sort("kind", "alpha_nominal", "control", descending=[False, True, False]).unique(
        "kind", keep="first", maintain_order=True
    )
    yield from best.select("kind", "control").iter_rows()


def _of_control(said: pl.DataFrame, kind: str, control: str) -> list[AgreementWithOthers]:
    """Return the agreement of all who share enough items; () where they are too few.

    The second time, those who agreed less than half as much as the better ones settle nothing for
    anybody else: what random answers add to a consensus is noise.
    """
    shared = said.filter(pl.len().over(_ITEM) > 1).sort(*_ITEM, "annotator")
    people = sorted({*shared["annotator"]})
    kappas: dict[str, tuple[int, float, float]] = {}
    doubtful: set[str] = set()
    for _ in range(2):
        kappas = {who: _kappa(shared, who, doubtful - {who}) for who in people}
        kappas = {who: found for who, found in kappas.items() if found[0] >= LEAST_ITEMS}
        if len(kappas) < LEAST_PEOPLE:
            return []
        better = _better(kappas)
        doubtful = {who for who, found in kappas.items() if found[1] < better / 2}
    better = _better(kappas)
    errors = {who: max(((1 - better**2) / found[0]) ** 0.5, 1e-9) for who, found in kappas.items()}
    chance = [NormalDist(better, errors[who]).cdf(found[1]) for who, found in kappas.items()]
    low = holm_rejected(chance, NAMING_LEVEL)
    return [
        AgreementWithOthers(
            *(who, kind, control, *found, better),
            sure and better >= LEAST_KAPPA and found[1] < better / 2,
        )
        for (who, found), sure in zip(kappas.items(), low, strict=True)
    ]


def _better(kappas: Mapping[str, tuple[int, float, float]]) -> float:
    """Return the median kappa of the better half of annotators, two at least."""
    ordered = sorted((found[1] for found in kappas.values()), reverse=True)
    return median(ordered[: max(2, (len(ordered) + 1) // 2)])


def _kappa(shared: pl.DataFrame, who: str, doubtful: Collection[str]) -> tuple[int, float, float]:
    """Return items, kappa and its standard error of an annotator against the others."""
    rest = shared.filter((pl.col("annotator") != who) & ~pl.col("annotator").is_in([*doubtful]))
    own = shared.filter(pl.col("annotator") == who).join(rest, on=_ITEM, how="semi")
    if own.height < 2:
        return own.height, 0.0, 1.0
    values = {value: code for code, value in enumerate(sorted({*shared["value"]}))}
    keys = {key: place for place, key in enumerate(rest.select(_ITEM).unique().sort(_ITEM).rows())}
    people = {name: number for number, name in enumerate(sorted({*rest["annotator"]}))}
    consensus = dawid_skene(
        np.array([keys[key] for key in rest.select(_ITEM).rows()]),
        np.array([people[name] for name in rest["annotator"]]),
        np.array([values[value] for value in rest["value"]]),
        len(values),
    )
    settled = consensus.answer[np.array([keys[key] for key in own.select(_ITEM).rows()])]
    said = np.array([values[value] for value in own["value"]])
    shares = [np.bincount(part, minlength=len(values)) / len(said) for part in (said, settled)]
    agreed, chance = float((said == settled).mean()), float(shares[0] @ shares[1])
    if chance >= 1:
        return own.height, 0.0, 1.0
    error = (agreed * (1 - agreed) / len(said)) ** 0.5 / (1 - chance)
    return own.height, (agreed - chance) / (1 - chance), error
