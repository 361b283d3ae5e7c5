"""Drafts by rules: only what can be seen without judging, never the annotator's own word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules import instruction, preference, refusal
from goldleaf.label_configs.kind import Kind

NAME = "rules"
VERSION = "3"
QUICK = True

_BY_KIND: Mapping[str, Callable[[Mapping[str, Any]], Draft | None]] = {
    "instruction": instruction.draft,
    "preference": preference.draft,
    "refusal": refusal.draft,
}
"""The kinds that have rules: a new one is a file in `goldleaf.backend.rules` and an entry here."""


def drafts(kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
    """Return one draft a task, or None where nothing is noticed or the kind has no rules.

    Raises:
        BadRow: `bad_task` or `too_long`.
    """
    draft = _BY_KIND.get(kind.name)
    return [draft(task) if draft else None for task in tasks]


def undrafted(kind: Kind, task: Mapping[str, Any]) -> str:
    """Return why `drafts` had nothing for a task, as a code of `drafting.UNDRAFTED`.

    Raises:
        BadRow: as `drafts`.
    """
    if kind.name == "refusal":
        return refusal.undrafted(task)
    return "nothing_noticed" if kind.name in _BY_KIND else "no_rules"
