"""Put some tasks at the head of Label Studio's queue, and give the former order back.

The free edition serves the least prediction score of the project's model version first, so each
task of the head has a prediction of that version with a score below 0, where no model's is. What
was there before is remembered: `restore` writes it back. Why a task is served stands in its data
(`NOTE`), which the Data Manager shows as a column.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from goldleaf.core.errors import GoldleafError
from goldleaf.core.json_values import object_or_empty
from goldleaf.studio.backend_link import backend_rows
from goldleaf.studio.client import RequestRejected, Studio
from goldleaf.studio.projects import get_project
from goldleaf.studio.response_shapes import holding, rows
from goldleaf.studio.stored_predictions import show_version

NOTE = "shown_why_next"
"""Field of a task's data that says why it is served next. Its prefix keeps it out of what models
learn from, and it is no part of a task's identity."""
BY_SCORE = "Uncertainty sampling"
"""The sampling under which a score orders the queue."""
OWN_VERSION = "goldleaf-steer"
"""The model version of a project that had none: neither a backend nor drafts."""
BEHIND = 1.0
"""Score of a task that had no prediction, once it is steered no more."""
Change: TypeAlias = Literal["sampling", "model_version"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A task of the head: its prediction, the score that is wanted and the one from before.

    `before` None with `made` True: there was no prediction; with `made` False it had no score.
    """

    prediction: int
    score: float
    before: float | None
    made: bool


@dataclass(slots=True)
class QueueState:
    """What was changed in a project, as JSON-able values: `plain` and `from_plain`.

    Attributes:
        sampling: the project's before.
        shown_version: its `model_version` before.
        version: whose predictions order the queue now.
        placed: the tasks of the head, by number.
        notes: what is said of tasks that are or were in the head, by number.
    """

    sampling: str
    shown_version: str
    version: str
    placed: dict[int, Placed] = field(default_factory=dict[int, Placed])
    notes: dict[int, str] = field(default_factory=dict[int, str])

    def plain(self) -> dict[str, Any]:
        """Return the state as JSON-able values."""
        placed = {str(task): asdict(each) for task, each in self.placed.items()}
        notes = {str(task): note for task, note in self.notes.items()}
        return {**asdict(self), "placed": placed, "notes": notes}

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> QueueState:
        """Return the state that `plain` wrote; KeyError or TypeError for anything else."""
        placed = {int(task): Placed(**each) for task, each in plain["placed"].items()}
        notes = {int(task): str(note) for task, note in plain["notes"].items()}
        before = plain["sampling"], plain["shown_version"]
        return QueueState(*before, plain["version"], placed, notes)


@dataclass(frozen=True, slots=True)
class Head:
    """A task to be served soon: its number, its data as it is, and why it is served."""

    task: int
    data: Mapping[str, Any]
    note: str


class QueueChanged(GoldleafError):
    """The project's lead has changed how its queue is ordered; `change` says which setting."""

    def __init__(self, change: Change, what: str, where: str) -> None:
        fix = "their word counts: nothing was changed back; run goldleaf steer again to steer anew"
        super().__init__(what, where=where, fix=fix)
        self.change: Change = change


def begin(studio: Studio, project_id: int) -> QueueState:
    """Have scores order a project's queue; return what was changed.

    Raises:
        UsageError: there is no such project.
    """
    project = get_project(studio, project_id)
    shown = str(project["model_version"] or "")
    state = QueueState(str(project.get("sampling") or ""), shown, shown or OWN_VERSION)
    if state.sampling != BY_SCORE:
        studio.patch(f"/api/projects/{project_id}/", {"sampling": BY_SCORE})
    return state


def check(studio: Studio, project_id: int, state: QueueState, versions: str) -> None:
    """Check that the queue is still ordered as it was left; a newly trained model is followed.

    Args:
        studio: where.
        project_id: which project.
        state: as it was left; its `version` and `placed` follow a new version.
        versions: how the versions of goldleaf's own models begin here, such as `refusal/1:`.

    Raises:
        QueueChanged: somebody has chosen another sampling, or a version of another model.
    """
    project = get_project(studio, project_id)
    where = f"{studio.url}/projects/{project_id}/settings"
    if project.get("sampling") != BY_SCORE:
        sampling = project.get("sampling")
        raise QueueChanged(
            "sampling",
            f"The sampling of project {project_id} was changed to {sampling!r} meanwhile.",
            where,
        )
    shown = str(project["model_version"] or "")
    if shown == state.version or (not shown and state.version == OWN_VERSION):
        return
    if not shown.startswith(versions):
        raise QueueChanged(
            "model_version",
            f"The drafts shown in project {project_id} were changed to {shown!r} meanwhile.",
            where,
        )
    state.version, state.placed = shown, {}
    if state.shown_version:
        state.shown_version = shown


def put_first(studio: Studio, project_id: int, head: Sequence[Head], state: QueueState) -> int:
    """Make these unanswered tasks the head of the queue, in this order; return how many changed.

    Only what is not in its place is written. Tasks that leave the head get their former score back.

    Args:
        studio: where.
        project_id: which project.
        head: the first first.
        state: what is placed now; updated as it goes, so that a broken run is simply repeated.
    """
    wanted = [each.task for each in head]
    for task in sorted(state.placed.keys() - set(wanted)):
        _give_back(studio, task, state)
    for task in sorted(state.notes.keys() - set(wanted)):
        _remove_note(studio, task, state)
    kept = _in_order([(task, state.placed[task].score) for task in wanted if task in state.placed])
    _ask_backend(studio, project_id, [task for task in wanted if task not in state.placed])
    scores = _scores(wanted, kept)
    for each in head:
        if each.task not in kept:
            _place(studio, each.task, scores[each.task], state)
        if state.notes.get(each.task) != each.note:
            data = {**each.data, NOTE: each.note}
            studio.patch(f"/api/tasks/{each.task}/", {"data": data})
            state.notes[each.task] = each.note
    if state.version == OWN_VERSION and wanted:
        # Label Studio takes a version only once there is a prediction of it.
        show_version(studio, project_id, OWN_VERSION)
    return len(wanted) - len(kept)


def restore(studio: Studio, project_id: int, state: QueueState) -> None:
    """Give a project its former order back: scores, sampling, version; notes go.

    What its lead has changed since is left as it is.
    """
    for task in sorted(state.placed):
        _give_back(studio, task, state)
    for task in sorted(state.notes):
        _remove_note(studio, task, state)
    project = get_project(studio, project_id)
    changed: dict[str, str] = {}
    if project.get("sampling") == BY_SCORE != state.sampling:
        changed["sampling"] = state.sampling
    if project["model_version"] == OWN_VERSION and not state.shown_version:
        changed["model_version"] = ""
    if changed:
        studio.patch(f"/api/projects/{project_id}/", changed)


def _scores(order: Sequence[int], kept: Mapping[int, float]) -> dict[int, float]:
    """Return a rising score below 0 for each task; those kept have theirs.

    Between two kept ones the others are spread evenly, behind the last one towards 0.
    """
    found: dict[int, float] = {}
    place, low = 0, min([-1.0, *(each - 1.0 for each in kept.values())])
    while place < len(order):
        end = place
        while end < len(order) and order[end] not in kept:
            end += 1
        high = kept[order[end]] if end < len(order) else 0.0
        for number, task in enumerate(order[place:end], 1):
            found[task] = low + (high - low) * number / (end - place + 1)
        if end < len(order):
            found[order[end]] = low = high
        place = end + 1
    return found


def _in_order(placed: Sequence[tuple[int, float]]) -> dict[int, float]:
    """Return the most tasks whose scores already rise in this order (longest increasing run)."""
    ends: list[float] = []
    lengths: list[int] = []
    for _, score in placed:
        place = bisect_left(ends, score)
        ends[place:] = [score]
        lengths.append(place + 1)
    kept: dict[int, float] = {}
    length, above = len(ends), 0.0
    for (task, score), reached in zip(reversed(placed), reversed(lengths), strict=True):
        if reached == length and score < above:
            kept[task], above, length = score, score, length - 1
    return kept


def _ask_backend(studio: Studio, project_id: int, tasks: Sequence[int]) -> None:
    """Have a linked backend draft these tasks first: it is not asked about a placed one again."""
    if not tasks or not any(r["state"] == "CO" for r in backend_rows(studio, project_id)):
        return
    try:
        studio.post(
            "/api/dm/actions/",
            {"selectedItems": {"all": False, "included": list(tasks)}},
            params={"id": "retrieve_tasks_predictions", "project": str(project_id)},
        )
    except GoldleafError:
        return  # without drafts the order stands all the same


def _place(studio: Studio, task: int, score: float, state: QueueState) -> None:
    known = state.placed.get(task)
    if known is None:
        found = studio.get("/api/predictions/", {"task": task}, shape=rows("id"))
        mine = [each for each in found if each.get("model_version") == state.version]
        if mine:
            first = min(mine, key=lambda each: (each.get("score") is None, each.get("score") or 0))
            known = Placed(int(first["id"]), score, first.get("score"), made=False)
        else:
            body = {"task": task, "result": [], "score": score, "model_version": state.version}
            made = studio.post("/api/predictions/", body, shape=holding(id=int))
            state.placed[task] = Placed(int(made["id"]), score, None, made=True)
            return
    studio.patch(f"/api/predictions/{known.prediction}/", {"score": score})
    state.placed[task] = Placed(known.prediction, score, known.before, known.made)


def _give_back(studio: Studio, task: int, state: QueueState) -> None:
    """Write a task's former score back. Its prediction stays: somebody may have it open."""
    known = state.placed[task]
    score = BEHIND if known.made else known.before
    with suppress(_Gone):
        _there(studio, f"/api/predictions/{known.prediction}/", {"score": score})
    del state.placed[task]


def _remove_note(studio: Studio, task: int, state: QueueState) -> None:
    path = f"/api/tasks/{task}/"
    with suppress(_Gone):
        try:
            data = object_or_empty(studio.get(path, shape=holding(data=dict))["data"])
        except RequestRejected as error:
            raise _Gone from error
        _there(studio, path, {"data": {name: data[name] for name in data if name != NOTE}})
    del state.notes[task]


class _Gone(Exception):
    """The task was deleted meanwhile, and its predictions with it."""


def _there(studio: Studio, path: str, body: Mapping[str, Any]) -> None:
    try:
        studio.patch(path, body)
    except RequestRejected as error:
        if error.status == 404:
            raise _Gone from error
        raise
