"""Drafts for the tasks of a project, in bulk; repeating it adds nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.backend.predictors.predictor import Predictor
    from goldleaf.core.errors import BadRow
    from goldleaf.studio.client import Studio
    from goldleaf.studio.task_pagination import UnreadableTask

CHUNK = 500
"""Tasks drafted and stored together; a run that is broken off is simply repeated."""


@dataclass
class Undrafted:
    """Tasks without a draft, by reason code.

    `learned_from` is the number of answers that the project's model knows; None without a model
    that learns. `needed` is the number from which it drafts.
    """

    reasons: Counter[str] = field(default_factory=Counter[str])
    learned_from: int | None = None

    @property
    def needed(self) -> int:
        """The fewest answers from which a model drafts (`fewest_examples`)."""
        from goldleaf.backend.training.thresholds import fewest_examples

        return fewest_examples()


def prelabel(
    studio: Studio,
    project: int,
    models: Path,
    predictor: str | Predictor = "auto",
    undrafted: Undrafted | None = None,
    *,
    progress: Callable[[float, float], None] = lambda tasks, total: None,
    unreadable: Callable[[UnreadableTask], None] = lambda task: None,
    refused: Callable[[int, BadRow], None] = lambda task, why: None,
) -> dict[str, int]:
    """Draft for every task of a project, with what was learned of it in the folder `models`.

    Args:
        studio: the Label Studio that has it.
        project: its number.
        models: what was learned, a folder a project.
        predictor: who drafts, or its name, another package's too (`predictors()`), or
            `package.module:Class` of a model for label-studio-ml.
        undrafted: collects why tasks got no draft.
        progress: called with how many tasks are done, those that had their draft before among
            them, and how many there are; a task whose draft waits for a larger request is half
            done.
        unreadable: called with a task that Label Studio cannot give.
        refused: called with a task's number and why its draft was not stored.

    Returns:
        `tasks`, and counts that add up to it: `stored`, `already_there`, `rejected` (the screen
        cannot show the draft), `unreadable`, `nothing_to_say`, and other reasons that occurred.

    Raises:
        UsageError: there is no such project or predictor, or the project is of no kind of ours.
    """
    from goldleaf.backend.predictions import draft_predictions
    from goldleaf.backend.predictors.predictor import for_project, learned_from, model_version
    from goldleaf.backend.predictors.predictor import undrafted as why
    from goldleaf.backend.predictors.predictor_registry import open_predictor
    from goldleaf.label_configs.screen import parse
    from goldleaf.studio.prediction_import import DraftStore
    from goldleaf.studio.projects import get_project, project_key, project_kind

    if isinstance(predictor, str):
        chosen = open_predictor(predictor, models, apart=True, patient=True)
        try:
            return prelabel(
                *(studio, project, models, chosen, undrafted),
                progress=progress,
                unreadable=unreadable,
                refused=refused,
            )
        finally:
            getattr(chosen, "close", lambda: None)()
    described = get_project(studio, project)
    kind = project_kind(studio, project, described)
    screen = parse(described["label_config"])
    unit = for_project(predictor, project_key(described), described["label_config"])
    undrafted = undrafted or Undrafted()
    undrafted.learned_from = learned_from(unit)
    version, store = model_version(kind, unit), DraftStore(studio, project, described)
    counts = {"tasks": 0, "stored": 0, "already_there": 0, "rejected": 0, "unreadable": 0}
    reasons: Counter[str] = Counter()

    def pass_over(task: UnreadableTask) -> None:
        counts["unreadable"] += 1
        unreadable(task)

    before = store.drafted(version)
    progress(before, store.tasks)
    stream = store.without(version, pass_over)
    while tasks := list(islice(stream, CHUNK)):
        outcomes: dict[int, str] = {}
        drafts = draft_predictions(kind, screen, tasks, unit, report=outcomes.__setitem__)
        reasons.update(outcomes.values())
        undrafted.reasons.update(
            why(unit, kind, tasks[place])
            for place, outcome in outcomes.items()
            if outcome == "nothing_to_say"
        )
        given = [
            {"task": task["id"], **draft}
            for task, draft in zip(tasks, drafts, strict=True)
            if draft
        ]
        done = store.add(given)
        counts["tasks"] += len(tasks)
        counts["stored"] += done.stored
        counts["already_there"] += done.already_there
        counts["rejected"] += len(done.rejected)
        for task, bad in done.rejected:
            refused(task, bad)
        progress(min(before + counts["tasks"] - store.waiting / 2, store.tasks), store.tasks)
    store.finish(version if counts["stored"] or counts["already_there"] else "")
    progress(store.tasks, store.tasks)
    counts["stored"] -= store.gone + store.found
    counts["already_there"] += store.found
    counts["tasks"] += counts["unreadable"] - store.gone
    # Those that had a draft of this version.
    passed = max(0, store.tasks - store.gone - counts["tasks"])
    counts["tasks"] += passed
    counts["already_there"] += passed
    del reasons["drafted"]
    nothing = reasons.pop("nothing_to_say", 0)
    return counts | {"nothing_to_say": nothing} | dict(sorted(reasons.items()))
