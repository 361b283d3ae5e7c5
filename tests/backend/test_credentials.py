"""Who is let in, on every route."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.backend.credentials import WEBHOOK_HEADER, Credentials
from goldleaf.backend.server import RunningBackend

from .conftest import LOGIN, WEBHOOK_SECRET

ROUTES = [
    ("GET", "/health"),
    ("GET", "/"),
    ("POST", "/setup"),
    ("POST", "/predict"),
    ("POST", "/webhook"),
    ("GET", "/versions"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/nowhere"),
]


def basic(user: str, password: str, encoding: str = "utf-8") -> dict[str, str]:
    pair = b64encode(f"{user}:{password}".encode(encoding)).decode()
    return {"Authorization": f"Basic {pair}"}


CALLERS = {
    "nobody": {},
    "the right one": basic(*LOGIN),
    "wrong password": basic(LOGIN[0], "pass phrasE"),
    "wrong user": basic("someone", LOGIN[1]),
    "no password": basic(LOGIN[0], ""),
    "not base64": {"Authorization": "Basic ***"},
    "no pair": {"Authorization": "Basic"},
    "another scheme": {"Authorization": "Bearer " + LOGIN[1]},
    "Chinese": basic("用户", "密码"),
    "raw bytes": {"Authorization": "Basic \xff\xfe"},
    "the webhook": {WEBHOOK_HEADER: WEBHOOK_SECRET},
    "a wrong webhook": {WEBHOOK_HEADER: "guess"},
    "an empty webhook": {WEBHOOK_HEADER: ""},
    "an odd webhook": {WEBHOOK_HEADER: "\xe9\xff"},
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_who_may_ask_what(locked_backend: RunningBackend, method: str, path: str, caller: str):
    headers = {name.encode(): value.encode("latin-1") for name, value in CALLERS[caller].items()}
    answer = httpx.request(method, locked_backend.url + path, headers=list(headers.items()))
    silent = "Authorization" not in CALLERS[caller]
    admitted = (
        caller == "the right one"
        or (caller == "the webhook" and path == "/webhook")
        or (silent and path in ("/", "/health"))
    )
    assert (answer.status_code != 401) == admitted
    assert LOGIN[1] not in answer.text
    if not admitted:
        assert answer.json()["error"] == "unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_training_comes_with_basic_auth_and_annotations_with_the_header(
    locked_backend: RunningBackend,
):
    training = {"action": "START_TRAINING", "project": {"id": 1}}
    created = training | {"action": "ANNOTATION_CREATED", "annotation": {"id": 1}}
    url = locked_backend.url + "/webhook"
    assert httpx.post(url, json=training, auth=LOGIN).status_code == 202
    assert (
        httpx.post(url, json=created, headers={WEBHOOK_HEADER: WEBHOOK_SECRET}).status_code == 202
    )
    assert httpx.post(url, json=created).status_code == 401


def test_a_stranger_changes_nothing(tmp_path: Path):
    with RunningBackend(tmp_path / "e.sqlite", credentials=Credentials(*LOGIN)) as backend:
        event = {"action": "START_TRAINING", "project": {"id": 1}}
        for headers in ({}, {WEBHOOK_HEADER: ""}, {WEBHOOK_HEADER: "x"}):
            answer = httpx.post(backend.url + "/webhook", json=event, headers=headers)
            assert answer.status_code == 401
        health = httpx.get(backend.url + "/health").json()
    assert (health["events_seen"], health["events_pending"]) == ({}, 0)


def test_without_a_password_everyone_on_this_machine_is_let_in(client: httpx.Client):
    assert client.get("/versions").status_code == 200
    assert client.get("/versions", headers=basic("any", "one")).status_code == 200


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_password_may_hold_any_letters(encoding: str):
    credentials = Credentials("user", "pässwörd")
    assert credentials.admits(basic("user", "pässwörd", encoding)["Authorization"])
    assert not credentials.admits(basic("user", "passwörd", encoding)["Authorization"])


@given(st.text(), st.text(min_size=1).filter(lambda text: "\ud800" not in text), st.text())
def test_no_header_can_break_the_check(user: str, password: str, header: str):
    wire = header.encode("utf-8", "replace").decode("latin-1")
    credentials = Credentials(user, password)
    assert not credentials.admits(wire)
    assert not credentials.admits("Basic " + wire)
    assert not credentials.admits_webhook(wire, wire)
