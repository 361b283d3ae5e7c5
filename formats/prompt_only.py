"""Prompts without answers: for annotators who write them, or models that draft them.

    {"prompt": "Why is the sky blue?", "topic": "physics"}
    {"instruction": "Sort the list.", "input": "3, 1, 2"}

A row with anything that looks like an answer is none of this format's, and refused where this one
is named: an answer must never be dropped in silence.
"""

from __future__ import annotations

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none
from goldleaf.core.records import Demonstration, Turn
from goldleaf.formats.boolean_labels import may_be_verdict
from goldleaf.formats.column_names import meanings
from goldleaf.formats.format import Row
from goldleaf.formats.prompt_response import ASKED_ZH, GIVEN_ZH
from goldleaf.formats.text_columns import question_of, system_of

NAME = "prompt_only"
TITLE = "prompts without answers"

_ASKED = ("prompt", "instruction", "question", "query", *ASKED_ZH)
_BELOW = ("input", "context", *GIVEN_ZH)
_KNOWN = frozenset((*_ASKED, *_BELOW, "system"))
_NOTE = 80
"""Characters of a text in another column that may be an answer under a name we do not know."""


def recognises(row: Row) -> bool:
    """Return whether a row fits: a prompt as text, and nothing that may be an answer or verdict.

    In `prompt`, `instruction`, `question`, `query` or the Chinese for them. An answer may be any
    column whose name means one, any object, any list of objects, and any text of over 80 characters
    under an unknown name.
    """
    asked = any(isinstance(row.get(key), str) and row[key].strip() for key in _ASKED)
    return asked and not unread_column(row) and not may_be_verdict(row.get("label"))


def read(row: Row) -> Demonstration:
    """Return the prompt of a row as a demonstration without a response.

    Raises:
        BadRow: `no_prompt`, `answer_unread` (a column may hold an answer, as in `recognises`), or
            what `text_of` raises.
    """
    if name := unread_column(row):
        raise BadRow("answer_unread", f"column {name!r} may hold an answer; name another --format")
    asked = question_of(row, _ASKED, _BELOW)
    return Demonstration((*system_of(row), Turn("user", asked)), ())


def unread_column(row: Row, known: tuple[str, ...] = ()) -> str:
    """Return the column that may hold an answer, or an empty text; those in `known` hold none."""
    for key, value in row.items():
        name = str(key)
        if name in _KNOWN or name in known or value in (None, "", [], {}):
            continue
        if meanings(name) - {"prompt", "input"} or isinstance(value, dict):
            return name
        if isinstance(value, str) and len(value) > _NOTE:
            return name
        if any(isinstance(one, dict) for one in list_or_none(value) or ()):
            return name
    return ""
