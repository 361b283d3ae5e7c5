"""The messages of OpenAI-compatible servers: what is asked, and how strictly answers are read."""

from __future__ import annotations

import re
from typing import Any

from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.core.redaction import redact
from goldleaf.core.text_comparison import why_not_utf8
from goldleaf.generation.generator import Answer, Outcome, Request
from goldleaf.generation.local import message
from goldleaf.generation.reasoning import answer_of

_TOO_LONG = ("context_length_exceeded", "context length", "context window", "maximum context")
"""What servers call a prompt that does not fit: OpenAI, vLLM, SGLang, llama.cpp."""

_KEY = re.compile(r"\b(?:sk|gsk|hf|key)[-_][\w*-]{6,}")
"""A key that a server echoes, whole or in part."""


def request_body(model: str, request: Request) -> dict[str, Any]:
    """Return the body of a request; only fields that every server knows."""
    sampling = request.sampling
    return {
        "model": model,
        "messages": [message(turn) for turn in request.turns],
        "temperature": sampling.temperature,
        "max_tokens": sampling.max_tokens,
        "seed": sampling.seed,
        "stream": False,
    }


def answer_of_body(content_type: str, content: bytes) -> Answer:
    """Return the answer that a body with status 200 holds, `unparseable` if it is of no such shape.

    Args:
        content_type: without parameters.
        content: the body.
    """
    if "json" not in content_type:
        return _unparseable(f"the answer is {content_type or 'of no type'}, not JSON")
    try:
        body: object = loads(content)
    except ValueError:
        return _unparseable("the answer is no JSON")
    choices = list_or_empty(object_or_empty(body).get("choices"))
    if not choices:
        return _unparseable("the answer has no choices")
    choice = object_or_empty(choices[0])
    said = object_or_empty(choice.get("message"))
    text = said.get("content")
    thought = said.get("reasoning_content") or said.get("reasoning") or ""
    if not isinstance(text, str | None) or not isinstance(thought, str) or not said:
        return _unparseable("the answer has no text")
    if why_not_utf8(f"{text or ''}{thought}"):
        return _unparseable("the answer is no valid Unicode")
    if text is None and not thought and said.get("tool_calls"):
        return _unparseable("the answer is a call of a tool")
    usage = object_or_empty(object_or_empty(body).get("usage"))
    return answer_of(
        text or "",
        reasoning=thought,
        cut=choice.get("finish_reason") == "length",
        prompt=_count(usage.get("prompt_tokens")),
        tokens=_count(usage.get("completion_tokens")),
    )


def refusal_of(status: int, content_type: str, content: bytes) -> Answer:
    """Return what a status other than 200 means, with what the server says about it."""
    said = _reason(content) if "json" in content_type else ""
    detail = f"status {status}{': ' if said else ''}{said}"
    low = said.lower()
    outcome: Outcome
    match status:
        case 401 | 403:
            outcome = "unauthorized"
        case 404 | 405:
            outcome = "not_found"
        case 413:
            outcome = "too_long"
        case 429:
            outcome = "busy"
        case _ if 300 <= status < 400:
            outcome = "redirected"
        case _ if status >= 500:
            outcome = "server_error"
        case _ if any(words in low for words in _TOO_LONG):
            outcome = "too_long"
        case _:
            outcome = "refused_by_server"
    return Answer(outcome, detail=detail)


def _reason(content: bytes) -> str:
    """Return the message of an error, without secrets and cut to a line."""
    try:
        body: object = loads(content[: 2**16])
    except ValueError:
        return ""
    error = object_or_empty(body).get("error", object_or_empty(body).get("detail"))
    found = object_or_empty(error)
    parts = [found.get("code"), found.get("message")] if found else [error]
    text = ": ".join(part for part in parts if isinstance(part, str) and part)
    return _KEY.sub("***", redact(" ".join(text.split())))[:200]


def _unparseable(detail: str) -> Answer:
    return Answer("unparseable", detail=detail)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
