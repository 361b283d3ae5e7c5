"""How often annotators answer gold questions as expected, and whether that changes over time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from goldleaf.agreement.control_answers import NOBODY, SINGLE, SUBMITTED
from goldleaf.core.share_interval import Share

Expected: TypeAlias = Mapping[int, Mapping[tuple[str, int], tuple[str, ...]]]
"""Of each gold question, by `goldleaf.agreement.control_answers.task_hash`: (control, place) and
the values that are right, as the table of control answers has them."""

LEAST_FOR_DRIFT = 8
"""Answers from which the later half is compared with the earlier one: with fewer the interval of
the difference spans nearly everything."""


@dataclass(frozen=True, slots=True)
class Miss:
    """One gold question answered otherwise: the first control that differs.

    `expected` are the values that are right.
    """

    task: int
    control: str
    place: int
    expected: tuple[str, ...]
    given: str


@dataclass(frozen=True, slots=True)
class GoldScore:
    """One annotator on the gold questions.

    `share` is of all answers, `early` and `late` of the first and second half of them by time (an
    odd one in the middle is early); `misses` in the order of time; `skipped` questions are no
    answers.
    """

    annotator: str
    share: Share
    early: Share
    late: Share
    misses: tuple[Miss, ...]
    skipped: int

    @property
    def drift(self) -> tuple[float, float, float] | None:
        """Late minus early, with the interval of 95 % (Newcombe 1998, method 10).

        None for fewer than `LEAST_FOR_DRIFT` answers.
        """
        if self.share.count < LEAST_FOR_DRIFT:
            return None
        change = self.late.value - self.early.value
        (low, high), (low_before, high_before) = self.late.interval, self.early.interval
        below = math.hypot(self.late.value - low, high_before - self.early.value)
        above = math.hypot(high - self.late.value, self.early.value - low_before)
        return change, change - below, change + above


def gold_scores(answers: pl.DataFrame, expected: Expected) -> tuple[GoldScore, ...]:
    """Return each annotator's score on the gold questions, by pseudonym.

    An answer is right where every expected control has a value that is right. Annotators that are
    not named are left out, as are those who answered and skipped none.

    Args:
        answers: those that count (`goldleaf.agreement.control_answers.current_answers`).
        expected: the gold questions.
    """
    asked = answers.filter(pl.col("task_hash").is_in(list(expected)))
    asked = asked.filter(~pl.col("annotator").is_in(NOBODY))
    found: list[GoldScore] = []
    for (annotator,), own in asked.group_by("annotator"):
        given: dict[tuple[int, int, int], dict[tuple[str, int], str]] = {}
        skipped: set[int] = set()
        columns = ("stamp", "task_hash", "annotation", "state", "control", "place", "value")
        for stamp, task, annotation, state, control, place, value in own.select(columns).rows():
            if state != SUBMITTED:
                skipped.add(task)
                continue
            key = (stamp or 0, task, annotation or 0)
            given.setdefault(key, {})[control, SINGLE if place is None else place] = value
        ordered = sorted(given)
        missed = {key: miss for key in ordered if (miss := _miss(key[1], given[key], expected))}
        half = (len(ordered) + 1) // 2
        found.append(
            GoldScore(
                str(annotator),
                _share(ordered, missed),
                _share(ordered[:half], missed),
                _share(ordered[half:], missed),
                tuple(missed.values()),
                len(skipped - {task for _, task, _ in ordered}),
            )
        )
    return tuple(sorted(found, key=lambda score: score.annotator))


def _share(keys: list[tuple[int, int, int]], missed: Mapping[tuple[int, int, int], Miss]) -> Share:
    return Share(sum(key not in missed for key in keys), len(keys))


def _miss(task: int, given: Mapping[tuple[str, int], str], expected: Expected) -> Miss | None:
    for (control, place), right in sorted(expected[task].items()):
        if (said := given.get((control, place), "")) not in right:
            return Miss(task, control, place, right, said)
    return None
