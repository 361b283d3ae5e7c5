"""No secret in a log or a message."""

import io
import logging

import pytest

from goldleaf.core import redaction
from goldleaf.core.redaction import RedactingFilter, redact, remember

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl"


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """Other tests of this process have had secrets struck out; here they would be in the way."""
    monkeypatch.setattr(redaction, "_known", set())


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Token CANARY123",
        "Authorization: Basic CANARY123",
        '{"access_token": "CANARY123", "project": 1}',
        "password=CANARY123&x=1",
        "http://user:CANARY123@127.0.0.1/",
        "the token is " + JWT,
    ],
)
def test_what_is_shaped_like_a_secret_is_struck_out(text):
    assert "CANARY123" not in redact(text)
    assert JWT not in redact(text)
    assert "***" in redact(text)


def test_a_remembered_secret_is_struck_out_wherever_it_stands():
    remember("s3cr3t-canary")
    assert redact("see s3cr3t-canary there") == "see *** there"


def test_plain_text_stays():
    text = "project 3: 12 tasks imported, tokens counted: 512"
    assert redact(text) == text


def test_the_filter_works_on_the_finished_message():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    logger = logging.Logger("redaction-test")
    logger.addHandler(handler)
    logger.warning("got %s", {"password": "CANARY123"})
    assert stream.getvalue() == "got {'password': '***'}\n"
