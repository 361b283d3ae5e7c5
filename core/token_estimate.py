"""Estimate of the number of tokens of a text.

Formula: one token for every three ASCII characters, one for every other character, eight for every
message around them. That is above what common tokenizers need for English prose (about four
characters a token) and for Chinese (about 0.7 tokens a character); only the model's own tokenizer
counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.records import Turn

AROUND = 8
STEP = 64
LEAST = 1_024
"""TRL's own default: a lower setting has no benefit and would cut the rows of the next export."""


def estimated_tokens(turns: Sequence[Turn]) -> int:
    """Return the estimated number of tokens of turns, tool calls and reasoning included."""
    tokens = 0
    for turn in turns:
        plain = not (turn.reasoning or turn.tool_calls)
        tokens += AROUND + _text(turn.content if plain else _whole(turn))
    return tokens


def tool_tokens(tools: Sequence[Mapping[str, Any]]) -> int:
    """Return the estimated number of tokens of declared tools, which are part of the prompt."""
    return AROUND + _text(str(tools)) if tools else 0


def _whole(turn: Turn) -> str:
    if not turn.tool_calls:
        return turn.content + turn.reasoning
    calls = "".join(f"{call.name}{call.arguments}{call.id}" for call in turn.tool_calls)
    return f"{turn.content}{turn.reasoning}{calls}"


def _text(text: str) -> int:
    if text.isascii():
        return -(-len(text) // 3)
    ascii_characters = len(text.encode("ascii", "ignore"))
    return -(-ascii_characters // 3) + len(text) - ascii_characters


def max_length(tokens: int) -> int:
    """Return the trainer's maximum length for rows of up to `tokens` tokens.

    `tokens` rounded up to a multiple of `STEP` (64), and `LEAST` (1,024) or more.
    """
    return max(LEAST, -(-tokens // STEP) * STEP)
