"""The result of a dry run as sections for the terminal and a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from goldleaf.core.charts import text_bar, wanted
from goldleaf.core.notebook import Row, Section
from goldleaf.core.prototypes import (
    prototype_title,
    prototypes,
    titles_listed,
    without_example,
)
from goldleaf.core.translations import Translations
from goldleaf.curation.pair_audit.audit_page import pair_sections
from goldleaf.exporters.planning.targets import TargetRow
from goldleaf.exporters.report.conflict_text import conflict_text
from goldleaf.exporters.report.target_table import behaviour_names
from goldleaf.exporters.rules.target_result import percent

if TYPE_CHECKING:
    from goldleaf.exporters.dry_run import DryRun

Rows: TypeAlias = list[tuple[object, ...]]

SHOWN = 12
"""Prototypes in the table; `DryRun.prototypes` has them all."""


def plan_sections(found: DryRun, words: Translations) -> Iterator[Section]:
    """Yield the sections of `goldleaf plan`: inputs, targets, what misses, conflicts, pairs."""
    yield Section(rows=_reasons(found, words))
    yield _wants(found, words)
    yield Section(text=_missing(found, words))
    if found.unsettled:
        yield Section(text=words("plan.unsettled", count=f"{found.unsettled:,}"), commands=True)
    yield from (Section(text=conflict_text(conflict, words)) for conflict in found.conflicts)
    yield _behaviours(found, words)
    yield _prototypes(found, words)
    yield _signals(found, words)
    if found.pair_audit is not None:
        yield from pair_sections(found.pair_audit, words)


def _titled(title: str, head: Row, rows: Rows) -> Section:
    return Section(title=title, head=head, rows=rows) if rows else Section()


def _reasons(found: DryRun, words: Translations) -> Rows:
    """Return what was read, and what would stay out for which reason."""
    rows: Rows = [(words("export.answers_read"), "", f"{found.read:,}")]
    for fate, reasons in (("rejected", found.rejected), ("dropped", found.dropped)):
        rows += [
            (words(f"export.{fate}"), words.reason(why), f"{n:,}") for why, n in reasons.items()
        ]
    return [*rows, (words("plan.rows"), "", f"{found.rows:,}")]


def _wants(found: DryRun, words: Translations) -> Section:
    """Return every target with a bar that is full when it is met."""
    names = ("target", "rule", "wanted", "before", "now", "", "missing")
    rows: Rows = []
    for want in found.wants:
        about = behaviour_names(want.behaviours, words) or words(f"plan.{want.key}")
        goal = want.low if want.low is not None else want.high
        rows.append(
            (
                *(about, want.rule, _bounds(want, words), _number(want, want.before)),
                *(_number(want, want.got), text_bar(want.got, goal or 0.0, 8), _state(want, words)),
            )
        )
    head = [words(f"plan.{name}") if name else "" for name in names]
    return _titled(words("plan.wants"), head, rows)


def _bounds(want: TargetRow, words: Translations) -> str:
    low, high = want.low, want.high
    if want.unit == "share":
        return wanted(low or 0.0, 1.0 if high is None else high, words)
    if low is not None and high is not None:
        return f"{low:,.0f}–{high:,.0f}"
    key, bound = ("at_least", low) if low is not None else ("at_most", high)
    return words(f"chart.{key}", share=f"{bound:,.0f}")


def _number(want: TargetRow, value: float) -> str:
    return percent(value) if want.unit == "share" else f"{value:,.0f}"


def _state(want: TargetRow, words: Translations) -> str:
    if want.state == "met":
        return words("plan.met")
    if want.annotations:
        return words("plan.annotations", count=f"{want.annotations:,}")
    return words(f"chart.{want.state}")


def _missing(found: DryRun, words: Translations) -> str:
    return words("plan.empty", names=behaviour_names(found.missing, words)) if found.missing else ""


def _behaviours(found: DryRun, words: Translations) -> Section:
    columns = ("use", "behaviour", "before", "examples", "train", "share", "", "test")
    rows: Rows = [
        (
            *(count.use, words(f"behaviour.{name}") if name else words("balance.all")),
            *(f"{count.before:,}", f"{count.examples:,}", f"{count.train:,}"),
            *(percent(count.share), text_bar(count.share, 1, 8), f"{count.test:,}"),
        )
        for count in found.counts
        for name in [count.behaviour]
    ]
    head = [words(f"balance.{c}") if c else "" for c in columns]
    return _titled(words("plan.mix"), head, rows)


def _prototypes(found: DryRun, words: Translations) -> Section:
    if not any(prototype.name for prototype in found.prototypes):
        return Section()
    rows: Rows = [
        (_titled_prototype(prototype.name, words), *numbers)
        for prototype in found.prototypes[:SHOWN]
        for numbers in [[f"{n:,}" for n in (prototype.before, prototype.examples, prototype.train)]]
    ]
    if more := len(found.prototypes) - SHOWN:
        rows += [(words("plan.more", count=f"{more:,}"), "", "", "")] if more > 0 else []
    head = ("plan.prototype", "balance.before", "balance.examples", "balance.train")
    section = _titled(words("plan.prototypes"), [words(key) for key in head], rows)
    return replace(section, text=empty_prototypes((each.name for each in found.prototypes), words))


def _titled_prototype(name: str, words: Translations) -> str:
    """Return a prototype by its title, and by the name that recipes give it."""
    title = prototype_title(name, words.lang)
    return f"{title} {name}" if title != name else name or words("plan.unnamed")


def empty_prototypes(names: Iterable[str], words: Translations) -> str:
    """Return which prototypes of the taxonomy no example has; "" for none, or no such taxonomy."""
    empty = without_example(names)
    listed = titles_listed(empty[:SHOWN], words.lang)
    rest = " …" if len(empty) > SHOWN else ""
    counts = {"count": len(empty), "all": len(prototypes())}
    return words("plan.prototypes_empty", **counts, names=listed + rest) if empty else ""


def _signals(found: DryRun, words: Translations) -> Section:
    """Return which signals of `hard.signals` the examples have."""
    rows: Rows = [
        (*(signal.name, words(f"signals.{signal.direction}")), *numbers)
        for signal in found.signals
        for numbers in [[f"{n:,}" for n in (signal.examples, signal.ordered)]]
    ]
    head = [words(f"signals.{name}") for name in ("signal", "direction", "examples", "ordered")]
    return _titled(words("signals.title"), head, rows)
