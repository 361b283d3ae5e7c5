"""The schema of a ledger's lines, checked before a ledger is read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NotRequired

from pydantic import ValidationError
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from pydantic import TypeAdapter


_Answer = TypedDict(
    "_Answer",
    {
        "answer": str,
        "fate": str,
        "reason": str,
        "records": list[str],
        "by": NotRequired[dict[str, list[str]]],
        "from": NotRequired[list[str]],
        "detail": NotRequired[str],
    },
)


class _Redaction(TypedDict):
    by: str
    places: int


class _Record(TypedDict):
    record: str
    fate: str
    reason: str
    reasons: dict[str, int]
    rows: dict[str, list[str]]
    instead: NotRequired[dict[str, str]]
    redacted: NotRequired[dict[str, _Redaction]]
    stages: NotRequired[dict[str, list[str]]]


@cache
def _adapters() -> tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Answer), TypeAdapter(_Record)


def line_fault(line: object) -> str:
    """Return the first schema error of a line of a ledger; "" for a valid line."""
    if not isinstance(line, dict):
        return "a line is not an object"
    answers, records = _adapters()
    try:
        (answers if "answer" in line else records).validator.validate_python(line, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return ""
