"""What a server does with a request: whether it answers, and what it leaves unheeded.

Servers ignore what they do not know: `transformers serve` 5.23 takes `n: 2` and a JSON schema and
answers as if they were not there. So both are tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import list_or_empty, object_or_empty, objects_in
from goldleaf.core.records import Turn
from goldleaf.generation.chat_completion import answer_of_body, request_body
from goldleaf.generation.endpoint import EndpointGenerator, TooLarge
from goldleaf.generation.generator import Answer, Request, Sampling
from goldleaf.generation.structured_output import TRIED, keeps_tried, with_schema

_ASKED = Request((Turn("user", "Say hello."),), Sampling(0.0, 24, 1))


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What was seen of a server.

    Attributes:
        answer: to a short request; its outcome says whether the server works.
        models: the names that it lists; () if it lists none, which says nothing.
        several: whether it gives two answers where two are asked for.
        structured: whether an answer keeps to a JSON schema that was asked for.
    """

    answer: Answer
    models: tuple[str, ...] = ()
    several: bool = False
    structured: bool = False


def probe(generator: EndpointGenerator) -> ServerFacts:
    """Ask a server four short questions; a server that does not answer is asked the first only."""
    answer = generator.one(_ASKED)
    models = _models(generator)
    if answer.outcome not in ("answered", "empty"):
        return ServerFacts(answer, models)
    body = request_body(generator.model, _ASKED)
    choices = _choices(generator, body | {"n": 2, "temperature": 1.0})
    kept = _choices(generator, with_schema(body, TRIED))
    return ServerFacts(answer, models, choices[0] == 2, keeps_tried(kept[1]))


def _choices(generator: EndpointGenerator, body: dict[str, Any]) -> tuple[int, str]:
    """Return how many answers a server gives, and the text of the first."""
    import httpx

    try:
        found = generator.post(body)
        if found.status != 200:
            return 0, ""
        choices = list_or_empty(object_or_empty(loads(found.content)).get("choices"))
        return len(choices), answer_of_body(found.kind, found.content).text
    except (httpx.HTTPError, TooLarge, ValueError):
        return 0, ""


def _models(generator: EndpointGenerator) -> tuple[str, ...]:
    """Return the names of the models that a server lists, 100 at most; () where it lists none."""
    import httpx

    try:
        found = generator.get("models")
        listed = objects_in(object_or_empty(loads(found.content)).get("data"))
    except (httpx.HTTPError, TooLarge, ValueError):
        return ()
    return tuple(str(model["id"])[:200] for model in listed if "id" in model)[:100]
