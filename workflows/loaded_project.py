"""A project whose answers the caller reads itself, as one source of an export.

Inside Label Studio's own process no HTTP is needed: what the database holds is handed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from goldleaf.core.json_values import objects_in
from goldleaf.core.settings import Settings
from goldleaf.workflows.export_sources import ExportSource, account_pseudonym, apart_from_gold

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.label_configs.read_annotations import AnswerReader


@dataclass(frozen=True)
class LoadedProject:
    """A project and its tasks, as the process that keeps them describes it.

    Attributes:
        described: `id`, `label_config`, `expert_instruction`, `created_at` (ISO 8601) and
            `description`.
        tasks: whole tasks by rising id, each with `annotations`, and of `predictions` and `drafts`
            those that its annotations began from and those never submitted; iterated once.
        accounts: e-mail addresses by account.
        where: its address, for messages.
    """

    described: Mapping[str, Any]
    tasks: Iterable[Mapping[str, Any]]
    accounts: Mapping[int, str]
    where: str

    @property
    def number(self) -> int:
        """The project's id."""
        return int(self.described["id"])


def adjudicates(described: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether the first project was made to settle conflicts of the other."""
    from goldleaf.studio.project_notes import note_in
    from goldleaf.studio.projects import project_key
    from goldleaf.workflows.adjudicated import NOTE

    return note_in(described, NOTE) == project_key(other)


def check_exportable(described: Mapping[str, Any], where: str) -> str:
    """Return the name of the kind or template that the answers of a project are read by.

    Raises:
        UsageError: by none; the message says what its labeling config lacks.
    """
    from goldleaf.workflows.answer_readers import project_reader

    return project_reader(described, where, str)[1]


def loaded_source(
    project: LoadedProject, adjudications: Sequence[LoadedProject], settings: Settings
) -> ExportSource:
    """Return a project as the source that `project:ID` is to `goldleaf export`.

    The same answers are the same inputs, so the same recipe makes the same data files. Answers to
    gold questions are left out.

    Args:
        project: its answers.
        adjudications: the projects in which its conflicts are settled (`adjudicates`), by id.
        settings: hold the key of the pseudonyms, and the gold questions.
    """
    description: dict[str, Any] = {"project": project.number}

    def readings() -> Iterator[InputResult]:
        yield from _read(project, settings, description)
        for each in adjudications:
            description.setdefault("adjudicated_in", []).append(each.number)
            yield from _read(each, settings, {})

    return ExportSource(readings(), description)


def _read(
    project: LoadedProject, settings: Settings, description: dict[str, Any]
) -> Iterator[InputResult]:
    from goldleaf.label_configs.kind import short_hash
    from goldleaf.label_configs.read_annotations import read_task
    from goldleaf.workflows.answer_readers import project_reader
    from goldleaf.workflows.gold_key import questions_of

    keyed = cache(settings.state.pseudonym)
    known, kind = project_reader(
        project.described,
        project.where,
        lambda who: account_pseudonym(who, project.accounts, keyed),
    )
    description |= {"kind": kind, "config_hash": short_hash(project.described["label_config"])}
    questions = questions_of(settings.state, project.described)
    read = _reader(known, read_task)
    for task in project.tasks:
        if _writable(task):
            yield from apart_from_gold(task, read, questions, include=False)
        else:
            yield from _unreadable(task)


def _reader(
    known: AnswerReader, read_task: Callable[..., Iterator[InputResult]]
) -> Callable[[Mapping[str, Any]], Iterator[InputResult]]:
    return lambda task: read_task(task, known)


def _writable(task: Mapping[str, Any]) -> bool:
    """Return whether a task can be written as UTF-8, as Label Studio's own API must."""
    try:
        orjson.dumps(task)
    except TypeError:  # numbers over 64 bits, which others can write
        try:
            json.dumps(task, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return False
    return True


def _unreadable(task: Mapping[str, Any]) -> Iterator[InputResult]:
    """Yield a line of the ledger for each answer of such a task, at least one for itself."""
    from goldleaf.core.input_results import InputResult

    key = f"project:{task['project']}/task:{task['id']}"
    why = "it holds characters that cannot be written as UTF-8"
    for place in range(max(1, len(list(objects_in(task.get("annotations")))))):
        yield InputResult(f"{key}/annotation:?{place + 1}", reason="unreadable_task", detail=why)
