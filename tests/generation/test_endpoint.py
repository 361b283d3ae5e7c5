"""A model behind a real HTTP server that breaks in every way: each request gets its outcome."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from chat_server import MODEL, ChatServer, answer_text

from goldleaf.core.errors import UsageError
from goldleaf.core.records import Turn
from goldleaf.generation import retry_pauses
from goldleaf.generation.endpoint import EndpointGenerator
from goldleaf.generation.endpoint_address import EndpointAddress, endpoint_address
from goldleaf.generation.generator import Answer, Request, Sampling
from goldleaf.generation.probe import probe

KEY = "sk-canary-0123456789abcdef"


def asked(prompt: str, seed: int = 1) -> Request:
    return Request((Turn("user", prompt),), Sampling(0.7, 64, seed))


@pytest.fixture
def generator(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EndpointGenerator]:
    monkeypatch.setattr(retry_pauses, "FIRST", 0.02)
    made = EndpointGenerator(EndpointAddress(chat_server.url, KEY), MODEL, read=1.0, attempts=3)
    yield made
    made.close()


def answers(generator: EndpointGenerator, *requests: Request) -> list[Answer]:
    found = {place: a for group in generator.answer(requests) for place, a in group}
    assert sorted(found) == list(range(len(requests)))
    return [found[place] for place in range(len(requests))]


def test_answers_come_back_to_their_own_prompts(generator: EndpointGenerator):
    prompts = [f"Prompt {number}" for number in range(20)]
    found = answers(generator, *map(asked, prompts))
    assert [answer.text for answer in found] == [answer_text(prompt, 1) for prompt in prompts]
    assert all(answer.answer_tokens == 20 and answer.prompt_tokens for answer in found)


def test_no_more_requests_are_open_at_once_than_allowed(
    generator: EndpointGenerator, chat_server: ChatServer
):
    chat_server.delay = 0.05
    answers(generator, *(asked(f"Prompt {number}") for number in range(12)))
    assert 2 <= chat_server.most_open <= generator.concurrent


@pytest.mark.parametrize(
    ("fault", "outcome", "times", "detail"),
    [
        ("hang", "timed_out", 3, "within 1 s"),
        ("cut_off", "unparseable", 3, "breaks off"),
        ("huge", "too_large", 1, "10 MB"),
        ("busy_once", "answered", 2, ""),
        ("failing_once", "answered", 2, ""),
        ("busy", "busy", 3, "slow down"),
        ("busy_for_hours", "busy", 1, "slow down"),
        ("failing", "server_error", 3, "status 500"),
        ("junk", "unparseable", 1, "no JSON"),
        ("deep", "unparseable", 1, "no JSON"),
        ("no_choices", "unparseable", 1, "no choices"),
        ("no_text", "unparseable", 1, "no text"),
        ("surrogate", "unparseable", 1, "Unicode"),
        ("html", "unparseable", 1, "text/html"),
        ("too_long", "too_long", 1, "maximum context"),
        ("refused", "refused_by_server", 1, "temperature must be"),
        ("redirect", "redirected", 1, "status 307"),
        ("unauthorized", "unauthorized", 1, "status 401"),
        ("not_found", "not_found", 1, "model_not_found"),
        ("only_thinks", "empty", 1, "no answer"),
        ("empty", "empty", 1, "wrote nothing"),
    ],
)
def test_each_fault_has_its_outcome(
    generator: EndpointGenerator,
    chat_server: ChatServer,
    fault: str,
    outcome: str,
    times: int,
    detail: str,
):
    (found,) = answers(generator, asked(f"fault:{fault}"))
    assert (found.outcome, detail in found.detail) == (outcome, True), found
    assert chat_server.asked.total() == times


def test_a_fault_costs_its_own_prompt_alone(generator: EndpointGenerator):
    faults = ["junk", "html", "busy_once", "huge", "cut_off"]
    prompts = [text for fault in faults for text in (f"fault:{fault}", f"Well, {fault}?")]
    found = answers(generator, *map(asked, prompts))
    well = [answer for prompt, answer in zip(prompts, found, strict=True) if "Well" in prompt]
    assert [answer.outcome for answer in well] == ["answered"] * len(faults)


@pytest.mark.parametrize("fault", ["thinks", "thinks_apart"])
def test_reasoning_is_kept_apart(generator: EndpointGenerator, fault: str):
    (found,) = answers(generator, asked(f"fault:{fault}"))
    assert (found.text, found.reasoning) == ("Yes.", "Hm.")


def test_a_server_that_refuses_everybody_is_asked_no_further(
    generator: EndpointGenerator, chat_server: ChatServer
):
    found = answers(generator, *(asked(f"{n} fault:unauthorized") for n in range(30)))
    assert {answer.outcome for answer in found} == {"unauthorized"}
    assert chat_server.asked.total() <= 2 * generator.concurrent


def test_a_connection_that_is_made_while_all_are_closed_is_closed_too(
    generator: EndpointGenerator, monkeypatch: pytest.MonkeyPatch
):
    made: list[socket.socket] = []
    connecting, closed = threading.Event(), threading.Event()
    create_connection = socket.create_connection

    def slowly(*args, **more):
        connecting.set()
        assert closed.wait(10)
        made.append(create_connection(*args, **more))
        return made[0]

    monkeypatch.setattr(socket, "create_connection", slowly)
    request = threading.Thread(target=generator.one, args=(asked("Name a river."),))
    request.start()
    assert connecting.wait(10)
    generator.close()
    closed.set()
    request.join(10)
    assert [line.fileno() for line in made] == [-1], "closed"


def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retry_pauses, "FIRST", 0.01)
    nobody = EndpointGenerator(EndpointAddress("http://127.0.0.1:9/v1"), MODEL, attempts=2)
    (found,) = answers(nobody, asked("Hello?"))
    assert found.outcome == "unreachable" and "127.0.0.1:9" in found.detail


def test_a_pause_that_a_server_asks_for_is_kept(
    generator: EndpointGenerator, chat_server: ChatServer
):
    began = time.monotonic()
    answers(generator, asked("fault:busy_once"))
    assert time.monotonic() - began >= 0.2


def test_retry_after_may_be_a_date():
    assert retry_pauses.pause_before(1, "Wed, 21 Oct 2015 07:28:00 GMT") is not None
    assert retry_pauses.pause_before(1, "Wed, 21 Oct 2115 07:28:00 GMT") is None
    assert (retry_pauses.pause_before(1, "soon") or 9) <= retry_pauses.FIRST


def test_the_key_is_sent_and_never_told(
    generator: EndpointGenerator, chat_server: ChatServer, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    found = answers(generator, asked("fault:unauthorized"), asked("Hello"))
    assert f"Bearer {KEY}" in chat_server.keys
    assert KEY not in repr((found, generator.address, generator.name)) + caplog.text
    assert "sk-abcd1234efgh" not in found[0].detail, "a server that echoes the key"


def test_which_key_is_sent_where():
    own, other = {"GOLDLEAF_ENDPOINT_KEY": "a" * 9}, {"OPENAI_API_KEY": "b" * 9}
    assert endpoint_address("http://10.0.0.9:8000", own).key == "a" * 9
    assert endpoint_address("https://api.example.org", own | other).key == "a" * 9
    assert endpoint_address("https://api.example.org", other).key == "b" * 9
    assert endpoint_address("http://localhost:8000", other).key == "b" * 9
    assert endpoint_address("http://10.0.0.9:8000", other).key == "", "it would go unencrypted"


@pytest.mark.parametrize(
    "url",
    ["", "api.example.org", "ftp://a/b", "http://", "http://a:x/", "http://[", "http://u:p@a"],
)
def test_what_is_no_address(url: str):
    with pytest.raises(UsageError) as refused:
        endpoint_address(url, {})
    assert "p@a" not in str(refused.value)


def test_an_address_may_be_given_in_several_ways():
    for url in ("http://a:1", "http://a:1/", "http://a:1/v1", "http://a:1/v1/chat/completions"):
        assert endpoint_address(url, {}).url == "http://a:1/v1"
    assert endpoint_address("http://a:1/openai/v2", {}).completions == (
        "http://a:1/openai/v2/chat/completions"
    )
    with pytest.raises(UsageError):
        endpoint_address("http://a", {"OPENAI_API_KEY": "x y"})
        endpoint_address("http://a", {"GOLDLEAF_ENDPOINT_KEY": "x y"})


def test_a_probe_says_what_a_server_leaves_unheeded(generator: EndpointGenerator):
    facts = probe(generator)
    assert facts.answer.outcome == "answered" and facts.models == (MODEL,)
    assert not facts.several and not facts.structured
