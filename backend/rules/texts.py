"""What the rules of all kinds need to read a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.curation.texts.case_insensitive import AnyCase
from goldleaf.curation.texts.language import language

MAX_TEXT = 1_000_000
"""Characters of one text; a longer one is not looked at."""

_ASKS_FOR_LANGUAGE = AnyCase(
    "translat|english|chinese|mandarin|french|german|spanish|japanese|korean|russian|language",
    "翻译|译成|译为|英文|英语|中文|汉语|法语|德语|日语|韩语|俄语|西班牙语|双语|语言",
)
_ENOUGH = 20
"""Characters below which an answer (a name, a formula, one word) tells no language."""


def text_of(task: Mapping[str, Any], name: str) -> str:
    """Return the text `name` of a task's data; it may be empty.

    Raises:
        BadRow: `bad_task`, it is missing or no text; `too_long`, over `MAX_TEXT` characters.
    """
    text = task.get(name)
    if not isinstance(text, str):
        raise BadRow("bad_task", f"{name} is no text")
    if len(text) > MAX_TEXT:
        raise BadRow("too_long", f"{name} has over {MAX_TEXT} characters")
    return text


def strange(prompt: str, answers: Sequence[str]) -> bool:
    """Return whether any answer is in another language than the prompt.

    False where the prompt mentions a language or translation, and where its own language is not
    known. Answers under 20 characters, or whose language is not known, are ignored.
    """
    telling = [answer for answer in answers if len(answer.strip()) >= _ENOUGH]
    if not telling or _ASKS_FOR_LANGUAGE.found(prompt):
        return False
    asked = language(prompt)
    return asked != "" and any(language(answer) not in ("", asked) for answer in telling)
