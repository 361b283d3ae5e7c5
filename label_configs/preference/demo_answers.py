"""A tie where there is nothing to choose, never a refusal over an answer, else the fuller one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from goldleaf.label_configs.demo_script import polished
from goldleaf.label_configs.preference.codec import Answer, Decision

_OPPOSITE: dict[Decision | None, Decision] = {"a_much": "b", "a": "b", "b": "a", "b_much": "a"}
OWN = "Take half of 10 % for 5 %, and add the two: what do you get?"


def answer(data: Mapping[str, Any], draft: Answer, place: int) -> Answer:
    """Return the demo annotator's answer to a preference task, made from its draft.

    `data` is the task's data, `place` its number in the demo, from 1: every 5th answer edits the
    winner, the 15th finds both bad.
    """
    a, b = data["answer_a"], data["answer_b"]
    noticed = set(draft.noticed)
    if noticed & {"identical", "both_refuse"}:
        return replace(draft, decision="tie", noticed=draft.noticed if place % 2 else ())
    if place == 15:
        return replace(draft, decision="both_bad", own=OWN)
    better_a = _weight(a, noticed & {"a_refuses", "a_empty"}) >= _weight(
        b, noticed & {"b_refuses", "b_empty"}
    )
    clear = abs(len(a) - len(b)) > 60
    fault = ("unclear",) if clear else ()
    if better_a:
        answer = replace(draft, good_a=("complete",), bad_b=fault)
        edit = polished(a) if place % 5 == 0 else ""
        return replace(answer, decision="a_much" if clear else "a", edit_a=edit)
    answer = replace(draft, good_b=("complete",), bad_a=fault)
    edit = polished(b) if place % 5 == 0 else ""
    return replace(answer, decision="b_much" if clear else "b", edit_b=edit)


def second_opinion(answer: Answer) -> Answer | None:
    """Return what the demo's second annotator answers: the other side, where one was better.

    None, that one agrees, for a tie or two bad answers.
    """
    turned = _OPPOSITE.get(answer.decision)
    return Answer(turned) if turned else None


def _weight(text: str, faults: set[str]) -> int:
    return -1 if faults else len(text)
