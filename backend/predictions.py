"""Draft tasks as Label Studio predictions: always one for each task, in the same order.

One task that cannot be drafted is answered `{}` and never spoils the batch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from goldleaf.backend.log import LOG
from goldleaf.backend.predictors.predictor import Draft, Predictor, model_version
from goldleaf.core.errors import BadRow
from goldleaf.core.text_comparison import why_not_utf8
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.regions import Values, to_regions
from goldleaf.label_configs.screen import Screen

CHUNK = 64
"""Tasks a predictor gets at once; between two chunks the time is looked at."""
SAID_CHARS = 300
"""What the log has of a predictor's own error message."""
REASONS = frozenset(
    {
        *("nothing_to_say", "not_a_task", "bad_draft", "final_word"),
        *("predictor_failed", "too_late"),
    }
)
"""Why a task is answered `{}`, besides the reason codes of `BadRow`."""

Report = Callable[[int, str], None]
"""Called with (place of the task, "drafted" or the reason why not) for each task."""


def draft_predictions(
    kind: Kind,
    screen: Screen,
    tasks: Sequence[Any],
    predictor: Predictor,
    *,
    report: Report | None = None,
    seconds: float | None = None,
) -> list[dict[str, Any]]:
    """Return one prediction a task; `{}` for a task that gets no draft.

    Args:
        kind: the kind of the project.
        screen: the project's own screen; a draft that does not fit it is not given.
        tasks: Label Studio's task objects; only `data` is read.
        predictor: who drafts.
        report: called with the outcome of each task.
        seconds: tasks not begun after this time get `{}`: Label Studio would drop the whole batch.

    Returns:
        A list of the length of `tasks`: `{"result", "score", "model_version"}` or `{}`. A fault of
        the predictor, of any class, costs a task its draft and is reported; it is not raised. The
        `score` is the place in the queue; that of a region is how sure the model is of it.
    """
    end = math.inf if seconds is None else time.monotonic() + seconds
    version = model_version(kind, predictor)
    predictions: list[dict[str, Any]] = []
    for start in range(0, len(tasks), CHUNK):
        chunk = tasks[start : start + CHUNK]
        late = time.monotonic() > end
        drafts = ["too_late"] * len(chunk) if late else _drafts(kind, chunk, predictor)
        for place, draft in enumerate(drafts, start):
            prediction, outcome = _prediction(draft, kind, screen, version)
            predictions.append(prediction)
            if report:
                report(place, outcome)
    return predictions


def _drafts(kind: Kind, tasks: Sequence[Any], predictor: Predictor) -> Sequence[Draft | str]:
    """Return a draft or a reason for each task; a batch that fails is tried task by task."""
    whole = bool(getattr(predictor, "WHOLE_TASKS", False))
    data: dict[int, Mapping[str, Any]] = {}
    for place, task in enumerate(tasks):
        if isinstance(task, Mapping) and isinstance(task.get("data"), Mapping):
            data[place] = task if whole else task["data"]
    drafted: list[Draft | str] = ["not_a_task"] * len(tasks)
    batch = _attempt(kind, list(data.values()), predictor)
    if isinstance(batch, str):
        for place in data:
            alone = _attempt(kind, [data[place]], predictor)
            drafted[place] = alone if isinstance(alone, str) else alone[0]
    else:
        for place, draft in zip(data, batch, strict=True):
            drafted[place] = draft
    return drafted


def _attempt(
    kind: Kind, data: Sequence[Mapping[str, Any]], predictor: Predictor
) -> Sequence[Draft | str] | str:
    """Return what the predictor drafts for these tasks, or why it could not."""
    try:
        drafts = predictor.drafts(kind, data)
    except BadRow as error:
        return error.reason
    except Exception as error:  # a predictor may be third-party code: its faults stay its own
        said = " ".join(str(error).split())[:SAID_CHARS]
        LOG.warning("predictor %s failed: %s: %s", predictor.NAME, type(error).__name__, said)
        return "predictor_failed"
    if len(drafts) != len(data):
        LOG.warning("predictor %s: %d drafts, %d tasks", predictor.NAME, len(drafts), len(data))
        return "predictor_failed"
    return [_draft_or_reason(draft) for draft in drafts]


def _draft_or_reason(draft: object) -> Draft | str:
    if draft is None:
        return "nothing_to_say"
    if isinstance(draft, BadRow):
        return draft.reason
    return draft if isinstance(draft, Draft) else "bad_draft"


def _on_screen(kind: Kind, values: Values, screen: Screen) -> Values:
    """Return a draft without the controls that a project of an older release has not got yet."""
    return {
        name: held
        for name, held in values.items()
        if name in screen.controls or name not in kind.dispensable
    }


def _prediction(
    draft: Draft | str, kind: Kind, screen: Screen, version: str
) -> tuple[dict[str, Any], str]:
    """Return Label Studio's form of a draft, and what to report."""
    if isinstance(draft, str):
        return {}, draft
    try:
        if not all(kind.may_draft(name) for name in draft.values):
            raise BadRow("final_word", "the annotator's own word is not drafted")
        for values in draft.values.values():
            for text in values:
                if reason := why_not_utf8(text):
                    raise BadRow(reason)
        confidence = {n: sure for n, sure in draft.confidence.items() if math.isfinite(sure)}
        regions = to_regions(_on_screen(kind, draft.values, screen), screen, confidence)
    except BadRow as error:
        return {}, error.reason
    except Exception as error:
        LOG.warning("a draft is no draft: %s", type(error).__name__)
        return {}, "bad_draft"
    if not regions:
        return {}, "nothing_to_say"
    finite = draft.score is not None and math.isfinite(draft.score)
    score = draft.score if finite else None
    return {"result": regions, "score": score, "model_version": version}, "drafted"


def task_name(task: object, place: int) -> str:
    """Return how a task is called in the log: by its id, or by its place in the request, from 0."""
    given = cast("dict[str, object]", task).get("id") if isinstance(task, dict) else None
    return f"task {given}" if isinstance(given, int) else f"number {place + 1}"
