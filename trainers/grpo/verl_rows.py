"""verl's rows, as Parquet: the prompt, and the rule that its reward model is.

    {"data_source": "goldleaf/number", "prompt": [...], "ability": "chat",
     "reward_model": {"style": "rule", "ground_truth": "12"}, "extra_info": {"verifier": "number"}}

`data_source` is what verl's reward function chooses by: hand it `compute_score` of `reward.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from goldleaf.core.records import Record
from goldleaf.formats.verl import NAME as NAME
from goldleaf.formats.verl import TITLE as TITLE
from goldleaf.formats.verl import read as read
from goldleaf.formats.verl import recognises as recognises
from goldleaf.trainers.grpo.checked_answer import LOSSY_FIELDS as LOSSY_FIELDS
from goldleaf.trainers.grpo.checked_answer import checked_answer

TABLES = ("rlvr",)
ADDS_IDS = True
ONCE_PER_PROMPT = True
SUFFIX = ".parquet"
NATURAL = "chat"
"""What verl's `ability` says where a record has no behaviour."""


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of a demonstration whose short answer was checked.

    Raises:
        BadRow: what `checked_answer` raises.
    """
    found = checked_answer(record)
    return {
        "rlvr": {
            "data_source": f"goldleaf/{found.verifier}",
            "prompt": found.prompt,
            "ability": next(iter(record.tags.behaviours), NATURAL),
            "reward_model": {"style": "rule", "ground_truth": found.truth},
            "extra_info": {"verifier": found.verifier},
        }
    }


def pack(lines: Path, target: Path) -> None:
    """Turn rows as JSON Lines into Parquet.

    Args:
        lines: a file of rows, as `write` returns them.
        target: the file to write; one that exists is replaced.
    """
    import polars as pl

    pl.scan_ndjson(lines, infer_schema_length=None).sink_parquet(target)
