"""What a generator is: conversations and sampling settings in, a text or a reason out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, get_args

from goldleaf.core.records import Turn

Outcome: TypeAlias = Literal[
    "answered",
    "empty",
    "too_long",
    "unparseable",
    "too_large",
    "timed_out",
    "busy",
    "refused_by_server",
    "refused_by_template",
    "server_error",
    "worker_died",
    "unauthorized",
    "not_found",
    "redirected",
    "unreachable",
]
"""What became of one request.

`empty`: the model wrote nothing, or reasoning alone; `too_long`: the prompt and the longest answer
do not fit into the model's context; `unparseable`: what came is no answer of this protocol;
`too_large`: the answer is over the size limit; `busy`: the server asked to wait, to the last try;
`refused_by_template`: the model's chat template takes no such conversation; `worker_died`: the
process of a local model ended while it answered.
"""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
STOPPING: frozenset[Outcome] = frozenset(("unauthorized", "not_found", "redirected", "unreachable"))
"""Outcomes that every other request to the same server would have, too."""
FINAL: frozenset[Outcome] = frozenset(("answered", "empty", "too_long", "refused_by_template"))
"""Outcomes that asking once more, with the same model and seed, would not change."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn.

    `temperature` 0 takes the likeliest token each time; `max_tokens` is the longest answer,
    reasoning included; the same `seed` gives the same answer where the model allows.
    """

    temperature: float = 1.0
    max_tokens: int = 512
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A conversation that ends with the turn to be answered, and how to draw the answer.

    `schema` is the JSON Schema that an answer should keep to, None for free text. A server that
    honours one is held to it (`structured_output`), and so is a local model with the extra
    `structured` (`held_to_schema`); every other model is merely asked. Whoever reads the answer
    checks it.
    """

    turns: tuple[Turn, ...]
    sampling: Sampling = Sampling()
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request became.

    Attributes:
        outcome: `answered`, or why there is no text.
        text: the answer, "" unless answered.
        reasoning: what the model thought before it, without `<think>` tags.
        detail: more on the outcome, for people; no secret.
        cut: whether the answer ends where `max_tokens` was reached.
        prompt_tokens: tokens of the prompt, as the model counts them; 0 if it does not say.
        answer_tokens: tokens of the answer and its reasoning; likewise.
    """

    outcome: Outcome
    text: str = ""
    reasoning: str = ""
    detail: str = ""
    cut: bool = False
    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """How likely a model finds a given answer.

    Attributes:
        outcome: `answered`, or why there is no score; the outcomes of `Answer`.
        logprob: mean natural logarithm of the probability of a token; 0 is certain.
        tokens: of the answer.
        detail: more on the outcome, for people.
    """

    outcome: Outcome
    logprob: float = 0.0
    tokens: int = 0
    detail: str = ""


class Scorer(Protocol):
    """A generator that also says how likely it finds given answers; servers do not."""

    def score(
        self, conversations: Sequence[tuple[tuple[Turn, ...], str]]
    ) -> Iterator[list[tuple[int, Score]]]:
        """Yield (place, score) of every (context, answer), in groups as they are ready.

        Raises:
            GoldleafError: the model cannot be loaded.
        """
        ...


class Generator(Protocol):
    """A model that answers; closed when it is no longer needed."""

    @property
    def name(self) -> str:
        """Name and version, as `drafted_by` keeps it: `my-model@1a2b3c4d5e6f`."""
        ...

    def open(self) -> None:
        """Load the model now rather than with the first request; twice has no second effect.

        Raises:
            GoldleafError: it cannot be loaded.
        """
        ...

    def answer(self, requests: Sequence[Request]) -> Iterator[list[tuple[int, Answer]]]:
        """Yield (place of the request, answer) for every request, in groups as they are ready.

        Groups come in any order. No request raises: what goes wrong is its outcome.

        Raises:
            GoldleafError: the model cannot be loaded, or the address is none.
        """
        ...

    def close(self) -> None:
        """End what the generator holds: its process, its connections. It may be called twice."""
        ...
