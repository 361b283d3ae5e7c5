"""What became of drafts: shown, accepted, edited, overruled, and the time that answers took.

Read from the tasks of a project as Label Studio stores them: an annotation names the draft that it
began from, and that draft its model version.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from goldleaf.backend.calibration import CalibrationCurve
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.read_annotations import changed_controls
from goldleaf.label_configs.regions import to_confidence, to_values
from goldleaf.label_configs.screen import Screen, pattern_of


@dataclass(slots=True)
class DraftScore:
    """Counts of one control and model version.

    Attributes:
        control: the control's name, in a Repeater that of its pattern.
        version: the model version of the drafts.
        accepted: answers that left the draft as it was.
        edited: drafted texts that were changed.
        overruled: drafted choices that were answered otherwise, or taken away.
        newest: when the last of these answers was changed, as Label Studio writes it.
    """

    control: str
    version: str
    accepted: int = 0
    edited: int = 0
    overruled: int = 0
    newest: str = ""

    @property
    def shown(self) -> int:
        """Answers over a draft of this control."""
        return self.accepted + self.edited + self.overruled


@dataclass(slots=True)
class DraftScores:
    """What became of a project's drafts.

    Attributes:
        answers: submitted annotations that can be read.
        unreadable: those that cannot, or whose draft is gone: they count nowhere else.
        scores: by control and version, in that order.
        calibration: control -> how often its drafts were right at each confidence, where they have
            one.
        with_draft, without: seconds that answers took, as Label Studio measured them.
    """

    answers: int = 0
    unreadable: int = 0
    scores: list[DraftScore] = field(default_factory=list[DraftScore])
    calibration: dict[str, CalibrationCurve] = field(default_factory=dict[str, CalibrationCurve])
    with_draft: list[float] = field(default_factory=list[float])
    without: list[float] = field(default_factory=list[float])

    @property
    def minutes_saved(self) -> float | None:
        """Difference of the medians, over all answers with a draft; None without both kinds."""
        if not self.with_draft or not self.without:
            return None
        saved = median(self.without) - median(self.with_draft)
        return round(saved * len(self.with_draft) / 60, 1)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it; `coverage` is of all readable answers."""
        return {
            "answers": self.answers,
            "unreadable": self.unreadable,
            "median_seconds_with_draft": _median(self.with_draft),
            "median_seconds_without": _median(self.without),
            "minutes_saved": self.minutes_saved,
            "controls": [
                {
                    "control": each.control,
                    "version": each.version,
                    "shown": each.shown,
                    "coverage": round(each.shown / max(1, self.answers), 4),
                    "accepted": each.accepted,
                    "edited": each.edited,
                    "overruled": each.overruled,
                }
                for each in self.scores
            ],
            "calibration": {name: each.plain() for name, each in self.calibration.items()},
        }


def draft_scores(tasks: Iterable[Mapping[str, Any]], kind: Kind, screen: Screen) -> DraftScores:
    """Return what became of the drafts of a project.

    Args:
        tasks: its tasks with annotations and predictions, as `stream_tasks` yields them.
        kind: its kind; controls that it does not let models draft are left out.
        screen: its own screen.
    """
    tally = DraftTally(kind, screen)
    deque(tally.passing(tasks), 0)
    return tally.scores()


class DraftTally:
    """Counts what became of drafts while tasks are read for something else; see `draft_scores`."""

    def __init__(self, kind: Kind, screen: Screen) -> None:
        self._kind, self._screen = kind, screen
        self._found, self._scores = DraftScores(), dict[tuple[str, str], DraftScore]()

    def passing(self, tasks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield the tasks as they are, each counted."""
        for task in tasks:
            for annotation in objects_in(task.get("annotations")):
                if not annotation.get("was_cancelled") and annotation.get("result"):
                    self._add(task, annotation)
            yield task

    def scores(self) -> DraftScores:
        """Return what was counted so far."""
        self._found.scores = [score for _, score in sorted(self._scores.items())]
        self._found.calibration = dict(sorted(self._found.calibration.items()))
        return self._found

    def _add(self, task: Mapping[str, Any], annotation: Mapping[str, Any]) -> None:
        found, screen = self._found, self._screen
        draft = _draft_behind(task, annotation)
        regions = object_or_empty(draft).get("result") or []
        try:
            answered = to_values(annotation.get("result") or [], screen)
            drafted = to_values(regions, screen)
        except BadRow:
            found.unreadable += 1
            return
        if draft is None:
            found.unreadable += 1
            return
        found.answers += 1
        _time(found, annotation, bool(drafted))
        version = str(draft.get("model_version") or "")
        sure, changed = to_confidence(regions), changed_controls(drafted, answered, screen)
        for name in {pattern_of(name) for name in drafted if self._kind.may_draft(name)}:
            score = self._scores.setdefault((name, version), DraftScore(name, version))
            score.newest = max(score.newest, str(annotation.get("updated_at") or ""))
            control = screen.controls.get(name)
            text = control is not None and control.type == "textarea"
            kept = {each: each not in changed for each in drafted if pattern_of(each) == name}
            _count(score, all(kept.values()), text)
            for each, right in kept.items():
                if each in sure:
                    found.calibration.setdefault(name, CalibrationCurve()).add(sure[each], right)


def _draft_behind(
    task: Mapping[str, Any], annotation: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return the draft that an annotation began from; {} where none was, None if it is gone."""
    parent = annotation.get("parent_prediction")
    if parent is None:
        return {}
    found = [p for p in objects_in(task.get("predictions")) if p.get("id") == parent]
    found += [p for p in [object_or_empty(annotation.get("prediction"))] if p.get("result")]
    return found[0] if found else None


def _count(score: DraftScore, kept: bool, text: bool) -> None:
    if kept:
        score.accepted += 1
    elif text:
        score.edited += 1
    else:
        score.overruled += 1


def _time(found: DraftScores, annotation: Mapping[str, Any], drafted: bool) -> None:
    spent = annotation.get("lead_time")
    if isinstance(spent, int | float) and spent > 0:
        (found.with_draft if drafted else found.without).append(float(spent))


def _median(seconds: list[float]) -> float | None:
    return round(median(seconds), 1) if seconds else None
