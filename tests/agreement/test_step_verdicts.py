"""Annotators who judge the steps of one chain differently, through the export's files."""

import json
import re
from contextlib import suppress
from itertools import pairwise

import pytest
from label_studio_export import Project, readings, taught_and_rejected

from goldleaf.audit.check import check
from goldleaf.audit.explain import explain
from goldleaf.core.errors import NothingUsable
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Demonstration, Judgement, Provenance, Step, Turn
from goldleaf.core.translations import Translations
from goldleaf.exporters.export import export
from goldleaf.label_configs.reasoning.codec import StepAnswer
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Conflicts, Split

EN = Translations("en")
ASKED = (Turn("user", "What is 2 + 3 * 4?"),)
STEPS = ("3 * 4 is 12.", "2 + 12 is 15.", "So it is 15.")
GOOD_BAD, BAD = ("good", "bad", None), ("bad", None, None)
BAD_BAD = ("bad", "bad", None)


def judged(*verdicts):
    """Return a project of one chain; each annotator marks its steps, or calls it `right`."""
    project = Project(1, "reasoning")
    chain = Turn("assistant", "15", reasoning="\n\n".join(STEPS))
    task = project.task(Demonstration(ASKED, (chain,)))
    for who, said in enumerate(verdicts, 1):
        if said == "right":
            project.annotate(task, who, decision="right", steps=(StepAnswer(None),) * 3)
        elif said:
            project.annotate(
                task, who, decision="wrong", steps=tuple(StepAnswer(each) for each in said)
            )
    return project


@pytest.fixture
def exported(tmp_path):
    """Return the step labels written, the thumbs written, and the reasons of what was dropped."""

    def run(policy, answers):
        recipe = Recipe(split=Split(test=0.0), conflicts=Conflicts(policy=policy))
        out = tmp_path / "out"
        with suppress(NothingUsable):
            export(answers, recipe, out, overwrite=True, formats=("trl",))
        assert not check(out)
        taught, rejected = taught_and_rejected(out)
        assert not taught & rejected

        def rows(table):
            file = out / "trl" / table / "train.jsonl"
            return list(map(json.loads, file.read_text().splitlines())) if file.exists() else []

        labels = sorted(row["labels"] for row in rows("stepwise"))
        for one, other in pairwise(labels):
            assert all(x == y for x, y in zip(one, other, strict=False)), "rows contradict"
        thumbs = [row["label"] for row in rows("kto")]
        manifest = json.loads((out / "manifest.json").read_text())
        return labels, thumbs, manifest["reasons"].get("dropped", {})

    return run


@pytest.mark.parametrize(
    ("policy", "verdicts", "labels", "reasons"),
    [
        ("majority", [GOOD_BAD, BAD], [], {"disagreement": 2}),
        ("majority", [GOOD_BAD, "right"], [], {"disagreement": 4}),
        ("majority", [GOOD_BAD, GOOD_BAD, BAD], [[True, False]], {"outvoted": 1}),
        ("majority", [BAD_BAD, BAD], [[False], [False, False]], {}),
        ("drop", [GOOD_BAD, BAD], [], {"disagreement": 3}),
        ("adjudicate", [GOOD_BAD, BAD], [], {"needs_adjudication": 3}),
        ("soft", [GOOD_BAD, GOOD_BAD, BAD], [[True, False]], {"outvoted": 1}),
    ],
)
def test_no_step_is_good_in_one_row_and_bad_in_another(exported, policy, verdicts, labels, reasons):
    found, _, dropped = exported(policy, readings(judged(*verdicts)))
    assert (found, dropped) == (labels, reasons)


def test_who_agree_that_a_chain_is_bad_keep_the_thumb_down(exported):
    _, thumbs, _ = exported("majority", readings(judged(GOOD_BAD, BAD)))
    assert thumbs == [False]


def imported(*labels, line):
    steps = tuple(map(Step, STEPS, labels))
    response = (Turn("assistant", "\n\n".join(STEPS[: len(labels)])),)
    where = Provenance(source="S4", file="prm.jsonl", line=line)
    return InputResult(
        f"prm.jsonl:{line}", (Judgement(ASKED, response, steps=steps, parents=(where,)),)
    )


def test_imported_verdicts_are_one_vote_where_no_person_judged(exported):
    both = [imported(True, False, line=1), imported(False, line=2)]
    assert exported("majority", both)[::2] == ([], {"disagreement": 2})
    assert exported("majority", both[:1])[::2] == ([[True, False]], {})
    found, _, dropped = exported("majority", [*readings(judged(BAD)), both[0]])
    assert (found, dropped) == ([[False]], {"outvoted": 1})


def test_why_names_the_verdicts_that_stand_against_a_row(exported, tmp_path):
    exported("majority", readings(judged(GOOD_BAD, BAD)))
    told = [
        "\n".join(section.text for section in explain(tmp_path / "out", key).sections(EN))
        for key in ("project:1/task:10/annotation:101", "project:1/task:10/annotation:102")
    ]
    dropped, against = (
        [re.findall(pattern, text)[0] for text in told]
        for pattern in (r"Record (\w+)\n +dropped", r"contradicted by record (\w+)")
    )
    assert dropped == against[::-1]
