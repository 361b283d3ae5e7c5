"""`goldleaf demo`: the whole loop without a person."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
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
    from goldleaf.exporters.export import Outcome
    from goldleaf.label_configs.kind import Kind


def demo(
    out: Annotated[Path, typer.Option(help="The folder for everything the demo makes.")],
    lang: LangOption = None,
) -> None:
    """Run the whole loop without a person.

    Boots, imports, drafts, annotates by script, exports, checks, and leaves nothing running.
    """
    from goldleaf.cli.export import summary
    from goldleaf.cli.station import running
    from goldleaf.core.translations import Translations
    from goldleaf.label_configs.catalogue import kinds

    settings = settings_of(out / "state", lang=lang)
    words = Translations(settings.language)
    if out.exists() and any(out.iterdir()) and not (out / "state").is_dir():
        raise UsageError("This folder holds something else.", where=str(out), fix="name another")
    out.mkdir(parents=True, exist_ok=True)
    with running(settings.state, words=words) as station:
        counts: dict[str, dict[str, int]] = {}
        projects: list[int] = []
        for kind in kinds().values():
            note(words("demo.kind", kind=kind.title(settings.language)))
            project = station.project_of(kind.name, settings.language)
            station.attach(project)
            projects.append(project)
            counts[kind.name] = _annotated(station, kind, project, out)
        note(words("demo.export"))
        outcome = _export(station, settings, projects, out)
        events = station.backend.seen("ANNOTATION_CREATED")
    say(words("demo.title"))
    names = next(iter(counts.values()))
    said = [(words(f"demo.{name}"), *(c[name] for c in counts.values())) for name in names]
    say(table([("", *counts), *said]))
    say()
    say(words("demo.events", count=events))
    say()
    say(summary(outcome, words))
    say()
    say(words("demo.card", path=outcome.out / "README.md"))


def _annotated(station: Station, kind: Kind, project: int, out: Path) -> dict[str, int]:
    """Take the sample tasks of a kind through import, drafts and answers; return counts."""
    from goldleaf.cli import prelabel
    from goldleaf.cli.demo_annotator import FIRST, SECOND, annotate, disagree
    from goldleaf.studio.annotations import stream_tasks

    studio = station.studio.studio
    imported = station.import_samples(kind, project, out)
    drafts = prelabel.run(studio, project, station.studio.data.models)
    with _account(station, FIRST) as first, _account(station, SECOND) as second:
        done = annotate(first, kind, list(stream_tasks(studio, project)))
        done.disagreed = disagree(second, kind, list(stream_tasks(studio, project)))
    drafted = drafts["stored"] + drafts["already_there"]
    return {"tasks": imported, "drafts": drafted, **done.plain()}


def _account(station: Station, email: str) -> Any:
    """Return Label Studio seen through a scripted account; its password is kept for next time."""
    import secrets

    from goldleaf.studio.accounts import create_account

    data = station.studio.data
    name = email.partition("@")[0]
    kept = data.secret(name) or {"password": secrets.token_urlsafe(24)}
    data.keep_secret(name, kept)
    return create_account(station.studio.studio, email, kept["password"])


def _export(station: Station, settings: Settings, projects: Sequence[int], out: Path) -> Outcome:
    from goldleaf.cli.answers import open_answers
    from goldleaf.exporters.checking.check import check
    from goldleaf.exporters.export import export
    from goldleaf.exporters.recipes.file import load

    studio = station.studio.studio
    answers = [open_answers(f"project:{number}", settings, studio) for number in projects]
    outcome = export(
        chain.from_iterable(each.readings for each in answers),
        load(),
        out / "export",
        lang=settings.language,
        inputs=[each.described for each in answers],
    )
    if findings := check(outcome.out):
        told = "; ".join(f"{f.code} {f.where}" for f in findings)
        raise GoldleafError(f"The export is not whole: {told}", where=str(outcome.out))
    return outcome
