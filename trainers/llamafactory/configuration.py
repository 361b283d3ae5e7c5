"""What LLaMA-Factory needs beside its rows: `dataset_info.json`, a YAML file for each training."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import Run, runs
from goldleaf.trainers.yaml_settings import MODEL, order_comments, output_of, to_yaml

KEEPS_ORDER = {"disable_shuffling": True}

_COLUMNS = {"messages": "conversations", "system": "system", "tools": "tools"}
"""Once one column is named, LLaMA-Factory takes every other for absent: all are named."""
_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "llamafactory": {"formatting": "sharegpt", "columns": _COLUMNS, "tags": _TAGS},
    "alpaca": {
        "formatting": "alpaca",
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "system": "system",
            "history": "history",
        },
    },
}
"""Format -> which of its columns is which, in the words of `dataset_info.json`."""


def config_name(run: str, method: str) -> str:
    """Return the file of a training's LLaMA-Factory settings, inside the format's folder.

    `RUN.yaml`, the same for every method.
    """
    return f"{run}.yaml"


def config_files(tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
    """Return path inside the format's folder -> text: `dataset_info.json`, a YAML file a training.

    For LLaMA-Factory. `tables` are all of one format, and at least one.
    """
    info = {"dataset_info.json": _dataset_info(tables, _SHAPES[tables[0].format])}
    return info | {config_name(run.name, ""): _settings(run, words) for run in runs(tables)}


def _dataset_info(tables: Sequence[Table], shape: Mapping[str, Any]) -> str:
    """Return LLaMA-Factory's `dataset_info.json`: one entry for each file of each table.

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
        files = {_name(run.name): run.train for run in runs([table])}
        if "test" in table.rows:
            files[_name(table.name, "test")] = f"{table.name}/test.jsonl"
        info |= {name: {"file_name": file, **entry} for name, file in files.items()}
    return json.dumps(info, indent=2, sort_keys=True) + "\n"


def _settings(run: Run, words: Translations) -> str:
    stage = run.table.split("_")[0]
    values: dict[str, Any] = {
        "model_name_or_path": output_of(run.after) if run.after else MODEL,
        "stage": stage,
        "do_train": True,
        "finetuning_type": "full",
        "dataset_dir": ".",
        "dataset": _name(run.name),
        "template": "qwen3",
        "cutoff_len": run.max_length,
        "output_dir": output_of(run.name),
    }
    if run.test:
        values["eval_dataset"] = _name(run.table, "test")
    if stage == "sft":
        values["mask_history"] = run.table == "sft_last"
    if run.ordered:
        values |= KEEPS_ORDER
    comment = [
        words("trainer.run", command=f"llamafactory-cli train {run.name}.yaml"),
        words("trainer.template", trainer="llamafactory"),
        words("trainer.length", length=run.max_length),
    ]
    if stage == "dpo":
        comment.append(words("trainer.reward"))
    return to_yaml("\n".join([*comment, *order_comments(run, words)]), values)


def _name(of: str, side: str = "train") -> str:
    """Return what `dataset_info.json` calls the file of a training, or another side of a table."""
    return f"goldleaf_{of}" if side == "train" else f"goldleaf_{of}_{side}"
