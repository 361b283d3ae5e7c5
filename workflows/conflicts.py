"""Tasks of a project whose answers contradict each other and that nothing has settled yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldleaf.core.settings import Settings

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.recipes.recipe import Recipe
    from goldleaf.studio.client import Studio
    from goldleaf.studio.projects import Project

_TASK = re.compile(r"project:(\d+)/task:(\d+)/")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A task of Label Studio and those of its submitted annotations that count.

    Each annotator's newest, by number; fewer than two where the contradiction is with other tasks.
    """

    task: Mapping[str, Any]
    annotations: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Conflicts:
    """What `find_conflicts` found; `shared` counts the tasks with two answers or more."""

    found: tuple[Conflict, ...]
    shared: int


def find_conflicts(
    studio: Studio, project: Project, settings: Settings, recipe: Recipe | None = None
) -> Conflicts:
    """Return the tasks that an export with this recipe would drop for contradictions.

    Tasks that an adjudicator settled are none of them, and no gold questions are.

    Args:
        studio: where.
        project: as Label Studio describes it.
        settings: hold the key of the pseudonyms.
        recipe: its policy decides what is settled; the plain recipe by default.

    Raises:
        UsageError: the project's answers cannot be read.
        GoldleafError: Label Studio cannot give a task, or the disk of temporary files is full.
    """
    from goldleaf.exporters.ingest.build_examples import IngestConfig
    from goldleaf.exporters.ingest.ingest import ingest
    from goldleaf.exporters.ingest.spill_files import temporary_folder
    from goldleaf.exporters.planning.contested import contested
    from goldleaf.label_configs.read_annotations import read_task
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.task_identity import task_hash
    from goldleaf.workflows.adjudicated import adjudicated_answers
    from goldleaf.workflows.export_sources import reader_of
    from goldleaf.workflows.gold_key import key_name, read_key
    from goldleaf.workflows.recipes import load_recipe

    number = int(project["id"])
    questions = read_key(settings.state, key_name(studio.url, project)).questions
    reader, _ = reader_of(project, studio, settings, None)
    tasks: dict[int, Mapping[str, Any]] = {}
    readable: set[int] = set()

    def readings() -> Iterator[InputResult]:
        given = stream_tasks(studio, number, only_submitted=True, answers=2, described=project)
        for task in given:
            if task_hash(task["data"]) in questions:
                continue
            tasks[int(task["id"])] = task
            for result in read_task(task, reader):
                readable.update(p.annotation or 0 for r in result.records for p in r.parents)
                yield result
        for source in adjudicated_answers(studio, project, settings):
            yield from source.readings

    chosen = load_recipe(recipe)
    with temporary_folder("goldleaf-conflicts-") as folder:
        ingested = ingest(readings(), IngestConfig(chosen, ("trl",), folder))
        keys = contested(ingested, chosen)
    places = (match.groups() for key in keys if (match := _TASK.match(key)))
    numbers = {int(task) for at, task in places if int(at) == number}
    found = [
        Conflict(tasks[n], _counting(tasks[n], readable)) for n in sorted(numbers & set(tasks))
    ]
    return Conflicts(tuple(found), len(tasks))


def _counting(task: Mapping[str, Any], readable: set[int]) -> tuple[Mapping[str, Any], ...]:
    """Return each annotator's newest readable annotation of a task, by number."""
    newest: dict[Any, Mapping[str, Any]] = {}
    for annotation in task["annotations"]:
        if annotation.get("was_cancelled") or int(annotation["id"]) not in readable:
            continue
        who = annotation.get("completed_by")
        who = ("nobody", annotation["id"]) if who is None else str(who)
        known = newest.get(who)
        if known is None or str(annotation["updated_at"]) > str(known["updated_at"]):
            newest[who] = annotation
    return tuple(sorted(newest.values(), key=lambda each: int(each["id"])))
