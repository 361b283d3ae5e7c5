"""Drafts by rules: only what can be seen without judging, never the annotator's own word.

A file of `goldleaf.backend.rules` with a `KIND` drafts the kind of that name (`DraftingRule`);
a module of another package does so under the entry point `goldleaf.drafting_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol, cast

import goldleaf.backend.rules as room
from goldleaf.backend.predictors.predictor import Draft
from goldleaf.core.plugins import load_entry_points, modules, register
from goldleaf.label_configs.kind import Kind

NAME = "rules"
VERSION = "8"
QUICK = True

ENTRY_POINTS = "goldleaf.drafting_rules"


class DraftingRule(Protocol):
    """What a module that drafts one kind offers."""

    KIND: str
    """The name of the kind."""

    def draft(self, task: Mapping[str, Any]) -> Draft | None:
        """Return the draft for a task's data, or None; BadRow if the data is not of the kind."""
        ...

    def undrafted(self, task: Mapping[str, Any]) -> str:
        """Return why a task's data got no draft, as a code of `undrafted.why`.

        A module may leave this out.
        """
        ...


@cache
def rules() -> Mapping[str, DraftingRule]:
    """Return what drafts each kind, by the kind's name; a kind may have nothing here.

    Raises:
        GoldleafError: two modules draft the same kind.
    """
    found: dict[str, DraftingRule] = {}
    offered = [(module, module.__name__) for _, module in modules(room, packages=False)]
    offered += [(module, point.value) for point, module in load_entry_points(ENTRY_POINTS)]
    for module, origin in offered:
        if hasattr(module, "KIND"):
            register(found, module.KIND, cast("DraftingRule", module), origin)
    return found


def drafts(kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
    """Return one draft a task, or None where nothing is noticed or the kind has no rules.

    Raises:
        BadRow: `bad_task` or `too_long`.
    """
    rule = rules().get(kind.name)
    return [rule.draft(task) if rule else None for task in tasks]


def undrafted(kind: Kind, task: Mapping[str, Any]) -> str:
    """Return why `drafts` had nothing for a task, as a code of `undrafted.why`.

    `no_rules`: the kind has none; `nothing_noticed`: its rule gives no reason.

    Raises:
        BadRow: as `drafts`.
    """
    rule = rules().get(kind.name)
    if rule is None:
        return "no_rules"
    return rule.undrafted(task) if hasattr(rule, "undrafted") else "nothing_noticed"
