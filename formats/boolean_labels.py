"""Boolean labels (thumb up or down) in the spellings that files use."""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow

_SAID = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def is_verdict(value: Any) -> bool:
    """Return whether a label is surely a thumb: true or false, as a boolean or a text in any case.

    Numbers and other words ("yes", "1") are not, see `may_be_verdict`.

    >>> is_verdict(True), is_verdict(" FALSE"), is_verdict(1), is_verdict("yes")
    (True, True, False, False)
    """
    return isinstance(value, bool) or (
        isinstance(value, str) and value.strip().lower() in ("true", "false")
    )


def may_be_verdict(value: Any) -> bool:
    """Return whether a label could be a thumb: true, false, yes, no, 1 or 0, which may be classes.

    As a value or a text in any case. Where it could, the format is not guessed: a person names it.

    >>> may_be_verdict("Yes"), may_be_verdict(0), may_be_verdict(2), may_be_verdict(1.0)
    (True, True, False, False)
    """
    return _word(value) in _SAID


def verdict_of(value: Any) -> bool:
    """Return a label as true (true, yes, 1) or false (false, no, 0), a value or a text in any case.

    More than `is_verdict` takes, because a CSV file has texts only: the format must be known by
    then.

    Raises:
        BadRow: `bad_label`, for anything else.
    """
    if not may_be_verdict(value):
        raise BadRow("bad_label", f"label must be true or false, not {value!r}"[:120])
    return _SAID[_word(value)]


def _word(value: Any) -> str:
    return str(value).strip().lower() if isinstance(value, (str, int)) else ""
