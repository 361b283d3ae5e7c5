"""Rows of a file as tasks of a Label Studio project; a repeated import adds nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
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
    from goldleaf.studio.task_findings import CurationRun
    from goldleaf.workflows.import_findings import ImportFindings


def import_to_project(
    rows: SourceFile,
    project: int,
    findings: ImportFindings | None = None,
    settings: Settings | None = None,
    *,
    kind: str | None = None,
    limit: int | None = None,
    screened: Path | None = None,
    progress: Callable[[float], None] = lambda tasks: None,
    updating: Callable[[float, float], None] = lambda done, of: None,
    notify: Callable[[str], None] = lambda message: None,
) -> dict[str, int]:
    """Import a file's rows as tasks.

    Tasks that are there already get what a curation found of their rows now; their answers, drafts
    and texts are not touched.

    Args:
        rows: the file, opened by `open_rows`.
        project: the project's number.
        findings: counts the rows, rejected ones by reason.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        kind: the kind that the project must have; any by default.
        limit: read this many rows only.
        screened: the `records.jsonl` of the curation that the rows come from; by default `rows`
            themselves, where they are one.
        progress: called with how many tasks are done.
        updating: called with how many of the tasks that may get other findings are done, and their
            number.
        notify: called with what the user should know.

    Returns:
        How many tasks were created and were there already, and, of rows that were curated, how many
        of the latter have other findings now: `{"created", "already_there", "findings_updated"}`.

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
            run = _curation(screened or rows.path)
            counts = _import(
                *(usable, project, findings, studio, kind, run), progress, updating, notify
            )
            _mix(studio, project, settings, notify)
            return counts


def _import(
    usable: Iterator[InputResult],
    project: int,
    findings: ImportFindings,
    studio: Studio,
    name: str | None,
    run: CurationRun,
    progress: Callable[[float], None],
    updating: Callable[[float, float], None],
    notify: Callable[[str], None],
) -> dict[str, int]:
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.projects import project_kind
    from goldleaf.studio.task_import import import_tasks

    kind = project_kind(studio, project)
    if name is not None and kind_named(name) is not kind:
        raise UsageError(
            f"Project {project} is of the kind {kind.name}, not {name}.",
            fix="name another project, or make one: goldleaf project new " + name,
        )
    keys: list[str] = []
    curated = run.whole

    def tasks() -> Iterator[Mapping[str, Any]]:
        nonlocal curated
        for result in usable:
            for task in tasks_of(result, kind.codec, findings):
                curated = curated or run.screened(task)
                keys.append(result.key)
                yield task

    outcome = import_tasks(
        *(studio, project, tasks()), curation=run, progress=progress, updating=updating
    )
    for position, why in outcome.refused:
        findings.reject(keys[position], "refused_by_label_studio", why)
    if outcome.updated:
        notify(f"  {outcome.updated} tasks that were there name their new origin or licence now")
    if outcome.edited:
        notify(f"  {outcome.edited} tasks that were changed since keep their old findings")
    counts = {"created": outcome.created, "already_there": outcome.already_there}
    if not curated:
        return counts
    _show_findings(studio, project, notify)
    return {**counts, "findings_updated": outcome.findings_updated}


def _curation(records: Path) -> CurationRun:
    """Return what is known of the curation that wrote a file of records."""
    from goldleaf.core.json_values import list_or_empty
    from goldleaf.studio.task_findings import CurationRun
    from goldleaf.workflows.curation_folder import manifest_of

    manifest = manifest_of(records)
    if manifest is None:
        return CurationRun()
    names = ("evaluations", "evaluation_sets")
    compared = [str(each) for name in names for each in list_or_empty(manifest.get(name))]
    return CurationRun(whole=True, evaluations=compared)


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
