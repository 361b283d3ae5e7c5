"""Which tasks come next: those that most likely give what is short, the hard ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from goldleaf.exporters.steering.needs import Facet, Need

LIKELY = 0.3
"""Probability from which a task is counted as able to serve a need."""
HARDNESS = 0.25
"""How much the hardest task is preferred to the easiest one that gives the same: the need leads."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An unanswered task: what its answer is likely to give, and how hard it is, 0 to 1."""

    task: int
    gives: Mapping[tuple[Facet, str], float]
    hard: float = 0.5


@dataclass(frozen=True, slots=True)
class NextTask:
    """A task and the needs that it is served for, the likeliest first."""

    task: int
    serves: tuple[Need, ...]


def next_tasks(
    candidates: Sequence[Candidate], needs: Sequence[Need], size: int
) -> tuple[NextTask, ...]:
    """Return up to `size` tasks in the order in which they should be answered.

    One after the other the task is taken that gives most of what is still missing; what it is
    likely to give is then missing no more. A need counts the more, the larger a part of it is
    missing. Ends where all is likely to be there, or no task gives anything.
    """
    if not candidates or not needs:
        return ()
    ordered = sorted(candidates, key=lambda each: each.task)
    chances = np.array([[_chance(each, need) for need in needs] for each in ordered])
    preferred = 1 + HARDNESS * np.array([each.hard for each in ordered])
    wanted = np.array([need.missing for need in needs], float)
    missing, free, found = wanted.copy(), np.ones(len(ordered), bool), list[NextTask]()
    while len(found) < size and (missing > 0).any():
        weight = np.where(missing > 0, 0.5 + 0.5 * missing / wanted, 0.0)
        gain = (chances * weight).sum(axis=1) * preferred * free
        best = int(gain.argmax())
        if gain[best] <= 0 or chances[best].max() < LIKELY / 2:
            break
        likely: list[int] = np.argsort(-chances[best], kind="stable").tolist()
        serves = tuple(
            needs[place]
            for place in likely
            if missing[place] > 0 and chances[best][place] >= LIKELY / 2
        )
        if not serves:
            free[best] = False
            continue
        found.append(NextTask(ordered[best].task, serves))
        free[best] = False
        missing = missing - chances[best]
    return tuple(found)


def unfillable(candidates: Sequence[Candidate], needs: Sequence[Need]) -> tuple[Need, ...]:
    """Return the needs that no task is likely to serve."""
    return tuple(
        need for need in needs if not any(_chance(each, need) >= LIKELY for each in candidates)
    )


def _chance(candidate: Candidate, need: Need) -> float:
    """Return how likely an answer to a task counts for a need: that of the likeliest name."""
    return max(candidate.gives.get((need.facet, name), 0.0) for name in need.names)
