"""One training run for one project: read annotations, fit, publish, update predictions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldleaf.backend.label_studio_ml.fit_round import give_answers
from goldleaf.backend.label_studio_ml.foreign_model import ForeignProjectModel
from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors.predictor import Predictor, for_project, model_version
from goldleaf.backend.training.fit_model import worth_fitting
from goldleaf.backend.training.fit_process import Fitting
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.thresholds import TARGET
from goldleaf.backend.training.training_examples import Example, examples, fingerprint, learnable
from goldleaf.core.errors import BadRow
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import recognise
from goldleaf.label_configs.screen import Screen, parse
from goldleaf.studio.annotation_stream import next_unanswered, stream_tasks
from goldleaf.studio.backend_link import follow_version
from goldleaf.studio.client import Studio
from goldleaf.studio.prediction_import import store_predictions
from goldleaf.studio.projects import project_key
from goldleaf.studio.task_pagination import UnreadableTask

NEXT = 500
"""Unanswered tasks that get drafts of a new model at once; the queue serves these first. A task
behind them is drafted when it is opened, or in a later round."""
MOST = 20_000
"""Examples learned from: those of the last tasks of a project."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """Result of a training run.

    Attributes:
        examples: how many were read, at most `MOST`.
        version: the predictor's for this project, after the run.
        learned: whether a new model was published.
        drafted: drafts stored in Label Studio.
        unreadable: tasks that Label Studio cannot give; the round went on without them.
    """

    examples: int
    version: str
    learned: bool
    drafted: int
    unreadable: tuple[UnreadableTask, ...] = ()


class Stopping(Exception):
    """The backend is going down; nothing is lost, the next start goes on."""


def run_training(
    studio: Studio,
    project: Mapping[str, Any],
    store: ModelStore,
    predictor: Predictor,
    fitting: Callable[[], Fitting],
    *,
    target: float = TARGET,
) -> TrainingRun | None:
    """Fit a model on a project's annotations, publish it, and store new predictions.

    Every step may be repeated: equal examples are not learned from twice, and a draft of a version
    that a task has is not stored again. So a round that was killed is simply run once more.

    Args:
        studio: where.
        project: as Label Studio describes it.
        store: where models lie.
        predictor: who drafts.
        fitting: makes a fit; raises `Stopping` when there is no time left.
        target: share of right answers that a draft must have.

    Returns:
        What was done; None for a project whose screen is none of ours.

    Raises:
        GoldleafError: the fit ended early, or Label Studio failed; run it again.
        Stopping: from `fitting`.
    """
    try:
        kind = recognise(project["label_config"])
    except BadRow:
        kind = None
    if kind is None:
        return None
    number, key, screen = int(project["id"]), project_key(project), parse(project["label_config"])
    lost: dict[int, UnreadableTask] = {}

    def leave_out(task: UnreadableTask) -> None:
        lost[task.id] = task

    rows = stream_tasks(studio, number, only_submitted=True, unreadable=leave_out)
    now = for_project(predictor, key, project["label_config"])
    if isinstance(now, ForeignProjectModel):
        old = now.VERSION
        given = give_answers(now, project, screen, rows)
        drafted = _draft_next(studio, number, kind, screen, now, leave_out) if given else 0
        learned = old != now.VERSION
        return TrainingRun(now.learned_from, now.VERSION, learned, drafted, tuple(lost.values()))
    controls = learnable(kind, screen)
    tasks = rows if controls else ()
    found: Sequence[Example] = deque(examples(tasks, controls, screen), MOST)
    current = store.current(key)
    known = current is not None and current[1].examples == fingerprint(found)
    # Without a model and without enough to learn from, there is nothing to publish.
    learned = not known and (current is not None or bool(worth_fitting(found, controls, target)))
    if learned:
        content, header = fitting().run(found, controls, kind.id, target)
        store.publish(key, content, header)
    now = for_project(predictor, key, project["label_config"])
    drafted = 0
    if store.current(key):
        drafted = _draft_next(studio, number, kind, screen, now, leave_out)
    return TrainingRun(len(found), now.VERSION, learned, drafted, tuple(lost.values()))


def _draft_next(
    studio: Studio,
    number: int,
    kind: Kind,
    screen: Screen,
    predictor: Predictor,
    leave_out: Callable[[UnreadableTask], None],
) -> int:
    """Store drafts for the next unanswered tasks, have Label Studio ask for their version."""
    tasks = next_unanswered(studio, number, NEXT, unreadable=leave_out)
    drafts = draft_predictions(kind, screen, tasks, predictor)
    given = [
        {"task": task["id"], **draft} for task, draft in zip(tasks, drafts, strict=True) if draft
    ]
    stored = store_predictions(studio, number, given).stored if given else 0
    follow_version(studio, number, model_version(kind, predictor))
    return stored
