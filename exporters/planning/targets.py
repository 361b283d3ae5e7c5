"""Targets: every bound of a recipe and what came out, evaluated in this place only.

`evaluated` holds every bound of a recipe against rows; plan, card, report, manifest and terminal
read its results and count nothing themselves. `pool_evaluated` is the same over the pool, one row
an example, before any rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil
from typing import Any, Literal, TypeAlias

import polars as pl

from goldleaf.exporters.rules.registry import checkers
from goldleaf.exporters.rules.rule import Target
from goldleaf.exporters.rules.selectors import is_core, shows
from goldleaf.exporters.rules.target_result import TargetResult, exact
from goldleaf.recipes.recipe import Recipe

State: TypeAlias = Literal["met", "short", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """All bounds of one target: one line of a table.

    `key` is its path in the recipe, `behaviours` what it is about (none: a size), `relative_to` the
    reference of a contrast. `low`, `high`, `before` and `got` are shares from 0 to 1 where `unit`
    is `share`, else rows; None is no bound. `before` is without any rule, `examples` the distinct
    ones there are then. `annotations`: how many more distinct examples would meet it; 0 where more
    cannot.
    """

    key: str
    rule: str
    behaviours: tuple[str, ...]
    unit: Literal["share", "rows"]
    low: float | None
    high: float | None
    examples: int
    before: float
    got: float
    state: State
    annotations: int
    relative_to: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the row for JSON: all but `relative_to`, `before` and `got` to a millionth."""
        shown = {name: value for name, value in asdict(self).items() if name != "relative_to"}
        return shown | {"before": round(self.before, 6), "got": round(self.got, 6)}


def evaluated(
    rows: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]
) -> tuple[TargetResult, ...]:
    """Return the result of every bound of the recipe: sizes and other rules, then shares.

    Args:
        rows: the columns of `rules.rule` and `copies` (replays counted) of what is written.
        recipe: what was asked for.
        targets: the shares and contrasts that the rules ask for under it.
    """
    sizes = [result for rule in checkers() for result in rule.results(rows, recipe)]
    train = rows.filter(use="sft", side="train")
    return (*sizes, *_shares(train, recipe, targets))


def pool_evaluated(
    examples: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]
) -> tuple[TargetResult, ...]:
    """Return `evaluated` for the pool: every example before any rule, as one row to train on."""
    once = examples.with_columns(copies=pl.lit(1, pl.Int64), side=pl.lit("train"))
    return evaluated(once, recipe, targets)


def grouped(
    results: Sequence[TargetResult], before: Sequence[TargetResult]
) -> tuple[TargetRow, ...]:
    """Return results with the bounds of one thing on one line, in their order.

    Args:
        results: of what is written.
        before: of the pool, with the same keys.
    """
    there = {result.key: result for result in before}
    groups: dict[str, list[TargetResult]] = {}
    for result in results:
        groups.setdefault(result.group, []).append(result)
    return tuple(_row(group, bounds, there) for group, bounds in groups.items())


def _row(group: str, bounds: Sequence[TargetResult], before: dict[str, TargetResult]) -> TargetRow:
    first = bounds[0]
    missed = [bound for bound in bounds if bound.missed]
    there = before.get(first.key)
    if first.of == 0:  # of no rows at all nothing is missed and nothing is met
        state: State = "short"
    elif not missed:
        state = "met"
    else:
        state = "short" if any(bound.least for bound in missed) else "over"
    return TargetRow(
        key=group,
        rule=first.rule,
        behaviours=first.behaviours,
        unit=first.unit,
        low=next((bound.wanted for bound in bounds if bound.least), None),
        high=next((bound.wanted for bound in bounds if not bound.least), None),
        examples=there.rows if there else 0,
        before=there.unrounded if there else 0.0,
        got=first.unrounded,
        state=state,
        annotations=max((bound.annotations for bound in missed), default=0),
        relative_to=first.relative_to,
    )


def _shares(
    train: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]
) -> Iterator[TargetResult]:
    rows, by_name = int(train["copies"].sum()), {target.name: target for target in targets}
    for target in targets:
        written = train.filter(shows(target))
        got = int(written["copies"].sum())
        floor = TargetResult(
            key=f"{target.key}.min",
            rule=target.rule,
            least=True,
            wanted=target.min,
            rows=got,
            of=rows,
            behaviours=target.behaviours,
        )
        if target.min > 0:
            more = _annotations(floor, rows, train, written.height, recipe) if floor.missed else 0
            yield replace(floor, annotations=more)
        if target.max < 1:
            yield replace(floor, key=f"{target.key}.max", least=False, wanted=target.max)
        if target.relative_to:
            reference = by_name[target.relative_to]
            own = written.filter(~shows(reference))  # a contrast lies outside its reference
            wanted = ceil(exact(target.ratio) * train.filter(shows(reference)).height)
            got, cap = int(own["copies"].sum()), recipe.repeat.max
            more = max(1, -(-(wanted - own.height * cap) // cap)) if got < wanted else 0
            yield TargetResult(
                key=target.key,
                rule=target.rule,
                least=True,
                wanted=wanted,
                rows=got,
                annotations=more,
                behaviours=target.behaviours,
                relative_to=reference.behaviours,
            )


def _annotations(
    floor: TargetResult, rows: int, train: pl.DataFrame, distinct: int, recipe: Recipe
) -> int:
    """Return how many more examples bring a share to its minimum with repeats at their cap.

    Where a size is reached, others make room for them, because it stays what it is.
    """
    got, least = floor.rows, exact(floor.wanted)
    diverse = int(train.filter(~is_core(recipe))["copies"].sum())
    wanted = ceil(least * (rows - got) / (1 - least))
    limits = ((recipe.rows_wanted()[1], rows), (recipe.diverse.max, diverse))
    room = [limit - there for limit, there in limits if limit is not None]
    if room and wanted - got > min(room):
        wanted = ceil(least * (rows + min(room)))
    cap = recipe.repeat.max
    return max(1, -(-(wanted - distinct * cap) // cap))
