r"""Anthropic's helpful-harmless transcripts: two conversations that part at their last turn.

    {"chosen": "\n\nHuman: Sky?\n\nAssistant: Blue.",
     "rejected": "\n\nHuman: Sky?\n\nAssistant: No."}

Only `\n\nHuman:` and `\n\nAssistant:` begin a turn: "Human:" inside a line is text. Where a
text holds such a marker itself, the turns no longer alternate, and the row is refused.
"""

from __future__ import annotations

import re
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Role, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import answer_of, check_context, check_order

NAME = "hh"
TITLE = "Anthropic HH-RLHF transcripts"

_MARKER = re.compile(r"\n\n(Human|Assistant):")
_ROLES: dict[str, Role] = {"Human": "user", "Assistant": "assistant"}


def recognises(row: Row) -> bool:
    """Return whether a row fits Anthropic's HH-RLHF: `chosen` and `rejected` as transcripts.

    Each begins with two newlines and `Human:` or `Assistant:`. A row with a column `prompt` does
    not fit.
    """
    return "prompt" not in row and all(
        isinstance(row.get(side), str) and _MARKER.match(row[side]) for side in _SIDES
    )


_SIDES = ("chosen", "rejected")


def read(row: Row) -> Comparison:
    """Return the comparison of the two last turns after the conversation they share.

    Raises:
        BadRow: `missing_field`, `bad_messages`, `empty_response`, `role_order`, `trailing_user`,
            `no_prompt`, `different_prompts`, `identical_pair`, or what `text_of` raises.
    """
    chosen, rejected = (transcript_turns(row.get(side), side) for side in _SIDES)
    for turns in (chosen, rejected):
        check_order(turns)
    if chosen == rejected:
        raise BadRow("identical_pair", "chosen and rejected are the same")
    if chosen[:-1] != rejected[:-1]:
        raise BadRow("different_prompts", "the conversations part before their last turn")
    for side, turns in zip(_SIDES, (chosen, rejected), strict=True):
        if turns[-1].role != "assistant":
            raise BadRow("trailing_user", f"{side} ends with a turn of the user")
    check_context(chosen[:-1])
    return Comparison(
        chosen[:-1], (Candidate(chosen[-1:], rank=1), Candidate(rejected[-1:], rank=2))
    )


def transcript_turns(transcript: Any, side: str) -> tuple[Turn, ...]:
    """Return the turns of a transcript; `side` names its column in errors.

    Raises:
        BadRow: `missing_field`, `bad_messages`, or what `answer_of` raises.
    """
    if transcript is None:
        raise BadRow("missing_field", f"no {side} transcript")
    before, *parts = _MARKER.split(answer_of(transcript, side))
    if before.strip() or not parts:
        raise BadRow("bad_messages", f"{side} does not begin with a marker of a turn")
    utterances = zip(parts[::2], parts[1::2], strict=True)
    return tuple(Turn(_ROLES[who], answer_of(text, side).strip()) for who, text in utterances)
