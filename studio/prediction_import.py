"""Store predictions in a project: validated before, counted with Label Studio's numbers after."""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldleaf.core.errors import BadRow, GoldleafError, StudioUnreachable, UsageError
from goldleaf.label_configs.screen import parse
from goldleaf.studio.client import RequestRejected, Studio, Unauthorized
from goldleaf.studio.draft_faults import draft_fault
from goldleaf.studio.held_drafts import HeldDraft, HeldDrafts
from goldleaf.studio.plugin_presence import has_plugin
from goldleaf.studio.projects import Project, get_project
from goldleaf.studio.response_shapes import holding
from goldleaf.studio.stored_predictions import (
    counts_by_version,
    remove_doubles,
    show_version,
    versions_by_task,
    without_version,
)
from goldleaf.studio.task_pagination import Report, iterate_tasks

_TASK_SECONDS = 0.02
"""What a task may cost Label Studio in a request, many times what was measured."""
_TOO_LARGE = 413
_PAUSES = (1.0, 3.0, 10.0)
"""Seconds before it is looked what became of a request whose answer was lost."""


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
    looked which tasks have their draft, and only the rest is sent again. A run that was killed
    leaves a request at work: what it stores meanwhile is looked for before each request of ours,
    and what is double in the end is removed.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        described: the project as `get_project` returned it; it is asked for if not given.
        places: take predictions with an empty result, too: a place in the queue and no draft.

    Attributes:
        gone: predictions given whose task was deleted meanwhile.
        found: predictions given whose task had got one of the version meanwhile.
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
        self.gone = self.found = 0
        self._shown = str(described["model_version"] or "")
        self._screen = parse(described["label_config"])
        self._before = counts_by_version(studio, project_id)
        self._held = HeldDrafts(cheap=has_plugin(studio.url))
        self._sent: dict[str, array[int]] = {}
        self._doubtful = False
        self._lacking = ""
        self._yielded = 0
        self._present: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many predictions wait for a larger request."""
        return len(self._held)

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
        self._lacking = "" if self._before.get(version) and others else version
        if self._before.get(version) and not others:
            where = (without_version(version),)
        for task in iterate_tasks(
            *(self.studio, self.project),
            include=("id", "data"),
            where=where,
            unreadable=unreadable,
        ):
            self._yielded += 1
            yield task

    def add(self, predictions: Sequence[Mapping[str, Any]]) -> StoreOutcome:
        """Store predictions; see `store_predictions`. After `without`, only of tasks it yielded.

        Some are held back for a larger request, until a later call or `finish`; they count as
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
            tasks = [each.get("task") for each in predictions]
            have = versions_by_task(self.studio, self.project, tasks)
        rejected: list[tuple[Any, BadRow]] = []
        stored = already_there = 0
        for given in predictions:
            task, version = given.get("task"), str(given["model_version"])
            if bad := draft_fault(given, self._screen, have, places=self._places):
                rejected.append((task, bad))
                continue
            self._present[version] += 1
            if version in have[task]:
                already_there += 1
            else:
                stored += 1
                have[task].add(version)
                self._hold(given, version)
        while self._held.full or self._held.late:
            self._send_held()
        return StoreOutcome(stored, already_there, tuple(rejected))

    def finish(self, version: str = "") -> None:
        """Send the rest, count what is there; show annotators the drafts of `version`, if given.

        Raises:
            GoldleafError: Label Studio stored fewer than it was given; the message names the tasks.
        """
        while self._held:
            self._send_held()
        now = counts_by_version(self.studio, self.project) if self._sent else self._before
        sent = sum(map(len, self._sent.values()))
        stored = sum(now.get(each, 0) - self._before.get(each, 0) for each in self._sent)
        if stored < sent:
            self._check_stored(stored, sent)
        if self._lacking and now.get(self._lacking, 0) > self._expected(self._lacking, self.tasks):
            tasks = int(get_project(self.studio, self.project)["task_number"] or 0)
            more = now.get(self._lacking, 0) - self._expected(self._lacking, tasks)
            if more > 0:  # not by tasks that came meanwhile
                self._remove_doubles(self._lacking, more)
        elif self._doubtful and stored > sent:
            for each, tasks in self._sent.items():
                more = now.get(each, 0) - self._before.get(each, 0) - len(tasks)
                self._remove_doubles(each, more, frozenset(tasks))
        if version and version != self._shown:
            show_version(self.studio, self.project, version)

    def _remove_doubles(self, version: str, more: int, tasks: frozenset[int] | None = None) -> None:
        """Remove what is there beyond one a task: `more`, of any task or of these.

        Label Studio counts a task's predictions some time after it has stored them.
        """
        for pause in (*_PAUSES, 0.0):
            more -= remove_doubles(self.studio, self.project, version, tasks)
            if more <= 0:
                return
            time.sleep(pause)

    def _expected(self, version: str, tasks: int) -> int:
        """Return how many predictions of a version there are if each task has at most one."""
        return tasks - self._yielded + self._present[version]

    def _hold(self, given: Mapping[str, Any], version: str) -> None:
        # Label Studio's bulk import takes the names of the config alone, `rank_{{idx}}`, and
        # answers 201 with nothing stored for `rank_0` of a Repeater. Its route for one prediction
        # takes them: 33 ms each.
        names = {str(region["from_name"]) for region in given["result"]}
        self._held.add(given, version, alone=not names <= self._screen.controls.keys())

    def _send_held(self) -> None:
        began = time.monotonic()
        self._send(self._held.take())
        self._held.sent(time.monotonic() - began)

    def _send(self, chunk: list[HeldDraft]) -> None:
        if self._others_stored({each.version for each in chunk}):
            chunk, there = self._lacking_still(chunk)
            for each in there:
                self._before[each.version] = self._before.get(each.version, 0) + 1
            self.found += len(there)
        for each in chunk:
            self._sent.setdefault(each.version, array("q")).append(each.task)
        for pause in (*_PAUSES, None):
            if not chunk:
                return
            try:
                self._post(chunk)
            except (StudioUnreachable, RequestRejected) as error:
                if pause is None or isinstance(error, Unauthorized):
                    raise
                chunk = self._rest_after(error, chunk, pause)
            else:
                return

    def _rest_after(
        self, error: GoldleafError, chunk: list[HeldDraft], pause: float
    ) -> list[HeldDraft]:
        """Return what is to be sent again after a failure that may not come again."""
        lost = isinstance(error, StudioUnreachable)
        if lost:
            self._doubtful = True
            self._held.lost(len(chunk))
            time.sleep(pause)
        rest, _ = self._lacking_still(chunk)
        if not lost and len(rest) == len(chunk):
            raise error
        return rest

    def _others_stored(self, versions: set[str]) -> bool:
        """Return whether there are more predictions of these versions than this run knows of."""
        now = counts_by_version(self.studio, self.project)
        return any(
            now.get(each, 0) > self._before.get(each, 0) + len(self._sent.get(each, ()))
            for each in versions
        )

    def _lacking_still(self, chunk: list[HeldDraft]) -> tuple[list[HeldDraft], list[HeldDraft]]:
        """Return those whose task has none of the version, and those whose task has one.

        Those whose task is gone are forgotten.
        """
        have = versions_by_task(self.studio, self.project, [each.task for each in chunk])
        for each in chunk:
            if each.task not in have:
                self.gone += 1
                self._present[each.version] -= 1
                if each.task in (sent := self._sent.get(each.version, array("q"))):
                    sent.remove(each.task)
        left = [each for each in chunk if each.task in have]
        lacking = [each for each in left if each.version not in have[each.task]]
        return lacking, [each for each in left if each.version in have[each.task]]

    def _post(self, chunk: Sequence[HeldDraft]) -> None:
        """Store drafts in one request; those of a Repeater, which it would drop, one by one."""
        if together := [each.json for each in chunk if not each.alone]:
            self._post_together(together)
        for each in chunk:
            if each.alone:
                self.studio.post("/api/predictions/", each.json, shape=holding(id=int))

    def _post_together(self, drafts: Sequence[bytes]) -> None:
        """Store drafts in one request; in smaller ones where a proxy takes none of that size."""
        if len(drafts) > self._held.largest:
            for start in range(0, len(drafts), self._held.largest):
                self._post_together(drafts[start : start + self._held.largest])
            return
        path = f"/api/projects/{self.project}/import/predictions"
        seconds = 100.0 + _TASK_SECONDS * (self.tasks + len(drafts))
        try:
            body = b"[" + b",".join(drafts) + b"]"
            self.studio.post(path, body, shape=holding(created=int), timeout=seconds)
        except RequestRejected as error:
            if error.status != _TOO_LARGE or len(drafts) == 1:
                raise
            self._held.refused(len(drafts))
            self._post_together(drafts)

    def _check_stored(self, stored: int, sent: int) -> None:
        tasks = [task for each in self._sent.values() for task in each]
        have = versions_by_task(self.studio, self.project, tasks)
        missing = [
            task
            for version, each in self._sent.items()
            for task in each
            if task in have and version not in have[task]
        ]
        self.gone += sum(task not in have for task in tasks)
        if not missing:
            return
        named = ", ".join(map(str, missing[:20])) + (" ..." if len(missing) > 20 else "")
        raise GoldleafError(
            f"Label Studio stored {stored} of {sent} predictions; tasks without one: {named}.",
            where=f"{self.studio.url}/projects/{self.project}",
            fix="its log says why; correct these drafts and run the same command again",
        )


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
