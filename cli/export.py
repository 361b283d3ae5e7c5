"""`goldleaf export`: annotated projects and record files into files a trainer loads."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.connection import settings_of
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, StrictOption, UrlOption
from goldleaf.cli.output import counting, note, say, say_json, table
from goldleaf.core.errors import RejectedRows, UsageError

if TYPE_CHECKING:
    from goldleaf.core.words import Words
    from goldleaf.exporters.export import Outcome
    from goldleaf.exporters.recipe import Recipe


def export(
    sources: Annotated[
        list[str],
        typer.Argument(help="project:NUMBER, a Label Studio JSON export, or records.jsonl."),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    recipe: Annotated[Path | None, typer.Option(help="A recipe (YAML).")] = None,
    model: Annotated[
        str | None, typer.Option(help="A model's size, such as 8B: the shipped recipe for it.")
    ] = None,
    format: Annotated[
        list[str] | None, typer.Option(help="trl, llamafactory, swift, openai, parquet or alpaca.")
    ] = None,
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

    settings = settings_of(data_dir, url, lang)
    chosen = _chosen(recipe, model)
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
                "behaviours": [count.plain() for count in outcome.counts],
                "shortfalls": [shortfall.plain() for shortfall in outcome.shortfalls],
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


def _chosen(recipe: Path | None, model: str | None) -> Recipe:
    """Return the recipe that was asked for, one way or the other."""
    from goldleaf.exporters.recipe_file import for_model, load

    if model is None:
        return load(recipe)
    if recipe is not None:
        fix = "write `model: ...` into the recipe, or give --model alone"
        raise UsageError("A recipe and a model were both named.", where="--model", fix=fix)
    found, remarks = for_model(model)
    for remark in remarks:
        note(remark)
    return found


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
    parts = (counts, why, _behaviours(outcome, words), _shortfalls(outcome, words), files)
    return "\n\n".join(table(rows) for rows in parts if rows)


def _behaviours(outcome: Outcome, words: Words) -> list[tuple[object, ...]]:
    from goldleaf.exporters.counts import percent

    columns = ("use", "behaviour", "before", "examples", "train", "share", "test")
    rows = [
        (
            *(count.use, count.behaviour or words("balance.all"), count.before),
            *(count.examples, count.train, percent(count.share), count.test),
        )
        for count in outcome.counts
    ]
    return [tuple(words(f"balance.{column}") for column in columns), *rows] if rows else []


def _shortfalls(outcome: Outcome, words: Words) -> list[tuple[object, ...]]:
    rows = [(short.key, short.rule, *short.told()) for short in outcome.shortfalls]
    head = (
        words("balance.shortfalls"),
        *(words(f"balance.{c}") for c in ("rule", "wanted", "got")),
    )
    return [head, *rows] if rows else []
