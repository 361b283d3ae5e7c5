"""The scripted annotators of the demo; their accounts' names say that they are scripts.

Everything that people do occurs: an answer, an edit, a draft overruled, a skip, a disagreement.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from goldleaf.label_configs.regions import to_regions, to_values

if TYPE_CHECKING:
    from goldleaf.label_configs.demo_script import DemoAnswers
    from goldleaf.label_configs.kind import Kind
    from goldleaf.studio.client import Studio

FIRST = "first@scripted.goldleaf.invalid"
SECOND = "second@scripted.goldleaf.invalid"
SKIPS, SECOND_OPINIONS = 8, 7
"""Every 8th task is skipped; every 7th gets a second answer, the other way round."""


@dataclass
class Done:
    """What the scripted annotators did, each a count of tasks."""

    answered: int = 0
    overruled: int = 0
    skipped: int = 0
    disagreed: int = 0

    def plain(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


def annotate(studio: Studio, kind: Kind, script: DemoAnswers, tasks: list[dict[str, Any]]) -> Done:
    """Answer every task that has no answer yet, by the kind's script; every 8th is skipped.

    Args:
        studio: seen through the account of the scripted annotator.
        kind: of the project.
        script: its answers.
        tasks: Label Studio's task objects, with `annotations` and `predictions`.
    """
    from goldleaf.studio.submit import submit_annotation

    done = Done()
    for place, task in enumerate(tasks, 1):
        if task["annotations"]:
            continue
        shown = draft_of(task)
        drafted = to_values(shown["result"], kind.screen) if shown else {}
        skipped = place % SKIPS == 0
        values = drafted
        if not skipped:
            draft = kind.parse_annotation(drafted, task["data"])
            values = kind.to_annotation(script.answer(task["data"], draft, place))
            done.overruled += any(values.get(name, ()) != was for name, was in drafted.items())
        done.skipped += skipped
        done.answered += not skipped
        submit_annotation(
            studio,
            task["id"],
            to_regions(values, kind.screen),
            parent_prediction=shown["id"] if shown else None,
            skipped=skipped,
        )
    return done


def disagree(studio: Studio, kind: Kind, script: DemoAnswers, tasks: list[dict[str, Any]]) -> int:
    """Answer tasks a second time, the other way round; return how many.

    They must have an answer; those skipped or answered twice are left out.
    """
    from goldleaf.studio.submit import submit_annotation

    count = 0
    for task in tasks:
        first = task["annotations"][0]
        if len(task["annotations"]) > 1 or first["was_cancelled"]:
            continue
        answered = kind.parse_annotation(to_values(first["result"], kind.screen), task["data"])
        if answer := script.second_opinion(answered):
            regions = to_regions(kind.to_annotation(answer), kind.screen)
            submit_annotation(studio, task["id"], regions)
            count += 1
    return count


def draft_of(task: dict[str, Any]) -> dict[str, Any] | None:
    """Return the draft of a task; a prediction without a result is a mere place in the queue."""
    return next((each for each in task["predictions"] if each["result"]), None)
