"""Forty tasks, two and three annotators with known errors, through a real Label Studio."""

from __future__ import annotations

import json
from contextlib import ExitStack

import numpy as np
import pytest
from label_studio_export import shown_answer, taught_and_rejected

from goldleaf.agreement.control_answers import current_answers
from goldleaf.agreement.measures import agreement_by_control, agreement_by_pair
from goldleaf.audit.check import check
from goldleaf.core.records import Turn
from goldleaf.core.settings import Settings
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Conflicts, Split
from goldleaf.studio.accounts import create_account
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks
from goldleaf.workflows.control_answers import read_control_answers
from goldleaf.workflows.export import export

TASKS, THREE_FROM = 40, 20
"""The second twenty are answered by three people, the first by two."""
ERRS = {0: (0, 8), 1: (3, 8), 2: (5, 8)}
"""Annotator -> which tasks that person gets wrong: those with this rest by eight."""
ORDER = {"good": 0, "fixed": -1}


def is_right(place):
    """Return whether the answer of a task is right as it is shown."""
    return place % 2 == 0


def truth(place):
    return f"Lock {place} opens." if is_right(place) else f"Lock {place} opens to the left."


def says(who, place):
    """Return the verdict and text of an annotator, by the script."""
    rest, of = ERRS[who]
    wrong = place % of == rest
    if is_right(place):
        return ("fixed", f"Lock {place} never opens.") if wrong else ("good", truth(place))
    return ("good", f"Lock {place} opens.") if wrong else ("fixed", truth(place))


def people(place):
    return (0, 1, 2) if place >= THREE_FROM else (0, 1)


@pytest.fixture(scope="module")
def project(label_studio):
    """A project with all answers given, each through its annotator's own account."""
    studio, kind = label_studio.studio, kind_named("instruction")
    number = create_project(studio, kind, overlap=3)
    rows = [
        shown_answer(f"Lock {place} opens.", (Turn("user", f"How does lock {place} open?"),))
        for place in range(TASKS)
    ]
    tasks = import_tasks(studio, number, [kind.codec.to_task(row) for row in rows]).task_ids
    with ExitStack() as opened:
        accounts = [
            opened.enter_context(create_account(studio, f"p{who}@team.invalid", f"p{who} password"))
            for who in ERRS
        ]
        for place, task in enumerate(tasks):
            for who in people(place):
                verdict, text = says(who, place)
                answer = kind.codec.Answer(verdict=verdict, quality=4, answer=text)
                regions = to_regions(kind.to_annotation(answer), kind.screen)
                assert task
                submit_annotation(accounts[who], task, regions)
    yield number
    studio.delete(f"/api/projects/{number}/")


def exported(studio, project, out, policy):
    """Return (prompt -> taught text), reasons and the manifest of an export under a policy."""
    recipe = Recipe(conflicts=Conflicts(policy=policy), split=Split(test=0.0))
    export(f"project:{project}", out, recipe, studio=studio, settings=Settings())
    assert not check(out)
    taught, rejected = taught_and_rejected(out)
    assert not taught & rejected
    lines = (out / "trl" / "sft" / "train.jsonl").read_text("utf-8").splitlines()
    said = [json.loads(line)["messages"] for line in lines]
    manifest = json.loads((out / "manifest.json").read_text())
    rows = {turns[0]["content"]: turns[1]["content"] for turns in said}
    assert len(rows) == len(said), "one row a task"
    return rows, manifest["reasons"]["dropped"], manifest


def disputed():
    """Return the tasks whose annotators do not all say the same."""
    return [p for p in range(TASKS) if len({says(who, p) for who in people(p)}) > 1]


@pytest.mark.label_studio
def test_agreement_is_that_of_the_script(label_studio, project):
    package = pytest.importorskip("krippendorff")
    table = read_control_answers([f"project:{project}"], Settings(), label_studio.studio)
    current = current_answers(table)
    control = agreement_by_control(current).filter(control="verdict").row(0, named=True)
    matrix = np.full((3, TASKS), np.nan)
    for place in range(TASKS):
        for who in people(place):
            matrix[who, place] = ORDER[says(who, place)[0]]
    for level, name in (("ordinal", "alpha"), ("nominal", "alpha_nominal")):
        expected = package.alpha(reliability_data=matrix, level_of_measurement=level)
        assert control[name] == pytest.approx(expected, abs=1e-9)
    assert (control["items"], control["answers"], control["annotators"]) == (40, 100, 3)
    assert control["alpha_low"] < control["alpha"] < control["alpha_high"]
    pairs = agreement_by_pair(current).filter(control="verdict")
    assert sorted(pairs["items"].to_list()) == [20, 20, 40]
    assert current["annotator"].str.starts_with("person:").all()
    text = agreement_by_control(current).filter(control="answer").row(0, named=True)
    assert control["percent"] < text["percent"] < 1, "a text that differs is alike all the same"


@pytest.mark.label_studio
def test_every_conflict_is_settled_by_the_policy(label_studio, project, tmp_path):
    studio, open_tasks = label_studio.studio, disputed()
    of_two = [place for place in open_tasks if place < THREE_FROM]
    assert (len(open_tasks), len(of_two)) == (13, 6)
    rows, reasons, _ = exported(studio, project, tmp_path / "soft", "soft")
    assert len(rows) == 40 and reasons.keys() == {"outvoted"}
    right = {f"How does lock {place} open?": truth(place) for place in range(TASKS)}
    settled = {q: t for q, t in right.items() if int(q.split()[3]) not in of_two}
    assert rows.items() >= settled.items(), "where three answer, two of them are right"
    rows, reasons, _ = exported(studio, project, tmp_path / "majority", "majority")
    assert rows == settled
    assert reasons.keys() == {"outvoted", "disagreement"}
    waiting, reasons, manifest = exported(studio, project, tmp_path / "adjudicate", "adjudicate")
    assert len(waiting) == 40 - 13 and waiting.items() <= right.items()
    assert reasons.keys() == {"needs_adjudication"}
    assert manifest["review"]["answers"] == 6 * 2 + 7 * 3
    dropped, reasons, _ = exported(studio, project, tmp_path / "drop", "drop")
    assert dropped == waiting and reasons.keys() == {"disagreement"}
