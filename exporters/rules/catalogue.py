"""All rules there are, in the order they run."""

from __future__ import annotations

from functools import cache
from typing import cast

import goldleaf.exporters.rules as room
from goldleaf.core.discovery import claim, modules, strangers
from goldleaf.exporters.rules.rule import Rule

ENTRY_POINTS = "goldleaf.rules"
"""Another package offers a rule here: the value is a module with what `Rule` asks for."""


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule: the files of this folder, then other packages' entry points."""
    found: dict[str, Rule] = {}
    offered = [(module, "exporters/rules") for _, module in modules(room, packages=False)]
    offered += [(module, point.value) for point, module in strangers(ENTRY_POINTS)]
    for module, origin in offered:
        if hasattr(module, "REASON"):
            unit = cast("Rule", module)
            claim(found, unit.REASON, unit, origin)
    return tuple(sorted(found.values(), key=lambda rule: (rule.STEP, rule.REASON)))
