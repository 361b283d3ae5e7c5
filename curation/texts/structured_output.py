"""Structured output (S13): is an answer a form that a program reads, and can it be parsed.

| answer | structured |
|---|---|
| a JSON object, a list that holds one, or `[]` | yes |
| a JSON list of numbers or texts | no: "[3, 1]" is an interval as often as data |
| one fenced block of JSON, SQL, YAML, XML or CSV, nothing around it | yes |
| a statement of SQL, nothing after it | yes |
| any of these inside prose | no |
"""

from __future__ import annotations

import re

from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import is_object, one_or_many

_DATA = r"(?:jsonl?|sql|ya?ml|xml|csv)"
_FENCED = re.compile(rf"```[ \t]*{_DATA}\b[^\n]*\n(?:(?!```).)*```", re.DOTALL | re.IGNORECASE)
_FENCED_JSON = re.compile(r"```[ \t]*json\b[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_SQL = re.compile(
    r"(?:SELECT\b.+\bFROM\b|INSERT\s+INTO\b|UPDATE\b.+\bSET\b|DELETE\s+FROM\b"
    r"|CREATE\s+(?:TABLE|VIEW|INDEX)\b|ALTER\s+TABLE\b|WITH\s+\w+\s+AS\s*\()",
    re.DOTALL,
)
"""How a statement of SQL begins; in capitals, because "Select a book from the shelf" is English."""
_PROSE = re.compile(r";\s*\n\s*\w|\n\s*\n")
"""What follows a statement when more text follows."""


def is_structured(text: str) -> bool:
    """Return whether a text is structured output and nothing else.

    >>> is_structured('{"a": 1}'), is_structured("[]"), is_structured("[3, 1]")
    (True, True, False)
    >>> is_structured("SELECT a FROM b WHERE c = 1;"), is_structured("Select one from the shelf.")
    (True, False)
    """
    text = text.strip()
    if text[:1] in ("{", "[") and text[-1:] in ("}", "]"):
        return _is_json(text)
    if text.startswith("```"):
        return bool(_FENCED.fullmatch(text))
    statement = text.upper() if text.endswith(";") else text
    return bool(_SQL.match(statement)) and not _PROSE.search(text)


def broken_json(text: str) -> bool:
    r"""Return whether a text means to be JSON, whole or in a fenced block, and cannot be parsed.

    >>> broken_json('{"a": 1'), broken_json('{"a": 1}'), broken_json("SELECT 1;")
    (True, False, False)
    >>> broken_json('Here you are:\n```json\n{"a": 1,}\n```')
    True
    """
    blocks = _FENCED_JSON.findall(text)
    whole = text.strip()
    if not blocks and whole[:1] in ("{", "["):
        blocks = [whole]
    return not all(map(_parses, blocks))


def _is_json(text: str) -> bool:
    try:
        value: object = loads(text)
    except ValueError:
        return False
    return value == [] or any(is_object(part) for part in one_or_many(value))


def _parses(text: str) -> bool:
    try:
        loads(text)
    except ValueError:
        return False
    return True
