"""Files that stand beside an export and make a trainer use it rightly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from goldleaf.core.translations import Translations
from goldleaf.formats.format import Written
from goldleaf.formats.training_runs import Run, runs

MODEL = "/path/to/model"
"""Stands where the user's model goes."""


def settings(said: str, values: Mapping[str, Any]) -> str:
    """Return a YAML file of settings in their given order, below what is said about them."""
    comment = "".join(f"# {line}\n" for line in said.splitlines())
    return comment + yaml.dump(dict(values), Dumper=_Plain, sort_keys=False, allow_unicode=True)


class _Plain(yaml.SafeDumper):
    """Writes what is said twice twice, because a person reads it: no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return true for everything."""
        return True


def dataset_info(tables: Sequence[Written], shape: Mapping[str, Any]) -> str:
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


def llamafactory_settings(tables: Sequence[Written], words: Translations) -> dict[str, str]:
    """Return one configuration for each training, named after it."""
    return {f"{run.name}.yaml": _llamafactory(run, words) for run in runs(tables)}


def _llamafactory(run: Run, words: Translations) -> str:
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
        values["disable_shuffling"] = True
    said = [
        words("trainer.run", command=f"llamafactory-cli train {run.name}.yaml"),
        words("trainer.template", trainer="llamafactory"),
        words("trainer.length", length=run.max_length),
    ]
    if stage == "dpo":
        said.append(words("trainer.reward"))
    return settings("\n".join([*said, *order_said(run, words)]), values)


def output_of(name: str) -> str:
    """Return the folder, beside its configuration, in which a training leaves its model."""
    return f"out-{name}"


def order_said(run: Run, words: Translations) -> list[str]:
    """Return what a training's user must know about order: of its rows, of the trainings."""
    said = [words("trainer.ordered")] if run.ordered else []
    return said + ([words("trainer.after", before=run.after)] if run.after else [])


AXOLOTL = {
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


def axolotl_settings(tables: Sequence[Written], words: Translations) -> dict[str, str]:
    """Return one axolotl configuration for each training on a table that it reads whole."""
    read = runs([table for table in tables if table.name in AXOLOTL])
    return {f"{run.name}.axolotl.yaml": _axolotl(run, words) for run in read}


def _axolotl(run: Run, words: Translations) -> str:
    entry = {"ds_type": "json", **AXOLOTL[run.table]}
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
    said = [
        words("trainer.run", command=f"axolotl train {run.name}.axolotl.yaml"),
        words("trainer.length", length=run.max_length),
    ]
    if run.ordered:
        values |= {"shuffle_merged_datasets": False, "curriculum_sampling": True}
    return settings("\n".join([*said, *order_said(run, words)]), values)


def _name(of: str, side: str = "train") -> str:
    """Return what `dataset_info.json` calls the file of a training, or another side of a table."""
    return f"goldleaf_{of}" if side == "train" else f"goldleaf_{of}_{side}"
