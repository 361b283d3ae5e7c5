"""Shared tasks, gold questions and adjudication through a real Label Studio, and bad input."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from goldleaf.audit.check import check
from goldleaf.core.errors import UsageError
from goldleaf.core.records import Candidate, Comparison, Tags, Turn
from goldleaf.core.settings import Settings
from goldleaf.label_configs.adjudication_screen import CONTROL, SHOWN
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.studio.accounts import create_account
from goldleaf.studio.annotation_stream import AnnotationCounts, stream_tasks
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks
from goldleaf.workflows.adjudicate import adjudicate
from goldleaf.workflows.export import export
from goldleaf.workflows.gold_questions import gold_questions
from goldleaf.workflows.import_rows import open_rows
from goldleaf.workflows.import_to_project import import_to_project
from goldleaf.workflows.keep_overlap import look_once
from goldleaf.workflows.project_overlap import share_tasks
from goldleaf.workflows.projects import create_project
from goldleaf.workflows.team import team, team_projects

pytestmark = pytest.mark.label_studio
KIND = kind_named("preference")
RECIPE = Recipe(split=Split(test=0.0))


@pytest.fixture
def settings(label_studio, tmp_path):
    return Settings(url=label_studio.url, token=label_studio.token, data_dir=tmp_path / "state")


@pytest.fixture
def people(label_studio):
    """Return Label Studio seen through three annotators."""
    with ExitStack() as opened:
        yield [
            opened.enter_context(
                create_account(label_studio.studio, f"{name}@team.invalid", f"{name} password")
            )
            for name in ("ada", "ben", "cid")
        ]


def pairs(count):
    return [
        KIND.codec.to_task(
            Comparison(
                (Turn("user", f"Question {number}?"),),
                (
                    Candidate((Turn("assistant", f"Good {number}."),)),
                    Candidate((Turn("assistant", f"Bad {number}."),)),
                ),
                tags=Tags(behaviours=("chat",)),
            )
        )
        for number in range(count)
    ]


def say(who, task, side, **more):
    answer = KIND.codec.Answer(decision=side, **more)
    return submit_annotation(who, task, to_regions(KIND.to_annotation(answer), KIND.screen))


def word(who, task, place, **own):
    """Submit an adjudicator's word on a task."""
    regions = to_regions(KIND.to_annotation(KIND.codec.Answer(**own)), KIND.screen) if own else []
    value = {"choices": [place]}
    taken = {"from_name": CONTROL, "to_name": SHOWN, "type": "choices", "value": value}
    return submit_annotation(who, task, [taken, *regions])


def exported(project, settings, out, **options):
    export(f"project:{project}", out, RECIPE, settings=settings, overwrite=True, **options)
    assert not check(out)
    manifest = json.loads((out / "manifest.json").read_text())
    train = out / "trl" / "dpo" / "train.jsonl"
    rows = [json.loads(line) for line in train.read_text().splitlines()]
    return {row["chosen"][0]["content"] for row in rows}, manifest


def test_a_project_whose_tasks_all_are_shared_is_shared_again(label_studio, settings):
    made = create_project("preference", overlap=2, settings=settings)
    import_tasks(label_studio.studio, made.number, pairs(3))
    shared = share_tasks(made.number, settings=settings)
    assert (shared.people, shared.raised, shared.shared) == (2, 0, 3)
    alone = create_project("preference", settings=settings)
    with pytest.raises(UsageError, match="keeps no overlap"):
        share_tasks(alone.number, settings=settings)


def test_one_more_is_asked_where_two_disagree_and_an_adjudicator_settles_the_rest(
    label_studio, settings, people, tmp_path
):
    studio = label_studio.studio
    ada, ben, cid = people
    made = create_project("preference", overlap=2, share=1.0, adaptive=3, settings=settings)
    project = made.number
    tasks = import_tasks(studio, project, pairs(4)).task_ids
    assert adjudicate([project], settings=settings)[0].shared == 0, "nobody has answered"
    for task in tasks:
        say(ada, task, "a", good_a=("clear",))
    (alone,) = adjudicate([project], settings=settings)
    assert (alone.conflicts, alone.settled_in) == (0, None), "one annotator contradicts nobody"
    say(ben, tasks[0], "b")
    say(ben, tasks[1], "b_much")
    say(ben, tasks[2], "b")
    say(ben, tasks[3], "a")
    seen: dict[int, AnnotationCounts] = {}
    assert project in look_once(settings, seen), "as goldleaf up does"
    assert studio.get(f"/api/tasks/{tasks[0]}/")["overlap"] == 3
    assert project not in look_once(settings, seen)
    shared = share_tasks(project, settings=settings)
    assert (shared.disputed, shared.asked_again) == (3, 0)
    assert share_tasks(project, adaptive=4, settings=settings).at_most == 4
    assert share_tasks(project, adaptive=3, settings=settings).people == 2, "as it was kept"
    say(cid, tasks[0], "b")
    assert share_tasks(project, settings=settings).disputed == 2, "two to one is a majority"

    (asked,) = adjudicate([project], settings=settings)
    assert (asked.created, asked.waiting) == (2, 2)
    todo = {t["data"]["goldleaf"]["adjudicates"]["task"]: t for t in settling(studio, asked)}
    changed = studio.get(f"/api/tasks/{tasks[1]}/")["annotations"][0]
    say(ben, tasks[1], "b", note="I am less sure now.")
    (again,) = adjudicate([project], settings=settings)
    assert (again.created, again.changed) == (0, 1), changed
    submit_annotation(cid, todo[tasks[1]]["id"], [], skipped=True)
    (skipped,) = adjudicate([project], settings=settings)
    assert (skipped.waiting, skipped.skipped, skipped.conflicts) == (1, 1, 2)
    word(cid, todo[tasks[1]]["id"], "first")
    word(ada, todo[tasks[1]]["id"], "own", decision="b", edit_b="A third text.")
    studio.delete(f"/api/tasks/{todo[tasks[2]]['id']}/")
    (twice,) = adjudicate([project], settings=settings)
    assert (twice.settled, twice.twice, twice.created) == (1, 1, 1), "the deleted one is made anew"

    chosen, manifest = exported(project, settings, tmp_path / "out")
    assert "A third text." in chosen
    assert manifest["reasons"]["dropped"]["disagreement"] == 2, "of the task that waits"
    assert manifest["answers"]["read"] == 10 + 3, "theirs, a change, two words and a skip"

    studio.delete(f"/api/tasks/{tasks[1]}/")
    (gone,) = adjudicate([project], settings=settings)
    assert gone.gone == 1
    chosen, _ = exported(project, settings, tmp_path / "out")
    assert "A third text." in chosen, "an adjudicator's word outlives the task"
    assert gone.settled_in
    listed = team_projects(studio)
    assert project in listed and gone.settled_in not in listed
    with pytest.raises(UsageError, match="itself"):
        adjudicate([gone.settled_in], settings=settings)


def settling(studio, found):
    return list(stream_tasks(studio, found.settled_in))


def test_answers_of_two_configs_and_of_who_left_are_settled_alike(label_studio, settings, tmp_path):
    studio = label_studio.studio
    project = create_project("preference", overlap=2, settings=settings).number
    tasks = import_tasks(studio, project, pairs(2)).task_ids
    with ExitStack() as opened:
        dan, eva = (
            opened.enter_context(create_account(studio, f"{name}@left.invalid", f"{name} passwd"))
            for name in ("dan", "eva")
        )
        say(dan, tasks[0], "a")
        config = studio.get(f"/api/projects/{project}")["label_config"]
        added = '<Choice alias="polite" value="Polite"/><Choice alias="correct"'
        studio.patch(
            f"/api/projects/{project}",
            {"label_config": config.replace('<Choice alias="correct"', added, 1)},
        )
        say(eva, tasks[0], "b")
        polite = studio.get(f"/api/tasks/{tasks[0]}/")["annotations"][-1]
        extra = {"from_name": "good_a", "to_name": "answer_a", "type": "choices"}
        studio.patch(
            f"/api/annotations/{polite['id']}/",
            {"result": [*polite["result"], {**extra, "value": {"choices": ["polite"]}}]},
        )
        members = {email: number for number, email in studio.accounts().items()}
        for name in ("dan", "eva"):
            left = members[f"{name}@left.invalid"]
            studio.delete(f"/api/organizations/1/memberships/{left}/")
        (found,) = adjudicate([project], settings=settings)
        assert (found.conflicts, found.created) == (1, 1), "two who left are still two people"
        (task,) = settling(studio, found)
        assert "Polite" in task["data"][SHOWN]
    with create_account(studio, "fay@left.invalid", "fay password") as fay:
        place = next(
            place
            for place, each in zip(
                ("first", "second"), task["data"]["goldleaf"]["adjudicates"]["answers"], strict=True
            )
            if each["annotation"] == polite["id"]
        )
        word(fay, task["id"], place)
    chosen, _ = exported(project, settings, tmp_path / "out")
    assert chosen == {task["data"]["answer_b"]}


def test_gold_questions_are_hidden_scored_and_never_exported_unless_asked(
    label_studio, settings, people, tmp_path
):
    studio = label_studio.studio
    ada, ben, _ = people
    project = create_project("preference", overlap=2, share=0.2, settings=settings).number
    rows = tmp_path / "gold.jsonl"
    known = [
        {"prompt": f"What is {n} + {n}?", "chosen": str(2 * n), "rejected": "I forgot."}
        for n in range(12)
    ]
    rows.write_text(
        "\n".join(json.dumps(r | {"expected": {"decision": ["a", "a_much"]}}) for r in known)
    )
    with pytest.raises(UsageError, match="no other tasks"):
        gold_questions(project, rows, settings=settings)
    ordinary = tmp_path / "rows.jsonl"
    plain = [{"prompt": f"Q {n}?", "chosen": f"G {n}", "rejected": f"B {n}"} for n in range(12)]
    ordinary.write_text("\n".join(map(json.dumps, plain)))

    def bring():
        given = open_rows(ordinary, settings=settings, project=project)
        import_to_project(given, project, settings=settings)

    bring()
    found = gold_questions(project, rows, share=0.25, settings=settings)
    assert (found.questions, found.asked, found.created) == (12, 4, 4)
    bring()
    assert gold_questions(project, settings=settings).created == 0
    tasks = list(stream_tasks(studio, project))
    assert len(tasks) == 16
    gold = [t for t in tasks if t["data"]["prompt"].startswith("What")]
    assert not any(
        word in json.dumps([t["data"], t["meta"]])
        for t in gold
        for word in ("gold.jsonl", "expected")
    )
    for task in tasks:
        true = "a" if task["data"]["answer_b"][0] in "IB" else "b"
        say(ada, task["id"], true)
        if task in gold:
            say(ben, task["id"], "a_much")
    scores = {s.share for s in gold_questions(project, settings=settings).scores}
    right = sum(t["data"]["answer_b"] == "I forgot." for t in gold)
    assert {(s.right, s.count) for s in scores} == {(4, 4), (right, 4)}
    assert {*team([project], settings=settings).review.gold.values()} == {(4, 4), (right, 4)}
    own = gold_questions(project, annotator="ben@team.invalid", settings=settings)
    assert len(own.scores) == 1 and len(own.scores[0].misses) == 4 - right
    with pytest.raises(UsageError, match=r"'bem@team.invalid' is no account"):
        gold_questions(project, annotator="bem@team.invalid", settings=settings)
    assert adjudicate([project], settings=settings)[0].conflicts == 0, "gold needs no adjudicator"
    chosen, manifest = exported(project, settings, tmp_path / "out")
    assert chosen == {f"G {n}" for n in range(12)}
    assert manifest["reasons"]["rejected"] == {"gold_question": 8}
    chosen, manifest = exported(project, settings, tmp_path / "out", gold=True)
    assert len(chosen) > 12 and not manifest["reasons"]["rejected"]

    for bad, what in (
        ({"expected": {"decisoin": "a"}}, "no control"),
        ({"expected": {"decision": "c"}}, "no choice"),
        ({}, "does not say"),
    ):
        rows.write_text(json.dumps(known[0] | bad))
        with pytest.raises(UsageError, match=what):
            gold_questions(project, rows, settings=settings)
