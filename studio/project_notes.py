"""Lines of a project's description that goldleaf reads again: `NAME: VALUE`, one a line.

Label Studio's free edition keeps nothing else of ours with a project; its members see these lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def note_in(project: Mapping[str, Any], name: str) -> str | None:
    """Return the value of the line `NAME: VALUE` of a project's description, None for no line."""
    for line in _lines(project):
        head, colon, value = line.partition(": ")
        if colon and head.strip() == name:
            return value.strip()
    return None


def with_note(project: Mapping[str, Any], name: str, value: str) -> str:
    """Return the description with that line, in place of one of the same name; the rest stays."""
    kept = [line for line in _lines(project) if line.partition(": ")[0].strip() != name]
    return "\n".join([*kept, f"{name}: {value}"])


def _lines(project: Mapping[str, Any]) -> list[str]:
    return str(project.get("description") or "").splitlines()
