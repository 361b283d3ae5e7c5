"""Have Label Studio serve first what a recipe is short of: a pass, and what is kept between two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.settings import Settings, load
from goldleaf.core.translations import Translations
from goldleaf.workflows.kept_steering import (
    KeptSteering,
    recipe_of,
    steering_file,
    steering_folder,
)

if TYPE_CHECKING:
    from goldleaf.exporters.steering.needs import Facet, Need
    from goldleaf.exporters.steering.task_order import Candidate, NextTask
    from goldleaf.recipes.recipe import Recipe
    from goldleaf.studio.client import Studio
    from goldleaf.studio.projects import Project

HEAD = 20
"""Tasks at the head of the queue: each costs two short requests when it comes in."""
LOOKED_AT = 5_000
"""Unanswered tasks that are looked at, by rising id."""
Status: TypeAlias = Literal["steering", "sizes", "met", "unfillable", "stopped", "changed"]


@dataclass(frozen=True, slots=True)
class ServedNext:
    """A task of the head of the queue and why it is there, in the reader's language."""

    task: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """What a pass did.

    `status`: `steering`; `sizes`, only the number of rows is missing, which any answer serves;
    `met`, nothing is short, the former order is back; `unfillable`, no task can serve what is
    short, likewise; `stopped`, somebody asked for that; `changed`, the project's lead has changed
    its order, and `problem` says how. `needs`: what is short; `unfillable`: those that no task of
    the project is likely to serve; `sizes`: bounds that any answer serves; `first`: what is served
    next; `linked`: whether a backend drafts.
    """

    project: int
    status: Status
    needs: tuple[Need, ...] = ()
    unfillable: tuple[Need, ...] = ()
    sizes: tuple[str, ...] = ()
    first: tuple[ServedNext, ...] = ()
    tasks: int = 0
    linked: bool = True
    problem: GoldleafError | None = None

    @property
    def active(self) -> bool:
        """Whether the project is steered on after this pass."""
        return self.status in ("steering", "sizes")

    def plain(self) -> dict[str, Any]:
        """Return the pass as JSON-able values."""
        return {
            "project": self.project,
            "status": self.status,
            "needs": [need.plain() for need in self.needs],
            "unfillable": [need.key for need in self.unfillable],
            "sizes": list(self.sizes),
            "first": [asdict(each) for each in self.first],
            "tasks": self.tasks,
            "linked": self.linked,
            "problem": self.problem.what if self.problem else None,
        }


def steer(
    project: int,
    recipe: Recipe | Path | str | None = None,
    *,
    also: Sequence[str] = (),
    hard: bool = True,
    studio: Studio | None = None,
    settings: Settings | None = None,
    notify: Callable[[str], None] = lambda message: None,
) -> Steered:
    """Order a project's queue by what a recipe is short of; call it again as answers come in.

    Args:
        project: its number.
        recipe: a recipe, its file, or a model's size; that of the last pass by default.
        also: what the set holds beside the project's answers: sources as for `plan`.
        hard: prefer hard tasks among those that give the same.
        studio: an open Label Studio to use instead of the settings' one.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        notify: called with what a person should know of the project while it is read.

    Raises:
        UsageError: no recipe is named and none is kept; the project is steered by another one; it
            has no tasks; or another process steers it right now.
    """
    from goldleaf.core.file_lock import locked
    from goldleaf.studio.projects import get_project, project_kind
    from goldleaf.workflows.label_studio_connection import open_studio
    from goldleaf.workflows.recipes import load_recipe

    settings = settings or load()
    opened = studio or open_studio(settings)
    try:
        described = get_project(opened, project)
        file = steering_file(settings, opened.url, described)
        with locked(file.with_suffix(".lock")):
            kept = KeptSteering.read(file)
            if recipe is not None:
                wanted = load_recipe(recipe)
            elif kept is not None:
                wanted = recipe_of(kept)
            else:
                fix = "name one with --recipe or --model"
                raise UsageError(f"Project {project} is not steered by any recipe.", fix=fix)
            text = wanted.text()
            if kept is not None and kept.recipe != text:
                raise UsageError(
                    f"Project {project} is steered by another recipe.",
                    where=str(file),
                    fix=f"end that with goldleaf steer {project} --stop, then steer by this one",
                )
            if not described["task_number"]:
                fix = f"import some: goldleaf import FILE --project {project}"
                raise UsageError(f"Project {project} has no tasks.", fix=fix)
            kind = project_kind(opened, project, described)
            sources = tuple(also) or (kept.also if kept else ())
            run = _Pass(opened, described, settings, wanted, kind.name, notify)
            return run.go(
                kept, file, sources, hard=hard if recipe is not None or kept is None else kept.hard
            )
    finally:
        if studio is None:
            opened.close()


def stop_steering(
    project: int, *, studio: Studio | None = None, settings: Settings | None = None
) -> Steered:
    """End a steering and give the project its former order back.

    Raises:
        UsageError: the project is not steered from this data directory.
    """
    from goldleaf.core.file_lock import locked
    from goldleaf.studio.projects import get_project
    from goldleaf.studio.steered_queue import restore
    from goldleaf.workflows.label_studio_connection import open_studio

    settings = settings or load()
    opened = studio or open_studio(settings)
    try:
        file = steering_file(settings, opened.url, get_project(opened, project))
        with locked(file.with_suffix(".lock")):
            kept = KeptSteering.read(file)
            if kept is None:
                where, fix = str(settings.state.path), "name the --data-dir that steers it"
                raise UsageError(
                    f"Project {project} is not steered from here.", where=where, fix=fix
                )
            restore(opened, project, kept.queue)
            file.unlink()
        return Steered(project=project, status="stopped")
    finally:
        if studio is None:
            opened.close()


def steered_projects(
    studio: Studio, settings: Settings, damaged: Callable[[UsageError], None] | None = None
) -> list[int]:
    """Return the projects of a Label Studio that are steered from the data directory.

    Args:
        studio: the Label Studio.
        settings: name the data directory.
        damaged: called with the error of each file that cannot be read, which is then left out.

    Raises:
        UsageError: a file cannot be read, and there is no `damaged`.
    """
    found: list[int] = []
    for file in sorted(steering_folder(settings, studio.url).glob("*.json")):
        try:
            kept = KeptSteering.read(file)
        except UsageError as error:
            if damaged is None:
                raise
            damaged(error)
        else:
            found += [kept.project] if kept else []
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass over one project."""

    studio: Studio
    described: Project
    settings: Settings
    recipe: Recipe
    kind: str
    notify: Callable[[str], None]

    @property
    def number(self) -> int:
        return int(self.described["id"])

    def go(
        self, kept: KeptSteering | None, file: Path, also: tuple[str, ...], *, hard: bool
    ) -> Steered:
        """Read the plan, order the queue, and keep or end the steering."""
        from goldleaf.exporters.steering.needs import needs, sizes_short
        from goldleaf.exporters.steering.task_order import next_tasks, unfillable
        from goldleaf.studio import steered_queue
        from goldleaf.studio.backend_link import backend_rows
        from goldleaf.workflows.export import plan
        from goldleaf.workflows.export_sources import open_source

        if kept is not None:
            try:
                steered_queue.check(self.studio, self.number, kept.queue, f"{self.kind}/")
            except steered_queue.QueueChanged as problem:
                steered_queue.restore(self.studio, self.number, kept.queue)
                file.unlink()
                return Steered(project=self.number, status="changed", problem=problem)
        own = open_source(f"project:{self.number}", self.settings, self.studio, self.notify)
        found = plan([own, *also], self.recipe, settings=self.settings)
        short, sizes = needs(found, self.recipe), sizes_short(found, self.recipe)
        candidates, data = self.candidates(short, hard=hard)
        lacking = unfillable(candidates, short)
        first = next_tasks(candidates, [need for need in short if need not in lacking], HEAD)
        words = self.recipe.translations(self.settings.language)
        told = tuple(ServedNext(each.task, why(each, words)) for each in first)
        if not short and not sizes:
            status: Status = "met"
        elif first:
            status = "steering"
        else:
            status = "sizes" if sizes and data else "unfillable"
        done = Steered(
            project=self.number,
            status=status,
            needs=short,
            unfillable=lacking,
            sizes=sizes,
            first=told,
            tasks=len(data),
            linked=bool(backend_rows(self.studio, self.number)),
        )
        if not done.active:
            if kept is not None:
                steered_queue.restore(self.studio, self.number, kept.queue)
                file.unlink()
            return done
        if kept is None:
            queue = steered_queue.begin(self.studio, self.number)
            kept = KeptSteering(file, self.number, self.recipe.text(), also, hard, queue)
            kept.write()
        kept.also, kept.hard = also, hard
        head = [steered_queue.Head(each.task, data[each.task], each.why) for each in told]
        try:
            steered_queue.put_first(self.studio, self.number, head, kept.queue)
        finally:
            kept.write()
        return done

    def candidates(
        self, needs: Sequence[Need], *, hard: bool
    ) -> tuple[list[Candidate], dict[int, dict[str, Any]]]:
        """Return the unanswered tasks with what each would give, and their data by number."""
        from goldleaf.core.errors import BadRow
        from goldleaf.core.json_values import object_or_empty
        from goldleaf.core.records_jsonl import from_plain
        from goldleaf.exporters.steering.expected_facets import expected_facets, hardness
        from goldleaf.exporters.steering.task_order import Candidate
        from goldleaf.studio.annotation_stream import next_unanswered

        tasks = next_unanswered(
            self.studio, self.number, LOOKED_AT, unreadable=lambda task: self.notify(str(task))
        )
        records: list[Any] = []
        usable: list[dict[str, Any]] = []
        for task in tasks:
            try:
                ours = object_or_empty(object_or_empty(task["data"]).get("goldleaf"))
                records.append(from_plain(object_or_empty(ours.get("record"))))
            except BadRow:
                continue  # a task that goldleaf did not make stays where it is in the queue
            usable.append(task)
        wanted: set[tuple[Facet, str]] = {
            (need.facet, name) for need in needs for name in need.names
        }
        gives = expected_facets(records, wanted, self.recipe)
        places = (
            self._hardness(usable, hardness(records, self.recipe)) if hard else [0.5] * len(usable)
        )
        found = [
            Candidate(int(task["id"]), given, place)
            for task, given, place in zip(usable, gives, places, strict=True)
        ]
        return found, {int(task["id"]): task["data"] for task in usable}

    def _hardness(
        self, tasks: Sequence[dict[str, Any]], signals: Sequence[float | None]
    ) -> list[float]:
        """Return how hard each task is: by its stored signals, and by how unsure the model is."""
        from goldleaf.backend.predictors.predictor import for_project, priorities
        from goldleaf.backend.predictors.predictor_registry import open_predictor
        from goldleaf.label_configs.registry import kind_named
        from goldleaf.studio.projects import project_key

        kind, models = kind_named(self.kind), self.settings.state.models
        model = for_project(open_predictor("classifier", models), project_key(self.described))
        found: list[float] = []
        for task, signal in zip(tasks, signals, strict=True):
            (sure,) = priorities(model, kind, [task["data"]])
            known = [
                each for each in (signal, None if sure is None else 1 - sure) if each is not None
            ]
            found.append(sum(known) / len(known) if known else 0.5)
        return found


def why(each: NextTask, words: Translations) -> str:
    """Return why a task is served next, for the annotator: `needed: refusal, zh`."""
    titles = list(dict.fromkeys(need.title(words) for need in each.serves))
    return words("steer.why", needs=words.listed(titles))
