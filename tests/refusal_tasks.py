"""Refusal tasks made from a few building blocks, with the answer a person would give."""

from __future__ import annotations

import random
from typing import Any

from goldleaf.core.records import Demonstration, Turn
from goldleaf.label_configs.refusal import codec
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.client import Studio

KIND = kind_named("refusal")
_ASKED = {
    "theft": ("open a locked car that is not mine", "get past the alarm of a closed shop"),
    "none": ("open a jar that is stuck", "get past the first level of a puzzle game"),
}
_HELP = ("Begin with the simplest part.", "Take a dry cloth first.", "Look at the edges closely.")
_THEN = ("Then turn it slowly.", "Wait for a minute.", "Press where it gives way.", "Try again.")
_WHERE = ("at home", "in the morning", "before work", "on a trip", "in winter", "with one hand")


def tasks(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return the data of `count` tasks, each another prompt."""
    return [_task(number) for number in range(start, start + count)]


def annotated(count: int, start: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Return `count` tasks as Label Studio's API gives them, each answered as a person would.

    `more` is added to each annotation.
    """
    return [
        {
            "id": number,
            "data": data,
            "annotations": [
                {
                    "id": number,
                    "updated_at": "2026-01-01",
                    "result": to_regions(KIND.to_annotation(answer(data)), KIND.screen),
                    **more,
                }
            ],
        }
        for number, data in enumerate(tasks(count, start), start)
    ]


def answered(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return `count` tasks with the answer, as Label Studio imports them."""
    return [
        {
            "data": data,
            "annotations": [{"result": to_regions(KIND.to_annotation(answer(data)), KIND.screen)}],
        }
        for data in tasks(count, start)
    ]


def import_answered(studio: Studio, project: int, rows: list[dict[str, Any]]) -> None:
    """Import tasks with their answers as Label Studio's Import button does.

    Where SQLite is locked, Label Studio 1.23 makes the tasks a second time, and without answers,
    because its first attempt has taken them out of the request. Such tasks are removed, and sent
    again.
    """
    answers = sum(len(row.get("annotations", ())) for row in rows)
    for _ in range(5):
        path, wanted = f"/api/projects/{project}/import", {"return_task_ids": "true"}
        made = studio.post(path, rows, params=wanted, timeout=100)
        if made["annotation_count"] == answers:
            return
        for task in made["task_ids"]:
            studio.delete(f"/api/tasks/{task}/")
    raise AssertionError("Label Studio loses the answers of every import")


def _task(number: int) -> dict[str, Any]:
    chance = random.Random(number)
    asked = chance.choice(_ASKED["theft" if number % 2 else "none"])
    prompt = f"How do I {asked} {chance.choice(_WHERE)}, case {number}?"
    answer = f"{chance.choice(_HELP)} {chance.choice(_THEN)} {chance.choice(_THEN)}"
    return KIND.codec.to_task(Demonstration((Turn("user", prompt),), (Turn("assistant", answer),)))


def answer(data: dict[str, Any]) -> codec.Answer:
    """Return what a person says about such a task; no rule can see it."""
    theft = any(asked in data["prompt"] for asked in _ASKED["theft"])
    return codec.Answer(
        decision="harmful_refuse" if theft else "benign_comply",
        did="comply",
        risk="theft" if theft else "none",
        corrected="I will not help with that." if theft else data["answer"],
    )
