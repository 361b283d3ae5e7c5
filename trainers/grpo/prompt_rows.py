"""Rows of prompts alone, for training on what the model itself answers, and for drafting answers.

    {"prompt": [{"role": "user", "content": "Why is the sky blue?"}], "tools": "[]"}

Whoever trains brings the reward; TRL hands it every column but `prompt`.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.records import Record
from goldleaf.formats.prompts import NAME as NAME
from goldleaf.formats.prompts import TITLE as TITLE
from goldleaf.formats.prompts import read as read
from goldleaf.formats.prompts import recognises as recognises
from goldleaf.trainers.grpo.asked_prompt import asked_prompt
from goldleaf.trainers.trl import rows as trl

TABLES = ("prompts", "prompts_tools")
ADDS_IDS = True
ONCE_PER_PROMPT = True
LOSSY_FIELDS = (
    *(loss for loss in trl.LOSSY_FIELDS if loss[0] in ("tags", "parents")),
    ("turn.train", "the prompt is never learned"),
    ("answers", "the model writes the answer itself"),
)


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example's prompt; `prompts_tools` if a turn of it called a tool.

    Raises:
        BadRow: what `goldleaf.trainers.trl.rows.write` raises: a prompt whose answer no trainer
            takes is not asked for again.
    """
    prompt, tools, calls = asked_prompt(record)
    return {"prompts_tools" if calls else "prompts": {"prompt": prompt, "tools": tools}}
