"""Every route with every method, type and shape of body: a plain refusal, never a fault."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from goldleaf.backend.protocol import ErrorResponse

from .test_bad_inputs import predict, setup, webhook

ROUTES = ["/", "/health", "/setup", "/predict", "/webhook", "/versions", "/metrics"]
ROUTES += ["/openapi.json", "/team", "/nowhere", "/setup/1", "/predict?x=%00"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]
TYPES = ["application/json", "text/plain", "application/json; charset=utf-16", "", "a/b/c", "\xff"]
BODIES = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b'"\\ud800"',
    b"\xff\xfe{}",
    b'{"a": 1e999}',
    b"{" * 5_000,
    b'{"action": "ANNOTATION_CREATED", "annotation": {"id": 1}}',
]
ODD: list[Any] = [
    *(None, True, 0, -1, 1.5, 2**53, 2**64 - 1, "", " ", "1", "../x", "\x00", "٣", "x" * 70_000),
    *([], [[]], [None], {}, {"id": 1}, {"": {}}, [{"id": "1"}], [1] * 6_000),
    *("\u202e", "<View/>", "<View><Choices name='a' toName='b'/></View>", "&a;" * 999),
]


def refused(answer: httpx.Response, *, head: bool = False) -> None:
    """Assert that an answer is no fault, and a refusal in our form."""
    assert answer.status_code < 500, answer.text
    assert len(answer.headers["X-Request-Id"]) == 16
    if answer.status_code >= 400 and not head:
        ErrorResponse.model_validate(answer.json())
        assert answer.headers["Content-Type"] == "application/json"
        assert "Traceback" not in answer.text


def test_every_route_method_type_and_body(client: httpx.Client):
    counts: dict[int, int] = {}
    for path, method in itertools.product(ROUTES, METHODS):
        for kind, body in itertools.product(TYPES, BODIES if method == "POST" else BODIES[:2]):
            headers = [(b"Content-Type", kind.encode("latin-1"))]
            answer = client.request(method, path, content=body, headers=headers)
            refused(answer, head=method == "HEAD")
            counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
    assert set(counts) == {200, 400, 404, 405, 415, 422}, counts


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value inside a body."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


@pytest.mark.parametrize("body", [setup(), predict(), webhook()], ids=["setup", "predict", "hook"])
def test_every_field_with_every_odd_value(client: httpx.Client, config: str, body: dict[str, Any]):
    path = "/webhook" if "action" in body else "/predict" if "tasks" in body else "/setup"
    whole = {key: config if value == "CONFIG" else value for key, value in body.items()}
    if path == "/webhook":
        whole["annotations"] = [{"id": 2, "updated_at": "now"}]
    assert client.post(path, json=whole).status_code in (200, 202)
    for way, odd in itertools.product(list(places(whole)), ODD):
        changed = copy.deepcopy(whole)
        inner: Any = changed
        for key in way[:-1]:
            inner = inner[key]
        inner[way[-1]] = odd
        refused(client.post(path, content=orjson.dumps(changed), headers=_JSON))


_JSON = {"Content-Type": "application/json"}
