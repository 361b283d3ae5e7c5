"""What a recipe does with tasks that annotators answer differently, through the export's files."""

import json
from contextlib import suppress

import numpy as np
import polars as pl
import pytest
from label_studio_export import (
    Project,
    readings,
    shown_answer,
    shown_pair,
    taught_and_rejected,
)

from goldleaf.audit.check import check
from goldleaf.audit.explain import explain
from goldleaf.core.errors import NothingUsable, UsageError
from goldleaf.core.records import Turn
from goldleaf.core.translations import Translations
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Conflicts, KindConflicts, Split
from goldleaf.workflows.recipes import load_recipe

GOOD, BAD, MENDED = "Ask a locksmith.", "No idea.", "Ask two locksmiths."


def policy(name, least=None, **kinds):
    return Recipe(
        split=Split(test=0.0),
        conflicts=Conflicts(policy=name, min_agreement=least, kinds=kinds),
    )


def pairs(*tasks, number=1):
    """Return a preference project; each task is what its annotators say: `GOOD`, `BAD`, `tie`."""
    project = Project(number, "preference")
    for place, votes in enumerate(tasks):
        asked = (Turn("user", f"Which lock is number {place}?"),)
        task = project.task(shown_pair(GOOD, BAD, asked))
        for who, vote in enumerate(votes, 1):
            if vote in ("tie", "both_bad"):
                project.annotate(task, who, decision=vote)
            elif vote:
                project.prefer(task, who, vote)
    return project


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def exported(out):
    """Return rows of `table` and the reasons of dropped records of an export to `out`."""

    def run(recipe, *projects, table="dpo", formats=("trl",)):
        with suppress(NothingUsable):
            export(readings(*projects), recipe, out, overwrite=True, formats=formats)
        assert not check(out)
        taught, rejected = taught_and_rejected(out)
        assert not taught & rejected
        manifest = json.loads((out / "manifest.json").read_text())
        file = out / "trl" / table / "train.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line) for line in lines], manifest["reasons"]["dropped"]

    return run


SIX = [(GOOD, GOOD), (GOOD, BAD), (BAD, GOOD), (BAD, BAD), (GOOD, "tie"), (GOOD, GOOD)]
"""Six shared tasks of two annotators: three agree, three do not, which takes five answers."""


def test_six_shared_tasks_and_every_answer_that_vanishes_has_its_reason(exported, out):
    rows, reasons = exported(policy("majority"), pairs(*SIX))
    assert (len(rows), reasons) == (3, {"disagreement": 5, "tie": 1})
    rows, reasons = exported(policy("drop"), pairs(*SIX))
    assert (len(rows), reasons) == (3, {"disagreement": 5, "tie": 1})
    rows, reasons = exported(policy("adjudicate"), pairs(*SIX))
    assert (len(rows), reasons) == (3, {"needs_adjudication": 5, "tie": 1})
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["review"]["answers"] == 5
    assert {each["reason"] for each in manifest["review"]["first"]} == {"needs_adjudication"}
    assert all("task:" in each["answer"] for each in manifest["review"]["first"])
    for lang in ("en", "zh"):
        found = explain(out, manifest["review"]["first"][0]["answer"])
        text = "\n".join(section.text for section in found.sections(Translations(lang)))
        assert Translations(lang).known("todo.needs_adjudication") in text


def test_soft_keeps_one_row_a_task_and_says_how_many_agree(exported):
    rows, reasons = exported(policy("soft"), pairs(*SIX))
    # Of a preference against a tie the draw may keep the tie, which makes no pair.
    assert len(rows) in (5, 6)
    assert len({str(row["prompt"]) for row in rows}) == len(rows)
    assert "disagreement" not in reasons and reasons["outvoted"] == 2 + (len(rows) == 5)
    assert sorted(row["soft_label"] for row in rows)[-3:] == [1.0, 1.0, 1.0]
    assert {(row["n_annotators"], row["agreement"]) for row in rows} == {(2, 1.0), (2, 0.5)}
    again, _ = exported(policy("soft"), pairs(*SIX))
    assert again == rows
    three, reasons = exported(policy("soft"), pairs((GOOD, GOOD, "tie")))
    (row,) = three
    assert (row["n_annotators"], row["agreement"]) == (3, pytest.approx(2 / 3, abs=1e-6))
    assert row["soft_label"] == pytest.approx(2.5 / 3, abs=1e-6)
    plain, _ = exported(policy("majority"), pairs((GOOD, GOOD, "tie")))
    assert "soft_label" not in plain[0]


def test_soft_keeps_one_text_of_two_edits(exported):
    project = Project(1, "instruction")
    for place in range(6):
        task = project.task(shown_answer(GOOD, (Turn("user", f"And lock number {place}?"),)))
        project.annotate(task, 1, verdict="good", quality=5)
        project.annotate(task, 2, verdict="fixed", quality=4, answer=MENDED)
    rows, reasons = exported(policy("soft"), project, table="sft")
    assert len(rows) == 6
    assert reasons.keys() == {"outvoted"}
    kept = {row["messages"][-1]["content"] for row in rows}
    assert kept == {GOOD, MENDED}, "the draw leans to neither side"


def test_least_agreement_and_policies_by_kind(exported):
    votes = [(GOOD, GOOD, BAD), (GOOD, GOOD, GOOD, BAD)]
    assert len(exported(policy("majority"), pairs(*votes))[0]) == 2
    rows, reasons = exported(policy("majority", 0.7), pairs(*votes))
    assert (len(rows), reasons) == (1, {"disagreement": 2, "outvoted": 1})
    rows, reasons = exported(policy("adjudicate", 0.7), pairs(*votes))
    assert (len(rows), reasons) == (1, {"needs_adjudication": 2, "outvoted": 1})
    of_kind = policy("majority", preference=KindConflicts(policy="drop"))
    assert exported(of_kind, pairs(*votes)) == ([], {"disagreement": 4})
    other = policy("drop", ranking=KindConflicts(policy="majority"))
    assert exported(other, pairs(*votes)) == ([], {"disagreement": 4})


def test_a_kind_that_is_none_is_refused(tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_text("conflicts: {kinds: {preferense: {policy: drop}}}\n")
    with pytest.raises(UsageError, match="preferense"):
        load_recipe(file)
    file.write_text("conflicts: {kinds: {label_studio_human_preference: {policy: drop}}}\n")
    assert load_recipe(file).conflicts.of_kind("label_studio_human_preference") == ("drop", None)


def test_who_mends_what_another_rejects_agrees_with_them(exported):
    for name in ("drop", "adjudicate", "soft", "model", "majority"):
        project = Project(1, "instruction")
        task = project.task(shown_answer(GOOD))
        project.annotate(task, 1, verdict="unusable", quality=2)
        project.annotate(task, 2, verdict="fixed", quality=4, answer=MENDED)
        rows, reasons = exported(policy(name), project, table="sft")
        assert (len(rows), reasons) == (1, {})


def team(tasks, seed=7):
    """Return a project of five annotators, two of whom pick the left answer, and the truth."""
    rng = np.random.default_rng(seed)
    project, truth = Project(1, "preference"), {}
    for place in range(tasks):
        asked = f"Which lock is number {place}?"
        task = project.task(shown_pair(GOOD, BAD, (Turn("user", asked),)))
        right = "a" if rng.random() < 0.5 else "b"
        truth[asked] = task["data"][f"answer_{right}"]
        for who in range(1, 6):
            wrong = {"a": "b", "b": "a"}[right]
            said = "a" if who > 3 else right if rng.random() < 0.85 else wrong
            project.annotate(task, who, decision=said)
    return project, truth


def accuracy(rows, truth):
    good = [row["chosen"][-1]["content"] == truth[row["prompt"][-1]["content"]] for row in rows]
    return sum(good) / len(good)


def test_model_sees_through_those_who_pick_the_left_answer(exported):
    project, truth = team(120)
    voted, _ = exported(policy("majority"), project)
    modelled, reasons = exported(policy("model"), project)
    assert len(modelled) == 120
    assert reasons.keys() == {"outvoted"}
    assert accuracy(modelled, truth) > 0.9 > accuracy(voted, truth)
    unsure, reasons = exported(policy("model", 0.99), project)
    assert 60 < len(unsure) < 120
    assert accuracy(unsure, truth) > accuracy(modelled, truth)
    assert reasons["disagreement"] > 0


def test_model_with_too_few_shared_tasks_is_the_majority(exported):
    project, _ = team(40)
    assert exported(policy("model"), project) == exported(policy("majority"), project)


def test_pairs_of_trainers_that_read_extra_columns_alone_have_them(exported, out):
    formats = ("trl", "parquet", "llamafactory", "swift", "openai")
    rows, _ = exported(policy("soft"), pairs(*SIX), formats=formats)
    assert rows
    packed = pl.read_parquet(out / "parquet" / "dpo" / "train.parquet")
    assert packed["soft_label"].to_list() == [row["soft_label"] for row in rows]
    first = (out / "openai" / "dpo" / "train.jsonl").read_text().splitlines()[0]
    assert "soft_label" not in first
