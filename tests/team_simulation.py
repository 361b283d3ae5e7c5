"""A simulated team: annotators who err, one who answers at random, one who always picks left."""

from __future__ import annotations

import random
from collections.abc import Mapping

import polars as pl

from goldleaf.agreement.control_answers import control_answer_schema
from goldleaf.agreement.team.inputs import TeamInputs, TeamProject, task_schema
from goldleaf.curation.pair_audit.choices import choice_schema

TEAM = {"person:1": "good", "person:2": "good", "person:3": "good"}
BAD = {"person:random": "random", "person:left": "left"}
VALUES = ("a_much", "a", "b", "b_much")


def simulated(
    seed: int, people: Mapping[str, str], items: int = 300, share: float = 0.6
) -> TeamInputs:
    """Return a team's work on preference tasks, drawn by seed.

    Args:
        seed: of all draws.
        people: annotator -> `good` (20 % noise), `random` or `left`.
        items: tasks.
        share: of the tasks that each annotator answers.
    """
    draw = random.Random(seed)
    answers: list[tuple[object, ...]] = []
    choices: list[tuple[object, ...]] = []
    for item in range(items):
        truth = draw.choice(VALUES)
        for who, way in people.items():
            if draw.random() >= share:
                continue
            value = truth if draw.random() < 0.8 else draw.choice(VALUES)
            value = {"random": draw.choice(VALUES), "left": "a"}.get(way, value)
            number = len(answers) + 1
            before = (1, item, item + 1, number, who, "preference/1", "decision", -1, "ordinal")
            rank = float(VALUES.index(value))
            stamp = (item // 50) * 86_400_000_000
            after = (30.0 + draw.random(), "none", "", stamp, "submitted", "")
            answers.append((*before, value, rank, *after))
            gap = draw.choice((-1, 1)) * draw.randint(1, 300)
            choices.append((who, number, "", 1, item, item, 7, value[0] == "a", gap))
    made = ("preference/1",)
    tasks = [(1, item, item + 1, *made, item < items // 2, False, 20.0) for item in range(items)]
    return TeamInputs(
        projects=(TeamProject(1, "Preference", 3, "preference/1", "http://ls/projects/1/data"),),
        tasks=pl.DataFrame(tasks, schema=task_schema(), orient="row"),
        answers=pl.DataFrame(answers, schema=control_answer_schema(), orient="row"),
        choices=pl.DataFrame(choices, schema=choice_schema(), orient="row"),
    )
