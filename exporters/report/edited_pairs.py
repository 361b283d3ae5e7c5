"""The two texts of a pair whose chosen one a person edited: TRL's rows say so of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.core.json_values import objects_in


def edited_pair(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return (the text that was replaced, the edited one) of a row; None for any other row.

    What was replaced is the draft or the original answer; an edit that replaced both has two rows.
    """
    if row.get("chosen_origin") != "edited":
        return None
    replaced, edited = _last_text(row.get("rejected")), _last_text(row.get("chosen"))
    return (replaced, edited) if replaced and edited else None


def _last_text(answer: object) -> str:
    messages = objects_in(answer)
    text = messages[-1].get("content") if messages else answer
    return text if isinstance(text, str) else ""
