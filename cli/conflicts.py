"""Demands of a recipe that cannot all be met, and what would mend it, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.planning.findings import Conflict


def told(conflict: Conflict, words: Translations) -> str:
    """Return what cannot be met together, and below it one line for each change that mends it."""
    from goldleaf.exporters.report.targets import mends_told

    members = words("plan.comma").join(
        words("plan.keep") if member == "keep" else member for member in conflict.members
    )
    changes = mends_told(conflict, words)
    mend = words("plan.mend") if changes else words("plan.no_mend")
    alone = "plan.unreachable" if len(conflict.members) == 1 else "plan.conflict"
    return "\n".join([words(alone, members=members, mend=mend), *(f"  {line}" for line in changes)])
