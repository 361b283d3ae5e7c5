"""open-instruct's rows for RLVR: the messages to answer, and what an answer is held against.

    {"messages": [{"role": "user", "content": "7 and 5?"}], "ground_truth": "12",
     "dataset": "gsm8k"}

`dataset` chooses one of its own verifiers (`open_instruct/ground_truth_utils.py`, 2026): `gsm8k`
compares the last number of an answer and reads no sign, `math` any number, `flan` the whole answer.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.records import Record
from goldleaf.curation.answer_checks.ground_truth import NUMBER
from goldleaf.formats.open_instruct import NAME as NAME
from goldleaf.formats.open_instruct import TITLE as TITLE
from goldleaf.formats.open_instruct import read as read
from goldleaf.formats.open_instruct import recognises as recognises
from goldleaf.trainers.grpo.checked_answer import LOSSY_FIELDS as LOSSY_FIELDS
from goldleaf.trainers.grpo.checked_answer import CheckedAnswer, checked_answer

TABLES = ("rlvr",)
ADDS_IDS = True
ONCE_PER_PROMPT = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of a demonstration whose short answer was checked.

    Raises:
        BadRow: what `checked_answer` raises.
    """
    found = checked_answer(record)
    row = {"messages": found.prompt, "ground_truth": found.truth, "dataset": _verifier(found)}
    return {"rlvr": row}


def _verifier(found: CheckedAnswer) -> str:
    """Return open-instruct's name for what does the same as our verifier."""
    if found.verifier != NUMBER:
        return "flan"
    return "gsm8k" if found.truth.replace(".", "", 1).isdigit() else "math"
