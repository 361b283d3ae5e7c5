"""Contradictory answers of a project made tasks of a project of their own, for an adjudicator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings, load
from goldleaf.core.translations import Translations
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations as Words
    from goldleaf.label_configs.kind import Kind
    from goldleaf.recipes.recipe import Recipe
    from goldleaf.studio.client import Studio
    from goldleaf.studio.projects import Project
    from goldleaf.workflows.conflicts import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """How the conflicts of one project are settled.

    `project` is theirs, `settled_in` the adjudicator's project (None while there was nothing to
    settle) at `url`. `shared` counts tasks with two answers or more; `conflicts` those whose
    answers contradict each other and that nobody has settled; of these `created` are new as tasks,
    `changed` show answers that changed since, `elsewhere` are contradicted by other tasks alone.
    Of the adjudicator's tasks `waiting` have no answer, `settled` have one, `twice` several (the
    newest counts), `skipped` were only skipped, and `gone` settle a task that is deleted.
    """

    project: int
    settled_in: int | None = None
    url: str = ""
    shared: int = 0
    conflicts: int = 0
    created: int = 0
    changed: int = 0
    elsewhere: int = 0
    waiting: int = 0
    settled: int = 0
    twice: int = 0
    skipped: int = 0
    gone: int = 0


def adjudicate(
    numbers: Iterable[int],
    *,
    recipe: Recipe | None = None,
    settings: Settings | None = None,
    notify: Callable[[str], None] = lambda message: None,
) -> list[Adjudication]:
    """Make tasks of what is contested in projects, each in a project for its adjudicators.

    Repeating it adds what is new. The adjudicator's word settles the task in every later export.

    Args:
        numbers: the projects'.
        recipe: its policy decides what is settled without an adjudicator; the plain recipe by
            default.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        notify: called with what a person should know while another command does the same.

    Raises:
        UsageError: there is no such project, or its answers cannot be settled one for another.
    """
    from goldleaf.core.file_lock import locked

    settings = settings or load()
    found: list[Adjudication] = []
    with open_studio(settings) as studio:
        for number in dict.fromkeys(numbers):
            waiting = f"Another command settles project {number}; waiting for it to end."
            lock = settings.state.create().import_lock(studio.url, number)
            with locked(lock, waiting=lambda text=waiting: notify(text)):
                found.append(_adjudicate(studio, number, settings, recipe))
    return found


def _adjudicate(
    studio: Studio, number: int, settings: Settings, recipe: Recipe | None
) -> Adjudication:
    from goldleaf.studio.projects import get_project
    from goldleaf.studio.task_import import import_tasks
    from goldleaf.workflows.adjudicated import adjudication_projects
    from goldleaf.workflows.conflicts import find_conflicts

    project = get_project(studio, number)
    kind = _coverable(studio, project)
    words = Translations(settings.language)
    conflicts = find_conflicts(studio, project, settings, recipe)
    known = adjudication_projects(studio, project)
    tasks = [
        (conflict, _task(conflict, project, kind, words))
        for conflict in conflicts.found
        if len(conflict.annotations) > 1
    ]
    counted = Adjudication(
        project=number,
        conflicts=len(conflicts.found),
        elsewhere=len(conflicts.found) - len(tasks),
        shared=conflicts.shared,
    )
    if not known and not tasks:
        return counted
    widest = max((len(conflict.annotations) for conflict, _ in tasks), default=2)
    place = _project(studio, project, known, words, widest)
    before = _state(studio, place)
    changed = _change(studio, before, [data for _, data in tasks])
    there = {str(each.of) for each in before}
    fresh = [data for _, data in tasks if _of(data) not in there]
    created = import_tasks(studio, place, fresh).created
    state = _state(studio, place)
    return replace(
        counted,
        settled_in=place,
        url=f"{studio.url}/projects/{place}/data",
        created=created,
        changed=changed,
        waiting=sum(not each.answers and not each.skips for each in state),
        settled=sum(each.answers > 0 for each in state),
        twice=sum(each.answers > 1 for each in state),
        skipped=sum(each.skips > 0 and not each.answers for each in state),
        gone=_gone(studio, number, state),
    )


def _coverable(studio: Studio, project: Project) -> Kind:
    from goldleaf.label_configs.adjudication import PARTIAL
    from goldleaf.label_configs.adjudication_screen import is_adjudication
    from goldleaf.studio.projects import project_kind

    number = int(project["id"])
    kind = project_kind(studio, number, project)
    if is_adjudication(project["label_config"]):
        raise UsageError(
            f"Project {number} is itself one in which conflicts are settled.",
            where=studio.url,
            fix="name the project whose answers contradict each other",
        )
    if kind.name in PARTIAL:
        raise UsageError(
            f"Answers of the kind {kind.name} are verdicts on many parts, so none is taken whole.",
            where=f"project {number}",
            fix=f"ask one more annotator: goldleaf project overlap {number} --overlap 3",
        )
    return kind


def _task(conflict: Conflict, project: Project, kind: Kind, words: Words) -> dict[str, Any]:
    """Return the adjudicator's task of a conflict."""
    from goldleaf.core.json_values import object_or_empty, objects_in
    from goldleaf.label_configs.adjudication import ContestedAnswer, shuffled, with_answers
    from goldleaf.label_configs.adjudication_screen import PLACES, SHOWN, answers_html
    from goldleaf.label_configs.regions import to_values
    from goldleaf.label_configs.screen import parse
    from goldleaf.studio.task_identity import task_hash

    config = str(project["label_config"])
    screen = kind.with_retired(parse(config))
    drafts = {each.get("id"): each for each in objects_in(conflict.task.get("predictions"))}
    given: list[ContestedAnswer] = []
    for annotation in conflict.annotations:
        parent = annotation.get("parent_prediction")
        draft = drafts.get(parent)
        given.append(
            ContestedAnswer(
                int(annotation["id"]),
                annotation["result"],
                [] if parent is None else None if draft is None else draft.get("result") or [],
                str(draft.get("model_version") or "") if draft else "",
            )
        )
    data = object_or_empty(conflict.task["data"])
    answers = shuffled(task_hash(data), given)[: len(PLACES)]
    values = [to_values(each.result, screen) for each in answers]
    shown = {**data, SHOWN: answers_html(config, values, data, words)}
    return with_answers(shown, int(project["id"]), int(conflict.task["id"]), answers)


def _project(
    studio: Studio, project: Project, known: list[Project], words: Words, answers: int
) -> int:
    """Return the project in which conflicts of another are settled; made where there is none.

    One whose screen shows fewer answers than are needed gets a screen for more.
    """
    from goldleaf.label_configs.adjudication_screen import CONTROL, adjudication_config
    from goldleaf.label_configs.safe_html import guide_html
    from goldleaf.label_configs.screen import parse
    from goldleaf.studio.projects import LONGEST_TITLE, create_configured, project_key
    from goldleaf.workflows.adjudicated import NOTE

    config = adjudication_config(str(project["label_config"]), words, answers)
    if known:
        number = int(known[0]["id"])
        shown = parse(str(known[0]["label_config"])).controls[CONTROL].choices
        if len(shown) <= answers:
            studio.patch(f"/api/projects/{number}/", {"label_config": config})
        return number
    title = words("adjudicate.title", title=project["title"])
    guide = guide_html(words("adjudicate.guide")) + str(project["expert_instruction"] or "")
    note = f"{NOTE}: {project_key(project)}"
    return create_configured(studio, title[:LONGEST_TITLE], config, guide, note=note)


@dataclass(frozen=True, slots=True)
class _Settling:
    """A task of the adjudicator's: which task it settles, which answers it shows, its answers."""

    id: int
    of: str
    shown: str
    answers: int
    skips: int


def _state(studio: Studio, place: int) -> list[_Settling]:
    from goldleaf.studio.existing_tasks import pass_over
    from goldleaf.studio.task_pagination import iterate_tasks

    wanted = ("id", "data", "total_annotations", "cancelled_annotations")
    rows = iterate_tasks(studio, place, include=wanted, unreadable=pass_over)
    return [
        _Settling(
            int(row["id"]),
            _of(row["data"]),
            _answers_in(row["data"]),
            int(row["total_annotations"] or 0),
            int(row["cancelled_annotations"] or 0),
        )
        for row in rows
    ]


def _of(data: Mapping[str, Any]) -> str:
    from goldleaf.label_configs.adjudication import adjudicates

    return adjudicates({"data": data})


def _answers_in(data: Mapping[str, Any]) -> str:
    import json

    from goldleaf.core.json_values import object_or_empty

    held = object_or_empty(data.get("goldleaf")).get("adjudicates")
    return json.dumps(held, sort_keys=True)


def _change(studio: Studio, state: list[_Settling], tasks: list[dict[str, Any]]) -> int:
    """Show the answers as they are now in tasks that nobody has answered; return how many."""
    wanted = {_of(data): data for data in tasks}
    changed = 0
    for each in state:
        data = wanted.get(each.of)
        if data and not each.answers and _answers_in(data) != each.shown:
            studio.patch(f"/api/tasks/{each.id}/", {"data": data})
            changed += 1
    return changed


def _gone(studio: Studio, number: int, state: list[_Settling]) -> int:
    """Return how many of the tasks that are settled here are deleted in their own project."""
    from goldleaf.studio.existing_tasks import pass_over
    from goldleaf.studio.task_pagination import iterate_tasks

    if not state:
        return 0
    rows = iterate_tasks(studio, number, include=("id",), unreadable=pass_over)
    there = {f"{number}/{row['id']}" for row in rows}
    return sum(each.of not in there for each in state)
