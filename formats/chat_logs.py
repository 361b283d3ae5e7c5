"""Logs of an OpenAI-compatible service: each request with its response.

    {"request": {"model": "m", "messages": [{"role": "user", "content": "Sky?"}]},
     "response": {"object": "chat.completion", "model": "m",
                  "choices": [{"message": {"role": "assistant", "content": "Blue."},
                               "finish_reason": "stop"}]}}

The pair may be called `request` and `response`, or `input` and `output` as OpenPipe exports it
(docs.openpipe.ai, Exporting Logs). Several choices are answers still to be compared. An answer that
the service cut off is rejected. OpenAI's own files with responses alone (batch output, stored
completions) hold no prompt, so they cannot be read. Shapes: openai 1.109.1, `types/chat`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_empty, list_or_none, object_or_empty, objects_in
from goldleaf.core.records import Candidate, Comparison, Demonstration, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, check_order, read_turns, tools_of

NAME = "chat_logs"
TITLE = "logged requests to a chat service with their responses"

_PAIRS = (("request", "response"), ("input", "output"))
_CUT_OFF = ("length", "content_filter")


def recognises(row: Row) -> bool:
    """Return whether a row fits: a request with `messages`, and a response with `choices`.

    A failed request has no response of that shape: it is recognised by its request alone.
    """
    pair = _pair(row)
    return pair is not None and list_or_none(pair[0].get("messages")) is not None


def read(row: Row) -> Demonstration | Comparison:
    """Return the answered request; several choices as a comparison that is not ranked.

    Raises:
        BadRow: `failed_request`, `unfinished_answer` (the service cut it off), or what
            `read_turns`, `tools_of`, `check_context` and `check_order` raise.
    """
    pair = _pair(row)
    if pair is None:
        raise BadRow("missing_field", "no request with a response")
    request, response = pair
    choices = objects_in(response.get("choices"))
    if not choices:
        raise BadRow("failed_request", "the response has no choices")
    context = read_turns(request.get("messages"), "messages")
    tools = tools_of(request.get("tools"))
    check_context(context, tools)
    model = response.get("model") or request.get("model")
    model = model if isinstance(model, str) else ""
    answers = [_answer(choice, place) for place, choice in enumerate(choices)]
    for answer in answers:
        check_order((*context, *answer), tools)
    if len(answers) > 1:
        return Comparison(context, tuple(Candidate(a, drafted_by=model) for a in answers), tools)
    return Demonstration(context, answers[0], tools)


def _pair(row: Row) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    for asked, said in _PAIRS:
        request = object_or_empty(row.get(asked))
        if said in row and list_or_empty(request.get("messages")):
            return request, object_or_empty(row.get(said))
    return None


def _answer(choice: Mapping[str, Any], place: int) -> tuple[Turn, ...]:
    if choice.get("finish_reason") in _CUT_OFF:
        raise BadRow("unfinished_answer", f"choice {place} ended by {choice['finish_reason']}")
    return read_turns([choice.get("message")], f"choices[{place}].message")
