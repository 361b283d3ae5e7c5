"""open-instruct's rows for RLVR: messages to answer, a ground truth, and who verifies it.

    {"messages": [{"role": "user", "content": "7 and 5?"}], "ground_truth": "12",
     "dataset": "gsm8k"}

The columns are those of the RLVR sets that came with Tulu 3 (such as allenai/RLVR-GSM); `dataset`
chooses the function that verifies.
"""

from __future__ import annotations

from goldleaf.core.json_values import list_or_none
from goldleaf.core.records import Demonstration
from goldleaf.formats.format import Row
from goldleaf.formats.rlvr import with_truth

NAME = "open_instruct"
TITLE = "open-instruct's prompts with a ground truth (RLVR)"


def recognises(row: Row) -> bool:
    """Return whether a row fits: a list `messages` and a `ground_truth`."""
    return isinstance(row.get("messages"), list) and "ground_truth" in row


def read(row: Row) -> Demonstration:
    """Return the messages of a row with the ground truth as the answer to them.

    A list of ground truths is read where it holds one.

    Raises:
        BadRow: as `goldleaf.formats.rlvr.read`.
    """
    truth = row.get("ground_truth")
    several = list_or_none(truth)
    return with_truth(row.get("messages"), several[0] if several and len(several) == 1 else truth)
