"""Which turns of a conversation are learned, for trainers without a loss mask for each turn.

A conversation all of whose assistant turns are to be learned is one row. It becomes one row for
each turn to be learned, the last turn of its row, where

- some assistant turn is context only (`train` false), or
- a turn before the last user's has reasoning. Chat templates take such reasoning away when the
  model answers (Qwen3, GLM-4.5, Nemotron and others), so it is learned where it was thought, and
  left out of the rows of later turns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Turn


def is_whole(record: Demonstration) -> bool:
    """Return whether every assistant turn of a conversation is learned as it is, with no loss mask.

    None is context only (`train` false), and none before the last user turn has reasoning, which
    chat templates remove.
    """
    turns = (*record.context, *record.response)
    reasons = False
    for turn in turns:
        if turn.role == "assistant" and not turn.train:
            return False
        reasons = reasons or bool(turn.reasoning)
    return not reasons or turns == _as_seen(turns)


def per_turn(record: Demonstration) -> tuple[Demonstration, ...]:
    """Return the record itself if it is whole, else one for each turn to be learned, in order.

    Each of those ends with its turn, and its context is context only (`train` false). A record with
    nothing to learn gives an empty tuple.
    """
    if is_whole(record):
        return (record,)
    turns = (*record.context, *record.response)
    learned = [index for index, turn in enumerate(turns) if turn.role == "assistant" and turn.train]
    return tuple(
        replace(
            record,
            context=tuple(_unlearned(turn) for turn in _as_seen(turns[:index])),
            response=(turns[index],),
        )
        for index in learned
    )


def is_last_only(record: Demonstration) -> bool:
    """Return whether the last turn alone is learned, though the assistant spoke before.

    False for a conversation with one answer.
    """
    turns = (*record.context, *record.response)
    before = [turn for turn in turns[:-1] if turn.role == "assistant"]
    return bool(before) and turns[-1].train and not any(turn.train for turn in before)


def _as_seen(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Return the turns as the model sees them when it answers: earlier rounds without reasoning."""
    users = [index for index, turn in enumerate(turns) if turn.role == "user"]
    last = users[-1] if users else 0
    return tuple(
        replace(turn, reasoning="") if turn.reasoning and index < last else turn
        for index, turn in enumerate(turns)
    )


def _unlearned(turn: Turn) -> Turn:
    return replace(turn, train=False) if turn.role == "assistant" else turn


def learned_table(record: Demonstration) -> Literal["sft", "sft_last"]:
    """Return the table of a conversation: `sft_last` where the last of several answers is learned.

    `sft` where all are.

    Raises:
        BadRow: `mixed_training`, some turns are learned and some are not; `per_turn` splits it.
    """
    if is_last_only(record):
        return "sft_last"
    if not is_whole(record):
        raise BadRow(
            "mixed_training", "some answers are learned and some are not, or not as they stand"
        )
    return "sft"
