"""Two annotators and an adjudicator before real screens, then the export.

`GOLDLEAF_CLICKED=10` has ten tasks answered by clicks; each further one costs six seconds.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager

import pytest
from chromium import log_in
from label_studio_export import taught_and_rejected
from selenium.webdriver.common.by import By

from goldleaf.audit.check import check
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.core.settings import Settings
from goldleaf.label_configs.adjudication_screen import CONTROL, SHOWN
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.studio.accounts import create_account
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks
from goldleaf.workflows.adjudicate import adjudicate
from goldleaf.workflows.export import export

CLICKED = int(os.environ.get("GOLDLEAF_CLICKED", "1"))
SCRIPTED = 30 if CLICKED >= 10 else 4
RECIPE = Recipe(split=Split(test=0.0))
KIND = kind_named("preference")


def pair(number):
    better = Candidate((Turn("assistant", f"{number} rivers: Amur, Ob, Lena."),))
    worse = Candidate((Turn("assistant", f"I do not know {number} rivers."),))
    return Comparison((Turn("user", f"Name {number} rivers of Asia."),), (better, worse))


@pytest.fixture
def seated(chromium, label_studio):
    """Return a context manager that logs an account in; the owner is logged in again after it."""

    @contextmanager
    def sit(email, password):
        log_in(chromium, label_studio.url, email, password)
        try:
            yield
        finally:
            log_in(chromium, label_studio.url, label_studio.email, label_studio.password)

    return sit


def answer(task, *, right):
    """Return what is better by the true answer, or the opposite."""
    better = "a" if "Amur" in task["data"]["answer_a"] else "b"
    side = better if right else {"a": "b", "b": "a"}[better]
    return to_regions(KIND.to_annotation(KIND.codec.Answer(decision=side)), KIND.screen)


def test_every_conflict_is_settled_by_the_adjudicator_s_key(
    label_studio, chromium, seated, hands_of, tmp_path
):
    studio = label_studio.studio
    settings = Settings(url=label_studio.url, token=label_studio.token, data_dir=tmp_path / "state")
    project = create_project(studio, KIND, title="Rivers", overlap=2)
    count = SCRIPTED + CLICKED
    import_tasks(studio, project, [KIND.codec.to_task(pair(n)) for n in range(count)])
    people = {name: f"{name}@clicks.invalid" for name in ("anna", "bert", "cleo")}
    seen = {n: create_account(studio, mail, f"{n} password") for n, mail in people.items()}
    tasks = list(stream_tasks(studio, project))
    for number, task in enumerate(tasks[:SCRIPTED]):
        submit_annotation(seen["anna"], task["id"], answer(task, right=True))
        submit_annotation(seen["bert"], task["id"], answer(task, right=number % 2 == 0))
    for each in seen.values():
        each.close()
    for turn, (name, key) in enumerate((("anna", "2"), ("bert", "5")), 1):
        with seated(people[name], f"{name} password"):
            hands = hands_of(KIND, project, 2 * SCRIPTED + turn * CLICKED)
            hands.open()
            for _ in range(CLICKED):
                hands.press(key)
                hands.submit_by_key()

    (made,) = adjudicate([project], settings=settings)
    assert made.settled_in
    assert (made.conflicts, made.created) == (SCRIPTED // 2 + CLICKED, SCRIPTED // 2 + CLICKED)
    (again,) = adjudicate([project], settings=settings)
    assert (again.settled_in, again.created, again.waiting) == (made.settled_in, 0, made.created)
    shown = {task["id"]: task["data"] for task in stream_tasks(studio, made.settled_in)}
    for data in shown.values():
        assert "anna" not in json.dumps(data) and "@" not in data[SHOWN]

    with seated(people["cleo"], "cleo password"):
        hands = hands_of(KIND, made.settled_in, made.created)
        hands.open()
        hands.assert_readable()
        assert "Annotation 1" in hands.texts() and "What can be seen" not in hands.texts()
        hands.assert_in_view(chromium.find_elements(By.CSS_SELECTOR, ".gl-take .lsf-choice"))
        hands.press("0")
        assert "What can be seen" in hands.texts(), "an own answer has the kind's controls"
        for _ in range(made.created):
            hands.press("1")
            hands.submit_by_key()
    (done,) = adjudicate([project], settings=settings)
    assert (done.conflicts, done.waiting, done.settled) == (0, 0, made.created)

    out = tmp_path / "out"
    export(f"project:{project}", out, RECIPE, settings=settings)
    assert not check(out)
    taught, rejected = taught_and_rejected(out)
    assert not taught & rejected, "no pair contradicts another"
    assert len(taught) == len(rejected) == count, "one pair a task"
    for data in shown.values():
        first = data["goldleaf"]["adjudicates"]["answers"][0]["result"]
        (said,) = [r["value"]["choices"] for r in first if r["from_name"] == "decision"]
        assert data[f"answer_{said[0][0]}"] in {text for _, text in taught}, "the first was taken"
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["answers"]["read"] == 2 * count + made.created
    assert manifest["answers"]["rejected"] == 0
    assert "disagreement" not in manifest["reasons"]["dropped"]
    assert manifest["reasons"]["dropped"]["adjudicated"] == made.created
    assert manifest["inputs"][0]["adjudicated_in"] == [made.settled_in]
    stored = list(stream_tasks(studio, made.settled_in))
    assert all(a["result"][0]["from_name"] == CONTROL for t in stored for a in t["annotations"])
