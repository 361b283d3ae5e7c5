"""How many people answer each task: a share of the tasks is answered by several.

The wish is kept in the project itself, as a line of its description, so that tasks imported later,
from any machine, get it too. Label Studio keeps an overlap for each task and honours it, but its
free edition offers no way to choose the tasks.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any

import xxhash

from goldleaf.core.errors import UsageError
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.studio.client import Studio
from goldleaf.studio.existing_tasks import pass_over
from goldleaf.studio.project_notes import note_in, with_note
from goldleaf.studio.projects import Project, get_project
from goldleaf.studio.task_identity import parse_identity_meta, task_hash
from goldleaf.studio.task_pagination import iterate_tasks

_NOTE = "goldleaf overlap"
_FORM = re.compile(r"(\d+) people, share ([\d.]+), seed (\d+), at most (\d+)")


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many people answer each task of a project.

    Attributes:
        people: how many answer a shared task.
        share: of the tasks, those shared; the rest are answered by one person.
        seed: another one draws other tasks.
        at_most: where answers disagree, further people are asked, until so many have answered; 0
            to ask none.
    """

    people: int = 1
    share: float = 1.0
    seed: int = 0
    at_most: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UsageError: one is out of range.
        """
        if self.people < 1:
            raise UsageError("At least one annotator must answer a task.", fix="give 1 or more")
        if not 0 < self.share <= 1:
            fix = "give a number over 0 and up to 1, such as 0.2"
            raise UsageError(f"{self.share:g} is not a share of tasks.", where="--share", fix=fix)
        if self.at_most and self.people < 2:
            what = "One person's answers disagree with nobody's."
            raise UsageError(what, where="--adaptive", fix="give --overlap 2 or more, too")
        if self.at_most and self.at_most <= self.people:
            raise UsageError(
                f"{self.people} people are asked of a shared task anyway.",
                where=f"--adaptive {self.at_most}",
                fix=f"give --adaptive {self.people + 1} or more",
            )

    def changed(
        self,
        people: int | None = None,
        share: float | None = None,
        seed: int | None = None,
        at_most: int | None = None,
    ) -> Overlap:
        """Return these numbers with those that are given in their place.

        An old `at_most` ends where as many are asked anyway.

        Raises:
            UsageError: one is out of range.
        """
        people = self.people if people is None else people
        if at_most is None:
            at_most = self.at_most if self.at_most > people else 0
        return Overlap(
            people,
            self.share if share is None else share,
            self.seed if seed is None else seed,
            at_most,
        )

    @property
    def note(self) -> str:
        """The line of a project's description that keeps these numbers."""
        return (
            f"{self.people} people, share {self.share:g}, seed {self.seed}, at most {self.at_most}"
        )


@dataclass(frozen=True, slots=True)
class SharedTask:
    """What decides whether a task is shared: its content's hash and what it teaches.

    `overlap` is what it has now, `answers` counts the submitted ones.
    """

    id: int
    identity: str
    behaviours: tuple[str, ...]
    overlap: int
    answers: int = 0


@dataclass(frozen=True, slots=True)
class OverlapOutcome:
    """What `apply_overlap` did: `shared` of `tasks` are asked of several, `raised` of them anew.

    `members` is how many accounts may answer; `behaviours` counts the shared tasks of each stratum.
    """

    tasks: int
    shared: int
    raised: int
    members: int
    behaviours: dict[str, int]


def kept_overlap(project: Project) -> Overlap | None:
    """Return the overlap that a project keeps, as `get_project` describes it; None for none."""
    found = _FORM.fullmatch(note_in(project, _NOTE) or "")
    if found is None:
        return None
    people, share, seed, most = found.groups()
    return Overlap(int(people), float(share), int(seed), int(most))


def keep_overlap(studio: Studio, project_id: int, overlap: Overlap) -> None:
    """Keep the overlap in the project; what else its description says stays."""
    project = get_project(studio, project_id)
    described = with_note(project, _NOTE, overlap.note)
    studio.patch(f"/api/projects/{project_id}/", {"description": described})


def apply_overlap(
    studio: Studio,
    project_id: int,
    overlap: Overlap,
    *,
    apart: Container[str] = (),
    progress: Callable[[int], None] = lambda raised: None,
) -> OverlapOutcome:
    """Raise the overlap of the tasks that are to be shared; a second time changes nothing.

    An overlap is never lowered: answers that were asked for stay asked for.

    Args:
        studio: where.
        project_id: which project.
        overlap: how many people answer which share.
        apart: identities of tasks (`task_identity.task_hash`) that are no part of this.
        progress: called with how many tasks were raised so far.

    Raises:
        UsageError: there is no such project; else errors as for `Studio.get`.
    """
    found = (_shared_task(row) for row in _rows(studio, project_id))
    tasks = [task for task in found if task.identity not in apart]
    chosen = to_share(tasks, overlap)
    raised = [task for task in chosen if task.overlap < overlap.people]
    for done, task in enumerate(raised, 1):
        set_overlap(studio, task.id, overlap.people, task.answers)
        progress(done)
    strata = strata_of(tasks)
    counts = Counter(strata[task.id] for task in chosen)
    return OverlapOutcome(
        *(len(tasks), len(chosen), len(raised), len(studio.accounts())),
        dict(sorted(counts.items())),
    )


def set_overlap(studio: Studio, task: int, people: int, answers: int) -> None:
    """Have a task answered by so many people, where it has so many submitted answers.

    Label Studio does not by itself serve a task again that it has called finished.
    """
    finished = {} if answers >= people else {"is_labeled": False}
    studio.patch(f"/api/tasks/{task}/", {"overlap": people, **finished})


def to_share(tasks: Iterable[SharedTask], overlap: Overlap) -> list[SharedTask]:
    """Return the tasks to share, by id: of each stratum the share with the lowest hashes.

    A stratum is the behaviour of a task that the fewest tasks have, and every stratum has at least
    one. Tasks that have the overlap already count first, so later ones only add to them.
    """
    given = list(tasks)
    strata = strata_of(given)
    parts: defaultdict[str, list[SharedTask]] = defaultdict(list)
    for task in given:
        parts[strata[task.id]].append(task)
    chosen: list[SharedTask] = []
    for part in parts.values():
        part.sort(key=lambda task: (task.overlap < overlap.people, _draw(task, overlap.seed)))
        had = sum(task.overlap >= overlap.people for task in part)
        # Not 0.1 * 30 = 3.0000000000000004, which would ask for one more.
        wanted = math.ceil(round(overlap.share * len(part), 9))
        chosen += part[: max(had, wanted)]
    return sorted(chosen, key=lambda task: task.id)


def strata_of(tasks: Iterable[SharedTask]) -> dict[int, str]:
    """Return each task's rarest behaviour among these tasks, "" where it has none."""
    given = list(tasks)
    counts = Counter(name for task in given for name in task.behaviours)
    return {
        task.id: min(task.behaviours, key=lambda name: (counts[name], name), default="")
        for task in given
    }


def _draw(task: SharedTask, seed: int) -> tuple[int, int]:
    return xxhash.xxh3_64_intdigest(f"{seed}\x1f{task.identity}".encode()), task.id


def _rows(studio: Studio, project_id: int) -> Iterable[dict[str, Any]]:
    get_project(studio, project_id)
    wanted = ("id", "data", "meta", "overlap", "total_annotations")
    return iterate_tasks(studio, project_id, include=wanted, unreadable=pass_over)


def _shared_task(row: dict[str, Any]) -> SharedTask:
    data = object_or_empty(row["data"])
    found = parse_identity_meta(row["meta"])
    record = object_or_empty(object_or_empty(data.get("goldleaf")).get("record"))
    behaviours = list_or_empty(object_or_empty(record.get("tags")).get("behaviours"))
    return SharedTask(
        id=int(row["id"]),
        identity=found[0] if found else task_hash(data),
        behaviours=tuple(map(str, behaviours)),
        overlap=int(row["overlap"] or 1),
        answers=int(row["total_annotations"] or 0),
    )
