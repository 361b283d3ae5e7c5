"""`goldleaf demo`: the whole loop without a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.options import LangOption, settings_of
from goldleaf.cli.output import note, say, starting, table
from goldleaf.core.errors import GoldleafError, UsageError

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.exporters.report.export_summary import Outcome
    from goldleaf.label_configs.demo_script import DemoAnswers
    from goldleaf.label_configs.kind import Kind
    from goldleaf.workflows.local_stack import LocalStack


def demo(
    out: Annotated[Path, typer.Option(help="The folder for everything the demo makes.")],
    lang: LangOption = None,
) -> None:
    """Run the whole loop without a person.

    Boots, imports, drafts, annotates by script, exports, checks, and leaves nothing running.
    """
    from goldleaf.cli.export import summary
    from goldleaf.core.translations import Translations
    from goldleaf.label_configs.registry import kinds
    from goldleaf.workflows.local_stack import running

    settings = settings_of(out / "state", lang=lang)
    words = Translations(settings.language)
    if out.exists() and any(out.iterdir()) and not (out / "state").is_dir():
        raise UsageError("This folder holds something else.", where=str(out), fix="name another")
    out.mkdir(parents=True, exist_ok=True)
    with running(settings.state, waiting=partial(starting, words)) as stack:
        counts: dict[str, dict[str, int]] = {}
        projects: list[int] = []
        for kind in kinds().values():
            if kind.demo_answers is None:
                note(words("demo.no_script", kind=kind.title(settings.language)))
                continue
            note(words("demo.kind", kind=kind.title(settings.language)))
            project = stack.project_of(kind.name, settings.language)
            stack.attach(project)
            projects.append(project)
            counts[kind.name] = _annotated(stack, kind, kind.demo_answers, project, out)
        note(words("demo.export"))
        outcome = _export(stack, settings, projects, out)
        events = stack.backend.seen("ANNOTATION_CREATED")
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


def _annotated(
    stack: LocalStack, kind: Kind, script: DemoAnswers, project: int, out: Path
) -> dict[str, int]:
    """Take the sample tasks of a kind through import, drafts and answers; return counts."""
    from goldleaf.cli import prelabel
    from goldleaf.cli.demo_annotator import FIRST, SECOND, annotate, disagree
    from goldleaf.studio.annotations import stream_tasks

    studio = stack.studio.studio
    imported = stack.import_samples(kind, project, out)
    drafts = prelabel.draft(studio, project, stack.studio.data.models)
    with _account(stack, FIRST) as first, _account(stack, SECOND) as second:
        done = annotate(first, kind, script, list(stream_tasks(studio, project)))
        done.disagreed = disagree(second, kind, script, list(stream_tasks(studio, project)))
    drafted = drafts["stored"] + drafts["already_there"]
    return {"tasks": imported, "drafts": drafted, **done.plain()}


def _account(stack: LocalStack, email: str) -> Any:
    """Return Label Studio seen through a scripted account; its password is kept for next time."""
    import secrets

    from goldleaf.studio.accounts import create_account

    data = stack.studio.data
    name = email.partition("@")[0]
    kept = data.secret(name) or {"password": secrets.token_urlsafe(24)}
    data.keep_secret(name, kept)
    return create_account(stack.studio.studio, email, kept["password"])


def _export(stack: LocalStack, settings: Settings, projects: Sequence[int], out: Path) -> Outcome:
    from goldleaf.workflows.check import check
    from goldleaf.workflows.export import export

    outcome = export(
        [f"project:{number}" for number in projects],
        out / "export",
        settings=settings,
        studio=stack.studio.studio,
        notify=note,
    )
    if findings := check(outcome.out).findings:
        told = "; ".join(f"{f.code} {f.where}" for f in findings)
        raise GoldleafError(f"The export is not whole: {told}", where=str(outcome.out))
    return outcome
