"""Any JSON at all: an answer in our form, results aligned with tasks, and the server goes on."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldleaf.backend.protocol import ErrorResponse, PredictResponse

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
)
KEYS = st.sampled_from(["data", "prompt", "answer_a", "answer_b", "id", "tasks"]) | st.text(
    max_size=5
)
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)
TASK = st.fixed_dictionaries(
    {"id": st.integers() | ANY},
    optional={
        "data": st.fixed_dictionaries(
            {}, optional={name: st.text() | ANY for name in ("prompt", "answer_a", "answer_b")}
        )
        | ANY
    },
)
# The server is shared between examples on purpose: it must not care what came before.
LENIENT = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def sendable(body: Any) -> bytes | None:
    try:
        return orjson.dumps(body)
    except TypeError:
        return None


def post(client: httpx.Client, path: str, body: Any) -> httpx.Response | None:
    content = sendable(body)
    if content is None:
        return None
    answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    if answer.status_code >= 400:
        ErrorResponse.model_validate(answer.json())
    return answer


@LENIENT
@given(st.lists(TASK | ANY, max_size=6))
def test_any_tasks(client: httpx.Client, config: str, tasks: list[Any]):
    body = {"tasks": tasks, "project": "1.5", "label_config": config, "params": {}}
    answer = post(client, "/predict", body)
    if answer is not None:
        assert answer.status_code == 200
        PredictResponse.model_validate(answer.json())
        assert len(answer.json()["results"]) == len(tasks)


@LENIENT
@given(st.sampled_from(["/predict", "/setup", "/webhook"]), ANY)
def test_any_body(client: httpx.Client, path: str, body: Any):
    post(client, path, body)


FIELDS = [
    "tasks",
    "project",
    "label_config",
    "schema",
    "params",
    "action",
    "annotation",
    "annotations",
]
ACTIONS = st.sampled_from(["ANNOTATION_CREATED", "ANNOTATIONS_DELETED", "START_TRAINING", "X"])


@LENIENT
@given(
    st.sampled_from(["/predict", "/setup", "/webhook"]),
    st.dictionaries(st.sampled_from(FIELDS), ANY | ACTIONS),
)
def test_any_fields(client: httpx.Client, path: str, body: dict[str, Any]):
    post(client, path, body)
