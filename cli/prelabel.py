"""`goldleaf prelabel`: drafts for the tasks of a project, in bulk."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.connection import open_studio, settings_of
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption
from goldleaf.cli.output import counting, hint, note, say, say_json
from goldleaf.cli.suggestions import language
from goldleaf.cli.undrafted import Undrafted
from goldleaf.core.error_translation import translated
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.studio.client import Studio
    from goldleaf.studio.task_pagination import UnreadableTask

CHUNK = 500
"""Tasks drafted and stored together; a run that is broken off is simply repeated."""


def prelabel(
    project: Annotated[int, typer.Argument(help="The project's number.")],
    predictor: Annotated[str, typer.Option(help="Who drafts.")] = "auto",
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft answers for every task of a project.

    Drafts are stored in Label Studio in bulk; repeating it adds nothing twice.
    """
    settings = settings_of(data_dir, url, lang)
    undrafted = Undrafted()
    with open_studio(settings) as studio:
        told = run(studio, project, settings.state.models, predictor, undrafted)
    if as_json:
        say_json(told | {"reasons": undrafted.reasons, "learned_from": undrafted.learned_from})
        return
    words = Translations(settings.language)
    say(words.listed(f"{_fate(name, words)} {count}" for name, count in told.items()))
    for line in undrafted.lines(words):
        hint(line)


def _fate(name: str, words: Translations) -> str:
    """Return what became of tasks, in words; what a codec refuses has its reason."""
    return words.known(f"drafted.{name}") or words.known(f"reason.{name}") or name


def run(
    studio: Studio,
    project: int,
    models: Path,
    predictor: str = "auto",
    undrafted: Undrafted | None = None,
) -> dict[str, int]:
    """Draft for every task of a project, with what was learned of it in the folder `models`.

    `undrafted` collects why tasks got no draft.

    Returns:
        Counts that add up to the tasks.
    """
    from goldleaf.backend.predictions import draft_predictions
    from goldleaf.backend.predictors.predictor import for_project, learned_from, model_version
    from goldleaf.backend.predictors.predictor import undrafted as why
    from goldleaf.backend.predictors.predictor_registry import open_predictor
    from goldleaf.label_configs.screen import parse
    from goldleaf.studio.prediction_import import DraftStore
    from goldleaf.studio.projects import get_project, project_key, project_kind

    described = get_project(studio, project)
    kind = project_kind(studio, project, described)
    screen = parse(described["label_config"])
    unit = for_project(open_predictor(predictor, models), project_key(described))
    undrafted = undrafted or Undrafted()
    undrafted.learned_from = learned_from(unit)
    version, store = model_version(kind, unit), DraftStore(studio, project, described)
    words = Translations(language())
    told = {"tasks": 0, "stored": 0, "already_there": 0, "rejected": 0, "unreadable": 0}
    reasons: Counter[str] = Counter()
    with counting("tasks") as step:

        def pass_over(task: UnreadableTask) -> None:
            told["unreadable"] += 1
            note(f"  {task}")

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
            told["tasks"] += len(tasks)
            told["stored"] += done.stored
            told["already_there"] += done.already_there
            told["rejected"] += len(done.rejected)
            for task, bad in done.rejected:
                reason, detail = _fate(bad.reason, words), translated(bad.detail, words.lang)
                note(words("drafted.refused", task=task, reason=reason, detail=detail))
            step(told["tasks"])
    store.finish(version if told["stored"] or told["already_there"] else "")
    told["tasks"] += told["unreadable"]
    passed = max(0, store.tasks - told["tasks"])  # those that had a draft of this version
    told["tasks"] += passed
    told["already_there"] += passed
    del reasons["drafted"]
    return (
        told | {"nothing_to_say": reasons.pop("nothing_to_say", 0)} | dict(sorted(reasons.items()))
    )
