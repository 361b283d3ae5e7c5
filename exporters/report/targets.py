"""What a recipe asked for, each demand beside what came out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Literal, TypeAlias

from goldleaf.core.translations import Translations
from goldleaf.exporters.planning.findings import Change, Conflict, Shortfall
from goldleaf.exporters.planning.strata import is_core, shows
from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.report.charts import wanted
from goldleaf.exporters.rules.catalogue import targets

if TYPE_CHECKING:
    import polars as pl

State: TypeAlias = Literal["met", "short", "over"]


@dataclass(frozen=True, slots=True)
class Told:
    """A demand of the recipe and what came out, for a person.

    `key` is its path in the recipe. A share has the `behaviours` it is about, its bounds `low` and
    `high`, and what came out as `share`. `short`: the shortfalls behind a state that is not `met`.
    """

    key: str
    what: str
    rule: str
    wanted: str
    got: str
    behaviours: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    share: float = 0.0
    short: tuple[Shortfall, ...] = ()

    @property
    def state(self) -> State:
        """Return whether it is met, and if not, which way."""
        if not self.short:
            return "met"
        return "over" if all(short.got > short.wanted for short in self.short) else "short"

    @property
    def annotations(self) -> int:
        """Return how many more examples would mend it; 0 where no number would."""
        return max((short.annotations for short in self.short), default=0)


def targets_told(
    trained: pl.DataFrame, recipe: Recipe, shortfalls: Sequence[Shortfall], words: Translations
) -> list[Told]:
    """Return every demand on SFT rows, sizes first; what else was missed stands at the end.

    Args:
        trained: behaviours, source, copies of the SFT examples written to train.
        recipe: what was wanted.
        shortfalls: what of it was missed.
        words: the language of what is said.
    """
    rows = int(trained["copies"].sum())
    missed = {short.key: short for short in shortfalls}
    found: list[Told] = []
    for told, keys in (
        *_sizes(trained, rows, recipe, words),
        *_shares(trained, rows, recipe, words),
    ):
        short = tuple(missed.pop(key) for key in keys if key in missed)
        found.append(replace(told, short=short))
    return [*found, *(_other(short, words) for short in missed.values())]


def mends_told(conflict: Conflict, words: Translations) -> list[str]:
    """Return, for a person, every change that mends a conflict; any one of them does."""
    told = [
        _change(change, change.to, words) for change in conflict.changes if change.to is not None
    ]
    return [*told, words("plan.make_room")] if "keep" in conflict.members else told


def _change(change: Change, to: float, words: Translations) -> str:
    if change.unit == "examples":
        name = words.known(f"behaviour.{change.key.partition('.')[2]}")
        return words("report.more_examples", name=name, count=f"{to:,.0f}")
    was = _value(change.was, change.unit)
    return words("report.change", key=change.key, was=was, to=_value(to, change.unit))


def _value(value: float, unit: str) -> str:
    return f"{100 * value:.3g} %" if unit == "share" else f"{value:,.4g}"


def _other(short: Shortfall, words: Translations) -> Told:
    """Return a target that is not about the mix of SFT rows, told from its shortfall."""
    want, got = short.told()
    ceiling = short.got > short.wanted
    if short.unit == "share":
        bound = (0.0, short.wanted) if ceiling else (short.wanted, 1.0)
        want = wanted(*bound, words)
    else:
        rows = int(short.wanted)
        want = _between(None, rows, words) if ceiling else _between(rows, None, words)
    return Told(
        short.key, words.known(f"target.{short.key}"), short.rule, want, got, short=(short,)
    )


def _sizes(
    trained: pl.DataFrame, rows: int, recipe: Recipe, words: Translations
) -> Iterator[tuple[Told, Sequence[str]]]:
    least, most = recipe.rows_wanted()
    if least is not None or most is not None:
        told = Told(
            "total", words("report.total_rows"), "S7", _between(least, most, words), f"{rows:,}"
        )
        yield told, ("total.min", "total.max")
    core = recipe.core_rows()
    if core is not None:
        got = trained.filter(is_core(recipe)).height
        told = Told(
            "core.size", words("report.core_rows"), "S8", _between(core, None, words), f"{got:,}"
        )
        yield told, ("core.size",)


def _shares(
    trained: pl.DataFrame, rows: int, recipe: Recipe, words: Translations
) -> Iterator[tuple[Told, Sequence[str]]]:
    asked = targets(recipe)
    found = {target.name: trained.filter(shows(target)) for target in asked}
    names = {target.name: named(target.behaviours, words) for target in asked}
    by_name = {target.name: target for target in asked}
    for target in asked:
        got = int(found[target.name]["copies"].sum())
        what = names[target.name]
        if target.min > 0 or target.max < 1:
            share = got / rows if rows else 0.0
            bounds = wanted(target.min, target.max, words)
            told = Told(
                *(target.key, what, target.rule, bounds, f"{100 * share:.2f} %"),
                *(target.behaviours, target.min, target.max, share),
            )
            yield told, (f"{target.key}.min", f"{target.key}.max")
        if target.beside:
            least = ceil(Fraction(str(target.ratio)) * found[target.beside].height)
            own = found[target.name].filter(~shows(by_name[target.beside]))
            got = int(own["copies"].sum())
            beside = words("report.beside", what=what, name=names[target.beside])
            told = Told(
                *(target.key, beside, target.rule),
                *(_between(least, None, words), f"{got:,}"),
            )
            yield told, (target.key,)


def named(behaviours: Sequence[str], words: Translations) -> str:
    """Return behaviours for a person."""
    return words.listed(words(f"behaviour.{name}") for name in behaviours)


def _between(low: int | None, high: int | None, words: Translations) -> str:
    if low is not None and high is not None:
        return words("report.rows_between", low=f"{low:,}", high=f"{high:,}")
    if low is not None:
        return words("report.rows_least", low=f"{low:,}")
    return words("report.rows_most", high=f"{high:,}")
