r"""Questions with their SQL as text2sql-data holds them: one statement, asked in several ways.

    {"sentences": [{"text": "who lives in city_name0 ?", "variables": {"city_name0": "Lyon"}}],
     "sql": ["SELECT NAME FROM PEOPLE WHERE CITY = \"city_name0\" ;"],
     "variables": [{"name": "city_name0", "type": "city", "example": "Lyon", "location": "both"}]}

Each sentence becomes a question of its own, its variables and those of the statement filled in; the
first of several equivalent statements is taken, which the files put first for its form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_empty, objects_in
from goldleaf.core.records import Demonstration, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import answer_of, text_of

NAME = "text2sql"
TITLE = "text2sql-data: questions with their SQL"

_VARIABLE = re.compile(r"[A-Za-z_]+[0-9]+")


def recognises(row: Row) -> bool:
    """Return whether a row fits: lists `sentences`, of objects with a `text`, and `sql`."""
    sentences = objects_in(row.get("sentences"))
    return bool(sentences) and "text" in sentences[0] and isinstance(row.get("sql"), list)


def read(row: Row) -> tuple[Demonstration, ...]:
    """Return one demonstration for each sentence: the question and its SQL.

    Raises:
        BadRow: `no_prompt` (no sentence has a text), `missing_field` (no statement), or what
            `text_of` and `answer_of` raise.
    """
    statements = list_or_none(row.get("sql")) or []
    if not statements:
        raise BadRow("missing_field", "sql holds no statement")
    statement = answer_of(statements[0], "sql[0]")
    examples = {
        str(each.get("name")): text_of(each.get("example") or "", "an example of a variable")
        for each in objects_in(row.get("variables"))
    }
    found: list[Demonstration] = []
    for number, sentence in enumerate(objects_in(row.get("sentences"))):
        asked = text_of(sentence.get("text"), f"sentences[{number}].text")
        if not asked.strip():
            continue
        own = object_or_empty(sentence.get("variables"))
        values = examples | {name: text_of(value, name) for name, value in own.items()}
        question, answer = _filled(asked, values), _filled(statement, values)
        found.append(Demonstration((Turn("user", question),), (Turn("assistant", answer),)))
    if not found:
        raise BadRow("no_prompt", "no sentence has a text")
    return tuple(found)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its variables replaced; what only looks like one stays."""
    return _VARIABLE.sub(lambda name: values.get(name[0]) or name[0], text)
