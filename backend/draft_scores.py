"""What became of drafts: shown, accepted, edited, overruled, and the time that answers took.

Read from the tasks of a project as Label Studio stores them: an annotation names the draft that it
began from, and that draft its model version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.regions import Values, to_values
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
    """

    control: str
    version: str
    accepted: int = 0
    edited: int = 0
    overruled: int = 0

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
        with_draft, without: seconds that answers took, as Label Studio measured them.
    """

    answers: int = 0
    unreadable: int = 0
    scores: list[DraftScore] = field(default_factory=list[DraftScore])
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
        }


def draft_scores(tasks: Iterable[Mapping[str, Any]], kind: Kind, screen: Screen) -> DraftScores:
    """Return what became of the drafts of a project.

    Args:
        tasks: its tasks with annotations and predictions, as `stream_tasks` yields them.
        kind: its kind; controls that it does not let models draft are left out.
        screen: its own screen.
    """
    found, scores = DraftScores(), dict[tuple[str, str], DraftScore]()
    for task in tasks:
        for annotation in objects_in(task.get("annotations")):
            if annotation.get("was_cancelled") or not annotation.get("result"):
                continue
            draft = _draft_behind(task, annotation)
            try:
                answered = to_values(annotation.get("result") or [], screen)
                drafted = to_values(object_or_empty(draft).get("result") or [], screen)
            except BadRow:
                found.unreadable += 1
                continue
            if draft is None:
                found.unreadable += 1
                continue
            found.answers += 1
            _time(found, annotation, bool(drafted))
            version = str(draft.get("model_version") or "")
            for name in {pattern_of(name) for name in drafted if kind.may_draft(name)}:
                score = scores.setdefault((name, version), DraftScore(name, version))
                control = screen.controls.get(name)
                _count(
                    score,
                    _of(drafted, name),
                    _of(answered, name),
                    control is not None and control.type == "textarea",
                )
    found.scores = [score for _, score in sorted(scores.items())]
    return found


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


def _of(values: Values, name: str) -> Values:
    return {each: values[each] for each in values if pattern_of(each) == name}


def _count(score: DraftScore, drafted: Values, answered: Values, text: bool) -> None:
    if all(_same(values, answered.get(name, ()), text) for name, values in drafted.items()):
        score.accepted += 1
    elif text:
        score.edited += 1
    else:
        score.overruled += 1


def _same(drafted: Iterable[Any], answered: Iterable[Any], text: bool) -> bool:
    return list(drafted) == list(answered) if text else set(drafted) == set(answered)


def _time(found: DraftScores, annotation: Mapping[str, Any], drafted: bool) -> None:
    spent = annotation.get("lead_time")
    if isinstance(spent, int | float) and spent > 0:
        (found.with_draft if drafted else found.without).append(float(spent))


def _median(seconds: list[float]) -> float | None:
    return round(median(seconds), 1) if seconds else None
