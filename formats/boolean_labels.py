"""Boolean labels (thumb up or down) in the spellings that files use."""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow

_SAID = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def is_verdict(value: Any) -> bool:
    """Return whether a label is a boolean (true/false, yes/no), not a class number."""
    return isinstance(value, bool) or (
        isinstance(value, str) and value.strip().lower() in ("true", "false")
    )


def may_be_verdict(value: Any) -> bool:
    """Return whether a label could be a thumb: true, false, and also 1 and 0, which may be classes.

    Where it could, the format is not guessed: a person names it.
    """
    return _word(value) in _SAID


def verdict_of(value: Any) -> bool:
    """Return a label as true or false; a CSV file can say it only as a text.

    Raises:
        BadRow: `bad_label`.
    """
    if not may_be_verdict(value):
        raise BadRow("bad_label", f"label must be true or false, not {value!r}"[:120])
    return _SAID[_word(value)]


def _word(value: Any) -> str:
    return str(value).strip().lower() if isinstance(value, (str, int)) else ""
