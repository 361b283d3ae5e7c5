"""Shapes of Label Studio's answers, the reason in an error, how long it asks to be left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from goldleaf.core.json_values import object_or_empty
from goldleaf.core.redaction import redact

Shape: TypeAlias = Callable[[Any], bool]
"""Returns whether an answer can be used; what it lets pass needs no further check."""
LONGEST_PAUSE = 60.0
"""Seconds we wait at most because a server asked for it."""


def anything(answer: Any) -> bool:
    """Return True: the shape that lets every answer pass, null too."""
    return True


def holding(**types: type | tuple[type, ...]) -> Shape:
    """Return a shape that lets an object pass that has these fields, each of its type."""

    def fits(answer: Any) -> bool:
        return isinstance(answer, dict) and all(
            name in answer and isinstance(answer[name], wanted) for name, wanted in types.items()
        )

    return fits


def rows(*names: str) -> Shape:
    """Return a shape that lets a list of objects pass, each with these fields; [] passes too."""

    def fits(answer: Any) -> bool:
        return isinstance(answer, list) and all(
            isinstance(row, dict) and all(name in row for name in names) for row in answer
        )

    return fits


def paged(field: str, *names: str) -> Shape:
    """Return a shape that lets an object pass whose `field` is as `rows(*names)` wants it."""
    inner = rows(*names)
    return lambda answer: isinstance(answer, dict) and inner(answer.get(field))


def counters(answer: Any) -> bool:
    """Let an object pass all of whose values are whole numbers, whatever its fields are called."""
    return isinstance(answer, dict) and all(isinstance(each, int) for each in answer.values())


def asked_pause(headers: Mapping[str, str]) -> float:
    """Return the seconds of `Retry-After` (a number or a date), at most `LONGEST_PAUSE`.

    0.0 where there is none, or it is past or cannot be read. `headers` are those of httpx, or have
    names in lower case.
    """
    given = headers.get("retry-after", "").strip()
    if not given:
        return 0.0
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return min(max(seconds, 0.0), LONGEST_PAUSE) if seconds == seconds else 0.0


def reason_of(answer: Any) -> str:
    """Return Label Studio's own words: `detail`, then what is wrong with which field."""
    if not isinstance(answer, dict):
        return redact(str(answer))
    parts = [str(answer.get("detail") or answer.get("error") or "")]
    for field, problems in object_or_empty(answer.get("validation_errors")).items():
        listed = problems if isinstance(problems, list) else [problems]
        parts += [f"{field}: {problem}" for problem in listed]
    text = re.sub(r"<[^>]+>", "", "; ".join(part for part in parts if part))
    return redact(text) or "it gave no reason"
