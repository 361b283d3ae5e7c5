"""A share of a project's tasks answered by several people; more where their answers disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.studio.client import Studio
    from goldleaf.studio.overlap import Overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTasks:
    """How a project's tasks are shared, and what was changed for it.

    `shared` of `tasks` are answered by `people`, `raised` of them newly so; `behaviours` counts the
    shared ones by the rarest behaviour of each. `members` may answer. With `at_most`, `disputed`
    shared tasks have answers that disagree, and one more person is asked for `asked_again` of them.
    """

    people: int
    tasks: int
    shared: int
    raised: int
    members: int
    behaviours: dict[str, int]
    at_most: int = 0
    disputed: int = 0
    asked_again: int = 0


def share_tasks(
    number: int,
    people: int | None = None,
    *,
    share: float | None = None,
    seed: int | None = None,
    adaptive: int | None = None,
    settings: Settings | None = None,
    progress: Callable[[float], None] = lambda tasks: None,
) -> SharedTasks:
    """Have a share of a project's tasks answered by several people.

    The wish is kept with the project, and tasks that are imported later get it too. What is not
    given is as the project keeps it. What is asked for already is never asked less.

    Args:
        number: the project's.
        people: how many answer a shared task.
        share: of the tasks that are shared: of every behaviour, so many; at first all.
        seed: draws them; at first 0.
        adaptive: where answers disagree further people are asked, until so many have answered; at
            first, and with 0, nobody.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        progress: called with how many tasks were raised so far.

    Raises:
        UsageError: there is no such project, a number is out of range, or how many people answer
            was never given.
    """
    from goldleaf.studio.overlap import Overlap, keep_overlap, kept_overlap
    from goldleaf.studio.projects import get_project

    settings = settings or load()
    with open_studio(settings) as studio:
        project = get_project(studio, number)
        kept = kept_overlap(project)
        if kept is None and (asked := int(project.get("maximum_annotations") or 1)) > 1:
            kept = Overlap(asked)  # of every task, which Label Studio itself keeps
        if kept is None and people is None:
            raise UsageError(
                f"Project {number} keeps no overlap.",
                where=studio.url,
                fix=f"say how many answer: goldleaf project overlap {number} --overlap 2 "
                "--share 0.2",
            )
        wanted = (kept or Overlap()).changed(people, share, seed, adaptive)
        if wanted != kept:
            keep_overlap(studio, number, wanted)
        return share_open_project(studio, number, wanted, settings, progress)


def share_open_project(
    studio: Studio,
    number: int,
    wanted: Overlap,
    settings: Settings,
    progress: Callable[[float], None] = lambda tasks: None,
) -> SharedTasks:
    """Do what `share_tasks` does in a Label Studio that is open, for numbers that are kept."""
    from goldleaf.studio.overlap import apply_overlap
    from goldleaf.studio.projects import get_project
    from goldleaf.workflows.gold_key import key_name, read_key

    name = key_name(studio.url, get_project(studio, number))
    apart = read_key(settings.state, name).questions
    found = apply_overlap(studio, number, wanted, apart=apart, progress=progress)
    disputed, again = ask_again(studio, number, wanted, settings) if wanted.at_most else (0, 0)
    return SharedTasks(
        people=wanted.people,
        tasks=found.tasks,
        shared=found.shared,
        raised=found.raised,
        members=found.members,
        behaviours=found.behaviours,
        at_most=wanted.at_most,
        disputed=disputed,
        asked_again=again,
    )


def ask_again(studio: Studio, number: int, wanted: Overlap, settings: Settings) -> tuple[int, int]:
    """Ask one more person where all who were asked have answered and contradict each other.

    Returns:
        How many tasks have such answers, and for how many of them another person is asked.
    """
    from goldleaf.studio.overlap import set_overlap
    from goldleaf.studio.projects import get_project
    from goldleaf.workflows.conflicts import find_conflicts

    found = find_conflicts(studio, get_project(studio, number), settings).found
    again = 0
    for conflict in found:
        answers = int(conflict.task["total_annotations"])
        if len(conflict.annotations) > 1 and answers < wanted.at_most:
            overlap = int(studio.get(f"/api/tasks/{conflict.task['id']}/")["overlap"])
            if overlap <= answers:
                set_overlap(studio, int(conflict.task["id"]), answers + 1, answers)
                again += 1
    return len(found), again
