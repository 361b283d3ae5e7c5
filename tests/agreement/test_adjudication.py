"""An adjudicator's word: what taking an answer means, and that it settles the task."""

import dataclasses
import json
from typing import Any

import pytest
from kinds_of_all import ALL_KINDS
from label_studio_export import Project, shown_answer, shown_pair, taught_and_rejected

from goldleaf.audit.check import check
from goldleaf.audit.explain import explain
from goldleaf.core.errors import BadRow
from goldleaf.core.translations import Translations
from goldleaf.exporters.export import export
from goldleaf.label_configs.adjudication import (
    PARTIAL,
    ContestedAnswer,
    adjudicates,
    shuffled,
    taken,
    with_answers,
)
from goldleaf.label_configs.adjudication_screen import (
    CONTROL,
    OWN,
    PLACES,
    adjudication_config,
    answers_html,
    chosen,
    is_adjudication,
)
from goldleaf.label_configs.linter import lint
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.label_configs.registry import recognise
from goldleaf.label_configs.screen import parse
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

RECIPE = Recipe(split=Split(test=0.0))
COVERED = {name: kind for name, kind in ALL_KINDS.items() if name not in PARTIAL}


def take(place):
    """Return the region of an adjudicator who takes an answer."""
    value = {"choices": [place]}
    return {"from_name": CONTROL, "to_name": "x", "type": "choices", "value": value}


def settling(project: Any, task: Any, *, number: int = 9) -> dict[str, Any]:
    """Make the adjudicator's task of a task, as `goldleaf project adjudicate` does."""
    answers = [ContestedAnswer(a["id"], a["result"]) for a in task["annotations"]]
    answers = shuffled("x", answers)
    data = with_answers(task["data"], project.number, task["id"], answers)
    settled = {"id": 900 + task["id"], "project": number, "data": data, "annotations": []}
    return settled | {"predictions": [], "drafts": []}


def decide(task, place, *more, who=7, at="2026-02-01", number=0):
    task["annotations"].append(
        {
            **{"id": 9000 + number + len(task["annotations"]), "completed_by": who},
            **{"updated_at": f"{at}T00:00:00Z", "was_cancelled": False},
            "result": [take(place), *more],
        }
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", COVERED.values(), ids=COVERED)
def test_the_screen_is_of_the_same_kind_and_shows_its_controls_for_an_own_answer_only(kind, lang):
    config = adjudication_config(kind.config(lang), Translations(lang), 3)
    assert is_adjudication(config) and not is_adjudication(kind.config(lang))
    assert recognise(config) is recognise(kind.config(lang))
    assert lint(config) == []
    controls = parse(config).controls
    assert controls[CONTROL].choices == (*PLACES[:3], OWN)
    for name, control in controls.items():
        if name != CONTROL:
            assert (CONTROL, (OWN,)) in control.visible_when, name
    assert parse(config).fields == parse(kind.config(lang)).fields | {"shown_adjudicated"}


def test_taking_an_answer_says_the_same_as_having_given_it():
    project = Project(3, "preference")
    task = project.task(shown_pair())
    first = project.annotate(task, 1, decision="a_much", good_a=("clear",), edit_a="A better one.")
    project.annotate(task, 2, decision="b")
    reader = AnsweredProject(project.kind, project.kind.config())
    (theirs,) = reader.records(task, first)
    settled = settling(project, task)
    place = [a["annotation"] for a in settled["data"]["goldleaf"]["adjudicates"]["answers"]]
    decide(settled, PLACES[place.index(first["id"])])
    own = AnsweredProject(
        project.kind, adjudication_config(project.kind.config(), Translations("en"))
    )
    (word,) = own.records(settled, settled["annotations"][0])
    assert dataclasses.replace(word, parents=()) == dataclasses.replace(theirs, parents=())
    (parent,) = word.parents
    assert parent.adjudicates == f"3/{task['id']}" == adjudicates(settled)
    assert parent.annotator == "person:7" and parent.order_shown == theirs.parents[0].order_shown
    said = {
        each.control: each.value for each in own.controls(settled, settled["annotations"][0]).values
    }
    assert said["decision"] == "a_much" and CONTROL not in said


def test_the_order_says_nothing_of_who_or_when():
    answers = [ContestedAnswer(n, [take(str(n))]) for n in range(4)]
    orders = {tuple(a.annotation for a in shuffled(f"task {n}", answers)) for n in range(40)}
    assert len(orders) > 10
    assert shuffled("t", answers) == shuffled("t", answers[::-1])


@pytest.mark.parametrize("result", [[], [take("nobody")], [take("third")]])
def test_what_takes_no_answer_that_was_shown_has_a_reason(result):
    project = Project(3, "preference")
    task = project.task(shown_pair())
    project.annotate(task, 1, decision="a")
    project.annotate(task, 2, decision="b")
    settled = settling(project, task)
    with pytest.raises(BadRow):
        taken(settled, {"result": result})
    if not result:
        with pytest.raises(BadRow):
            chosen(result)


def test_html_of_answers_is_safe_and_leaves_out_texts_that_were_left():
    kind = ALL_KINDS["preference"]
    data = kind.codec.to_task(shown_pair())
    values = {"decision": ("a",), "edit_a": (data["answer_a"],), "note": ("<script>x</script>",)}
    html = answers_html(kind.config(), [values, {"decision": ("tie",)}], data, Translations("en"))
    assert "A is better" in html and "Tie" in html
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert data["answer_a"] not in html


def exported(out, *projects, more=()):
    tasks = [task for project in projects for task in project.tasks] + list(more)
    results = [r for task in json.loads(json.dumps(tasks)) for r in read_task(task)]
    export(results, RECIPE, out, overwrite=True)
    assert not check(out)
    taught, rejected = taught_and_rejected(out)
    assert not taught & rejected
    manifest = json.loads((out / "manifest.json").read_text())
    return {text for _, text in taught}, {text for _, text in rejected}, manifest


def test_the_adjudicator_s_word_settles_the_task_against_any_majority(tmp_path):
    project = Project(3, "preference")
    task = project.task(shown_pair("Good.", "Bad."))
    for who, text in enumerate(("Good.", "Bad.", "Bad.", "Bad."), 1):
        project.prefer(task, who, text, "_much" if who == 2 else "")
    settled = settling(project, task)
    places = [a["annotation"] for a in settled["data"]["goldleaf"]["adjudicates"]["answers"]]
    decide(settled, PLACES[places.index(task["annotations"][0]["id"])])
    taught, rejected, manifest = exported(tmp_path / "out", project, more=[settled])
    assert (taught, rejected) == ({"Good."}, {"Bad."})
    assert manifest["reasons"]["dropped"]["adjudicated"]
    assert manifest["answers"]["read"] == 5
    dropped = next(a for a in task["annotations"] if a["completed_by"] == 3)
    key = f"project:3/task:{task['id']}/annotation:{dropped['id']}"
    told = explain(tmp_path / "out", key).records[0]
    assert told["reason"] == "adjudicated" and told["instead"]["adjudicated"]
    word = explain(tmp_path / "out", f"project:9/task:{settled['id']}/annotation:9000")
    text = "\n".join(s.text for s in word.sections(Translations("en")))
    assert f"settles task {task['id']} of project 3" in text


def test_of_two_words_the_newest_counts_and_a_skip_settles_nothing(tmp_path):
    project = Project(3, "preference")
    one, two = project.task(shown_pair("Good.", "Bad.")), project.task(shown_pair("Yes.", "No."))
    for task in (one, two):
        project.annotate(task, 1, decision="a")
        project.annotate(task, 2, decision="b")
    settled, skipped = settling(project, one), settling(project, two)
    decide(settled, "first", at="2026-02-01")
    decide(settled, "second", at="2026-02-02", who=8)
    decide(skipped, "first", number=50)
    skipped["annotations"][0]["was_cancelled"] = True
    taught, rejected, manifest = exported(tmp_path / "out", project, more=[settled, skipped])
    newest = settled["data"]["goldleaf"]["adjudicates"]["answers"][1]["result"][0]["value"]
    letter = newest["choices"][0]
    assert taught == {one["data"][f"answer_{letter}"]} and len(rejected) == 1
    assert manifest["reasons"]["rejected"] == {"cancelled": 1}
    assert manifest["reasons"]["dropped"]["disagreement"] == 2


def test_a_word_on_a_task_that_showed_no_answer_settles_it_too(tmp_path):
    project = Project(3, "instruction")
    task = project.task(shown_answer(""))
    asked = task["data"]["prompt"]
    project.annotate(task, 1, instruction=asked, answer="Ask a locksmith.", verdict="fixed")
    project.annotate(task, 2, instruction=asked, answer="Buy a new lock.", verdict="fixed")
    settled = settling(project, task)
    decide(settled, "first")
    wanted = settled["data"]["goldleaf"]["adjudicates"]["answers"][0]["annotation"]
    text = "Ask a locksmith." if wanted == task["annotations"][0]["id"] else "Buy a new lock."
    taught, _, _ = exported(tmp_path / "out", project, more=[settled])
    assert taught == {text}
