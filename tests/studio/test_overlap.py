"""A share of the tasks answered by several people, through a real Label Studio."""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import Any

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.accounts import create_account
from goldleaf.studio.client import RequestRejected, Studio
from goldleaf.studio.overlap import (
    Overlap,
    SharedTask,
    apply_overlap,
    keep_overlap,
    kept_overlap,
    set_overlap,
    strata_of,
    to_share,
)
from goldleaf.studio.projects import get_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks


def shared_tasks(count, *, first=1, behaviours=("chat",), overlap=1):
    return [
        SharedTask(number, f"content {number}", tuple(behaviours), overlap)
        for number in range(first, first + count)
    ]


def test_the_share_is_taken_of_every_behaviour_and_does_not_depend_on_the_order():
    tasks = [
        *shared_tasks(100),
        *shared_tasks(30, first=101, behaviours=("chat", "refusal")),
        *shared_tasks(2, first=131, behaviours=("chat", "tool_call")),
    ]
    wish = Overlap(2, 0.1, seed=7)
    chosen = to_share(tasks, wish)
    strata = strata_of(tasks)
    per = {name: sum(strata[task.id] == name for task in chosen) for name in set(strata.values())}
    assert per == {"chat": 10, "refusal": 3, "tool_call": 1}
    mixed = random.Random(1).sample(tasks, len(tasks))
    assert to_share(mixed, wish) == chosen
    assert to_share(tasks, Overlap(2, 0.1, seed=8)) != chosen


def test_later_tasks_add_to_those_that_are_shared_and_take_none_away():
    wish = Overlap(2, 0.2)
    early = to_share(shared_tasks(50), wish)
    raised = {task.id for task in early}
    now = [
        SharedTask(task.id, task.identity, task.behaviours, 2 if task.id in raised else 1)
        for task in shared_tasks(80)
    ]
    later = {task.id for task in to_share(now, wish)}
    assert raised < later and len(later) == 16


@pytest.mark.parametrize(
    "numbers", [(0,), (2, 0.0), (2, 1.5), (1, 1.0, 0, 3), (3, 1.0, 0, 3)], ids=str
)
def test_numbers_that_cannot_be_are_refused(numbers):
    with pytest.raises(UsageError):
        Overlap(*numbers)


@pytest.mark.parametrize(
    ("given", "wish"),
    [
        ({}, Overlap(2, 0.2, 7, 3)),
        ({"people": 4}, Overlap(4, 0.2, 7)),
        ({"at_most": 4}, Overlap(2, 0.2, 7, 4)),
        ({"share": 0.5, "seed": 1, "at_most": 0}, Overlap(2, 0.5, 1)),
    ],
)
def test_what_is_not_given_stays_as_the_project_keeps_it(given, wish):
    assert Overlap(2, 0.2, 7, 3).changed(**given) == wish


def test_a_new_number_that_cannot_be_is_refused():
    with pytest.raises(UsageError, match="asked of a shared task anyway"):
        Overlap(3, 0.2, 7, 4).changed(at_most=3)


def test_the_wish_is_kept_in_the_project_beside_what_its_owner_wrote(label_studio, project):
    studio = label_studio.studio
    studio.patch(f"/api/projects/{project}", {"description": "Rivers of Asia\nfor May"})
    for wish in (Overlap(2, 0.25, 7, 4), Overlap(3, 1.0)):
        keep_overlap(studio, project, wish)
        assert kept_overlap(get_project(studio, project)) == wish
    described = get_project(studio, project)["description"].splitlines()
    assert described[:2] == ["Rivers of Asia", "for May"] and len(described) == 3
    studio.patch(f"/api/projects/{project}", {"description": "goldleaf overlap: many people"})
    assert kept_overlap(get_project(studio, project)) is None


def served(studio: Studio, project: int) -> Any:
    """Return the task that the queue gives an account, and how many answers come with it."""
    try:
        given = studio.get(f"/api/projects/{project}/next")
    except RequestRejected as error:
        assert error.status == 404
        return None
    return given["id"], len(given["annotations"])


@pytest.fixture
def account(label_studio):
    """Return a function that gives a Label Studio seen through an account, closed afterwards."""
    with ExitStack() as opened:
        yield lambda name: opened.enter_context(
            create_account(label_studio.studio, f"{name}@overlap.invalid", f"{name} password")
        )


def test_label_studio_serves_shared_tasks_twice_blind_and_those_of_who_left_to_others(
    label_studio, project, comparisons, account
):
    studio, kind = label_studio.studio, kind_named("preference")
    answer = to_regions(kind.to_annotation(kind.codec.Answer(decision="a")), kind.screen)
    import_tasks(studio, project, comparisons(5))
    done = apply_overlap(studio, project, Overlap(2, 0.4))
    assert (done.shared, done.raised) == (2, 2)
    assert apply_overlap(studio, project, Overlap(2, 0.4)).raised == 0
    one = account("one")
    two = account("two")
    first = []
    while given := served(one, project):
        first.append(given[0])
        submit_annotation(one, given[0], answer)
    assert len(first) == 5
    given = served(two, project)
    assert given and given[1] == 0, "the queue shows nobody another's answer"
    submit_annotation(two, given[0], answer)
    held = served(two, project)
    single = next(task for task in first if task not in (given[0], held[0]))
    set_overlap(studio, single, 2, 1)
    assert studio.get(f"/api/tasks/{single}/")["is_labeled"] is False, "it is asked for again"
    three = account("three")
    assert served(three, project)[0] == single, "the other task is held by the second person"
    members = {email: number for number, email in studio.accounts().items()}
    left = members["two@overlap.invalid"]
    studio.delete(f"/api/organizations/1/memberships/{left}/")
    assert left not in studio.accounts(), "Label Studio calls all who left by one name"
    submit_annotation(three, single, answer)
    assert served(three, project) == (held[0], 0), "what the second person began goes to another"
