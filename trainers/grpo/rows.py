"""Rows of TRL's GRPO trainer: a prompt, and beside it what its reward function is given.

    {"prompt": [{"role": "user", "content": "7 and 5?"}], "ground_truth": "12",
     "verifier": "number"}

TRL hands every column but `prompt` to the reward functions (tested against TRL 1.16); the one that
an export brings is `reward.py`.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.records import Record
from goldleaf.formats.rlvr import NAME as NAME
from goldleaf.formats.rlvr import TITLE as TITLE
from goldleaf.formats.rlvr import read as read
from goldleaf.formats.rlvr import recognises as recognises
from goldleaf.trainers.grpo.checked_answer import LOSSY_FIELDS as LOSSY_FIELDS
from goldleaf.trainers.grpo.checked_answer import checked_answer

TABLES = ("rlvr",)
ADDS_IDS = True
ONCE_PER_PROMPT = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of a demonstration whose short answer was checked.

    Raises:
        BadRow: what `checked_answer` raises.
    """
    found = checked_answer(record)
    row = {"prompt": found.prompt, "ground_truth": found.truth, "verifier": found.verifier}
    return {"rlvr": row}
