"""`goldleaf export`: annotated projects and record files into files a trainer loads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from goldleaf.cli.output import say, say_json, stages, table
from goldleaf.cli.recipes import ModelOption, RecipeOption, chosen
from goldleaf.core.errors import RejectedRows

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.export import Outcome
    from goldleaf.exporters.rules.target_result import TargetResult


def export(
    sources: SourcesArgument,
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    recipe: RecipeOption = None,
    model: ModelOption = None,
    format: Annotated[
        list[str] | None, typer.Option(help="trl, llamafactory, swift, openai, parquet or alpaca.")
    ] = None,
    lang: LangOption = None,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace an export even if files in it were changed or added.")
    ] = False,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export answers to files that trainers load.

    Every answer is accounted for; the same answers always give the same bytes.
    """
    from goldleaf.cli.answers import open_answers
    from goldleaf.core.input_results import check_all_read
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.census.readings import Together
    from goldleaf.exporters.export import export as run

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    wanted = chosen(recipe, model, words)
    with stages(words, show=not as_json) as step:
        opened = [open_answers(source, settings) for source in sources]
        outcome = run(
            Together([answers.readings for answers in opened]),
            wanted,
            out,
            formats=format or ["trl"],
            lang=settings.language,
            inputs=[answers.described for answers in opened],
            check_inputs=lambda: [answers.check() for answers in opened],
            overwrite=overwrite,
            progress=step,
        )
    if as_json:
        say_json(
            {
                "out": outcome.out,
                "answers": outcome.answers,
                "records": outcome.records,
                "reasons": outcome.reasons,
                "behaviours": [count.plain() for count in outcome.counts],
                "shortfalls": [shortfall.plain() for shortfall in outcome.shortfalls],
                "conflicts": [conflict.plain() for conflict in outcome.conflicts],
                "review": outcome.reviews.plain(),
                "files": {name: n for t in outcome.tables for name, n in t.files().items()},
            }
        )
    else:
        say(summary(outcome, words))
    check_all_read(outcome.reasons["rejected"])
    if strict and outcome.answers["rejected"]:
        raise RejectedRows(
            f"{outcome.answers['rejected']} answers were rejected.",
            where=str(out / "manifest.json"),
        )


def summary(outcome: Outcome, words: Translations) -> str:
    """Return what an export came to, for a person."""
    from goldleaf.exporters.report.conflict_text import conflict_text

    counts = [
        *((words(f"export.answers_{name}"), n) for name, n in outcome.answers.items()),
        *((words(f"export.records_{name}"), n) for name, n in outcome.records.items()),
    ]
    why = [
        (words(f"export.{fate}"), words.reason(reason), n)
        for fate, reasons in outcome.reasons.items()
        for reason, n in sorted(reasons.items())
    ] + [
        (words("export.refused", format=format), words.reason(reason), n)
        for format, reasons in sorted(outcome.refused.items())
        for reason, n in sorted(reasons.items())
    ]
    files = [
        (str(outcome.out / name), words("export.rows", count=n))
        for t in outcome.tables
        for name, n in t.files().items()
    ]
    balance = (_behaviours(outcome, words), _shortfalls(outcome, words))
    parts = [table(rows) for rows in (counts, why, *balance) if rows]
    parts += _reviews(outcome, words)
    parts += [conflict_text(conflict, words) for conflict in outcome.conflicts]
    return "\n\n".join([*parts, *([table(files)] if files else [])])


SHOWN = 20
"""Inputs to review that the terminal names; manifest and report name more."""


def _reviews(outcome: Outcome, words: Translations) -> list[str]:
    """Return which inputs a person should look at, and why."""
    if not outcome.reviews.total:
        return []
    rows = [(key, words(f"reason.{why}")) for why, key in outcome.reviews.first[:SHOWN]]
    left = outcome.reviews.total - len(rows)
    more = [words("why.and_more", count=left)] if left else []
    return ["\n".join([words("report.review_intro"), table(rows), *more])]


def _behaviours(outcome: Outcome, words: Translations) -> list[tuple[object, ...]]:
    from goldleaf.exporters.rules.target_result import percent

    columns = ("use", "behaviour", "before", "examples", "train", "share", "test")
    rows = [
        (
            *(
                count.use,
                words(f"behaviour.{name}") if name else words("balance.all"),
                count.before,
            ),
            *(count.examples, count.train, percent(count.share), count.test),
        )
        for count in outcome.counts
        for name in [count.behaviour]
    ]
    return [tuple(words(f"balance.{column}") for column in columns), *rows] if rows else []


def _shortfalls(outcome: Outcome, words: Translations) -> list[tuple[object, ...]]:
    rows = [
        (short.key, short.rule, *short.for_reader(), _mend(short, words))
        for short in outcome.shortfalls
    ]
    columns = ("balance.shortfalls", "balance.rule", "balance.wanted", "balance.got")
    return [tuple([*map(words, columns), words("plan.missing")]), *rows] if rows else []


def _mend(short: TargetResult, words: Translations) -> str:
    """Return how many more examples would do, where more can do."""
    return words("plan.annotations", count=f"{short.annotations:,}") if short.annotations else ""
