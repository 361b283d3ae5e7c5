"""A model for label-studio-ml in a process of its own: it is waited for in time, and may die."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from refusal_tasks import KIND, tasks

from goldleaf.backend.label_studio_ml import model_process
from goldleaf.backend.label_studio_ml.foreign_model import ForeignModel, ForeignProjectModel
from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.server import RunningBackend
from goldleaf.label_configs.regions import to_values

from .test_foreign_model import CONFIG, PATHS, PROJECT


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in PATHS:
        monkeypatch.syspath_prepend(path)


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ForeignProjectModel]:
    name, seconds = request.param
    with closing(
        ForeignModel(f"users_models:{name}", tmp_path, apart=True, seconds=seconds)
    ) as model:
        yield model.for_config(PROJECT, CONFIG)


def asked(model: ForeignProjectModel, *more: dict[str, Any]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    given = [
        {"id": n, "data": {**data, **each}}
        for n, (data, each) in enumerate(zip(tasks(len(more)), more, strict=True))
    ]
    draft_predictions(
        KIND, KIND.screen, given, model, report=lambda _, outcome: outcomes.update([outcome])
    )
    return outcomes


@pytest.mark.parametrize("opened", [("Slow", 1.0)], indirect=True)
def test_what_comes_too_late_is_there_when_it_is_asked_for_again(opened: ForeignProjectModel):
    assert opened.VERSION == "0.0.1"
    began = time.monotonic()
    assert asked(opened, {}, {"seconds": 3}) == {"model_too_slow": 2}
    assert time.monotonic() - began < 3, "not waited for, and not tried task by task"
    end = time.monotonic() + 60
    while asked(opened, {}, {"seconds": 3}) != {"drafted": 2}:  # no new call is that quick
        assert time.monotonic() < end, "they were not kept"


@pytest.mark.parametrize("opened", [("Slow", 1.0)], indirect=True)
def test_few_askings_wait(opened: ForeignProjectModel):
    found: list[Counter[str]] = []
    many = [
        threading.Thread(target=lambda n=n: found.append(asked(opened, {"seconds": 2 + n / 10})))
        for n in range(9)
    ]
    for each in many:
        each.start()
    for each in many:
        each.join()
    assert sum(found, Counter()) == {"model_too_slow": 9}


@pytest.mark.parametrize("opened", [("Dies", 30.0)], indirect=True)
def test_a_model_that_dies_takes_nothing_with_it(
    opened: ForeignProjectModel, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_process, "PAUSE", 0.0)
    assert asked(opened, {}, {}) == {"drafted": 2}
    assert asked(opened, {}, {"dies": True}, {}) == {"drafted": 2, "predictor_failed": 1}
    assert asked(opened, {}) == {"drafted": 1}


@pytest.mark.parametrize("opened", [("Dies", 0.5)], indirect=True)
def test_a_class_that_loads_for_long_again_holds_up_nobody(
    opened: ForeignProjectModel, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_process, "PAUSE", 0.0)
    monkeypatch.setenv("USERS_MODELS_LOAD_SECONDS", "60")
    asked(opened, {"dies": True})
    began = time.monotonic()
    assert asked(opened, {}) == {"model_too_slow": 1}
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("opened", [("Slow", 0.5)], indirect=True)
def test_a_call_without_end_is_ended(opened: ForeignProjectModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model_process, "PATIENCE", 1.0)
    monkeypatch.setattr(model_process, "PAUSE", 0.0)
    assert asked(opened, {"seconds": 9_999}) == {"model_too_slow": 1}
    end = time.monotonic() + 30
    while asked(opened, {}) != {"drafted": 1}:
        assert time.monotonic() < end


def test_health_and_webhooks_do_not_wait_and_the_context_arrives(tmp_path: Path):
    """A model that lets no other thread of its process go on for three seconds."""
    took: list[float] = []
    with (
        RunningBackend(tmp_path / "events.sqlite", predictor="users_models:Slow") as backend,
        httpx.Client(base_url=backend.url, timeout=60) as client,
    ):
        task = {"id": 1, "data": {**tasks(1)[0], "seconds": 3}}
        body = {"tasks": [task], "project": PROJECT, "label_config": CONFIG}
        answers: list[Any] = []
        drafting = threading.Thread(
            target=lambda: answers.append(
                httpx.post(f"{backend.url}/predict", json=body, timeout=60).json()
            )
        )
        drafting.start()
        number = 0
        while drafting.is_alive():
            number += 1
            began = time.monotonic()
            assert client.get("/health").status_code == 200
            event = {"annotation": {"id": number}, "project": {"id": 1}}
            client.post("/webhook", json=event | {"action": "ANNOTATION_CREATED"})
            took.append(time.monotonic() - began)
            time.sleep(0.05)
    assert answers[0]["results"][0]["result"]
    assert len(took) > 5 and sorted(took)[len(took) // 2] < 0.5
    with (
        RunningBackend(tmp_path / "e.sqlite", predictor="users_models:SaysContext") as backend,
        httpx.Client(base_url=backend.url, timeout=60) as client,
    ):
        region = {"from_name": "corrected", "type": "textarea", "value": {"text": ["this"]}}
        params = {"login": None, "password": None, "context": {"result": [region]}}
        one = {**body, "tasks": [{"id": 1, "data": tasks(1)[0]}]}
        (drafted,) = client.post("/predict", json={**one, "params": params}).json()["results"]
        said = to_values(drafted["result"], KIND.screen)
        assert said == {"corrected": ("You typed this.",)}
        assert client.post("/predict", json={**one, "params": {}}).json() == {"results": [{}]}
        assert client.post("/predict", json={**one, "params": {"context": "x"}}).status_code == 422
