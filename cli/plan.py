"""`goldleaf plan`: what is there, what the recipe wants, and what is short, before any export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from goldleaf.cli.connection import settings_of
from goldleaf.cli.options import (
    DataDirOption,
    JsonOption,
    LangOption,
    SourcesArgument,
    StrictOption,
    UrlOption,
)
from goldleaf.cli.output import note, say, say_json, stages, table
from goldleaf.cli.recipes import ModelOption, RecipeOption, chosen
from goldleaf.cli.replaceable import check_replaceable, is_chart
from goldleaf.cli.suggestions import completed
from goldleaf.core.errors import NothingUsable, RejectedRows, UsageError

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.dry_run import DryRun
    from goldleaf.exporters.planning.targets import TargetRow

Rows: TypeAlias = list[tuple[object, ...]]

SHOWN = 12
"""Prototypes in the table; `--json` has them all."""


def plan(
    sources: SourcesArgument,
    recipe: RecipeOption = None,
    model: ModelOption = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the mix of behaviours into this SVG file.")
    ] = None,
    format: Annotated[
        list[str] | None, typer.Option(help="As in export: some formats refuse what others take.")
    ] = None,
    lang: LangOption = None,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace the file of the chart whatever it holds.")
    ] = False,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what an export would hold now, and what is still missing.

    Nothing is written but the chart.
    """
    from goldleaf.cli.answers import open_answers
    from goldleaf.core.input_results import check_all_read
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.census.readings import Together
    from goldleaf.exporters.dry_run import dry_run, mix_chart

    if chart is not None and chart.suffix != ".svg":
        raise UsageError("The chart is an SVG.", where=str(chart), fix="name it something.svg")
    if chart is not None:
        if not chart.parent.is_dir():
            fix = "make it, or name another place with --chart"
            raise UsageError("No such file or folder.", where=str(chart.parent), fix=fix)
        check_replaceable(chart, is_chart, "--chart", overwrite=overwrite)
    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    wanted = chosen(recipe, model, words)
    with stages(words, show=not as_json) as step:
        opened = [open_answers(source, settings) for source in sources]
        found = dry_run(
            Together([answers.readings for answers in opened]),
            wanted,
            formats=format or ["trl"],
            progress=step,
        )
    if chart is not None:
        _write(chart, mix_chart(found, words))
    if as_json:
        say_json(found.plain())
    else:
        say(summary(found, words))
    if not found.rows:
        raise NothingUsable(
            f"Of {found.read} inputs none would give a row.",
            fix="the reasons stand above; goldleaf export writes a ledger of every input",
        )
    check_all_read(found.rejected)
    if strict and found.rejected:
        raise RejectedRows(f"{sum(found.rejected.values())} answers are rejected.")


def _write(path: Path, svg: str) -> None:
    from goldleaf.core.files import write_atomically

    write_atomically(path, svg.encode())
    note(str(path))


def summary(found: DryRun, words: Translations) -> str:
    """Return a dry run for a person."""
    from goldleaf.exporters.report.conflict_text import conflict_text

    parts = [
        table(_reasons(found, words)),
        _titled(words("plan.wants"), _wants(found, words)),
        _missing(found, words),
        completed(words("plan.unsettled", count=f"{found.unsettled:,}")) if found.unsettled else "",
        *(conflict_text(conflict, words) for conflict in found.conflicts),
        _titled(words("plan.mix"), _behaviours(found, words)),
        _titled(words("plan.prototypes"), _prototypes(found, words)),
    ]
    return "\n\n".join(part for part in parts if part)


def _titled(title: str, rows: Rows) -> str:
    return f"{title}\n{table(rows)}" if rows else ""


def _reasons(found: DryRun, words: Translations) -> Rows:
    """Return what was read, and what would stay out for which reason."""
    rows: Rows = [(words("export.answers_read"), "", f"{found.read:,}")]
    for fate, reasons in (("rejected", found.rejected), ("dropped", found.dropped)):
        rows += [
            (words(f"export.{fate}"), words.reason(why), f"{n:,}") for why, n in reasons.items()
        ]
    return [*rows, (words("plan.rows"), "", f"{found.rows:,}")]


def _wants(found: DryRun, words: Translations) -> Rows:
    """Return every demand with a bar that is full when it is met."""
    from goldleaf.exporters.report.charts import text_bar
    from goldleaf.exporters.report.target_table import behaviour_names

    names = ("target", "rule", "wanted", "before", "now", "", "missing")
    rows: Rows = []
    for want in found.wants:
        about = behaviour_names(want.behaviours, words) or words(f"plan.{want.key}")
        goal = want.low if want.low is not None else want.high
        rows.append(
            (
                *(about, want.rule, _bounds(want, words), _told(want, want.before)),
                *(_told(want, want.got), text_bar(want.got, goal or 0.0, 8), _state(want, words)),
            )
        )
    return [tuple(words(f"plan.{name}") if name else "" for name in names), *rows] if rows else []


def _bounds(want: TargetRow, words: Translations) -> str:
    low, high = want.low, want.high
    if want.unit == "share":
        from goldleaf.exporters.report.charts import wanted

        return wanted(low or 0.0, 1.0 if high is None else high, words)
    if low is not None and high is not None:
        return f"{low:,.0f}–{high:,.0f}"
    key, bound = ("at_least", low) if low is not None else ("at_most", high)
    return words(f"chart.{key}", share=f"{bound:,.0f}")


def _told(want: TargetRow, value: float) -> str:
    from goldleaf.exporters.rules.target_result import percent

    return percent(value) if want.unit == "share" else f"{value:,.0f}"


def _state(want: TargetRow, words: Translations) -> str:
    if want.state == "met":
        return words("plan.met")
    if want.annotations:
        return words("plan.annotations", count=f"{want.annotations:,}")
    return words(f"chart.{want.state}")


def _missing(found: DryRun, words: Translations) -> str:
    from goldleaf.exporters.report.target_table import behaviour_names

    return words("plan.empty", names=behaviour_names(found.missing, words)) if found.missing else ""


def _behaviours(found: DryRun, words: Translations) -> Rows:
    from goldleaf.exporters.report.charts import text_bar
    from goldleaf.exporters.rules.target_result import percent

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
    return [tuple(words(f"balance.{c}") if c else "" for c in columns), *rows] if rows else []


def _prototypes(found: DryRun, words: Translations) -> Rows:
    if not any(prototype.name for prototype in found.prototypes):
        return []
    rows: Rows = [
        (prototype.name or words("plan.unnamed"), *numbers)
        for prototype in found.prototypes[:SHOWN]
        for numbers in [[f"{n:,}" for n in (prototype.before, prototype.examples, prototype.train)]]
    ]
    if more := len(found.prototypes) - SHOWN:
        rows += [(words("plan.more", count=f"{more:,}"), "", "", "")] if more > 0 else []
    head = ("plan.prototype", "balance.before", "balance.examples", "balance.train")
    return [tuple(words(key) for key in head), *rows]
