"""One figure for the examples that a target misses, in the table of targets and in its conflict.

Two ways of counting give lower bounds. The target alone, all else as it is, in whole rows
(`TargetResult.annotations`): what other shares need once there are more rows is left out. And the
whole plan (`Change`), which has that, but in fractions of rows. The larger one is in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from goldleaf.exporters.planning.results import Conflict
from goldleaf.exporters.rules.rule import Target
from goldleaf.exporters.rules.target_result import TargetResult

EXAMPLES = "examples."
"""How the key of a change begins that names examples to add."""


def agreed(
    results: Sequence[TargetResult], conflicts: Sequence[Conflict], asked: Sequence[Target]
) -> tuple[tuple[TargetResult, ...], tuple[Conflict, ...]]:
    """Return results and conflicts that name the same number of missing examples for a target.

    Args:
        results: of what is written.
        conflicts: of the same recipe.
        asked: the shares and contrasts that the rules ask for.
    """
    added = {
        (each.key if each.relative_to else f"{each.key}.min"): EXAMPLES + each.name
        for each in asked
    }
    missed = (each for each in results if each.missed and each.annotations and each.key in added)
    more = {added[each.key]: each.annotations for each in missed}
    for change in (each for conflict in conflicts for each in conflict.changes):
        if change.key in more and change.to is not None:
            more[change.key] = max(more[change.key], round(change.to))
    updated = (
        replace(each, annotations=more.get(added.get(each.key, ""), each.annotations))
        if each.missed
        else each
        for each in results
    )
    return tuple(updated), tuple(_with(conflict, more) for conflict in conflicts)


def _with(conflict: Conflict, more: dict[str, int]) -> Conflict:
    changes = (
        change if change.to is None else replace(change, to=more.get(change.key, change.to))
        for change in conflict.changes
    )
    return replace(conflict, changes=tuple(changes))
