"""Which tasks wait for an adjudicator, whose word settles them, and what a team does wrongly."""

import json

import pytest
from label_studio_export import Project, shown_pair, taught_and_rejected

from goldleaf.agreement.conflict_policies import DISAGREEMENT, NEEDS_ADJUDICATION
from goldleaf.audit.check import check
from goldleaf.core.errors import NothingUsable
from goldleaf.core.records import Turn
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.ingest import ingest
from goldleaf.exporters.planning.contested import contested
from goldleaf.label_configs.adjudication import ContestedAnswer, with_answers
from goldleaf.label_configs.adjudication_screen import CONTROL, PLACES
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Conflicts, Split

GOOD, BAD = "Ask a locksmith.", "No idea."
POLICIES = ("majority", "model", "adjudicate", "soft", "drop")


def recipe(policy, least=None):
    return Recipe(split=Split(test=0.0), conflicts=Conflicts(policy=policy, min_agreement=least))


def asked(*tasks, number=1):
    """Return a preference project; each task is what its annotators say: a text, `tie`, None."""
    project = Project(number, "preference")
    for place, votes in enumerate(tasks):
        prompt = (Turn("user", f"Which lock is number {place}?"),)
        task = project.task(shown_pair(GOOD, BAD, prompt))
        for who, vote in enumerate(votes, 1):
            if vote in (GOOD, BAD):
                project.prefer(task, who, vote)
            else:
                project.annotate(task, who, **({"decision": vote} if vote else {}))
    return project


def word_on(task, text, *, at="2026-02-01", who=9):
    """Return the adjudicator's task of a task, in which the answer for a text was taken."""
    letter = "a" if task["data"]["answer_a"] == text else "b"
    answers = [ContestedAnswer(each["id"], each["result"]) for each in task["annotations"]]
    sides = [each.result[0]["value"]["choices"][0] for each in answers]
    value = {"choices": [PLACES[sides.index(letter)]]}
    taken = {"from_name": CONTROL, "to_name": "x", "type": "choices", "value": value}
    said = {"id": 9000 + task["id"], "completed_by": who, "updated_at": f"{at}T00:00:00Z"}
    return {
        **{"id": 900 + task["id"], "project": 99, "predictions": [], "drafts": []},
        "data": with_answers(task["data"], task["project"], task["id"], answers),
        "annotations": [{**said, "was_cancelled": False, "result": [taken]}],
    }


def read(tasks, reader=None):
    return [r for task in json.loads(json.dumps(tasks)) for r in read_task(task, reader)]


def open_tasks(folder, tasks, chosen):
    """Return the numbers of the tasks that an adjudicator is asked about."""
    folder.mkdir(exist_ok=True)
    found = contested(ingest(read(tasks), IngestConfig(chosen, ("trl",), folder)), chosen)
    return sorted({int(key.split("/task:")[1].split("/")[0]) for key in found})


def exported(out, tasks, chosen, reader=None):
    """Return the taught and the rejected texts of an export, and its manifest."""
    given = read(tasks, reader)
    export(given, chosen, out, overwrite=True)
    assert not check(out), "the sums of the ledger hold"
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["answers"]["read"] == len(given)
    return *taught_and_rejected(out), manifest


VOTES = [(GOOD, BAD), (GOOD, GOOD, BAD), (GOOD, "tie"), ("tie", "tie", GOOD), (BAD, BAD), (GOOD,)]


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        (Recipe(), [0, 2]),
        (recipe("majority", 0.7), [0, 1, 2]),
        (recipe("model"), [0, 2]),
        (recipe("adjudicate"), [0, 1, 2, 3]),
        (recipe("adjudicate", 0.6), [0, 2]),
        (recipe("soft"), []),
    ],
)
def test_contested_is_what_the_policy_leaves_unsettled(tmp_path, chosen, places):
    project = asked(*VOTES)
    ids = [task["id"] for task in project.tasks]
    assert open_tasks(tmp_path / "in", project.tasks, chosen) == [ids[n] for n in places]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_word_settles_a_contested_task_whatever_the_policy(tmp_path, policy):
    project = asked((GOOD, BAD), (GOOD, GOOD, BAD))
    words = [word_on(task, BAD) for task in project.tasks]
    chosen = recipe(policy)
    tasks = [*project.tasks, *words]
    assert open_tasks(tmp_path / "in", tasks, chosen) == []
    taught, rejected, manifest = exported(tmp_path / "out", tasks, chosen)
    assert {text for _, text in taught} == {BAD} and len(taught) == 2
    assert {text for _, text in rejected} == {GOOD} and len(rejected) == 2
    assert not {DISAGREEMENT, NEEDS_ADJUDICATION} & manifest["reasons"]["dropped"].keys()


def test_a_word_that_is_deleted_leaves_the_task_contested_again(tmp_path):
    project = asked((GOOD, BAD), (BAD, GOOD))
    first, second = project.tasks
    chosen = recipe("adjudicate")
    tasks = [*project.tasks, word_on(first, GOOD)]
    assert open_tasks(tmp_path / "in", tasks, chosen) == [second["id"]]
    tasks = [*project.tasks, word_on(first, GOOD) | {"annotations": []}]
    assert open_tasks(tmp_path / "in", tasks, chosen) == [first["id"], second["id"]]


def test_of_two_words_on_a_task_the_newest_settles_it(tmp_path):
    project = asked((GOOD, BAD))
    (task,) = project.tasks
    one, two = word_on(task, GOOD), word_on(task, BAD, at="2026-02-02", who=8)
    two["annotations"][0]["id"] += 1
    one["annotations"] += two["annotations"]
    tasks = [task, one]
    assert open_tasks(tmp_path / "in", tasks, recipe("adjudicate")) == []
    taught, _, _ = exported(tmp_path / "out", tasks, recipe("adjudicate"))
    assert {text for _, text in taught} == {BAD}


@pytest.mark.parametrize("policy", POLICIES)
def test_one_annotator_alone_is_exported_whatever_the_policy(tmp_path, policy):
    project = asked((GOOD,), (BAD,), (GOOD,))
    chosen = recipe(policy, 0.9 if policy != "soft" else None)
    assert open_tasks(tmp_path / "in", project.tasks, chosen) == []
    taught, _, manifest = exported(tmp_path / "out", project.tasks, chosen)
    assert len(taught) == 3 and not manifest["reasons"]["dropped"]


def test_where_everything_is_skipped_nothing_is_contested_and_each_skip_is_counted(tmp_path):
    project = asked((None, None), (None, None))
    assert open_tasks(tmp_path / "in", project.tasks, Recipe()) == []
    with pytest.raises(NothingUsable) as told:
        exported(tmp_path / "out", project.tasks, Recipe())
    assert told.value.fix
    assert not check(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["answers"]["read"] == 4 and manifest["reasons"]["rejected"] == {"cancelled": 4}


def test_skips_beside_an_answer_contradict_nobody(tmp_path):
    project = asked((GOOD, None, None), (None, BAD))
    assert open_tasks(tmp_path / "in", project.tasks, recipe("adjudicate")) == []
    taught, _, manifest = exported(tmp_path / "out", project.tasks, recipe("adjudicate"))
    assert len(taught) == 2 and manifest["reasons"]["rejected"] == {"cancelled": 3}


def test_answers_of_deleted_accounts_stay_and_are_each_one_person(tmp_path):
    project = asked((GOOD, BAD), (GOOD, GOOD, BAD))
    for task in project.tasks:
        for annotation in task["annotations"]:
            annotation["completed_by"] = None
    first, _ = project.tasks
    assert open_tasks(tmp_path / "in", project.tasks, Recipe()) == [first["id"]]
    taught, rejected, manifest = exported(tmp_path / "out", project.tasks, Recipe())
    assert ({text for _, text in taught}, {text for _, text in rejected}) == ({GOOD}, {BAD})
    assert manifest["reasons"]["dropped"] == {"disagreement": 2, "outvoted": 1}


def test_an_answer_of_an_older_config_is_rejected_by_name_or_counts(tmp_path):
    project = asked((), ())
    one, _ = project.tasks
    for task in project.tasks:
        project.annotate(task, 1, decision="a", good_a=("clear",))
        project.annotate(task, 2, decision="b", good_b=("correct",))
    config = project.kind.config()
    added = '<Choice alias="polite" value="Polite"/><Choice alias="correct"'
    newer = AnsweredProject(project.kind, config.replace('<Choice alias="correct"', added))
    polite = one["annotations"][1]["result"]
    next(r for r in polite if r["from_name"] == "good_b")["value"]["choices"] = ["polite"]
    *_, manifest = exported(tmp_path / "both", project.tasks, recipe("soft"), newer)
    assert manifest["reasons"]["rejected"] == {}, "both versions are read by the newer config"
    taught, _, manifest = exported(tmp_path / "old", project.tasks, Recipe())
    assert manifest["reasons"]["rejected"] == {"unknown_choice": 1}
    assert manifest["reasons"]["dropped"] == {"disagreement": 2}, "of the other task"
    assert {text for _, text in taught} == {one["data"]["answer_a"]}
