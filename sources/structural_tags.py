"""What can be seen of a record from its structure alone: the language of the prompt, behaviours.

| behaviour | seen where |
|---|---|
| `multi_turn` | the user spoke twice or more |
| `tool_call` | the assistant called a tool, in any turn |
| `no_tool` | tools were declared and none was called: the contrast that tool calls need (S13) |
| `structured_output` | an answer is JSON or SQL and nothing else, fenced or not |
| `reasoning_chain` | an answer has reasoning apart from what it says |

Behaviours that lie in the meaning (refusals, reflection, writing...) are for annotators and for the
detectors of `curation`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import compress

from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import is_object, one_or_many
from goldleaf.core.records import Comparison, Record, Turn
from goldleaf.curation.language import language

_FENCED = re.compile(r"```[ \t]*(?:json|sql)\b[^\n]*\n(?:(?!```).)*```", re.DOTALL | re.IGNORECASE)
_SQL = re.compile(
    r"(?:SELECT\b.+\bFROM\b|INSERT\s+INTO\b|UPDATE\b.+\bSET\b|DELETE\s+FROM\b"
    r"|CREATE\s+(?:TABLE|VIEW|INDEX)\b|ALTER\s+TABLE\b|WITH\s+\w+\s+AS\s*\()",
    re.DOTALL,
)
"""How a statement of SQL begins; in capitals, because "Select a book from the shelf" is English."""
_PROSE = re.compile(r";\s*\n\s*\w|\n\s*\n")
"""What follows a statement when more is said after it."""


def with_structure(record: Record) -> Record:
    """Return the record with its language, if that is not said, and the behaviours seen."""
    tags = record.tags
    seen = [name for name in behaviours(record) if name not in tags.behaviours]
    spoken = tags.language or spoken_in(record)
    if not seen and spoken == tags.language:
        return record
    tags = replace(tags, language=spoken, behaviours=(*tags.behaviours, *seen))
    return replace(record, tags=tags)


def spoken_in(record: Record) -> str:
    """Return the language of the prompt: the user's last words that are in one, else the answer's.

    See `goldleaf.curation.language`.
    """
    asked = [turn for turn in reversed(record.context) if turn.role == "user"]
    answered = [turn for answer in _answers(record) for turn in answer]
    texts = (turn.content for turn in (*asked, *answered) if turn.role != "tool")
    return next(filter(None, map(language, texts)), "")


def behaviours(record: Record) -> tuple[str, ...]:
    """Return the behaviours that the structure shows, in the order of the table above."""
    asked, calls, structured, reasons = 0, False, False, False
    for turn in record.context:
        asked += turn.role == "user"
        calls = calls or bool(turn.tool_calls)
    for answer in _answers(record):
        for turn in answer:
            calls = calls or bool(turn.tool_calls)
            reasons = reasons or bool(turn.reasoning)
        structured = structured or bool(answer and is_structured(answer[-1].content))
    shown = (asked > 1, calls, bool(record.tools) and not calls, structured, reasons)
    return tuple(compress(_NAMES, shown)) if True in shown else ()


_NAMES = ("multi_turn", "tool_call", "no_tool", "structured_output", "reasoning_chain")


def is_structured(text: str) -> bool:
    """Tell whether a text is JSON (an object or a list of them) or SQL, fenced or not.

    >>> is_structured('{"a": 1}'), is_structured("[3, 1]"), is_structured('Here: {"a": 1}')
    (True, False, False)
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


def _is_json(text: str) -> bool:
    try:
        value: object = loads(text)
    except ValueError:
        return False
    return any(is_object(part) for part in one_or_many(value))


def _answers(record: Record) -> list[tuple[Turn, ...]]:
    if isinstance(record, Comparison):
        return [candidate.turns for candidate in record.candidates]
    return [record.response]
