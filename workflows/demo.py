"""The whole loop with scripted annotators: import, drafts, answers, export, check."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.settings import Settings
from goldleaf.core.translations import Translations
from goldleaf.workflows.demo_annotator import (
    FIRST,
    SECOND,
    SECOND_OPINIONS,
    annotate,
    disagree,
    draft_of,
)
from goldleaf.workflows.demo_model import DemoModel

if TYPE_CHECKING:
    from goldleaf.exporters.report.export_summary import Outcome
    from goldleaf.label_configs.demo_script import DemoAnswers
    from goldleaf.label_configs.kind import Kind
    from goldleaf.studio.client import Studio
    from goldleaf.workflows.local_stack import LocalStack

Draft = Callable[["Studio", int, Path], dict[str, int]]
"""Drafts for every task of a project, with the folder of what was learned; returns counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the demo did: counts by kind, webhook events that arrived, and the export.

    `written_by` names the model that wrote answers to prompts, "" where none could be made; `wrote`
    is how many prompts it answered.
    """

    counts: dict[str, dict[str, int]]
    events: int
    written_by: str = ""
    wrote: int = 0
    export: Outcome


@dataclass(frozen=True, slots=True)
class Annotators:
    """Label Studio as the two scripted annotators see it; logging in takes half a second each."""

    first: Studio
    second: Studio


def run_demo(
    out: Path,
    settings: Settings,
    *,
    draft: Draft,
    waiting: Callable[[], AbstractContextManager[Callable[[float], None] | None]] = nullcontext,
    notify: Callable[[str], None] = lambda message: None,
) -> DemoResult:
    """Run the whole loop without a person; nothing is left running.

    Args:
        out: the folder for everything the demo makes; its data directory is `out/state`.
        settings: with that data directory, and the language.
        draft: drafts for every task of a project.
        waiting: entered while Label Studio starts; what it yields is called with seconds.
        notify: called with what begins now, in the language of the settings.

    Raises:
        UsageError: the folder holds something else.
        GoldleafError: the export is not complete.
    """
    from goldleaf.label_configs.registry import kinds
    from goldleaf.workflows.local_stack import running

    words = Translations(settings.language)
    if out.exists() and any(out.iterdir()) and not (out / "state").is_dir():
        raise UsageError("This folder holds something else.", where=str(out), fix="name another")
    out.mkdir(parents=True, exist_ok=True)
    with (
        DemoModel(settings, out / "generated.jsonl") as model,
        running(settings.state, waiting=waiting) as stack,
        _account(stack, FIRST) as first,
        _account(stack, SECOND) as second,
    ):
        annotators = Annotators(first, second)
        counts: dict[str, dict[str, int]] = {}
        projects: list[int] = []
        for kind in kinds().values():
            if kind.demo_answers is None:
                notify(words("demo.no_script", kind=kind.title(words.lang)))
                continue
            notify(words("demo.kind", kind=kind.title(words.lang)))
            project = stack.project_of(kind.name, words.lang)
            stack.attach(project)
            projects.append(project)
            imported = stack.import_samples(kind, project, out)
            counts[kind.name] = {"tasks": imported}
            counts[kind.name] |= _annotated(
                stack, annotators, kind, kind.demo_answers, project, draft
            )
        written = _written(stack, annotators, settings, model, counts, draft, notify)
        notify(words("demo.export"))
        outcome = _export(stack, settings, projects, out, notify)
        events = stack.backend.seen("ANNOTATION_CREATED")
    name, wrote = written
    return DemoResult(counts=counts, events=events, export=outcome, written_by=name, wrote=wrote)


def _written(
    stack: LocalStack,
    annotators: Annotators,
    settings: Settings,
    model: DemoModel,
    counts: dict[str, dict[str, int]],
    draft: Draft,
    notify: Callable[[str], None],
) -> tuple[str, int]:
    """Have the demo's own model answer prompts, and the script choose; return who wrote how many.

    ("", 0) where no model can be made.
    """
    from goldleaf.core.record_files import read_records
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.task_import import import_tasks

    words = Translations(settings.language)
    kind = kind_named("preference")
    if kind.demo_answers is None or not model.is_possible():
        notify(words("demo.no_model"))
        return "", 0
    notify(words("demo.model"))
    made = model.made()
    if made is None:
        notify(words("demo.model_failed"))
        return "", 0
    project = stack.project_of(kind.name, words.lang)
    tasks = [kind.codec.to_task(record) for record in read_records(model.out)]
    done = import_tasks(stack.studio.studio, project, tasks)
    imported = done.created + done.already_there
    more = {"tasks": imported} | _annotated(
        stack, annotators, kind, kind.demo_answers, project, draft
    )
    before = counts[kind.name]
    counts[kind.name] = {name: before[name] + count for name, count in more.items()}
    counts[kind.name]["drafts"] = more["drafts"]
    return model.folder.name, made.records


def _annotated(
    stack: LocalStack,
    annotators: Annotators,
    kind: Kind,
    script: DemoAnswers,
    project: int,
    draft: Draft,
) -> dict[str, int]:
    """Take the tasks of a kind through drafts and answers; return counts."""
    from goldleaf.studio.annotation_stream import stream_tasks

    studio = stack.studio.studio
    draft(studio, project, stack.studio.data.models)
    tasks = list(stream_tasks(studio, project))
    drafted = sum(draft_of(task) is not None for task in tasks)
    done = annotate(annotators.first, kind, script, tasks)
    again = {task["id"] for task in tasks[::SECOND_OPINIONS]}
    answered = stream_tasks(studio, project, only_submitted=True)
    done.disagreed = disagree(
        annotators.second, kind, script, [task for task in answered if task["id"] in again]
    )
    return {"drafts": drafted, **done.plain()}


def _account(stack: LocalStack, email: str) -> Studio:
    """Return Label Studio seen through a scripted account; its password is kept for next time."""
    from goldleaf.studio.accounts import create_account

    data = stack.studio.data
    name = email.partition("@")[0]
    kept = data.secret(name) or {"password": secrets.token_urlsafe(24)}
    data.keep_secret(name, kept)
    return create_account(stack.studio.studio, email, kept["password"])


def _export(
    stack: LocalStack,
    settings: Settings,
    projects: list[int],
    out: Path,
    notify: Callable[[str], None],
) -> Outcome:
    from goldleaf.workflows.check import check
    from goldleaf.workflows.export import export

    outcome = export(
        [f"project:{number}" for number in projects],
        out / "export",
        settings=settings,
        studio=stack.studio.studio,
        notify=notify,
    )
    if findings := check(outcome.out).findings:
        found = "; ".join(f"{f.code} {f.where}" for f in findings)
        raise GoldleafError(f"The export is not whole: {found}", where=str(outcome.out))
    return outcome
