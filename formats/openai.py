"""OpenAI-shaped files for fine-tuning services, read: conversations and pairs.

    {"messages": [{"role": "user", "content": "Sky?"},
                  {"role": "assistant", "content": "Blue.", "weight": 1}]}
    {"input": {"messages": [...]}, "preferred_output": [...], "non_preferred_output": [...]}

`goldleaf.trainers.openai.rows` writes them.
"""

from __future__ import annotations

from goldleaf.core.json_values import object_or_none
from goldleaf.core.records import Record
from goldleaf.formats import messages, trl
from goldleaf.formats.format import Row

NAME = "openai"
TITLE = "OpenAI-compatible files for Azure, Together and Fireworks"


def recognises(row: Row) -> bool:
    """Return whether a row is OpenAI's preference pair: an object `input`, a `preferred_output`.

    Plain conversations are recognised by the format `messages`, though `read` here takes them.
    """
    return object_or_none(row.get("input")) is not None and "preferred_output" in row


def read(row: Row) -> Record:
    """Return OpenAI's preference pair as a comparison, a row without `input` as a demonstration.

    Raises:
        BadRow: what the formats `trl` and `messages` raise.
    """
    if "input" not in row:
        return messages.read(row)
    asked = object_or_none(row["input"]) or {}
    sides = {
        "chosen": row.get("preferred_output"),
        "rejected": row.get("non_preferred_output"),
    }
    return trl.read({"prompt": asked.get("messages"), "tools": asked.get("tools"), **sides})
