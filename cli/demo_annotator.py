"""The scripted annotator of the demo: it stands for a person, and its account says it is a script.

What it prefers is a rule of thumb good enough for the sample tasks; the point is that every kind of
answer occurs: a choice, a tie, an edit, an own answer, a skip, and a disagreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from goldleaf.label_configs.preference.codec import Answer, read, write
from goldleaf.label_configs.regions import to_regions, to_values

if TYPE_CHECKING:
    from goldleaf.label_configs.kind import Kind
    from goldleaf.studio.client import Studio

FIRST = "first@scripted.goldleaf.invalid"
SECOND = "second@scripted.goldleaf.invalid"
EVERY = {"skip": 8, "edit": 5, "overrule": 2, "second": 7}
"""How often each happens, by the task's place in the project."""


def annotate(studio: Studio, kind: Kind, tasks: list[dict[str, Any]]) -> dict[str, int]:
    """Answer every task that has no answer yet; return how often each thing was done."""
    from goldleaf.studio.answers import submit_answer

    done = {"chosen": 0, "tied": 0, "both_bad": 0, "edited": 0, "overruled": 0, "skipped": 0}
    for place, task in enumerate(tasks, 1):
        if task["annotations"]:
            continue
        draft = _draft(task, kind)
        if place % EVERY["skip"] == 0:
            answer, skipped = Answer(noticed=draft.noticed), True
            done["skipped"] += 1
        else:
            answer, skipped = _judge(task["data"], draft, place), False
            done[_name(answer)] += 1
            done["edited"] += bool(answer.edit_a or answer.edit_b or answer.own)
            done["overruled"] += answer.noticed != draft.noticed
        submit_answer(
            studio,
            task["id"],
            to_regions(write(answer), kind.screen),
            parent_prediction=task["predictions"][0]["id"] if task["predictions"] else None,
            skipped=skipped,
        )
    return done


def disagree(studio: Studio, kind: Kind, tasks: list[dict[str, Any]]) -> int:
    """Answer some tasks a second time, the other way round; return how many."""
    from goldleaf.studio.answers import submit_answer

    opposite = {"a_much": "b", "a": "b", "b": "a", "b_much": "a"}
    count = 0
    for task in tasks[:: EVERY["second"]]:
        first = task["annotations"][0]
        said = read(to_values(first["result"], kind.screen), task["data"]).decision
        if len(task["annotations"]) > 1 or first["was_cancelled"] or said not in opposite:
            continue
        values = {"decision": (opposite[said],)}
        submit_answer(studio, task["id"], to_regions(values, kind.screen))
        count += 1
    return count


def _draft(task: Mapping[str, Any], kind: Kind) -> Answer:
    drafts = task["predictions"]
    values = to_values(drafts[0]["result"], kind.screen) if drafts else {}
    return read(values, task["data"])


def _name(answer: Answer) -> str:
    return {"tie": "tied", "both_bad": "both_bad"}.get(answer.decision or "", "chosen")


def _judge(data: Mapping[str, Any], draft: Answer, place: int) -> Answer:
    """Choose: never a refusal or an empty answer over another, else the fuller one."""
    a, b = data["answer_a"], data["answer_b"]
    noticed = set(draft.noticed)
    answer = replace(draft, reasons=("complete",))
    if noticed & {"identical", "both_refuse"}:
        answer = replace(answer, decision="tie", reasons=())
        if place % EVERY["overrule"] == 0:
            answer = replace(answer, noticed=())
        return answer
    if place == 15:
        own = "Take half of 10 % for 5 %, and add the two: what do you get?"
        return replace(answer, decision="both_bad", own=own, reasons=())
    better_a = _weight(a, noticed & {"a_refuses", "a_empty"}) >= _weight(
        b, noticed & {"b_refuses", "b_empty"}
    )
    clear = abs(len(a) - len(b)) > 60
    if better_a:
        answer = replace(answer, decision="a_much" if clear else "a")
    else:
        answer = replace(answer, decision="b_much" if clear else "b")
    if place % EVERY["edit"] == 0:
        answer = (
            replace(answer, edit_a=_edited(a)) if better_a else replace(answer, edit_b=_edited(b))
        )
    return answer


def _weight(text: str, faults: set[str]) -> int:
    return -1 if faults else len(text)


def _edited(text: str) -> str:
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    return text.rstrip() + (
        "\n\n如需更多细节，请告诉我。" if chinese else "\n\nAsk me for more if you like."
    )
