"""A reading proposed for a project or an export file, with the first answers read through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.adoption.config import ProjectConfig
    from goldleaf.core.input_results import InputResult
    from goldleaf.studio.client import Studio

SHOWN = 3
"""Answers that are read through a proposal, for a person to look at."""
_TASKS = 200
"""Most tasks in which answers are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedProject:
    """A reading for a project or a file.

    Attributes:
        yaml: the reading as a file, with a comment that lists every control and field.
        known_as: the kind or the template that it is read as without any reading, "" for none.
        problem: what keeps the proposal from being a reading, "" where it is one.
        answers: the first answers, read through it.
    """

    yaml: str
    known_as: str
    problem: str
    answers: list[InputResult]


def map_project(source: str, settings: Settings | None = None) -> MappedProject:
    """Propose a reading for a project's number (`3`, `project:3`) or a JSON export file.

    Raises:
        UsageError: there is no such project or file, or its config cannot be read.
    """
    settings = settings or load()
    number = source.removeprefix("project:")
    if number.isdigit():
        from goldleaf.studio.projects import get_project

        with open_studio(settings) as studio:
            project = get_project(studio, int(number))
            return _mapped(str(project["label_config"]), _answered(studio, int(number)), source)
    path = Path(source)
    if not path.is_file():
        fix = "give a project's number, or the file of a JSON export"
        raise UsageError("There is no such source.", where=source, fix=fix)
    if path.suffix == ".xml":
        return _mapped(path.read_text("utf-8-sig", errors="replace"), [], source)
    return _mapped_file(path)


def _answered(studio: Studio, number: int) -> list[Mapping[str, Any]]:
    from goldleaf.studio.annotation_stream import stream_tasks

    stream = islice(stream_tasks(studio, number), _TASKS)
    return [task for task in stream if task["annotations"]]


def _mapped(config: str, tasks: list[Mapping[str, Any]], source: str) -> MappedProject:
    from goldleaf.adoption.config import parse_config
    from goldleaf.adoption.propose import propose
    from goldleaf.adoption.registry import recognised
    from goldleaf.core.errors import BadRow
    from goldleaf.label_configs.registry import recognise

    try:
        parsed, kind = parse_config(config), recognise(config)
    except BadRow as error:
        what = "The labeling config cannot be read."
        raise UsageError(what, where=source, fix=error.detail) from None
    template = recognised(config)
    if template:
        keys, reading, problem = template.reading.kept, template.reading, ""
    else:
        proposal = propose(parsed)
        keys, reading, problem = proposal.keys, proposal.reading, proposal.problem
    known_as = kind.id if kind else template.title["en"] if template else ""
    answers = _through(reading, parsed, tasks) if reading else []
    fields = {str(field) for task in tasks for field in task.get("data") or ()}
    return MappedProject(
        yaml=_as_yaml(keys, parsed, fields), known_as=known_as, problem=problem, answers=answers
    )


def _mapped_file(path: Path) -> MappedProject:
    from goldleaf.adoption.files import is_min, observed_config
    from goldleaf.adoption.propose import propose
    from goldleaf.adoption.registry import recognise_observed, with_objects
    from goldleaf.formats.row_location import BadLine
    from goldleaf.workflows.export_sources import export_rows

    tasks = [row.value for row in export_rows(path) if not isinstance(row, BadLine)]
    if tasks and is_min(tasks[0]):
        fix = "take the export named JSON: JSON-MIN does not say what its columns are"
        raise UsageError("No reading can be proposed for JSON-MIN.", where=str(path), fix=fix)
    observed, fields = observed_config(tasks)
    template = recognise_observed(observed, fields)
    if template:
        config = with_objects(template, observed)
        keys, reading, problem = template.reading.kept, template.reading, ""
    else:
        proposal, config = propose(observed, sorted(fields)), observed
        keys, reading, problem = proposal.keys, proposal.reading, proposal.problem
    return MappedProject(
        yaml=_as_yaml(keys, observed, fields),
        known_as=template.title["en"] if template else "",
        problem=problem,
        answers=_through(reading, config, tasks) if reading else [],
    )


def _through(reading: Any, config: ProjectConfig, tasks: list[Any]) -> list[InputResult]:
    from goldleaf.adoption.adopted_project import AdoptedProject
    from goldleaf.label_configs.read_annotations import read_task

    project = AdoptedProject(reading, config, "reading/proposed")
    found = (result for task in tasks for result in read_task(task, project))
    return list(islice(found, SHOWN))


def _as_yaml(keys: Mapping[str, Any], config: ProjectConfig, fields: set[str]) -> str:
    """Return a reading as YAML, with every control, its choices and every field as comments."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Keeps Yes and No texts, and lists on one line each."""

    body = yaml.dump(
        dict(keys), Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None
    )
    return "\n".join([*_comments(config, fields), "", body])


def _comments(config: ProjectConfig, fields: set[str]) -> Iterator[str]:
    yield "# What the answers of this project mean. Every key is explained in docs/adopting.md."
    for tag in config.tags.values():
        if tag.is_control:
            choices = ", ".join(dict.fromkeys(tag.choices.values())) or ", ".join(tag.buckets)
            yield _line(f"control {tag.name}: {tag.tag}", choices)
    for tag in config.tags.values():
        if not tag.is_control and tag.shows.startswith("$"):
            yield _line(f"object {tag.name}: {tag.tag}", tag.shows)
    for name in sorted(fields):
        yield _line(f"field ${name}", "")


def _line(what: str, more: str) -> str:
    text = f"{what} ({more})" if more else what
    return "# " + " ".join(text.split())[:200]
