"""verl's rows: a prompt, and the rule that its reward model is.

    {"data_source": "goldleaf/number", "prompt": [{"role": "user", "content": "7 and 5?"}],
     "ability": "chat", "reward_model": {"style": "rule", "ground_truth": "12"},
     "extra_info": {"index": 0, "split": "train"}}

The columns are those of verl's documentation ("Prepare Data for Post-Training", 2026-11).
"""

from __future__ import annotations

from goldleaf.core.json_values import object_or_empty
from goldleaf.core.records import Demonstration
from goldleaf.formats.format import Row
from goldleaf.formats.rlvr import with_truth

NAME = "verl"
TITLE = "verl's prompts with a rule as reward model"


def recognises(row: Row) -> bool:
    """Return whether a row fits: `prompt` as messages and an object `reward_model`."""
    return isinstance(row.get("prompt"), list) and isinstance(row.get("reward_model"), dict)


def read(row: Row) -> Demonstration:
    """Return the prompt of a row with the ground truth as its answer.

    Raises:
        BadRow: as `goldleaf.formats.rlvr.read`.
    """
    rule = object_or_empty(row.get("reward_model"))
    return with_truth(row.get("prompt"), rule.get("ground_truth"))
