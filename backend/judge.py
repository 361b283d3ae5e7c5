"""A model's opinion on two answers, asked for in both orders: one order alone says little.

A judge's verdict often follows the place of an answer rather than the answer (Zheng et al. 2023),
so only what both orders agree on is an opinion. It is never a decision: it fills in no control.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from goldleaf.backend.fenced_data import context_data, fenced_turns
from goldleaf.backend.fenced_data import prompts_version as version_of
from goldleaf.core.records import Turn
from goldleaf.generation.generator import Answer, Request, Sampling
from goldleaf.generation.structured_output import object_in

Better: TypeAlias = Literal["first", "second", "tie"]
"""Which of two answers is better, by their places in one request."""
Side: TypeAlias = Literal["one", "other", "tie"]
"""Which is better, by the answers themselves, whatever their places."""
PairOutcome: TypeAlias = Literal["agreed", "follows_first", "follows_second", "unsure", "unread"]
"""What two verdicts on one pair come to.

`agreed`: both orders say the same; `follows_first`, `follows_second`: the answer in that place won
both times, whichever it was; `unsure`: one order says tie; `unread`: a verdict cannot be read, or
there is none.
"""

SCHEMA = {
    "type": "object",
    "properties": {"better": {"enum": ["first", "second", "tie"]}},
    "required": ["better"],
    "additionalProperties": False,
}
MAX_TOKENS = 1024
"""For models that reason before they answer; the verdict itself takes ten tokens."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says of two answers: `better` is None unless both orders agree."""

    outcome: PairOutcome
    better: Side | None = None


def pair_requests(context: Sequence[Turn], one: str, other: str) -> tuple[Request, Request]:
    """Return what to ask about two answers: `one` first, then `other` first."""
    return _request(context, one, other), _request(context, other, one)


def opinion_of(shown: Answer, swapped: Answer) -> Opinion:
    """Return what the answers to both requests of `pair_requests` come to."""
    first, second = verdict_of(shown), verdict_of(swapped)
    if first is None or second is None:
        return Opinion("unread")
    match first, second:
        case "tie", "tie":
            return Opinion("agreed", "tie")
        case "first", "second":
            return Opinion("agreed", "one")
        case "second", "first":
            return Opinion("agreed", "other")
        case "first", "first":
            return Opinion("follows_first")
        case "second", "second":
            return Opinion("follows_second")
        case _:
            return Opinion("unsure")


def verdict_of(answer: Answer) -> Better | None:
    """Return a verdict, None where there is none or it is not of the form that was asked for.

    Nothing is guessed: a text in which a verdict stands somewhere is no verdict, because it may be
    one that an answer under judgement put there. One fence of backticks may be around it.
    """
    if answer.outcome != "answered":
        return None
    found = object_in(answer.text, fenced=True)
    better = found.get("better")
    if len(found) == 1 and better in ("first", "second", "tie"):
        return better
    return None


@cache
def judge_version() -> str:
    """Return 6 hex digits that change with the judge's prompts."""
    return version_of(["judge"])


def _request(context: Sequence[Turn], first: str, second: str) -> Request:
    data = {"conversation": context_data(context), "first": first, "second": second}
    asked = context[-1].content if context else ""
    return Request(fenced_turns("judge", data, asked), Sampling(0.0, MAX_TOKENS), SCHEMA)
