"""Prompts whose answers a program checks (RLVR), as TRL's GRPO trainer reads them.

    {"prompt": [{"role": "user", "content": "7 and 5?"}], "ground_truth": "12",
     "verifier": "number"}

A prompt may be a text. The ground truth is read as the answer: it is one, if a bare one.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, read_turns

NAME = "rlvr"
TITLE = "prompts with a ground truth (RLVR)"


def recognises(row: Row) -> bool:
    """Return whether a row fits: a prompt as messages or text, a `ground_truth`, no answer."""
    given = "ground_truth" in row and not _ANSWERED & row.keys()
    return given and isinstance(row.get("prompt"), str | list)


_ANSWERED = {"completion", "chosen", "response", "messages", "reward_model"}


def read(row: Row) -> Demonstration:
    """Return the prompt of a row with the ground truth as its answer.

    Raises:
        BadRow: `no_ground_truth`, or what reading messages raises.
    """
    return with_truth(row.get("prompt"), row.get("ground_truth"))


def with_truth(prompt: Any, truth: Any) -> Demonstration:
    """Return a demonstration that answers a prompt, as messages or text, with a ground truth.

    Raises:
        BadRow: as `read`.
    """
    if isinstance(truth, int | float) and not isinstance(truth, bool):
        truth = str(truth)
    if not isinstance(truth, str) or not truth.strip():
        raise BadRow("no_ground_truth", "there is no ground truth as text or number")
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    context = read_turns(messages, "prompt")
    check_context(context)
    return Demonstration(context, (Turn("assistant", truth),))
