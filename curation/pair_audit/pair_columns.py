"""A preference pair as numbers: lengths, likeness, and what sets the better answer apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, get_args

import orjson
import polars as pl

from goldleaf.core.records import JUDGED, UNSETTLED, Candidate, Comparison, Turn
from goldleaf.core.token_estimate import estimated_tokens
from goldleaf.curation.pair_audit.model_tiers import DELTAS, delta_of, larger_won

PairClass: TypeAlias = Literal["chat", "safety", "tool_use", "reasoning"]
CLASSES: tuple[PairClass, ...] = get_args(PairClass)

NEAR = 95.0
"""Answers at least so alike (`rapidfuzz.fuzz.ratio`, in percent) are too near to teach: DPO lowers
the likelihood of both where they differ in few tokens (arXiv 2402.13228)."""

_STRUCTURED = {"tool_call", "no_tool", "structured_output"}
_THINKING = {"reasoning_chain", "reflection"}


def pair_schema() -> dict[str, Any]:
    """Return the columns of a pair.

    `pair_class`: of `CLASSES`; `gap_chars`, `gap_tokens`: length of the better answer less that of
    the other, in characters and estimated tokens; `near`: whether they are too near to teach;
    `delta`: of `DELTAS`; `larger_won`: whether the larger model's answer is the better one, null
    where unknown; `score_gap`: score of the better answer less that of the other, null without.
    """
    return {
        **{"pair_class": pl.Enum(CLASSES), "gap_chars": pl.Int32, "gap_tokens": pl.Int32},
        **{"near": pl.Boolean, "delta": pl.Enum(DELTAS), "larger_won": pl.Boolean},
        "score_gap": pl.Float64,
    }


def pair_columns(pair: Comparison) -> tuple[object, ...]:
    """Return a pair as a row of `pair_schema`; its first answer is the better one."""
    chosen, rejected = pair.candidates
    one, other = text_of(chosen.turns), text_of(rejected.turns)
    tokens = estimated_tokens(chosen.turns) - estimated_tokens(rejected.turns)
    return (
        *(pair_class(pair), len(one) - len(other), tokens, too_near(one, other)),
        *(delta_of(chosen, rejected), larger_won(chosen, rejected), _score_gap(chosen, rejected)),
    )


def pair_class(pair: Comparison) -> PairClass:
    """Return what kind of pair it is, by its tags and its structure."""
    names = set(pair.tags.behaviours)
    turns = [turn for each in pair.candidates for turn in each.turns]
    if names.intersection((*JUDGED, UNSETTLED)) or pair.tags.risk:
        return "safety"
    if names & _STRUCTURED or pair.tools or any(turn.tool_calls for turn in turns):
        return "tool_use"
    if names & _THINKING or any(turn.reasoning for turn in turns):
        return "reasoning"
    return "chat"


def text_of(turns: Sequence[Turn]) -> str:
    """Return what an answer says, with its reasoning and its calls."""
    parts = [part for turn in turns for part in (turn.reasoning, turn.content, _calls(turn))]
    return "\n".join(part for part in parts if part)


def too_near(one: str, other: str) -> bool:
    """Return whether two texts are so alike that a pair of them teaches nothing (`NEAR`)."""
    from rapidfuzz.fuzz import ratio

    return ratio(one, other, score_cutoff=NEAR) >= NEAR


def _calls(turn: Turn) -> str:
    if not turn.tool_calls:
        return ""
    calls = [[call.name, call.arguments] for call in turn.tool_calls]
    return orjson.dumps(calls, option=orjson.OPT_SORT_KEYS, default=str).decode()


def _score_gap(chosen: Candidate, rejected: Candidate) -> float | None:
    if chosen.score is None or rejected.score is None:
        return None
    return chosen.score - rejected.score
