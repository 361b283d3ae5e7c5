"""Store predictions in a project: validated before, counted with Label Studio's numbers after."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldleaf.core.errors import BadRow, GoldleafError, StudioUnreachable, UsageError
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.screen import Screen, parse
from goldleaf.studio.client import Studio, Unauthorized
from goldleaf.studio.projects import Project, get_project
from goldleaf.studio.response_shapes import counters, holding, rows
from goldleaf.studio.task_pagination import Report, iterate_tasks

CHUNK = 500
"""Predictions in one request at least: Label Studio's own batch."""
LARGEST = 10_000
"""Predictions in one request at most: about 10 MB."""
PARTS = 4
"""Requests for a whole project. After each Label Studio (to 1.23) counts the drafts of all tasks of
the project again, 1 ms a task: with requests of one size a large project would cost the square."""
_HELD_SECONDS = 60.0
"""How long drafts are held back for a larger request, where they are slow to come."""
_TASK_SECONDS = 0.02
"""What a task may cost Label Studio in a request, four times what was measured."""
_VERSIONS = "predictions_model_versions"
_DRAFTED = {
    "filter": f"filter:tasks:{_VERSIONS}",
    "operator": "empty",
    "type": "List",
    "value": False,
}
_PAUSES = (1.0, 3.0, 10.0)
"""Seconds before it is looked what became of a request whose answer was lost."""
_CUT = 500
"""Where Label Studio cuts a list of versions off, without a sign."""


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """What storing did; `stored` + `already_there` + rejected = predictions given.

    Attributes:
        stored: predictions that are new.
        already_there: the task had one of that model version, before or earlier in the input.
        rejected: (task id, why) of each prediction that was not stored: `unknown_task`,
            `bad_score`, `empty_draft`, or the project's screen cannot show it
            (`label_configs.regions.to_values`).
    """

    stored: int
    already_there: int
    rejected: tuple[tuple[Any, BadRow], ...] = ()


class DraftStore:
    """Stores the drafts of one run: the project is described and counted once, not once a chunk.

    Label Studio answers 201 also when it stored none, so no answer is believed: the predictions of
    each version are counted before the first and after the last. Where an answer is lost, it is
    looked which tasks have their draft, and only the rest is sent again.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        described: the project as `get_project` returned it; it is asked for if not given.
        places: take predictions with an empty result, too: a place in the queue and no draft.
    """

    def __init__(
        self,
        studio: Studio,
        project_id: int,
        described: Project | None = None,
        *,
        places: bool = False,
    ) -> None:
        self.studio = studio
        self._places = places
        self.project = project_id
        described = described or get_project(studio, project_id)
        self.tasks = int(described["task_number"] or 0)
        self._shown = str(described["model_version"] or "")
        self._screen = parse(described["label_config"])
        self._before = _counts(studio, project_id)
        self._size = request_size(self.tasks)
        self._held: list[dict[str, Any]] = []
        self._held_since = time.monotonic()
        self._sent: list[tuple[Any, str]] = []
        self._doubtful: list[tuple[Any, str]] = []
        self._lacking = False

    def drafted(self, version: str) -> int:
        """Return how many predictions of a version there were when this began, in all tasks."""
        return self._before.get(version, 0)

    def without(self, version: str, unreadable: Report | None = None) -> Iterator[dict[str, Any]]:
        """Yield `id` and `data` of the tasks that may have no prediction of a version yet.

        Where others of the version are there, Label Studio passes over the tasks that have one, so
        that a run that was broken off costs little more than what it had left. In a project without
        any, and where the version is a part of another's name, all tasks are yielded.
        """
        where: tuple[Mapping[str, Any], ...] = ()
        # Label Studio looks for a part of a text, so a version within another needs every row.
        others = [each for each in self._before if version in each and each != version]
        # What is yielded then needs no second look when its drafts are stored.
        self._lacking = not (self._before.get(version) and others)
        if self._before.get(version) and not others:
            where = ({**_DRAFTED, "operator": "not_contains", "value": version},)
        yield from iterate_tasks(
            *(self.studio, self.project),
            include=("id", "data"),
            where=where,
            unreadable=unreadable,
        )

    def add(self, predictions: Sequence[Mapping[str, Any]]) -> StoreOutcome:
        """Store predictions; see `store_predictions`. After `without`, only of tasks it yielded.

        Some are held back for a larger request, until the next call or `finish`; they count as
        stored.

        Raises:
            UsageError: a model version that Label Studio's lists could not tell apart; nothing of
                this call is stored then.
            StudioUnreachable: a request failed again and again.
        """
        for version in {str(each.get("model_version") or "") for each in predictions}:
            if not version or set(version) & set(',"') or version != version.strip():
                raise UsageError(
                    f"{version!r} cannot name a model version.",
                    fix="give every prediction one: a short text without commas and quotes",
                )
        if self._lacking:
            have = {each.get("task"): set[str]() for each in predictions}
        else:
            have = _have(self.studio, self.project, [each.get("task") for each in predictions])
        rejected: list[tuple[Any, BadRow]] = []
        fresh: list[dict[str, Any]] = []
        already_there = 0
        for given in predictions:
            task, version = given.get("task"), str(given["model_version"])
            if bad := _fault(given, self._screen, have, places=self._places):
                rejected.append((task, bad))
            elif version in have[task]:
                already_there += 1
            else:
                have[task].add(version)
                wanted = ("task", "result", "score", "model_version")
                fresh.append({name: given[name] for name in wanted if name in given})
        self._held += fresh
        long_ago = time.monotonic() - self._held_since > _HELD_SECONDS
        while len(self._held) >= self._size or (long_ago and self._held):
            self._send_held()
        return StoreOutcome(len(fresh), already_there, tuple(rejected))

    def finish(self, version: str = "") -> None:
        """Send the rest, count what is there; show annotators the drafts of `version`, if given.

        Raises:
            GoldleafError: Label Studio stored fewer than it was given; the message names the tasks.
        """
        while self._held:
            self._send_held()
        versions = {version for _, version in self._sent}
        if self._sent:
            stored = self._stored(versions)
            if stored > len(self._sent) and self._doubtful:
                self._remove_doubles()
            elif stored < len(self._sent):
                self._check_stored(stored)
        if version and version != self._shown:
            show_version(self.studio, self.project, version)

    def _stored(self, versions: set[str]) -> int:
        now = _counts(self.studio, self.project)
        return sum(now.get(each, 0) - self._before.get(each, 0) for each in versions)

    def _send_held(self) -> None:
        chunk, self._held = self._held[: self._size], self._held[self._size :]
        self._send(chunk)
        self._held_since = time.monotonic()

    def _send(self, chunk: list[dict[str, Any]]) -> None:
        self._sent += [(each["task"], each["model_version"]) for each in chunk]
        for pause in (*_PAUSES, None):
            if not chunk:
                return
            try:
                self._post(chunk)
            except Unauthorized:
                raise
            except StudioUnreachable:
                if pause is None:
                    raise
                self._doubtful += [(each["task"], each["model_version"]) for each in chunk]
                time.sleep(pause)
                have = _have(self.studio, self.project, [each["task"] for each in chunk])
                chunk = [e for e in chunk if e["model_version"] not in have.get(e["task"], ())]
            else:
                return

    def _post(self, chunk: Sequence[Mapping[str, Any]]) -> None:
        """Store drafts in one request; those of a Repeater, which it would drop, one by one."""
        alone = [each for each in chunk if self._in_repeater(each)]
        together = [each for each in chunk if each not in alone] if alone else chunk
        if together:
            path = f"/api/projects/{self.project}/import/predictions"
            seconds = 100.0 + _TASK_SECONDS * (self.tasks + len(together))
            self.studio.post(path, together, shape=holding(created=int), timeout=seconds)
        for each in alone:
            self.studio.post("/api/predictions/", each, shape=holding(id=int))

    def _in_repeater(self, prediction: Mapping[str, Any]) -> bool:
        """Return whether it drafts a control of a Repeater.

        Label Studio's bulk import takes the names of the config alone, `rank_{{idx}}`, and answers
        201 with nothing stored for `rank_0`. Its route for one prediction takes them: 33 ms each.
        """
        names = {str(region["from_name"]) for region in prediction["result"]}
        return not names <= self._screen.controls.keys()

    def _remove_doubles(self) -> None:
        """Remove the newer of two drafts where a lost request was acted on after all."""
        for task, version in dict.fromkeys(self._doubtful):
            found = self.studio.get("/api/predictions", {"task": task}, shape=rows("id"))
            same = sorted(each["id"] for each in found if each.get("model_version") == version)
            for double in same[1:]:
                self.studio.delete(f"/api/predictions/{double}/")

    def _check_stored(self, stored: int) -> None:
        have = _have(self.studio, self.project, [task for task, _ in self._sent])
        missing = [task for task, version in self._sent if version not in have.get(task, ())]
        named = ", ".join(map(str, missing[:20])) + (" ..." if len(missing) > 20 else "")
        raise GoldleafError(
            f"Label Studio stored {stored} of {len(self._sent)} predictions; "
            f"tasks without one: {named}.",
            where=f"{self.studio.url}/projects/{self.project}",
            fix="its log says why; correct these drafts and run the same command again",
        )


def request_size(tasks: int) -> int:
    """Return how many predictions one request to a project of so many tasks holds.

    A quarter of the tasks (`PARTS`), at least `CHUNK` and at most `LARGEST`.
    """
    return max(CHUNK, min(LARGEST, -(-tasks // PARTS)))


def store_predictions(
    studio: Studio, project_id: int, predictions: Sequence[Mapping[str, Any]]
) -> StoreOutcome:
    """Store predictions in bulk; a task keeps one for each model version, the first.

    When all are of one version, it becomes the one that annotators see and that orders the queue. A
    run of many chunks holds a `DraftStore` instead.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        predictions: each `{"task", "result", "score", "model_version"}`; the score may be left out,
            other keys are ignored.

    Raises:
        GoldleafError: Label Studio stored fewer than it was given; the message names the tasks.
        UsageError: a model version that Label Studio's lists could not tell apart.
        StudioUnreachable: a request failed again and again.
    """
    store = DraftStore(studio, project_id)
    outcome = store.add(predictions)
    versions = {str(each["model_version"]) for each in predictions}
    one = len(versions) == 1 and (outcome.stored or outcome.already_there)
    store.finish(versions.pop() if one else "")
    return outcome


def show_version(studio: Studio, project_id: int, version: str) -> None:
    """Make `version`, of which there are predictions, the one annotators see first.

    It also orders the queue: with uncertainty sampling the lowest score of this version comes next.
    """
    if get_project(studio, project_id)["model_version"] != version:
        studio.patch(f"/api/projects/{project_id}", {"model_version": version})


def _have(studio: Studio, project_id: int, tasks: Iterable[Any]) -> dict[Any, set[str]]:
    """Return the model versions that tasks of the project have predictions of, of those given."""
    wanted = {task for task in tasks if isinstance(task, int) and not isinstance(task, bool)}
    if not wanted:
        return {}
    last = {
        "filter": "filter:tasks:id",
        "operator": "less_or_equal",
        "type": "Number",
        "value": max(wanted),
    }
    after = min(wanted) - 1
    found: dict[Any, set[str]] = {
        row["id"]: set()
        for row in iterate_tasks(studio, project_id, after=after, include=("id",), where=(last,))
        if row["id"] in wanted
    }
    where, include = (_DRAFTED, last), ("id", _VERSIONS)
    for row in iterate_tasks(studio, project_id, after=after, include=include, where=where):
        if row["id"] not in wanted:
            continue
        listed = row[_VERSIONS]
        if len(listed) < _CUT:
            versions = listed.split(",")
        else:
            listing = studio.get("/api/predictions", {"task": row["id"]}, shape=rows("id"))
            versions = [str(each.get("model_version") or "") for each in listing]
        found[row["id"]] = {version.strip() for version in versions}
    return found


def _counts(studio: Studio, project_id: int) -> dict[str, int]:
    return dict(studio.get(f"/api/projects/{project_id}/model-versions/", shape=counters))


def _fault(
    given: Mapping[str, Any], screen: Screen, have: Mapping[Any, set[str]], *, places: bool
) -> BadRow | None:
    if given.get("task") not in have:
        return BadRow("unknown_task", f"the project has no task {given.get('task')!r}")
    score = given.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        return BadRow("bad_score", f"{score!r} is no number")
    result = given.get("result")
    if places and result == [] and score is not None:
        return None
    if not isinstance(result, Sequence) or isinstance(result, str) or not result:
        # Stored, an empty draft would keep Label Studio from ever asking for another.
        return BadRow("empty_draft", "there is nothing to show")
    try:
        to_values(result, screen)
    except BadRow as error:
        return error
    return None
