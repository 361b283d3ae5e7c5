"""Conflicts between targets of a recipe as text, with the changes that resolve them."""

from __future__ import annotations

from goldleaf.core.translations import Translations
from goldleaf.exporters.planning.results import Change, Conflict


def conflict_text(conflict: Conflict, words: Translations) -> str:
    """Return a conflict as text: targets that cannot all be met, and a line for each fix."""
    members = words.listed(
        words("plan.keep") if member == "keep" else member for member in conflict.members
    )
    changes = suggested_fixes(conflict, words)
    fix = words("plan.mend") if changes else words("plan.no_mend")
    title = "plan.unreachable" if len(conflict.members) == 1 else "plan.conflict"
    return "\n".join([words(title, members=members, mend=fix), *(f"  {line}" for line in changes)])


def suggested_fixes(conflict: Conflict, words: Translations) -> list[str]:
    """Return each change of the recipe that resolves a conflict, as text; one is enough."""
    fixes = [_fix(change, change.to, words) for change in conflict.changes if change.to is not None]
    return [*fixes, words("plan.make_room")] if "keep" in conflict.members else fixes


def _fix(change: Change, to: float, words: Translations) -> str:
    if change.unit == "examples":
        name = words.known(f"behaviour.{change.key.partition('.')[2]}")
        return words("report.more_examples", name=name, count=f"{to:,.0f}")
    was = _value(change.was, change.unit)
    return words("report.change", key=change.key, was=was, to=_value(to, change.unit))


def _value(value: float, unit: str) -> str:
    return f"{100 * value:.3g} %" if unit == "share" else f"{value:,.4g}"
