"""The table of targets: what a recipe asks for and what the export contains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from goldleaf.core.charts import wanted
from goldleaf.core.translations import Translations
from goldleaf.exporters.planning.targets import State, TargetRow, grouped
from goldleaf.exporters.rules.target_result import TargetResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLine:
    """One line of the table of targets, its cells as text."""

    key: str
    what: str
    rule: str
    wanted: str
    got: str
    state: State
    annotations: int


def target_table(
    results: Sequence[TargetResult], before: Sequence[TargetResult], words: Translations
) -> list[TargetLine]:
    """Return a line for every size, share and contrast; of other bounds only the missed ones.

    Args:
        results: of what is written.
        before: of the pool before any rule.
        words: the language of the cells.
    """
    rows = grouped([result for result in results if result.key != "core.max"], before)
    mix = [row for row in rows if row.key in ("total", "core") or row.behaviours]
    there = {row.key for row in mix}
    other = [
        result
        for result in results
        if result.missed and (result.key == "core.max" or result.group not in there)
    ]
    return [*(_line(row, words) for row in mix), *(_missed(result, words) for result in other)]


def behaviour_names(behaviours: Sequence[str], words: Translations) -> str:
    """Return the titles of behaviours, the recipe's own if `words` has them; "" for none."""
    return words.listed(words(f"behaviour.{name}") for name in behaviours)


def _line(row: TargetRow, words: Translations) -> TargetLine:
    share = row.unit == "share"
    what = behaviour_names(row.behaviours, words)
    if not row.behaviours:
        what = words(f"report.{row.key}_rows")
    elif row.relative_to:
        reference = behaviour_names(row.relative_to, words)
        what = words("report.beside", what=what, name=reference)
    return TargetLine(
        key="core.size" if row.key == "core" else row.key,
        what=what,
        rule=row.rule,
        wanted=_bounds(row.low, row.high, row.unit, words),
        got=f"{100 * row.got:.2f} %" if share else f"{row.got:,.0f}",
        state=row.state,
        annotations=row.annotations,
    )


def _missed(result: TargetResult, words: Translations) -> TargetLine:
    low, high = (result.wanted, None) if result.least else (None, result.wanted)
    return TargetLine(
        key=result.key,
        what=words.known(f"target.{result.key}"),
        rule=result.rule,
        wanted=_bounds(low, high, result.unit, words),
        got=result.for_reader()[1],
        state="short" if result.least else "over",
        annotations=result.annotations,
    )


def _bounds(low: float | None, high: float | None, unit: str, words: Translations) -> str:
    if unit == "share":
        return wanted(low or 0.0, 1.0 if high is None else high, words)
    if low is not None and high is not None:
        return words("report.rows_between", low=f"{low:,.0f}", high=f"{high:,.0f}")
    if low is not None:
        return words("report.rows_least", low=f"{low:,.0f}")
    return words("report.rows_most", high=f"{high:,.0f}")
