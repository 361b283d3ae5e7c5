"""One training run for one project: read annotations, fit, publish, update predictions."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from goldleaf.backend.draft_scores import DraftScore, DraftTally
from goldleaf.backend.label_studio_ml.fit_round import give_answers
from goldleaf.backend.label_studio_ml.foreign_model import ForeignProjectModel
from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors.predictor import (
    Predictor,
    for_project,
    learned_from,
    model_version,
    priorities,
    unfinished,
)
from goldleaf.backend.training.first_order import first_order
from goldleaf.backend.training.fit_model import worth_fitting
from goldleaf.backend.training.fit_process import Fitting
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.prompt_spread import spread_over_prompts
from goldleaf.backend.training.thresholds import TARGET
from goldleaf.backend.training.training_examples import (
    Example,
    examples,
    fingerprint,
    learnable,
    prompt_group,
)
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import recognise
from goldleaf.label_configs.screen import Screen, parse
from goldleaf.studio.annotation_stream import next_unanswered, stream_tasks
from goldleaf.studio.backend_link import follow_version
from goldleaf.studio.client import Studio
from goldleaf.studio.prediction_import import DraftStore
from goldleaf.studio.projects import project_key
from goldleaf.studio.stored_predictions import counts_by_version
from goldleaf.studio.task_pagination import UnreadableTask

RANKED = 5_000
"""Unanswered tasks that a new model looks at after a training, by rising id."""
NEXT = 500
"""Of these, the first in the queue: they get a prediction of the new version, whether or not
something can be drafted, and Label Studio serves them in the order of its score. A task behind them
is drafted when it is opened, or in a later round."""
FIRST_PLACES = 60
"""The same before there is a model, which replaces that order: three times what it waits for."""
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
        placed: tasks without a draft that were given a place in the queue.
        unreadable: tasks that Label Studio cannot give; the round went on without them.
        scores: what became of drafts, by control and version; of the answers that were read.
    """

    examples: int
    version: str
    learned: bool
    drafted: int
    placed: int = 0
    unreadable: tuple[UnreadableTask, ...] = ()
    scores: tuple[DraftScore, ...] = ()


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

    tally = DraftTally(kind, screen)
    answered = stream_tasks(
        studio, number, only_submitted=True, described=dict(project), unreadable=leave_out
    )
    rows = tally.passing(answered)
    now = for_project(predictor, key, project["label_config"])
    if isinstance(now, ForeignProjectModel):
        old = now.VERSION
        given = give_answers(now, project, screen, rows)
        counts = _fill_queue(studio, project, kind, screen, now, (), leave_out) if given else (0, 0)
        learned = old != now.VERSION
        done = TrainingRun(now.learned_from, now.VERSION, learned, *counts, tuple(lost.values()))
        return replace(done, scores=tuple(tally.scores().scores))
    controls = learnable(kind, screen)
    tasks = rows if controls else ()
    found: Sequence[Example] = list(deque(examples(tasks, controls, screen), MOST))
    current = store.current(key)
    known = store.knows(key, fingerprint(found))
    # Without a model and without enough to learn from, there is nothing to publish.
    learned = not known and (current is not None or bool(worth_fitting(found, controls, target)))
    if learned:
        content, header = fitting().run(found, controls, kind.id, target)
        store.publish(key, content, header)
    now = for_project(predictor, key, project["label_config"])
    counts = 0, 0
    # Without a model, too, and before the first answer: those decide how soon there is one.
    if store.current(key) or (controls and learned_from(now) is not None):
        counts = _fill_queue(studio, project, kind, screen, now, found, leave_out)
    done = TrainingRun(len(found), now.VERSION, learned, *counts, tuple(lost.values()))
    return replace(done, scores=tuple(tally.scores().scores))


def _fill_queue(
    studio: Studio,
    project: Mapping[str, Any],
    kind: Kind,
    screen: Screen,
    predictor: Predictor,
    answered: Sequence[Example],
    leave_out: Callable[[UnreadableTask], None],
) -> tuple[int, int]:
    """Store what comes next, have Label Studio ask for its version; return drafts and mere places.

    A task of which a text is still to come is left for the next round, or for Label Studio to ask:
    what is stored is not asked for again. Before a model has learned anything, nothing is stored
    where a person chose to show drafts of another version.

    The least priority is served first (what the model is least sure of, other prompts before more
    of one; before it can say, some tasks of each sort), equal ones by rising id. A task for which
    nothing can be drafted gets an empty prediction, for its score alone.
    """
    number, version = int(project["id"]), model_version(kind, predictor)
    if learned_from(predictor) == 0 and _shows_others(studio, project, version):
        return 0, 0
    tasks = next_unanswered(studio, number, RANKED, unreadable=leave_out)
    shown = [object_or_empty(task["data"]) for task in tasks]
    places = _places(kind, tasks, predictor)
    if any(place is not None for place in places):
        groups = [prompt_group(data) for data in shown]
        tasks_answered = {example.key.partition("/")[0]: example.group for example in answered}
        places = spread_over_prompts(places, groups, tasks_answered.values())
    elif learned_from(predictor) is not None:
        places = first_order(shown, answered)
        nothing_learned = not answered and not learned_from(predictor)
        if nothing_learned and all(place is None for place in places):
            return 0, 0  # no order is better than another
    most = FIRST_PLACES if learned_from(predictor) == 0 else NEXT
    ranked = sorted(
        ((priority, task) for priority, task in zip(places, tasks, strict=True)),
        key=lambda each: (math.inf if each[0] is None else each[0], each[1]["id"]),
    )[:most]
    first, outcomes = [task for _, task in ranked], dict[int, str]()
    drafts = draft_predictions(kind, screen, first, predictor, report=outcomes.__setitem__)
    given, empty = list[dict[str, Any]](), list[dict[str, Any]]()
    for place, ((priority, task), draft) in enumerate(zip(ranked, drafts, strict=True)):
        if unfinished(predictor, kind, task):
            continue
        about = {"task": task["id"], "score": draft.get("score") if priority is None else priority}
        if draft:
            given.append({**draft, **about})
        elif priority is not None and outcomes[place] == "nothing_to_say":
            empty.append({**about, "result": [], "model_version": version})
    drafted = placed = 0
    if given or empty:
        queue = DraftStore(studio, number, places=True)
        drafted, placed = queue.add(given).stored, queue.add(empty).stored
        queue.finish(version)
    follow_version(studio, number, version)
    return drafted, placed


def _shows_others(studio: Studio, project: Mapping[str, Any], version: str) -> bool:
    """Return whether annotators see stored drafts of another version."""
    shown = str(project["model_version"] or "")
    return (
        shown not in ("", version)
        and counts_by_version(studio, int(project["id"])).get(shown, 0) > 0
    )


def _places(
    kind: Kind, tasks: Sequence[Mapping[str, Any]], predictor: Predictor
) -> list[float | None]:
    """Return each task's priority; None where the predictor fails, as for a task it cannot read."""
    found: list[float | None] = []
    for task in tasks:
        try:
            found += priorities(predictor, kind, [object_or_empty(task["data"])])
        except Exception:  # its drafts fail alike, and are logged then
            found.append(None)
    return found
