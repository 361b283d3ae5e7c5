"""Rows of a file as tasks of a Label Studio project; a repeated import adds nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import StudioUnreachable, UsageError
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.fitting_records import fitting_records
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.label_configs.kind import Codec
    from goldleaf.sources.read_file import SourceFile
    from goldleaf.studio.client import Studio
    from goldleaf.workflows.import_findings import ImportFindings


def import_to_project(
    rows: SourceFile,
    project: int,
    findings: ImportFindings | None = None,
    settings: Settings | None = None,
    *,
    kind: str | None = None,
    limit: int | None = None,
    progress: Callable[[float], None] = lambda tasks: None,
    notify: Callable[[str], None] = lambda message: None,
) -> dict[str, int]:
    """Import a file's rows as tasks.

    Args:
        rows: the file, opened by `open_rows`.
        project: the project's number.
        findings: counts the rows, rejected ones by reason.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        kind: the kind that the project must have; any by default.
        limit: read this many rows only.
        progress: called with how many tasks are done.
        notify: called with what the user should know.

    Returns:
        How many tasks were created and were there already: `{"created", "already_there"}`.

    Raises:
        UsageError: there is no such project, it is of another kind or of none of goldleaf's, or no
            Label Studio is configured.
    """
    from goldleaf.core.file_lock import locked
    from goldleaf.workflows.import_findings import ImportFindings

    settings, findings = settings or load(), findings or ImportFindings()
    waiting = f"Another import into project {project} is running; waiting for it to end."
    with open_studio(settings) as studio:
        lock = settings.state.create().import_lock(studio.url, project)
        with locked(lock, waiting=lambda: notify(waiting)):
            usable = findings.usable(islice(rows, limit))
            counts = _import(usable, project, findings, studio, kind, progress, notify)
            _mix(studio, project, settings, notify)
            return counts


def _import(
    usable: Iterator[InputResult],
    project: int,
    findings: ImportFindings,
    studio: Studio,
    name: str | None,
    progress: Callable[[float], None],
    notify: Callable[[str], None],
) -> dict[str, int]:
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.label_configs.table_columns import curation_found
    from goldleaf.studio.projects import project_kind
    from goldleaf.studio.task_import import import_tasks

    kind = project_kind(studio, project)
    if name is not None and kind_named(name) is not kind:
        raise UsageError(
            f"Project {project} is of the kind {kind.name}, not {name}.",
            fix="name another project, or make one: goldleaf project new " + name,
        )
    keys: list[str] = []
    found: list[str] = []
    curated = False

    def tasks() -> Iterator[Mapping[str, Any]]:
        nonlocal curated
        for result in usable:
            curated |= any(record.tags.verdicts for record in result.records)
            for task in tasks_of(result, kind.codec, findings):
                keys.append(result.key)
                found.append(curation_found(task))
                yield task

    outcome = import_tasks(studio, project, tasks(), progress=progress)
    for position, why in outcome.refused:
        findings.reject(keys[position], "refused_by_label_studio", why)
    if outcome.updated:
        notify(f"  {outcome.updated} tasks that were there name their new origin or licence now")
    if curated:
        _show_findings(studio, project, notify)
        there = outcome.already_there
        other = there and _otherwise_found(studio, project, outcome.task_ids, found)
        if other:
            notify(f"  {other} tasks that were there keep their old findings: they got no new ones")
    return {"created": outcome.created, "already_there": outcome.already_there}


def _show_findings(studio: Studio, project: int, notify: Callable[[str], None]) -> None:
    """Give a project the tab of what a curation found, where it has none."""
    from goldleaf.studio.data_manager_views import OF_CURATION, add_tabs
    from goldleaf.studio.projects import get_project
    from goldleaf.workflows.project_tabs import config_language

    try:
        config = str(get_project(studio, project)["label_config"])
        add_tabs(studio, project, config, config_language(config), only=(OF_CURATION,))
    except StudioUnreachable:  # the tasks are there, and people can work without
        notify(f"  the tab of findings was not made: make it by goldleaf project tabs {project}")


def _otherwise_found(
    studio: Studio, project: int, tasks: Sequence[int | None], found: Sequence[str]
) -> int:
    """Return how many tasks of a project have other findings than those they came with now."""
    from goldleaf.label_configs.table_columns import curation_found
    from goldleaf.studio.existing_tasks import pass_over
    from goldleaf.studio.task_pagination import iterate_tasks

    came: dict[int, set[str]] = {}
    for task, text in zip(tasks, found, strict=True):
        if task is not None:
            came.setdefault(task, set()).add(text)
    rows = iterate_tasks(studio, project, include=("id", "data"), unreadable=pass_over)
    return sum(
        curation_found(row["data"]) not in came[row["id"]] for row in rows if row["id"] in came
    )


def _mix(studio: Studio, number: int, settings: Settings, notify: Callable[[str], None]) -> None:
    """Mix in gold questions, and have tasks shared, as it was asked of this project before."""
    from goldleaf.studio.overlap import apply_overlap, kept_overlap
    from goldleaf.studio.projects import get_project
    from goldleaf.workflows.gold_key import keep_key, key_name, read_key
    from goldleaf.workflows.gold_questions import ask

    project = get_project(studio, number)
    name = key_name(studio.url, project)
    key = read_key(settings.state, name)
    if key.asked:
        key = ask(studio, number, key)
        keep_key(settings.state, name, key)
    if wanted := kept_overlap(project):
        shared = apply_overlap(studio, number, wanted, apart=key.questions)
        if shared.raised:
            notify(f"  {shared.raised} more tasks are answered by {wanted.people} people")


def tasks_of(result: InputResult, codec: Codec, findings: ImportFindings) -> list[dict[str, Any]]:
    """Return the data of a row's tasks; `findings` reject it if none of its records fits the kind.

    Of rows of which only a share is drawn for people to check, the others become no task.
    """
    drawn = [r for r in result.records if r.tags.signals.get("spot_check") != 0]
    tasks = [task for _, task in fitting_records(result.key, drawn, codec, findings)]
    findings.left_out["not_drawn"] += len(result.records) - len(drawn)
    return tasks
