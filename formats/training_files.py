"""Files that stand beside an export and make a trainer use it rightly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from goldleaf.core.words import Words
from goldleaf.formats.format import Written

MODEL = "/path/to/model"
"""Stands where the user's model goes."""


def settings(said: str, values: Mapping[str, Any]) -> str:
    """Return a YAML file of settings in their given order, below what is said about them."""
    comment = "".join(f"# {line}\n" for line in said.splitlines())
    return comment + yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)


def dataset_info(tables: Sequence[Written], shape: Mapping[str, Any]) -> str:
    """Return LLaMA-Factory's `dataset_info.json`: one entry for each side of each table.

    `shape` has `formatting`, `columns` and perhaps `tags`; a ranked table also names its two
    answers, a table of verdicts its tag.
    """
    info: dict[str, Any] = {}
    for table in tables:
        columns = dict(shape["columns"])
        entry: dict[str, Any] = {**shape, "columns": columns}
        if table.name.startswith("dpo"):
            entry["ranking"] = True
            columns |= {"chosen": "chosen", "rejected": "rejected"}
            columns.pop("response", None)
        if table.name.startswith("kto"):
            columns["kto_tag"] = "kto_tag"
        for side in table.rows:
            info[_name(table, side)] = {"file_name": f"{table.name}/{side}.jsonl", **entry}
    return json.dumps(info, indent=2, sort_keys=True) + "\n"


def llamafactory_settings(tables: Sequence[Written], words: Words) -> dict[str, str]:
    """Return one training configuration a table, named after it."""
    return {
        f"{table.name}.yaml": _llamafactory(table, words)
        for table in tables
        if "train" in table.rows
    }


def _llamafactory(table: Written, words: Words) -> str:
    stage = table.name.split("_")[0]
    values: dict[str, Any] = {
        "model_name_or_path": MODEL,
        "stage": stage,
        "do_train": True,
        "finetuning_type": "full",
        "dataset_dir": ".",
        "dataset": _name(table, "train"),
        "template": "qwen3",
        "cutoff_len": table.max_length,
        "output_dir": f"out-{table.name}",
    }
    if "test" in table.rows:
        values["eval_dataset"] = _name(table, "test")
    if stage == "sft":
        values["mask_history"] = table.name == "sft_last"
    if table.ordered:
        values["disable_shuffling"] = True
    said = [
        words("trainer.run", command=f"llamafactory-cli train {table.name}.yaml"),
        words("trainer.template", trainer="llamafactory"),
        words("trainer.length", length=table.max_length),
    ]
    if stage == "dpo":
        said.append(words("trainer.reward"))
    if table.ordered:
        said.append(words("trainer.ordered"))
    return settings("\n".join(said), values)


AXOLOTL = {
    "sft": {"type": "chat_template", "field_messages": "messages", "field_tools": "tools"},
    "sft_tools": {"type": "chat_template", "field_messages": "messages", "field_tools": "tools"},
    "dpo": {
        "type": "chat_template.default",
        "field_messages": "prompt",
        "field_chosen": "chosen",
        "field_rejected": "rejected",
    },
}
"""Tables of TRL that axolotl reads whole. Of pairs with calls it would lose the calls; it has no
strategy for completions and verdicts that are messages."""


def axolotl_settings(tables: Sequence[Written], words: Words) -> dict[str, str]:
    """Return one axolotl configuration for each table of TRL's that it reads whole."""
    read = [table for table in tables if table.name in AXOLOTL and "train" in table.rows]
    return {f"{table.name}.axolotl.yaml": _axolotl(table, words) for table in read}


def _axolotl(table: Written, words: Words) -> str:
    entry = {"ds_type": "json", **AXOLOTL[table.name]}
    values: dict[str, Any] = {"base_model": MODEL}
    if table.name == "dpo":
        values["rl"] = "dpo"
    else:
        entry |= {"roles_to_train": ["assistant"], "train_on_eos": "turn"}
    values["chat_template"] = "tokenizer_default"
    values["datasets"] = [{"path": f"{table.name}/train.jsonl", **entry}]
    if "test" in table.rows:
        values["test_datasets"] = [
            {"path": f"{table.name}/test.jsonl", "split": "train", **entry},
        ]
    values |= {"sequence_len": table.max_length, "output_dir": f"out-{table.name}"}
    said = [
        words("trainer.run", command=f"axolotl train {table.name}.axolotl.yaml"),
        words("trainer.length", length=table.max_length),
    ]
    if table.ordered:
        values |= {"shuffle_merged_datasets": False, "curriculum_sampling": True}
        said.append(words("trainer.ordered"))
    return settings("\n".join(said), values)


def _name(table: Written, side: str) -> str:
    """Return what `dataset_info.json` calls one side of a table."""
    return f"goldleaf_{table.name}" if side == "train" else f"goldleaf_{table.name}_{side}"
