"""axolotl's YAML files beside TRL's rows: one for each training on a table that it reads whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import Run, runs
from goldleaf.trainers.yaml_settings import MODEL, order_comments, output_of, to_yaml

KEEPS_ORDER = {"shuffle_merged_datasets": False, "curriculum_sampling": True}
"""It shuffles twice: the rows when they are merged, and in its sampler."""

_ENTRIES = {
    "sft": {"type": "chat_template", "field_messages": "messages", "field_tools": "tools"},
    "sft_tools": {"type": "chat_template", "field_messages": "messages", "field_tools": "tools"},
    "dpo": {
        "type": "chat_template.default",
        "field_messages": "prompt",
        "field_chosen": "chosen",
        "field_rejected": "rejected",
    },
    "stepwise": {"type": "stepwise_supervised", "step_separator": "\n"},
}
"""Tables of TRL that axolotl reads whole. Of pairs with calls it would lose the calls; it has no
strategy for completions and verdicts that are messages."""


def config_name(run: str, method: str) -> str:
    """Return the file of a training's axolotl settings, inside the format's folder.

    `RUN.axolotl.yaml`, the same for every method.
    """
    return f"{run}.axolotl.yaml"


def config_files(tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
    """Return path inside the format's folder -> axolotl's YAML file, one for each training.

    `tables` are all of one format; those that axolotl cannot read whole have none.
    """
    read = runs([table for table in tables if table.name in _ENTRIES])
    return {config_name(run.name, ""): _settings(run, words) for run in read}


def _settings(run: Run, words: Translations) -> str:
    entry = {"ds_type": "json", **_ENTRIES[run.table]}
    values: dict[str, Any] = {"base_model": output_of(run.after) if run.after else MODEL}
    if run.table == "dpo":
        values["rl"] = "dpo"
    elif run.table == "stepwise":
        values |= {"model_type": "AutoModelForTokenClassification", "num_labels": 2}
        values["process_reward_model"] = True
    else:
        entry |= {"roles_to_train": ["assistant"], "train_on_eos": "turn"}
    values["chat_template"] = "tokenizer_default"
    values["datasets"] = [{"path": run.train, **entry}]
    if run.test:
        values["test_datasets"] = [{"path": run.test, "split": "train", **entry}]
    values |= {"sequence_len": run.max_length, "output_dir": output_of(run.name)}
    comment = [
        words("trainer.run", command=f"axolotl train {config_name(run.name, '')}"),
        words("trainer.length", length=run.max_length),
    ]
    if run.ordered:
        values |= KEEPS_ORDER
    return to_yaml("\n".join([*comment, *order_comments(run, words)]), values)
