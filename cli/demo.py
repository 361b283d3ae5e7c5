"""`goldleaf demo`: the whole loop without a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.connection import settings_of
from goldleaf.cli.options import LangOption
from goldleaf.cli.output import note, say, table
from goldleaf.core.errors import GoldleafError, UsageError

if TYPE_CHECKING:
    from goldleaf.cli.station import Station
    from goldleaf.core.settings import Settings
    from goldleaf.core.words import Words
    from goldleaf.exporters.export import Outcome
    from goldleaf.label_configs.kind import Kind

KIND = "preference"


def demo(
    out: Annotated[Path, typer.Option(help="The folder for everything the demo makes.")],
    lang: LangOption = None,
) -> None:
    """Run the whole loop without a person.

    Boots, imports, drafts, annotates by script, exports, checks, and leaves nothing running.
    """
    from goldleaf.cli.export import summary
    from goldleaf.cli.station import running
    from goldleaf.core.words import Words
    from goldleaf.label_configs.catalogue import kind_named

    settings = settings_of(out / "state", lang=lang)
    words = Words(settings.language)
    if out.exists() and any(out.iterdir()) and not (out / "state").is_dir():
        raise UsageError("This folder holds something else.", where=str(out), fix="name another")
    out.mkdir(parents=True, exist_ok=True)
    with running(settings.state) as station:
        told, outcome = _loop(station, settings, kind_named(KIND), out, words)
    say(words("demo.title"))
    say(table(told))
    say()
    say(summary(outcome, words))
    say()
    say(words("demo.card", path=outcome.out / "README.md"))


def _loop(
    station: Station, settings: Settings, kind: Kind, out: Path, words: Words
) -> tuple[list[tuple[str, object]], Outcome]:
    from goldleaf.cli import prelabel
    from goldleaf.cli.demo_annotator import FIRST, SECOND, annotate, disagree
    from goldleaf.studio.annotations import stream_tasks

    studio = station.studio.studio
    note(words("demo.project"))
    project = station.project_of(kind.name, settings.language)
    station.attach(project)
    note(words("demo.import"))
    imported = _import(station, kind, project, out)
    note(words("demo.draft"))
    drafts = prelabel.run(studio, project, "rules")
    note(words("demo.annotate"))
    with _account(station, FIRST) as first, _account(station, SECOND) as second:
        tasks = list(stream_tasks(studio, project))
        done = annotate(first, kind, tasks)
        disagreed = disagree(second, kind, list(stream_tasks(studio, project)))
    note(words("demo.export"))
    outcome = _export(station, settings, project, out)
    events = station.backend.seen("ANNOTATION_CREATED")
    rows: list[tuple[str, object]] = [
        (words("demo.tasks"), imported),
        (words("demo.drafts"), drafts["stored"] + drafts["already_there"]),
        *((words(f"demo.{name}"), count) for name, count in done.items()),
        (words("demo.disagreed"), disagreed),
        (words("demo.events"), events),
    ]
    return rows, outcome


def _import(station: Station, kind: Kind, project: int, out: Path) -> int:
    """Import the sample rows the way a user's own file goes; return how many tasks there are."""
    from goldleaf.core.files import write_atomically
    from goldleaf.sources.intake import read_file
    from goldleaf.studio.tasks import import_tasks

    lines = [json.dumps(row, ensure_ascii=False) for row in kind.sample_tasks()]
    file = out / "sample.jsonl"
    write_atomically(file, ("\n".join(lines) + "\n").encode())
    intake = read_file(file, "feedback", licence="Apache-2.0", consent="written for goldleaf")
    tasks: list[dict[str, Any]] = []
    for reading in intake:
        if reading.reason:
            raise GoldleafError(f"A sample row is bad: {reading.reason}", where=reading.key)
        tasks += [kind.codec.show(record) for record in reading.records]
    outcome = import_tasks(station.studio.studio, project, tasks)
    return outcome.created + outcome.already_there


def _account(station: Station, email: str) -> Any:
    """Return Label Studio seen through a scripted account; its password is kept for next time."""
    import secrets

    from goldleaf.studio.accounts import create_account

    data = station.studio.data
    name = email.partition("@")[0]
    kept = data.secret(name) or {"password": secrets.token_urlsafe(24)}
    data.keep_secret(name, kept)
    return create_account(station.studio.studio, email, kept["password"])


def _export(station: Station, settings: Settings, project: int, out: Path) -> Outcome:
    from goldleaf.cli.answers import open_answers
    from goldleaf.exporters.check import check
    from goldleaf.exporters.export import export
    from goldleaf.exporters.recipe import load

    answers = open_answers(f"project:{project}", settings, station.studio.studio)
    outcome = export(
        answers.readings,
        load(),
        out / "export",
        lang=settings.language,
        inputs=[answers.described],
    )
    if findings := check(outcome.out):
        told = "; ".join(f"{f.code} {f.where}" for f in findings)
        raise GoldleafError(f"The export is not whole: {told}", where=str(outcome.out))
    return outcome
