"""`goldleaf export`: annotated projects and record files into files a trainer loads."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.connection import settings_of
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, StrictOption, UrlOption
from goldleaf.cli.output import counting, say, say_json, table
from goldleaf.core.errors import RejectedRows

if TYPE_CHECKING:
    from goldleaf.core.words import Words
    from goldleaf.exporters.export import Outcome


def export(
    sources: Annotated[
        list[str],
        typer.Argument(help="project:NUMBER, a Label Studio JSON export, or records.jsonl."),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    recipe: Annotated[Path | None, typer.Option(help="A recipe (YAML).")] = None,
    format: Annotated[list[str] | None, typer.Option(help="A file format; repeatable.")] = None,
    lang: LangOption = None,
    strict: StrictOption = False,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export answers to files that trainers load.

    Every answer is accounted for; the same answers always give the same bytes.
    """
    from goldleaf.cli.answers import open_answers
    from goldleaf.core.words import Words
    from goldleaf.exporters.export import export as run
    from goldleaf.exporters.recipe import load

    settings = settings_of(data_dir, url, lang)
    chosen = load(recipe)
    opened = [open_answers(source, settings) for source in sources]
    with counting("answers") as step:
        outcome = run(
            chain.from_iterable(answers.readings for answers in opened),
            chosen,
            out,
            formats=format or ["trl"],
            lang=settings.language,
            inputs=[answers.described for answers in opened],
            progress=lambda stage, done: step(done),
        )
    if as_json:
        say_json(
            {
                "out": outcome.out,
                "answers": outcome.answers,
                "records": outcome.records,
                "reasons": outcome.reasons,
                "files": {t.file(side): n for t in outcome.tables for side, n in t.rows.items()},
            }
        )
    else:
        say(summary(outcome, Words(settings.language)))
    if strict and outcome.answers["rejected"]:
        raise RejectedRows(
            f"{outcome.answers['rejected']} answers were rejected.",
            where=str(out / "manifest.json"),
        )


def summary(outcome: Outcome, words: Words) -> str:
    """Return what an export came to, for a person."""
    counts = [
        *((words(f"export.answers_{name}"), n) for name, n in outcome.answers.items()),
        *((words(f"export.records_{name}"), n) for name, n in outcome.records.items()),
    ]
    why = [
        (words(f"export.{fate}"), reason, n)
        for fate, reasons in outcome.reasons.items()
        for reason, n in sorted(reasons.items())
    ]
    files = [
        (str(outcome.out / t.file(side)), words("export.rows", count=n))
        for t in outcome.tables
        for side, n in t.rows.items()
    ]
    return "\n\n".join(table(rows) for rows in (counts, why, files) if rows)
