"""A class that was written for label-studio-ml drafts here, checked and on probation."""

from __future__ import annotations

import itertools
import json
import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from command import Goldleaf
from refusal_tasks import KIND, answer, answered, import_answered, tasks

from goldleaf.backend.label_studio_ml.fit_round import give_answers
from goldleaf.backend.label_studio_ml.foreign_model import ForeignModel, ForeignProjectModel
from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors.predictor import for_project, model_version
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.server import RunningBackend
from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
from goldleaf.label_configs.regions import to_regions, to_values
from goldleaf.label_configs.screen import parse
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.task_import import import_tasks

from .label_studio_ml_stand_in import (
    StandInBase2,
    StandInModelResponse,
    StandInPredictionValue,
)
from .test_learning_with_label_studio import until

HERE = Path(__file__).parent
PATHS = [str(HERE), str(HERE / "users_models")]
CONFIG = KIND.config()
PROJECT = "7.1700000000"
DRAFTS = """
import json, sys
from pathlib import Path
from users_models import Base
from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors.predictor import for_project
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.label_configs.registry import kind_named
kind, given = kind_named("refusal"), json.load(sys.stdin)
predictor = open_predictor("users_models:" + sys.argv[1], Path(sys.argv[2]))
model = for_project(predictor, "7.1", kind.config())
drafts = draft_predictions(kind, kind.screen, given, model)
print(json.dumps([Base.__module__, [draft.get("result") for draft in drafts]]))
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the models be found, as PYTHONPATH does for a process."""
    for path in PATHS:
        monkeypatch.syspath_prepend(path)


def opened(name: str, folder: Path, config: str = CONFIG) -> ForeignProjectModel:
    predictor = open_predictor(f"users_models:{name}", folder)
    found = for_project(predictor, PROJECT, config)
    assert isinstance(found, ForeignProjectModel)
    return found


def drafted(model: ForeignProjectModel, count: int = 4) -> tuple[list[Any], Counter[str]]:
    outcomes: Counter[str] = Counter()
    given = [{"id": number, "data": data} for number, data in enumerate(tasks(count))]
    drafts = draft_predictions(
        KIND, KIND.screen, given, model, report=lambda _, outcome: outcomes.update([outcome])
    )
    return [to_values(draft.get("result", []), KIND.screen) for draft in drafts], outcomes


def answered_tasks(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return tasks with a submitted answer, as Label Studio's API gives them."""
    rows: list[dict[str, Any]] = []
    for number, data in enumerate(tasks(count, start), start + 1):
        result = to_regions(KIND.to_annotation(answer(data)), KIND.screen)
        annotation = {"id": number, "updated_at": "t", "result": result, "was_cancelled": False}
        rows.append({"id": number, "data": data, "annotations": [annotation], "predictions": []})
    return rows


@pytest.mark.parametrize("name", ["Risk", "Several"])
def test_text_is_drafted_at_once_and_choices_when_they_have_proved_themselves(
    tmp_path: Path, name: str
):
    model = opened(name, tmp_path)
    values, outcomes = drafted(model)
    assert outcomes == {"drafted": 4}
    assert all(set(each) == {"corrected"} for each in values)
    before = model_version(KIND, model)
    project = {"id": 7, "title": "x", "label_config": CONFIG}
    # 25 right answers prove a choice; half of the tasks are about theft.
    assert give_answers(model, project, KIND.screen, iter(answered_tasks(48))) == 48
    assert model_version(KIND, model) == before
    assert give_answers(model, project, KIND.screen, iter(answered_tasks(60))) == 12
    assert model_version(KIND, model) != before
    values, _ = drafted(model)
    assert [each["risk"] for each in values] == [("none",), ("theft",)] * 2
    # What was proved is read by another process, and by a new one.
    again = opened(name, tmp_path)
    assert (again.VERSION, again.learned_from) == (model.VERSION, 60)
    assert drafted(again)[0] == values
    assert drafted(opened(name, tmp_path / "other"))[0] != values


def test_it_is_tested_before_it_is_given_an_answer(tmp_path: Path):
    model = opened("Learns", tmp_path)
    notes: list[Any] = sys.modules["users_models"].Learns.given
    notes.clear()
    project = {"id": 7, "title": "x", "label_config": CONFIG}
    give_answers(model, project, KIND.screen, iter(answered_tasks(30)))
    assert [number for _, number in notes] == list(range(1, 31))
    assert {event for event, _ in notes} == {"ANNOTATION_CREATED"}
    # Twenty times it said violence, wrongly; then it was right, for ten tasks.
    judged = json.loads(next(tmp_path.rglob("*.proven.json")).read_bytes())["judged"]["risk"]
    assert judged["violence"] == [0, 20]
    assert (sum(right for right, _ in judged.values()), len(judged)) == (10, 3)
    changed = answered_tasks(30)
    changed[4]["annotations"][0]["updated_at"] = "later"
    assert give_answers(model, project, KIND.screen, iter(changed)) == 1
    assert notes[-1] == ("ANNOTATION_UPDATED", 5)


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("UnknownControl", {"unknown_control": 4}),
        ("UnknownChoice", {"unknown_choice": 4}),
        ("FinalWord", {"final_word": 4}),
        ("Fails", {"predictor_failed": 2, "drafted": 2}),
        ("TooFew", {"predictor_failed": 4}),
        ("NoList", {"predictor_failed": 4}),
        ("CannotBeMade", {"predictor_failed": 4}),
        ("Nothing", {"nothing_to_say": 4}),
        ("ChoiceOnly", {"nothing_to_say": 4}),
        ("Writes", {"drafted": 4}),
    ],
)
def test_what_does_not_fit_leaves_a_task_undrafted_with_its_reason(
    tmp_path: Path, name: str, outcomes: dict[str, int], caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING, "goldleaf.backend"):
        model = opened(name, tmp_path)
        values, found = drafted(model)
    assert found == outcomes
    assert [bool(each) for each in values].count(True) == outcomes.get("drafted", 0)
    assert all("\n" not in record.getMessage() for record in caplog.records)
    said = caplog.text
    assert ("sentiment" in said) == (name == "UnknownControl")
    assert ("no such risk" in said) == (name == "UnknownChoice")
    assert ("ValueError: cannot read task 1" in said) == (name == "Fails")
    assert ("no weights" in said) == (name == "CannotBeMade")
    assert ("0 predictions for" in said) == (name == "TooFew")
    if name == "ChoiceOnly":
        assert model.undrafted(KIND, {}) == "not_sure_enough"


@pytest.mark.parametrize("several", [False, True])
def test_a_model_response_is_read_like_a_list(tmp_path: Path, several: bool):
    model = opened("Risk", tmp_path)
    plain = model._model.predict

    def predict(tasks: list[Any], context: Any = None) -> StandInModelResponse:
        values = [StandInPredictionValue(**each) for each in plain(tasks)]
        listed: list[Any] = [[each] for each in values] if several else values
        return StandInModelResponse(predictions=listed)

    before = drafted(model)
    model._model.predict = predict
    assert drafted(model) == before and before[1] == {"drafted": 4}


def test_each_project_and_config_has_a_model_of_its_own(tmp_path: Path):
    predictor = open_predictor("users_models:Risk", tmp_path)
    assert isinstance(predictor, ForeignModel)
    english, chinese = predictor.for_config("1.5", CONFIG), predictor.for_config("2.5", CONFIG)
    assert english is predictor.for_config("1.5", CONFIG) and english is not chinese
    assert (english._model.project_id, english._model.label_config) == ("1", CONFIG)
    for number in range(20):
        predictor.for_config(f"{number}.5", CONFIG)
    assert predictor.for_config("1.5", CONFIG) is not english, "few are kept in memory"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("no.such.module:Model", "No module named"),
        ("users_models:Absent", "Absent"),
        ("users_models:not_a_class", "not a class with predict"),
        ("breaks_when_imported:Model", "ZeroDivisionError"),
    ],
)
def test_one_that_cannot_be_loaded_is_a_plain_message(
    inside: Goldleaf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, says: str
):
    (tmp_path / "breaks_when_imported.py").write_text("1 / 0\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    done = inside("serve", "--port", 0, "--predictor", path, "--lang", "en")
    assert done.returncode == 2, done.stderr
    assert says in done.stderr and path in done.stderr
    (tmp_path / "goldleaf.toml").write_text(f'predictor = "{path}"\n', "utf-8")
    done = inside("serve", "--port", 0, "--lang", "zh")
    assert done.returncode == 2 and path in done.stderr
    assert "无法加载模型" in done.stderr or "不是 label-studio-ml 那样" in done.stderr


def test_a_process_says_so_without_a_traceback(goldleaf: Goldleaf):
    done = goldleaf("serve", "--port", 0, GOLDLEAF_PREDICTOR="no.such:Model", LANG="en")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "No module named 'no'" in done.stderr and "PYTHONPATH" in done.stderr


def test_the_backend_serves_it(tmp_path: Path):
    with (
        RunningBackend(tmp_path / "events.sqlite", predictor="users_models:Risk") as backend,
        httpx.Client(base_url=backend.url, timeout=30) as client,
    ):
        setup = client.post("/setup", json={"project": PROJECT, "schema": CONFIG}).json()
        given = [{"id": n, "data": data} for n, data in enumerate(tasks(3))]
        body = {"tasks": [*given, {"id": 9, "data": {}}], "project": PROJECT}
        answer = client.post("/predict", json={**body, "label_config": CONFIG}).json()["results"]
        assert setup["model_version"] == "refusal/1:users_models:Risk/0.0.1"
        assert [each.get("model_version") for each in answer] == [setup["model_version"]] * 3 + [
            None
        ]
        assert "users_models:Risk" in client.get("/health").json()["model_version"]


def test_the_printed_model_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = (HERE.parents[1] / "docs" / "extending.md").read_text("utf-8")
    printed = page.split("## A model for label-studio-ml")[1].split("```python\n")[1]
    name = f"printed_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(printed.split("```")[0], "utf-8")
    stand_in = ModuleType("label_studio_ml.model")
    stand_in.__dict__["LabelStudioMLBase"] = StandInBase2
    monkeypatch.setitem(sys.modules, "label_studio_ml", ModuleType("label_studio_ml"))
    monkeypatch.setitem(sys.modules, "label_studio_ml.model", stand_in)
    monkeypatch.syspath_prepend(tmp_path)
    model = for_project(open_predictor(f"{name}:Translator", tmp_path), PROJECT, CONFIG)
    assert isinstance(model, ForeignProjectModel)
    values, outcomes = drafted(model)
    assert outcomes == {"drafted": 4}
    assert values[0] == {"corrected": ("I will not help with that.",)}


@pytest.mark.label_studio
@pytest.mark.timeout(600)
def test_it_drafts_in_bulk_and_earns_its_choices_in_label_studio(
    label_studio: EmbeddedStudio, goldleaf: Goldleaf, tmp_path: Path
):
    studio = label_studio.studio
    project = create_project(studio, KIND)
    import_answered(studio, project, answered(60))
    import_tasks(studio, project, tasks(10, 60))
    try:
        where = {"LABEL_STUDIO_URL": label_studio.url, "LABEL_STUDIO_API_KEY": label_studio.token}
        named = {"PYTHONPATH": os.pathsep.join(PATHS), "GOLDLEAF_PREDICTOR": "users_models:Risk"}
        done = goldleaf("prelabel", project, "--json", **where, **named)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["stored"] == 70
        with RunningBackend(
            tmp_path / "events.sqlite",
            predictor="users_models:Risk",
            studio=lambda: Studio(label_studio.url, label_studio.token),
            schedule=RetrainingSchedule(quiet=0.2, longest=0.5, retry=0.5, look=600),
        ) as backend:
            from goldleaf.studio.backend_link import connect_backend

            connect_backend(studio, project, backend.url)
            event = {"action": "START_TRAINING", "project": {"id": project}}
            httpx.post(f"{backend.url}/webhook", json=event).raise_for_status()
            until(lambda: backend.backend.learning()["learned"])
        newest = {
            task["id"]: to_values(task["predictions"][-1]["result"], KIND.screen)
            for task in itertools.islice(stream_tasks(studio, project), 60, None)
        }
        assert len(newest) == 10
        assert {each["risk"] for each in newest.values()} == {("theft",), ("none",)}
    finally:
        studio.delete(f"/api/projects/{project}/")


def test_drafts_are_the_same_as_under_the_stand_in(label_studio_ml_python: Path, tmp_path: Path):
    given = [{"id": number, "data": data} for number, data in enumerate(tasks(4))]
    found = os.pathsep.join([*PATHS, str(HERE.parents[1])])
    for name in ("Risk", "Fails", "UnknownChoice"):
        done = subprocess.run(
            [str(label_studio_ml_python), "-c", DRAFTS, name, str(tmp_path / name)],
            input=json.dumps(given),
            env={"PYTHONPATH": found, "MODEL_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        _, there = json.loads(done.stdout)
        here = draft_predictions(
            KIND, parse(CONFIG), given, opened(name, tmp_path / f"{name} here")
        )
        assert there == [draft.get("result") for draft in here]
