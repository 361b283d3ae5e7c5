"""What Label Studio sends is answered as Label Studio needs it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from goldleaf.backend.protocol import (
    HealthResponse,
    PredictResponse,
    SetupResponse,
    VersionsResponse,
    WebhookResponse,
)
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.registry import kind_named, kinds
from goldleaf.label_configs.screen import parse

PROJECT = "3.1795363614"
REFUSES = "I'm sorry, but I can't help with that."
VERSION = "preference/1:rules/8"


def task(
    number: int, a: object, b: object, prompt: object = "How do I bake bread?"
) -> dict[str, Any]:
    """A task as Label Studio sends it, fields we have no use for included."""
    return {
        "id": number,
        "data": {"prompt": prompt, "answer_a": a, "answer_b": b},
        "meta": {},
        "is_labeled": False,
        "overlap": 1,
        "inner_id": number,
        "annotations": [],
        "predictions": [{"id": 1, "result": []}],
        "comment_authors": [],
    }


def predict(
    client: httpx.Client, config: str, tasks: list[Any], **more: Any
) -> list[dict[str, Any]]:
    body = {
        "tasks": tasks,
        "project": PROJECT,
        "label_config": config,
        "params": {"login": None, "password": None, "context": None},
    }
    answer = client.post("/predict", json=body | more)
    assert answer.status_code == 200, answer.text
    PredictResponse.model_validate(answer.json())
    return answer.json()["results"]


@pytest.mark.parametrize("path", ["/health", "/"])
def test_health(client: httpx.Client, path: str):
    answer = client.get(path)
    assert answer.status_code == 200
    health = HealthResponse.model_validate(answer.json())
    assert health.status == "UP"
    assert health.versions == [f"{kind.id}:rules/8" for kind in kinds().values()]
    assert health.learning.state == "off"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_setup_names_the_version_of_every_result(client: httpx.Client, lang: str):
    config = kind_named("preference").config(lang)
    body = {
        "project": PROJECT,
        "schema": config,
        "hostname": "http://localhost:8080",
        "access_token": "0123456789abcdef0123456789abcdef01234567",
        "extra_params": None,
    }
    answer = client.post("/setup", json=body)
    assert answer.status_code == 200
    version = SetupResponse.model_validate(answer.json()).model_version
    assert version == VERSION
    listed = VersionsResponse.model_validate(client.get("/versions").json()).versions
    assert version in listed
    (result,) = predict(client, config, [task(1, REFUSES, "Mix flour and water.")])
    assert result["model_version"] == version


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_drafts_fit_the_screen_and_stand_in_order(client: httpx.Client, lang: str):
    config = kind_named("preference").config(lang)
    results = predict(
        client,
        config,
        [
            task(1, REFUSES, "Mix flour and water."),
            task(2, "Use yeast.", "Use baking soda."),
            task(3, "Same.", " Same.\r\n"),
            task(4, REFUSES, REFUSES),
            task(5, "", "Mix."),
        ],
    )
    said = [to_values(result.get("result", []), parse(config)) for result in results]
    assert said == [
        {"noticed": ("a_refuses",)},
        {},
        {"noticed": ("identical",)},
        {"noticed": ("both_refuse", "identical")},
        {"noticed": ("a_empty",)},
    ]
    assert results[1] == {}, "an empty result would be stored and block every later draft"
    scores = [result["score"] for result in results if result]
    assert scores == [0.2, 0.9, 0.9, 0.8]


def test_no_tasks_no_results(client: httpx.Client, config: str):
    assert predict(client, config, []) == []


def test_an_interactive_request_is_one_like_any_other(client: httpx.Client, config: str):
    one = task(1, REFUSES, "Mix.") | {"drafts": [], "allow_skip": True}
    params = {"login": None, "password": None, "context": {"result": [], "textarea": "typed"}}
    (result,) = predict(client, config, [one], params=params)
    assert result["result"]


def test_a_webhook_in_each_shape_label_studio_has(own_client: httpx.Client):
    project = {"id": 3, "title": "P", "label_config": "<View/>", "token": "t"}
    state = {"updated_at": "2026-01-02T03:04:05.678Z", "result": [], "was_cancelled": False}
    events: list[tuple[dict[str, Any], int, int]] = [
        (
            {"action": "ANNOTATION_CREATED", "annotation": {"id": 1, **state}, "project": project},
            202,
            1,
        ),
        (
            {"action": "ANNOTATION_UPDATED", "annotation": {"id": 1, **state}, "project": project},
            202,
            1,
        ),
        (
            {
                "action": "ANNOTATIONS_CREATED",
                "annotation": [{"id": 5}, {"id": 6}],
                "project": project,
            },
            202,
            2,
        ),
        ({"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 1}], "project": project}, 202, 1),
        ({"action": "START_TRAINING", "project": project}, 202, 1),
        ({"action": "ANNOTATION_CREATED"}, 202, 1),
        ({"action": "TASKS_CREATED", "tasks": [{"id": 1, "data": {}}], "project": project}, 200, 0),
        ({"action": "PROJECT_UPDATED", "project": project}, 200, 0),
        ({"action": "SOMETHING_NEW", "annotation": "of another shape"}, 200, 0),
    ]
    for body, status, stored in events:
        answer = own_client.post("/webhook", json=body)
        assert (answer.status_code, answer.json()) == (status, {"stored": stored}), body
        WebhookResponse.model_validate(answer.json())
    health = own_client.get("/health").json()
    assert health["events_seen"] == {
        "ANNOTATION_CREATED": 2,
        "ANNOTATION_UPDATED": 1,
        "ANNOTATIONS_CREATED": 1,
        "ANNOTATIONS_DELETED": 1,
        "START_TRAINING": 1,
        "TASKS_CREATED": 1,
        "PROJECT_UPDATED": 1,
        "other": 1,
    }
    assert health["events_pending"] == 7


def test_metrics_count_what_happened(own_client: httpx.Client, config: str):
    predict(own_client, config, [task(1, REFUSES, "Mix."), task(2, "x", "y"), task(3, 7, "y")])
    own_client.get("/nowhere")
    lines = own_client.get("/metrics").text.splitlines()
    assert 'goldleaf_drafts_total{outcome="drafted"} 1' in lines
    assert 'goldleaf_drafts_total{outcome="nothing_to_say"} 1' in lines
    assert 'goldleaf_drafts_total{outcome="bad_task"} 1' in lines
    assert 'goldleaf_requests_total{route="/predict",status="200"} 1' in lines
    assert 'goldleaf_requests_total{route="unknown",status="404"} 1' in lines
    assert "goldleaf_events_pending 0" in lines


def test_openapi_describes_every_route(client: httpx.Client):
    document = client.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        *("/", "/health", "/setup", "/predict", "/webhook", "/versions", "/metrics")
    }
    text = str(document)
    for name in document["components"]["schemas"]:
        assert f"#/components/schemas/{name}" in text, f"{name} is never used"
    schema = document["components"]["schemas"]["SetupRequest"]
    assert set(schema["required"]) == {"project", "schema"}
