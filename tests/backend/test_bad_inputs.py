"""Whatever is sent: no server error, no trace, no secret echoed, no text fetched or opened."""

from __future__ import annotations

import gzip
import json
import logging
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from goldleaf.label_configs.registry import kind_named

from .conftest import Listener
from .test_protocol import PROJECT, REFUSES, task

SECRET = "canary0123456789abcdef"
HERE = "{here}"
"""Stands for the address of the listener, known only when a test runs."""


@dataclass(frozen=True)
class Case:
    """One request and the status it must get."""

    name: str
    status: int
    path: str
    json: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    method: str = "POST"
    error: str = ""


def predict(**change: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "tasks": [task(1, REFUSES, "Mix.")],
        "project": PROJECT,
        "label_config": "CONFIG",
        "params": {"login": "annotator", "password": SECRET, "context": None},
    }
    body |= change
    return {key: value for key, value in body.items() if value is not ...}


def setup(**change: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "project": PROJECT,
        "schema": "CONFIG",
        "hostname": HERE,
        "access_token": SECRET,
        "extra_params": None,
    }
    body |= change
    return {key: value for key, value in body.items() if value is not ...}


def webhook(**change: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "action": "ANNOTATION_CREATED",
        "annotation": {"id": 1, "updated_at": "2026-01-01T00:00:00Z"},
        "project": {"id": 1, "token": SECRET},
    }
    body |= change
    return {key: value for key, value in body.items() if value is not ...}


JSON = {"Content-Type": "application/json"}
TRANSPORT = [
    Case("empty", 400, "/predict", content=b"", headers=JSON, error="not_json"),
    Case("spaces", 400, "/predict", content=b"   ", headers=JSON, error="not_json"),
    Case("truncated", 400, "/predict", content=b'{"tasks": [', headers=JSON, error="not_json"),
    Case("two values", 400, "/setup", content=b"{}{}", headers=JSON, error="not_json"),
    Case("null", 400, "/predict", content=b"null", headers=JSON, error="not_an_object"),
    Case("list", 400, "/predict", content=b"[]", headers=JSON, error="not_an_object"),
    Case("text", 400, "/setup", content=b'"x"', headers=JSON, error="not_an_object"),
    Case("number", 400, "/webhook", content=b"1", headers=JSON, error="not_an_object"),
    Case("NaN", 400, "/predict", content=b'{"a": NaN}', headers=JSON, error="not_json"),
    Case("Infinity", 400, "/predict", content=b'{"a": -Infinity}', headers=JSON, error="not_json"),
    Case("5000 digits", 400, "/predict", content=b'{"a":' + b"9" * 5000 + b"}", headers=JSON),
    Case("no UTF-8", 400, "/predict", content=b'{"a": "\xff"}', headers=JSON, error="not_utf8"),
    Case("UTF-16", 400, "/predict", content='{"a": 1}'.encode("utf-16"), headers=JSON),
    Case("UTF-8 with BOM", 400, "/predict", content=b"\xef\xbb\xbf{}", headers=JSON),
    Case("deep lists", 400, "/predict", content=b"[" * 100_000, headers=JSON, error="not_json"),
    Case("deep objects", 400, "/predict", content=b'{"a":' * 100_000, headers=JSON),
    Case("gzip", 415, "/predict", content=gzip.compress(b"{}"),
         headers=JSON | {"Content-Encoding": "gzip"}, error="encoded"),
    Case("form", 415, "/predict", content=b"tasks=1",
         headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Case("multipart", 415, "/predict", content=b"--x\r\n",
         headers={"Content-Type": "multipart/form-data; boundary=x"}),
    Case("no type", 415, "/predict", content=b"{}"),
    Case("text type", 415, "/webhook", content=b"{}", headers={"Content-Type": "text/plain"}),
    Case("17 MB", 413, "/predict", content=b'{"a":"' + b"x" * (17 << 20) + b'"}', headers=JSON),
    Case("64 MB", 413, "/webhook", content=b" " * (64 << 20), headers=JSON, error="too_large"),
    Case("17 MB to health", 405, "/health", content=b" " * (17 << 20), headers=JSON),
    Case("GET predict", 405, "/predict", method="GET", error="method_not_allowed"),
    Case("PUT setup", 405, "/setup", json={}, method="PUT"),
    Case("DELETE webhook", 405, "/webhook", method="DELETE"),
    Case("POST versions", 405, "/versions", json={}),
    Case("unknown route", 404, "/validate", json={}, error="not_found"),
    Case("path up", 404, "/../../etc/passwd", method="GET"),
    Case("path up, encoded", 404, "/%2e%2e/%2e%2e/etc/passwd", method="GET"),
    Case("path with NUL", 404, "/predict%00", json={}),
    Case("static", 404, "/static/app.py", method="GET"),
    Case("TRACE", 405, "/health", method="TRACE"),
    Case("no method of HTTP", 405, "/predict", method="FROBNICATE"),
    Case("OPTIONS of nothing", 404, "/nowhere", method="OPTIONS"),
    Case("bytes for a path", 404, "/%ff%fe%80", method="GET"),
    Case("long path", 404, "/" + "a" * 60_000, method="GET"),
    Case("slash at the end", 404, "/predict/", json={}),
    Case("capital letters", 404, "/Predict", json={}),
    Case("POST root", 405, "/", json={}),
    Case("POST metrics", 405, "/metrics", content=b"[" * 100_000, headers=JSON),
    Case("unknown encoding", 415, "/setup", content=b"{}",
         headers=JSON | {"Content-Encoding": "x"}),
    Case("type of two", 415, "/setup", content=b"{}",
         headers={"Content-Type": "application/json, text/x"}),
    Case("a login that is none", 422, "/setup", json={}, headers={"Authorization": "Basic %%%"}),
    Case("bytes for a login", 422, "/setup", json={}, headers={"Authorization": "Basic /w=="}),
    Case("twice the same key", 422, "/setup", content=b'{"project": "1", "project": 2}',
         headers=JSON),
    Case("key of surrogates", 422, "/setup", content=b'{"\\ud800": 1}', headers=JSON),
    Case("NUL in JSON", 400, "/setup", content=b'{"project": "\0"}', headers=JSON),
    Case("single quotes", 400, "/setup", content=b"{'project': '1'}", headers=JSON),
    Case("comment", 400, "/webhook", content=b'{"a": 1} // x', headers=JSON),
    Case("deep, and whole", 422, "/webhook",
         content=b'{"action": ' + b"[" * 900 + b"]" * 900 + b"}", headers=JSON),
    Case("deep beside what is read", 400, "/webhook",
         content=b'{"action": "X", "a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", headers=JSON),
]  # fmt: skip

FIELDS = [
    Case("predict {}", 422, "/predict", {}, error="bad_field"),
    Case("setup {}", 422, "/setup", {}),
    Case("webhook {}", 422, "/webhook", {}),
    *(
        Case(f"tasks {value!r}", 422, "/predict", predict(tasks=value))
        for value in (..., None, "abc", 1, {}, {"0": {}}, True)
    ),
    Case("5001 tasks", 422, "/predict", predict(tasks=[{}] * 5001)),
    *(
        Case(f"label_config {value!r}", 422, "/predict", predict(label_config=value))
        for value in (..., None, "", 1, [], {})
    ),
    *(Case(f"schema {v!r}", 422, "/setup", setup(schema=v)) for v in (..., None, "", 7, [1])),
    *(Case(f"params {v!r}", 422, "/predict", predict(params=v)) for v in ("x", 1, [])),
    Case("params null", 200, "/predict", predict(params=None)),
    Case("no params", 200, "/predict", predict(params=...)),
    Case("unknown fields", 200, "/predict", predict(model_version=[1], extra={"a": None})),
    Case("setup of another hand", 200, "/setup", setup(hostname=None, access_token=[SECRET])),
    *(
        Case(f"action {value!r}", 422, "/webhook", webhook(action=value))
        for value in (..., None, 1, [], ["START_TRAINING"], {}, "", "x y", "annotation", "A" * 99)
    ),
    Case("no annotation", 422, "/webhook", webhook(annotation=...)),
    *(
        Case(f"annotation {value!r}", 422, "/webhook", webhook(annotation=value))
        for value in (None, "1", 1, {}, [], [1], [{}], {"id": "1"}, {"id": None}, {"id": 1.5},
                      {"id": 0}, {"id": -1}, {"id": 2**63}, {"id": True},
                      {"id": 1, "updated_at": 5}, {"id": 1, "updated_at": "x" * 65})
    ),
    Case("deleted null", 422, "/webhook", {"action": "ANNOTATIONS_DELETED", "annotations": None}),
    *(
        Case(f"project {v!r}", 422, "/webhook", webhook(project=v))
        for v in (..., None, 1, "1", [], {}, {"id": "x"}, {"id": None}, {"id": 0}, {"id": 2**63},
                  {"id": True}, {"id": 1.0}, {"id": [1]}, {"title": "no id"})
    ),
    *(
        Case(f"deleted without project {v!r}", 422, "/webhook",
             {"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 1}], "project": v})
        for v in (None, {})
    ),
    Case("training of nothing", 422, "/webhook", {"action": "START_TRAINING", "project": 3}),
]  # fmt: skip

PREFERENCE = kind_named("preference").config()
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" if i else "&a;"}&a;&a;&a;&a;&a;">' for i in range(9))
    + "]><View>&a8;</View>"
)
CONFIGS = {
    "billion laughs": (422, LAUGHS),
    "quadratic": (422, f'<!DOCTYPE l [<!ENTITY a "{"x" * 50_000}">]><View>{"&a;" * 20_000}</View>'),
    "file entity": (422, '<!DOCTYPE v [<!ENTITY x SYSTEM "file:///etc/passwd">]><View>&x;</View>'),
    "web entity": (422, f'<!DOCTYPE v [<!ENTITY x SYSTEM "{HERE}">]><View>&x;</View>'),
    "web DTD": (422, f'<!DOCTYPE v SYSTEM "{HERE}"><View/>'),
    "parameter entity": (422, f'<!DOCTYPE v [<!ENTITY % x SYSTEM "{HERE}"> %x;]><View/>'),
    "empty DTD": (422, "<!DOCTYPE View><View/>"),
    "XInclude": (422, '<View xmlns:i="http://www.w3.org/2001/XInclude">'
                      f'<i:include href="{HERE}"/></View>'),
    "stylesheet": (422, f'<?xml-stylesheet href="{HERE}"?><View/>'),
    "no XML": (422, "just words"),
    "unclosed": (422, "<View><Choices>"),
    "deep": (422, "<View>" * 40_000),
    "deep and closed": (422, "<a>" * 36_000 + "</a>" * 36_000),
    "12,000 choices": (422, "<View>" + '<Choice value="1"/>' * 12_000 + "</View>"),
    "NUL": (422, "<View>\0</View>"),
    "two roots": (422, "<View/><View/>"),
    "wrong encoding": (422, '<?xml version="1.0" encoding="utf-16"?><View/>'),
    "lone surrogate": (422, "<View>\ud800</View>"),
    "over 256 KB": (422, "<View>" + "x" * (256 * 1024) + "</View>"),
    "over 256 KB in bytes": (413, "<View>" + "字" * 100_000 + "</View>"),
    "empty view": (422, "<View></View>"),
    "another kind": (422, '<View><Text name="t" value="$t"/><Choices name="c" toName="t">'
                          '<Choice value="A"/></Choices></View>'),
    "Chat": (422, '<View><Chat name="c" value="$m"/></View>'),
    "toName of nothing": (422, re.sub(r'toName="[^"]+"', 'toName="nowhere"', PREFERENCE)),
    "toName of one control": (422, PREFERENCE.replace('toName="prompt"', 'toName="gone"', 1)),
    "toName of a control": (422, re.sub(r'toName="[^"]+"', 'toName="choice"', PREFERENCE)),
    "no toName": (422, re.sub(r' toName="[^"]+"', "", PREFERENCE)),
    "empty toName": (422, re.sub(r'toName="[^"]+"', 'toName=""', PREFERENCE)),
    "an object gone": (422, re.sub(r'(<HyperText|<Text) name="[^"]+"', r"\1", PREFERENCE)),
    "a choice gone": (422, '<View><Choices name="decision" toName="p"/></View>'),
}  # fmt: skip
CONFIG_CASES = [
    Case(f"{where}: {name}", status, f"/{where}", body)
    for name, (status, text) in CONFIGS.items()
    for where, body in (("setup", setup(schema=text)), ("predict", predict(label_config=text)))
]

IDENTIFIERS = [
    Case(f"{where}: project {str(value)[:20]!r}", 422, f"/{where}", body)
    for value in (
        ..., None, "", "../../x", "..", "/etc/passwd", "1/2", "1\0", "x" * 10_000,
        "1; DROP TABLE event", {"id": 1}, 1, ["1"],
        "1.", ".5", "-1", "1e9", "٣", "１", "1\n", " 1", "9" * 13,
        "1." + "1" * 21,
    )
    for where, body in (("setup", setup(project=value)), ("predict", predict(project=value)))
]  # fmt: skip

ADDRESSES = (
    HERE, f"see {HERE}", f"![x]({HERE})", f"<img src='{HERE}'>", f"<script src='{HERE}'></script>",
    f"@import url({HERE})", "/etc/passwd", "/tmp", "file:///etc/passwd", "\\\\server\\share", "s3://b/k",
    "/data/upload/1/x.json", "/data/local-files/?d=etc/passwd", "upload your file please",
    "~/.ssh/id_rsa",
)  # fmt: skip
ODD_TEXTS = (
    "", " ", "\0", "\ud800", "\u202e\u2066", "\U000e0041", "\ufeff", "=HYPERLINK(1)", "' OR 1=1 --",
    "{{7*7}}", "${jndi:ldap://x}", "%s%n", "\r\n\r\nHTTP/1.1 200", "a" * 1_000_001, "字" * 30_000,
    "I can't " * 20_000, "\n" * 100_000, "x" + "\n" * 50_000 + "y", "`" * 50_000, "<" * 50_000,
)  # fmt: skip
ODD_TASKS: tuple[Any, ...] = (
    None, 1, "task", [], {}, {"id": 1}, {"data": None}, {"data": "text"}, {"data": []},
    {"data": {}},
    {"data": {"prompt": "x"}}, {"id": SECRET, "data": {}}, {"id": {}, "data": {"prompt": 1}},
    task(1, None, "x"), task(1, 1, "x"), task(1, [], "x"), task(1, {"html": "<b>"}, "x"),
    task(1, "x", "y", prompt=None), task(1, "x", "y", prompt=[{"role": "user", "content": "x"}]),
    task(1, 10**4000, "x"), task(1, 1e308, "x"), task(1, True, False),
)  # fmt: skip
DATA = [
    *(
        Case(f"text {text[:24]!r}", 200, "/predict", predict(tasks=[task(1, text, text, text)]))
        for text in ADDRESSES + ODD_TEXTS
    ),
    *(
        Case(f"task {str(odd)[:60]}", 200, "/predict", predict(tasks=[odd]))
        for odd in ODD_TASKS
    ),
    Case("1e999 as a field", 200, "/predict",
         content=b'{"tasks":[{"data":{"prompt":1e999}}],"project":"1","label_config":"CONFIG"}',
         headers=JSON),
]  # fmt: skip

CASES = [*TRANSPORT, *FIELDS, *CONFIG_CASES, *IDENTIFIERS, *DATA]


def filled(case: Case, config: str, here: str) -> bytes | None:
    """The body of a case, with the real config and the listener's address in it."""
    if case.content is not None:
        # Only the one raw body that names the config is text; the others are sent as they stand.
        return case.content.replace(b'"CONFIG"', json.dumps(config).encode())
    if case.json is None:
        return None
    text = json.dumps(case.json).replace('"CONFIG"', json.dumps(config))
    return text.replace(HERE, here).encode()


@pytest.mark.parametrize("case", CASES, ids=[f"{case.path} {case.name}" for case in CASES])
def test_a_bad_input_is_answered(
    case: Case,
    client: httpx.Client,
    config: str,
    listener: Listener,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG, "goldleaf")
    headers = case.headers if case.content is not None else JSON | case.headers
    body = filled(case, config, listener.url)
    answer = client.request(case.method, case.path, content=body, headers=headers)
    assert answer.status_code == case.status, answer.text
    assert SECRET not in answer.text
    assert SECRET not in caplog.text
    assert "Traceback" not in answer.text + caplog.text
    assert "root:" not in answer.text, "a file was read"
    assert listener.callers == [], "a text was fetched"
    assert len(answer.headers["X-Request-Id"]) == 16
    if case.status != 200:
        said = answer.json()
        assert set(said) == {"error", "detail", "request"}
        assert said["request"] == answer.headers["X-Request-Id"]
        assert case.error in ("", said["error"])
    elif case.path == "/predict":
        sent = json.loads(body or b"")["tasks"]
        assert len(answer.json()["results"]) == len(sent)
    assert client.get("/health").json()["status"] == "UP"


def test_an_unknown_kind_is_told_which_kinds_there_are(client: httpx.Client):
    answer = client.post("/setup", json=setup(schema="<View></View>"))
    assert answer.json()["error"] == "unknown_kind"
    assert "preference" in answer.json()["detail"]
