"""Who reads the answers of a project or an export file: a kind, a template, or a user's reading."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import BadRow, UsageError

if TYPE_CHECKING:
    from goldleaf.adoption.adopted_project import AdoptedProject
    from goldleaf.adoption.config import ProjectConfig
    from goldleaf.adoption.reading import Reading
    from goldleaf.core.input_results import InputResult
    from goldleaf.label_configs.read_annotations import AnsweredProject

Annotator = Callable[[Any], str]
Rows = Callable[[], Iterator[Mapping[str, Any]]]
"""Returns the rows of an export file from the first, each time it is called."""


def project_reader(
    project: Mapping[str, Any],
    where: str,
    annotator: Annotator,
    reading: Path | None = None,
) -> tuple[AnsweredProject | AdoptedProject, str]:
    """Return who reads the answers of a project, and the name of that kind.

    A project of a kind is read by its kind, whatever reading is given; else the reading counts
    before the shipped templates.

    Args:
        project: as Label Studio describes it.
        where: its address, for messages.
        annotator: turns `completed_by` into a pseudonym.
        reading: a user's reading file.

    Raises:
        UsageError: its config is of no kind and no template, or has not what the reading names.
    """
    from goldleaf.adoption.adopted_project import AdoptedProject
    from goldleaf.adoption.config import parse_config
    from goldleaf.adoption.registry import recognised
    from goldleaf.core.translations import Translations
    from goldleaf.label_configs.config_mismatch import nearest_kind
    from goldleaf.label_configs.kind import short_hash
    from goldleaf.label_configs.read_annotations import AnsweredProject
    from goldleaf.label_configs.registry import recognise
    from goldleaf.studio.projects import screen_fault

    config, number = str(project["label_config"]), project["id"]
    try:
        kind = recognise(config)
        parsed = parse_config(config)
    except BadRow as error:
        what = f"Project {number}: its labeling config cannot be read."
        raise UsageError(what, where=where, fix=error.detail) from None
    if kind:
        guide = project["expert_instruction"] or ""
        return AnsweredProject(kind, config, guide, annotator, _refuses), kind.id
    digest = short_hash(config)
    if reading:
        own, name = own_reading(reading, parsed, where)
        return AdoptedProject(own, parsed, name, digest, annotator), name
    if template := recognised(config):
        made = AdoptedProject(template.reading, parsed, template.id, digest, annotator)
        return made, template.id
    if nearest_kind(config):
        what, fix = screen_fault(config, Translations("en"))
        raise UsageError(f"Project {number}: {what}", where=where, fix=fix)
    what = "its screen belongs to no kind of goldleaf and is no template that it reads."
    raise UsageError(
        f"Project {number}: {what}",
        where=where,
        fix=f"run goldleaf project map {number}, and export with --reading",
    )


def own_reading(
    path: Path, config: ProjectConfig, where: str, fields: Collection[str] = ()
) -> tuple[Reading, str]:
    """Return a user's reading and the name of its kind, checked against a config.

    Raises:
        UsageError: it cannot be read, or names what the config does not have.
    """
    from goldleaf.adoption.names import check_names
    from goldleaf.adoption.reading import load_reading

    reading = load_reading(path)
    check_names(reading, config, f"{path}, {where}", fields)
    return reading, reading_kind(reading)


def _refuses(answer: str) -> bool:
    from goldleaf.curation.refusals.refusal_detector import refuses  # takes a while to load

    return refuses(answer)


def reading_kind(reading: Reading) -> str:
    """Return what answers read by a user's reading are said to be of: `reading/` and its hash."""
    import json

    from goldleaf.label_configs.kind import short_hash

    return f"reading/{short_hash(json.dumps(reading.kept, sort_keys=True))}"


@dataclass(frozen=True)
class FileReaders:
    """Who reads the answers of an export file, which holds no config.

    What answers show of it is looked up once, where a task is not goldleaf's own.
    """

    path: Path
    rows: Rows
    annotator: Annotator
    reading: Path | None
    notify: Callable[[str], None]

    def read(self, row: Mapping[str, Any], key: str) -> Iterator[InputResult]:
        """Yield what each answer of a row became; `key` is the row's place in its file."""
        from goldleaf.adoption.files import is_min
        from goldleaf.core.input_results import InputResult
        from goldleaf.label_configs.read_annotations import read_task

        # Of a task that goldleaf imported JSON-MIN holds too little: no drafts, no places.
        if "annotations" not in row and (not is_min(row) or "goldleaf" in row):
            detail = "no task with annotations; take the export named JSON, not JSON-MIN"
            yield InputResult(key, reason="bad_task", detail=detail)
            return
        try:
            task = self.task(row)
        except BadRow as bad:
            yield InputResult(key, reason=bad.reason, detail=bad.detail)
            return
        known = self.reader(task)
        yield from read_task(task, known, annotator=self.annotator, key=key)

    def reader(self, task: Mapping[str, Any]) -> AnsweredProject | AdoptedProject | None:
        """Return who reads the answers of a task (`task`), None where nobody can.

        Raises:
            UsageError: the file has not what the user's reading names.
        """
        from goldleaf.adoption.files import is_ours
        from goldleaf.label_configs.read_annotations import AnsweredProject

        if not is_ours(task):
            return self.adopted
        with suppress(BadRow):
            return AnsweredProject.of_task(task, self.annotator, _refuses)
        return None

    @cached_property
    def adopted(self) -> AdoptedProject | None:
        """Who reads tasks that are not goldleaf's; None where no template is recognised.

        Raises:
            UsageError: the file has not what the user's reading names.
        """
        from goldleaf.adoption.adopted_project import AdoptedProject
        from goldleaf.adoption.files import is_ours, observed_config
        from goldleaf.adoption.registry import recognise_observed, with_objects

        tasks = (task for task in self._tasks() if not is_ours(task))
        observed, fields = observed_config(tasks)
        if self.reading:
            own, name = own_reading(self.reading, observed, str(self.path), fields)
            return AdoptedProject(own, observed, name, annotator=self.annotator)
        template = recognise_observed(observed, fields)
        if template is None:
            self.notify(
                f"{self.path.name}: no template of Label Studio is recognised in these answers. "
                f"Run goldleaf project map {self.path}, and export with --reading."
            )
            return None
        self.notify(f"{self.path.name}: read as Label Studio's {template.title['en']}.")
        config = with_objects(template, observed)
        return AdoptedProject(template.reading, config, template.id, annotator=self.annotator)

    def task(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a row as a task: of JSON-MIN the task that its answer belongs to."""
        from goldleaf.adoption.files import from_min, is_min

        return from_min(row, self._min_controls) if is_min(row) else row

    def _tasks(self) -> Iterator[Mapping[str, Any]]:
        for row in self.rows():
            with suppress(BadRow):  # it is counted where it is read
                yield self.task(row)

    @cached_property
    def _min_controls(self) -> Mapping[str, str]:
        from goldleaf.adoption.files import is_min, min_controls
        from goldleaf.adoption.reading import load_reading
        from goldleaf.adoption.registry import recognise_min

        rows = [row for row in self.rows() if is_min(row)]
        if self.reading:
            return min_controls(load_reading(self.reading), rows)
        template = recognise_min({str(key) for row in rows for key in row})
        return template.controls if template else {}
