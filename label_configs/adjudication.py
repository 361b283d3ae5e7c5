"""An adjudicator's word on a task whose answers contradict each other: as task, and read back.

The task holds the data of the task in question, and each contradictory answer with the draft that
it began from. Taking one of them says the same as having given it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import xxhash

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.label_configs.adjudication_screen import CONTROL, OWN, PLACES, chosen

_KEY = "adjudicates"
PARTIAL = frozenset({"dialogue", "reasoning"})
"""Kinds whose answers are verdicts on many turns or steps: taking one whole would throw the good
parts of the other away, so each is settled by a further annotator instead."""


@dataclass(frozen=True, slots=True)
class ContestedAnswer:
    """One of the contradictory answers: regions, as Label Studio has them, and no name.

    `draft` are the regions of the prediction it began from, [] for none; None where it is not known
    any more. `annotation` is its number in Label Studio.
    """

    annotation: int
    result: Sequence[Mapping[str, Any]]
    draft: Sequence[Mapping[str, Any]] | None = ()
    drafted_by: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        draft = None if self.draft is None else list(self.draft)
        held = {"result": list(self.result), "draft": draft, "drafted_by": self.drafted_by}
        return {"annotation": self.annotation, **held}


def shuffled(identity: str, answers: Sequence[ContestedAnswer]) -> list[ContestedAnswer]:
    """Return answers in an order that says nothing of who gave them, or when: by hash."""

    def draw(answer: ContestedAnswer) -> int:
        said = orjson.dumps(answer.result, option=orjson.OPT_SORT_KEYS)
        return xxhash.xxh3_64_intdigest(identity.encode() + b"\x1f" + said)

    return sorted(answers, key=draw)


def with_answers(
    data: Mapping[str, Any], project: int, task: int, answers: Sequence[ContestedAnswer]
) -> dict[str, Any]:
    """Return task data that also hold the answers to settle, in the order they are shown."""
    ours = object_or_empty(data.get("goldleaf"))
    held = {"project": project, "task": task, "answers": [each.plain() for each in answers]}
    return {**data, "goldleaf": {**ours, _KEY: held}}


def adjudicates(task: Mapping[str, Any]) -> str:
    """Return `PROJECT/TASK` of the task that this one settles, "" where it is no such task."""
    held = _held(task)
    return f"{held.get('project')}/{held.get('task')}" if held else ""


def taken(
    task: Mapping[str, Any], annotation: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return task and annotation as if the adjudicator had given the chosen answer themselves.

    Raises:
        BadRow: `no_decision`, or `no_such_answer`: fewer answers were shown.
    """
    choice = chosen(annotation.get("result"))
    if choice == OWN:
        own = [
            region
            for region in list_or_empty(annotation.get("result"))
            if object_or_empty(region).get("from_name") != CONTROL
        ]
        return dict(task), {**annotation, "result": own}
    answers = _answers(task)
    place = PLACES.index(choice) if choice in PLACES else len(answers)
    if place >= len(answers):
        raise BadRow("no_such_answer", f"{len(answers)} answers were shown, {choice!r} was taken")
    answer = object_or_empty(answers[place])
    said = {**annotation, "result": answer.get("result"), "parent_prediction": None}
    draft = answer.get("draft")
    if draft == []:
        return dict(task), said
    # The draft stands in the task under a number that Label Studio gives to none.
    shown = {"id": -1, "result": draft, "model_version": answer.get("drafted_by")}
    predictions = [] if draft is None else [shown]
    return {**task, "predictions": predictions}, {**said, "parent_prediction": -1}


def _answers(task: Mapping[str, Any]) -> list[object]:
    return list_or_empty(_held(task).get("answers"))


def _held(task: Mapping[str, Any]) -> Mapping[str, Any]:
    ours = object_or_empty(object_or_empty(task.get("data")).get("goldleaf"))
    return object_or_empty(ours.get(_KEY))
