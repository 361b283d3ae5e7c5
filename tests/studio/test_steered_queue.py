"""The head of Label Studio's queue, put there and taken back; and what a lead changed meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import GoldleafError
from goldleaf.core.records import Demonstration, Tags, Turn
from goldleaf.core.settings import load
from goldleaf.label_configs.refusal import codec
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio import steered_queue
from goldleaf.studio.projects import create_project, get_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks
from goldleaf.workflows.keep_steering import keep_steering
from goldleaf.workflows.kept_steering import steering_folder
from goldleaf.workflows.steer import Steered, steer, steered_projects

KIND = kind_named("refusal")
RECIPE = """
total: {min: 4}
repeat: {max: 1}
split: {test: 0.0}
rules:
  minimum_coverage: {languages: {zh: 2, sw: 1}, risks: {self_harm: 1}}
"""


@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(0, 30), unique=True))
def test_any_new_order_is_reached_by_placing_only_what_moved(before: list[int], after: list[int]):
    old = steered_queue._scores(before, {})
    kept = steered_queue._in_order([(task, old[task]) for task in after if task in old])
    now = steered_queue._scores(after, kept)
    assert sorted(after, key=lambda task: now[task]) == after
    assert len(set(now.values())) == len(after) and all(score < 0 for score in now.values())
    assert all(now[task] == old[task] for task in kept)
    if before == after:
        assert len(kept) == len(after), "nothing moved, nothing is written"


def record(number: int, language: str = "en", risk: str = "") -> Demonstration:
    return Demonstration(
        (Turn("user", f"Question {number}?"),),
        (Turn("assistant", f"Answer {number}."),),
        tags=Tags(language=language, risk=risk),
    )


@pytest.fixture
def project(label_studio) -> Iterator[tuple[int, list[int]]]:
    studio = label_studio.studio
    made = create_project(studio, KIND, title="Steered")
    rare = {7: record(7, "zh"), 9: record(9, "zh"), 10: record(10, "en", "self_harm")}
    rows = [rare.get(number) or record(number) for number in range(12)]
    ids = import_tasks(studio, made, map(KIND.codec.to_task, rows)).task_ids
    yield made, [int(task or 0) for task in ids]
    studio.delete(f"/api/projects/{made}/")


@pytest.mark.label_studio
def test_the_queue_follows_the_recipe_and_goes_back(
    inside, label_studio, project, tmp_path, monkeypatch
):
    studio, (number, ids) = label_studio.studio, project
    monkeypatch.setenv("GOLDLEAF_URL", label_studio.url)
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
    studio.patch(f"/api/projects/{number}", {"sampling": "Sequential sampling"})
    recipe = tmp_path / "small.yaml"
    recipe.write_text(RECIPE)

    done = inside("steer", number, "--recipe", recipe, "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert "语言 zh" in done.stdout and "风险类别 self_harm" in done.stdout
    assert "没有未作答的任务能提供：语言 sw" in done.stdout + done.stderr, "what no task can give"
    assert "没有关联后端" in done.stdout + done.stderr

    other = tmp_path / "other.yaml"
    other.write_text(RECIPE + "seed: 8\n")
    refused = inside("steer", number, "--recipe", other)
    assert refused.returncode == 2 and "steered by another recipe" in refused.stderr

    served: list[int] = []
    for _ in range(4):
        task = studio.get(f"/api/projects/{number}/next")
        served.append(task["id"])
        if len(served) <= 3:
            assert task["data"][steered_queue.NOTE].startswith("需要："), (
                "the annotator is told why"
            )
        said = codec.Answer("benign_comply", "comply", "none", corrected=f"Better {len(served)}.")
        if task["id"] == ids[10]:
            said = codec.Answer("benign_comply", "comply", "self_harm", corrected="Better.")
        submit_annotation(studio, task["id"], to_regions(KIND.to_annotation(said), KIND.screen))
    assert set(served[:3]) == {ids[7], ids[9], ids[10]}
    columns = studio.get("/api/dm/columns", {"project": number})["columns"]
    assert any(steered_queue.NOTE in str(each["id"]) for each in columns), "a column of the table"

    done = inside("steer", number, "--json", "--lang", "en")
    ended = json.loads(done.stdout)
    assert ended["status"] == "unfillable" and ended["unfillable"] == [
        "rules.minimum_coverage.languages.sw"
    ]
    row = get_project(studio, number)
    assert (row["sampling"], row["model_version"] or "") == ("Sequential sampling", "")
    again = inside("steer", number, "--stop")
    assert again.returncode == 2 and "not steered from here" in again.stderr


@pytest.mark.label_studio
def test_the_leads_word_counts_and_empty_projects_are_told(
    inside, label_studio, project, tmp_path, monkeypatch
):
    studio, (number, _) = label_studio.studio, project
    monkeypatch.setenv("GOLDLEAF_URL", label_studio.url)
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
    recipe = tmp_path / "small.yaml"
    recipe.write_text(RECIPE)
    assert "is not steered by any recipe" in inside("steer", number).stderr
    assert inside("steer", number, "--recipe", recipe, "--lang", "en").returncode == 0
    studio.patch(f"/api/projects/{number}", {"sampling": "Uniform sampling"})
    changed = inside("steer", number, "--lang", "en")
    assert "was changed to 'Uniform sampling' meanwhile" in changed.stdout
    assert get_project(studio, number)["sampling"] == "Uniform sampling", "nothing is changed back"
    notes = [
        studio.get(f"/api/tasks/{task}/")["data"].get(steered_queue.NOTE)
        for task in project[1][7:11]
    ]
    assert notes == [None] * 4, "no task says any more that it is needed"
    empty = create_project(studio, KIND, title="Empty")
    refused = inside("steer", empty, "--recipe", recipe)
    assert refused.returncode == 2 and "has no tasks" in refused.stderr
    studio.delete(f"/api/projects/{empty}/")


@pytest.mark.label_studio
def test_goldleaf_up_steers_on_until_the_plan_is_met(label_studio, project, tmp_path):
    studio, (number, ids) = label_studio.studio, project
    (tmp_path / "two.yaml").write_text(
        "repeat: {max: 1}\nsplit: {test: 0.0}\nrules:\n  minimum_coverage: {languages: {zh: 2}}\n"
    )
    flags = {"url": label_studio.url, "token": label_studio.token, "data_dir": tmp_path / "state"}
    settings = load(flags, environ={}, folder=tmp_path)
    first = steer(number, tmp_path / "two.yaml", studio=studio, settings=settings)
    assert {each.task for each in first.first} == {ids[7], ids[9]}
    damaged = steering_folder(settings, studio.url) / "damaged.json"
    damaged.write_text("{")
    ended: list[Steered] = []
    told: list[tuple[int | None, str]] = []

    def failed(project: int | None, error: GoldleafError) -> None:
        told.append((project, error.where))

    with keep_steering(settings, ended.append, failed, look=0.2):
        for task in (ids[9], ids[7]):
            said = codec.Answer("benign_comply", "comply", "none", corrected=f"Better {task}.")
            submit_annotation(studio, task, to_regions(KIND.to_annotation(said), KIND.screen))
        end = time.monotonic() + 120
        while not ended:
            assert time.monotonic() < end, "it did not end in time"
            time.sleep(0.1)
    assert [each.status for each in ended] == ["met"]
    assert told == [(None, str(damaged))], "a damaged file stops nothing, and is told once"
    damaged.unlink()
    assert steered_projects(studio, settings) == []
    assert (get_project(studio, number)["model_version"] or "") == ""
