"""Drafts by rules: only what can be seen without judging; no decision, no reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.core.errors import BadRow
from goldleaf.core.text import same
from goldleaf.curation.language import language
from goldleaf.curation.refusal import refusal
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.preference import codec as preference

NAME = "rules"
VERSION = "1"

MAX_TEXT = 1_000_000
"""Characters of one text; a longer one is not looked at."""

PRIORITY: Mapping[str, float] = {
    "a_refuses": 0.2,
    "b_refuses": 0.2,
    "language": 0.4,
    "both_refuse": 0.5,
    "a_empty": 0.8,
    "b_empty": 0.8,
    "identical": 0.9,
}
"""Queue priority of a preference task by what was noticed; Label Studio serves the lowest first.

One answer refusing where the other does not is where the boundary of refusal is learnt: soonest.
Two equal answers, or an empty one, teach least: last. Where several hold, the least worth decides.
"""


def drafts(kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
    """Return one draft a task, or None where nothing is noticed or the kind has no rules.

    Raises:
        BadRow: `bad_task` or `too_long`.
    """
    draft = _BY_KIND.get(kind.name)
    return [draft(task) if draft else None for task in tasks]


def _preference(task: Mapping[str, Any]) -> Draft | None:
    prompt, a, b = (_text(task, name) for name in ("prompt", "answer_a", "answer_b"))
    noticed = tuple(choice for choice in preference.NOTICED if choice in _seen(prompt, a, b))
    if not noticed:
        return None
    answer = preference.Answer(noticed=noticed)
    return Draft(preference.write(answer), score=max(PRIORITY[choice] for choice in noticed))


def _seen(prompt: str, a: str, b: str) -> set[str]:
    """Return which of `preference.NOTICED` holds for two answers."""
    seen: set[str] = set()
    refuses = (refusal(a).extent == "full", refusal(b).extent == "full")
    match refuses:
        case (True, True):
            seen.add("both_refuse")
        case (True, False):
            seen.add("a_refuses")
        case (False, True):
            seen.add("b_refuses")
        case _:
            pass
    if not a.strip():
        seen.add("a_empty")
    if not b.strip():
        seen.add("b_empty")
    if same(a, b):
        seen.add("identical")
    if _strange(prompt, (a, b)):
        seen.add("language")
    return seen


_ASKS_FOR_LANGUAGE = re.compile(
    r"translat|english|chinese|mandarin|french|german|spanish|japanese|korean|russian|language|"
    r"翻译|译成|译为|英文|英语|中文|汉语|法语|德语|日语|韩语|俄语|西班牙语|双语|语言",
    re.IGNORECASE,
)
_ENOUGH = 20
"""Characters below which an answer (a name, a formula, one word) tells no language."""


def _strange(prompt: str, answers: Sequence[str]) -> bool:
    """Tell whether an answer is in another language than a prompt that speaks of none."""
    telling = [answer for answer in answers if len(answer.strip()) >= _ENOUGH]
    if not telling or _ASKS_FOR_LANGUAGE.search(prompt):
        return False
    asked = language(prompt)
    return asked != "" and any(language(answer) not in ("", asked) for answer in telling)


def _text(task: Mapping[str, Any], name: str) -> str:
    text = task.get(name)
    if not isinstance(text, str):
        raise BadRow("bad_task", f"{name} is no text")
    if len(text) > MAX_TEXT:
        raise BadRow("too_long", f"{name} has over {MAX_TEXT} characters")
    return text


_BY_KIND: Mapping[str, Callable[[Mapping[str, Any]], Draft | None]] = {"preference": _preference}
"""The kinds that have rules: a new one is one function and one entry here."""
