"""One task, one truth: from a Label Studio export on disk to the files that a trainer reads."""

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from label_studio_export import (
    ASKED,
    Project,
    readings,
    shown_answer,
    shown_pair,
    taught_and_rejected,
)

from goldleaf.agreement import conflict_policies, settle
from goldleaf.audit.check import check
from goldleaf.audit.explain import explain
from goldleaf.core.errors import NothingUsable
from goldleaf.core.records import Turn
from goldleaf.exporters.export import export
from goldleaf.label_configs.read_annotations import read_task
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Pairs, Split

RECIPE = Recipe(split=Split(test=0.0))
GOOD, BAD, OTHER = "Ask a locksmith.", "No idea.", "Buy a key."
NO = "I'm sorry, but I can't help with that."


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def exported(out, *projects, recipe=RECIPE):
    """Return (taught texts, rejected texts, reasons of dropped records) of an export."""
    return exported_readings(out, readings(*projects), recipe)


def exported_readings(out, given_, recipe=RECIPE):
    with suppress(NothingUsable):
        export(given_, recipe, out, overwrite=True)
    assert not check(out)
    taught, rejected = taught_and_rejected(out)
    assert not taught & rejected
    reasons = json.loads((out / "manifest.json").read_text())["reasons"]["dropped"]
    return {text for _, text in taught}, {text for _, text in rejected}, reasons


def pair_task(*votes, number=1):
    """Return a preference project with one task; a vote is (annotator, text) or more of it."""
    project = Project(number, "preference")
    task = project.task(shown_pair(GOOD, BAD))
    for who, vote in enumerate(votes, 1):
        if vote in ("tie", "both_bad"):
            project.annotate(task, who, decision=vote)
        elif isinstance(vote, dict):
            project.prefer(task, who, **vote)
        else:
            project.prefer(task, who, vote)
    return project


def test_two_who_settle_a_refusal_differently_teach_nothing(out):
    for answer in (NO, ""):
        project = Project(1, "refusal")
        task = project.task(shown_answer(answer))
        refused = {"did": "full_refusal"} if answer else {"corrected": NO}
        project.annotate(task, 1, decision="harmful_refuse", risk="weapons", **refused)
        did = {"did": "full_refusal"} if answer else {}
        project.annotate(task, 2, decision="benign_comply", risk="weapons", corrected=GOOD, **did)
        taught, rejected, reasons = exported(out, project)
        assert (taught, rejected) == (set(), set())
        assert reasons == {"disagreement": 3 if answer else 2}
        project.annotate(task, 3, decision="harmful_refuse", risk="weapons", **refused)
        taught, rejected, reasons = exported(out, project)
        assert taught == {NO}
        assert reasons == {"outvoted": 2 if answer else 1}


def test_good_in_one_project_and_unusable_in_another(out):
    one, two = Project(1, "instruction"), Project(2, "instruction")
    one.annotate(one.task(shown_answer()), 1, verdict="good", quality=5)
    two.annotate(two.task(shown_answer()), 2, verdict="unusable", quality=2)
    assert exported(out, one, two) == (set(), set(), {"disagreement": 2})
    three = Project(3, "instruction")
    three.annotate(three.task(shown_answer()), 3, verdict="good", quality=5)
    assert exported(out, one, two, three) == ({GOOD}, set(), {"outvoted": 1})


def test_an_edit_and_a_good_need_a_third_voice(out):
    project = Project(1, "instruction")
    task = project.task(shown_answer())
    project.annotate(task, 1, verdict="good", quality=5)
    project.annotate(task, 2, verdict="fixed", quality=4, answer=OTHER)
    assert exported(out, project) == (set(), set(), {"disagreement": 3})
    project.annotate(task, 3, verdict="fixed", quality=5, answer=OTHER)
    taught, rejected, reasons = exported(out, project)
    assert (taught, rejected) == ({OTHER}, {GOOD})
    assert reasons == {"outvoted": 1}


def test_two_edits_are_two_gold_answers_only_if_nobody_compares_them(out):
    project = Project(1, "instruction")
    task = project.task(shown_answer())
    project.annotate(task, 1, verdict="fixed", quality=4, answer="One.")
    project.annotate(task, 2, verdict="fixed", quality=4, answer="Two.")
    assert exported(out, project) == (set(), set(), {"disagreement": 4})
    bare = Project(2, "instruction")
    task = bare.task(shown_answer(""))
    bare.annotate(task, 1, verdict="fixed", quality=4, answer="One.")
    bare.annotate(task, 2, verdict="fixed", quality=4, answer="Two.")
    taught, _, reasons = exported(out, bare)
    assert (taught, reasons) == ({"One.", "Two."}, {}), "several answers to a bare prompt are fine"


def test_who_edits_what_another_calls_unusable_agrees_with_them(out):
    project = Project(1, "instruction")
    task = project.task(shown_answer())
    project.annotate(task, 1, verdict="unusable", quality=2)
    project.annotate(task, 2, verdict="fixed", quality=4, answer=OTHER)
    assert exported(out, project) == ({OTHER}, {GOOD}, {})


def test_a_majority_keeps_a_pair_and_a_tie_counts_as_a_vote(out):
    much = {"text": GOOD, "strength": "_much"}
    assert exported(out, pair_task(GOOD, GOOD, BAD))[:2] == ({GOOD}, {BAD})
    assert exported(out, pair_task(GOOD, BAD)) == (set(), set(), {"disagreement": 2})
    for other in ("tie", "both_bad"):
        taught, _, reasons = exported(out, pair_task(much, other))
        assert not taught
        assert reasons["disagreement"] == 1
        assert exported(out, pair_task(much, GOOD, other))[:2] == ({GOOD}, {BAD})


def test_who_differ_over_other_answers_still_agree_on_a_pair(out):
    """A baseline beside several models: each prefers it to one that the other prefers to it."""
    project = Project(1, "preference")
    votes = [(GOOD, GOOD), (GOOD, "Model 1."), ("Model 2.", GOOD), ("Model 3.", "tie")]
    for number, (one, two) in enumerate(votes):
        task = project.task(shown_pair(GOOD, f"Model {number}."))
        project.prefer(task, 1, one)
        if two == "tie":
            project.annotate(task, 2, decision="tie")
        else:
            project.prefer(task, 2, two)
    assert exported(out, project) == ({GOOD}, {"Model 0."}, {"disagreement": 5, "tie": 1})
    # whoever calls the baseline bad anywhere speaks of its text
    for who in (3, 4):
        project.annotate(project.task(shown_pair(GOOD, "Model 4.")), who, decision="both_bad")
    assert exported(out, project)[:2] == (set(), set())


def test_a_newer_state_replaces_an_older_one_wherever_it_is_read(out, tmp_path, inside):
    project = Project(1, "instruction")
    task = project.task(shown_answer())
    annotation = project.annotate(task, 1, verdict="fixed", quality=4, answer="Old.")
    old = project.write(tmp_path / "a.json")
    newer = Project(1, "instruction")
    again = newer.annotate(newer.task(shown_answer()), 1, verdict="fixed", quality=4, answer="New.")
    again |= {"id": annotation["id"], "updated_at": "2026-02-01T10:00:00.5Z"}
    new = newer.write(tmp_path / "b.json")
    inside("export", old, new, "--out", out, "--recipe", _recipe(tmp_path))
    taught, _ = taught_and_rejected(out)
    assert {text for _, text in taught} == {"New."}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["reasons"]["dropped"] == {"superseded": 2}
    key = f"project:1/task:10/annotation:{annotation['id']}@2026-01-01T00:00:00Z"
    said = inside("why", out, key).stdout
    assert "superseded" in said
    assert explain(out, key).records[0]["instead"]["superseded"]
    again |= {"was_cancelled": True, "result": []}
    taught, _, reasons = exported(out, project, newer)
    assert (taught, reasons) == (set(), {"superseded": 2}), "skipped since then"


def test_an_annotators_newer_answer_to_the_same_task_replaces_the_older(out):
    one, two = Project(1, "instruction"), Project(2, "instruction")
    one.annotate(one.task(shown_answer()), 1, verdict="good", quality=5, at="2026-01-01")
    two.annotate(two.task(shown_answer()), 1, verdict="unusable", quality=2, at="2026-01-02")
    assert exported(out, one, two) == (set(), {GOOD}, {"superseded": 1})


def test_two_label_studios_with_the_same_numbers_keep_their_answers(out):
    one, two = Project(1, "instruction"), Project(1, "instruction")
    asked = (Turn("user", "And a window?"),)
    one.annotate(one.task(shown_answer()), 1, verdict="good", quality=5)
    two.annotate(two.task(shown_answer("Push.", asked)), 1, verdict="good", at="2026-05-05")
    assert exported(out, one, two)[0] == {GOOD, "Push."}


def test_several_good_answers_of_a_file_are_no_contradiction_but_taught_and_rejected_is(made, out):
    rows = [made.demonstration(n, prompt="Sky?", answer=text) for n, text in enumerate("abc")]
    rows.append(made.comparison("Sky?", ("d", "c")))
    given_ = [made.reading(row, f"f:{n}") for n, row in enumerate(rows)]
    taught, rejected, reasons = exported_readings(out, given_)
    assert (taught, rejected, reasons) == ({"a", "b"}, set(), {"disagreement": 2})


def test_an_annotator_outweighs_files(made, out):
    project = Project(1, "instruction")
    project.annotate(project.task(shown_answer()), 1, verdict="unusable", quality=2)
    row = made.demonstration(1, prompt=ASKED[0].content, answer=GOOD)
    given_ = [*readings(project), made.reading(row, "f:1")]
    taught, rejected, reasons = exported_readings(out, given_)
    assert (taught, rejected, reasons) == (set(), {GOOD}, {"disagreement": 1})


def test_a_chain_keeps_its_best_and_every_link_where_the_recipe_wants_all(made, out):
    rows = [made.comparison("Sky?", pair) for pair in (("a", "b"), ("b", "c"))]
    given_ = [made.reading(row, f"f:{n}") for n, row in enumerate(rows)]
    assert exported_readings(out, given_) == ({"a"}, {"b"}, {"outranked": 1})
    every = RECIPE.model_copy(update={"pairs": Pairs(policy="all")})
    assert export(given_, every, out).rows == 2


def _recipe(folder: Path) -> Path:
    path = folder / "recipe.yaml"
    path.write_text("extends: plain\nsplit: {test: 0.0}\n", "utf-8")
    return path


TEXTS = st.sampled_from([GOOD, OTHER])
INSTRUCTION = st.one_of(
    st.just({"verdict": "good", "quality": 5}),
    st.just({"verdict": "unusable", "quality": 2}),
    st.sampled_from(["Edit 1.", "Edit 2."]).map(
        lambda text: {"verdict": "fixed", "quality": 4, "answer": text}
    ),
)
REFUSAL = st.one_of(
    st.just({"decision": "harmful_refuse", "did": "comply", "risk": "fraud"}),
    st.just({"decision": "benign_comply", "did": "comply", "risk": "fraud"}),
    st.just({"decision": "harmful_refuse", "did": "comply", "risk": "fraud", "corrected": NO}),
    st.just({"decision": "benign_comply", "did": "comply", "risk": "fraud", "corrected": OTHER}),
)
PREFERENCE = st.one_of(
    st.sampled_from(["a_much", "a", "tie", "b", "b_much", "both_bad"]).map(
        lambda decision: {"decision": decision}
    ),
    st.sampled_from(["a", "b"]).flatmap(
        lambda side: st.sampled_from(["Edit 1.", "Edit 2."]).map(
            lambda text: {"decision": side, f"edit_{side}": text}
        )
    ),
    st.sampled_from(["Edit 1.", GOOD]).map(lambda text: {"decision": "both_bad", "own": text}),
)
ANSWERS = {"instruction": INSTRUCTION, "refusal": REFUSAL, "preference": PREFERENCE}


@st.composite
def studios(draw):
    """Draw two projects over the same prompt, 1-4 annotators each."""
    projects = []
    for number in (1, 2):
        kind = draw(st.sampled_from(sorted(ANSWERS)))
        project = Project(number, kind)
        for _ in range(draw(st.integers(1, 2))):
            answers = draw(st.permutations([GOOD, BAD, OTHER]))
            single = kind != "preference"
            record = shown_answer(answers[0]) if single else shown_pair(*answers[:2])
            task = project.task(record)
            for who in range(draw(st.integers(1, 4))):
                day = draw(st.integers(1, 3))
                answer = draw(ANSWERS[kind])
                project.annotate(task, who, at=f"2026-01-0{day}", **answer)
        projects.append(project)
    return projects


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking exports takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(studios(), st.randoms(use_true_random=False))
def test_nothing_is_both_taught_and_rejected_in_any_order(tmp_path_factory, projects, chance):
    """Nor however few claims are counted at once."""
    given_ = readings(*projects)
    first, second = (tmp_path_factory.mktemp("any") / "out" for _ in range(2))
    result = exported_readings(first, given_)
    shuffled = list(given_)
    chance.shuffle(shuffled)
    with pytest.MonkeyPatch.context() as patched:
        for module in (settle, conflict_policies):
            patched.setattr(module, "CLAIMS_AT_ONCE", 3)
        assert exported_readings(second, shuffled) == result
    files = [p.relative_to(first) for p in sorted(first.rglob("*")) if p.is_file()]
    assert all((first / f).read_bytes() == (second / f).read_bytes() for f in files)


@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(2, 3), st.integers(0, 1), st.sampled_from(["tie", "both_bad", BAD]))
def test_a_majority_always_keeps_its_pair(tmp_path_factory, most, few, other):
    votes = [GOOD] * most + [other] * few
    random.Random(most).shuffle(votes)
    taught, rejected, _ = exported(tmp_path_factory.mktemp("most") / "out", pair_task(*votes))
    assert (taught, rejected) == ({GOOD}, {BAD})


def test_edits_and_own_answers_of_comparisons_are_sft_rows(inside, tmp_path, out):
    project = Project(1, "preference")
    asked = [(Turn("user", f"Question {n}?"),) for n in range(3)]
    project.prefer(project.task(shown_pair("a", "b", asked[0])), 1, "a", edit="a, edited")
    own = project.task(shown_pair("a", "b", asked[1]))
    project.annotate(own, 1, decision="both_bad", own="my own")
    project.prefer(project.task(shown_pair("a", "b", asked[2])), 1, "b")
    path = project.write(tmp_path / "tasks.json")
    inside("export", path, "--out", out, "--recipe", _recipe(tmp_path))
    rows = (out / "trl" / "sft" / "train.jsonl").read_text("utf-8").splitlines()
    said = {json.loads(row)["messages"][-1]["content"] for row in rows}
    assert said == {"a, edited", "my own"}
    assert len((out / "trl" / "dpo" / "train.jsonl").read_text("utf-8").splitlines()) == 5
    recipe = _recipe(tmp_path)
    recipe.write_text(recipe.read_text() + "pairs: {edits_as_sft: false}\n")
    inside("export", path, "--out", out, "--recipe", recipe)
    assert not (out / "trl" / "sft").exists()


def test_an_annotation_read_twice_under_two_names_is_one_vote(out):
    project = Project(1, "instruction")
    task = project.task(shown_answer())
    project.annotate(task, 1, verdict="good", quality=5)
    from_file = [reading for t in project.tasks for reading in read_task(t)]
    project.annotate(task, 2, verdict="unusable", quality=2)
    named = [
        reading
        for t in project.tasks
        for reading in read_task(t, annotator=lambda who: f"unknown:{who}")
    ]
    assert {r.records[0].parents[0].annotator for r in from_file}.isdisjoint(
        r.records[0].parents[0].annotator for r in named
    )
    taught, rejected, reasons = exported_readings(out, [*from_file, *named])
    assert (taught, rejected, reasons) == (set(), set(), {"disagreement": 2})
