"""ms-swift's YAML files: one for each training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import Run, runs
from goldleaf.trainers.yaml_settings import MODEL, order_comments, output_of, to_yaml

KEEPS_ORDER = {"dataset_shuffle": False, "train_dataloader_shuffle": False}
"""It shuffles twice: the rows when they are loaded, and in its data loader."""


def config_name(run: str, method: str) -> str:
    """Return the file of a training's ms-swift settings, inside the format's folder.

    `RUN.yaml`, the same for every method.
    """
    return f"{run}.yaml"


def config_files(tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
    """Return path inside the format's folder -> ms-swift's YAML file, one for each training.

    `tables` are all of one format.
    """
    return {config_name(run.name, ""): _settings(run, words) for run in runs(tables)}


def _settings(run: Run, words: Translations) -> str:
    command = "sft" if run.table == "sft" else "rlhf"
    values: dict[str, Any] = {"model": f"{output_of(run.after)}/last" if run.after else MODEL}
    if command == "rlhf":
        values["rlhf_type"] = run.table
    values |= {
        "dataset": [run.train],
        "split_dataset_ratio": 0.0,
        "max_length": run.max_length,
        "output_dir": output_of(run.name),
    }
    if run.test:
        values["val_dataset"] = [run.test]
    comment = [
        words("trainer.run", command=f"swift {command} {run.name}.yaml"),
        words("trainer.length", length=run.max_length),
    ]
    if run.table == "dpo":
        comment.append(words("trainer.reward"))
    if run.ordered:
        values |= KEEPS_ORDER
    if run.folder != run.table:  # a whole model at a place known beforehand: the next begins there
        values |= {"tuner_type": "full", "add_version": False, "create_checkpoint_symlink": True}
    return to_yaml("\n".join([*comment, *order_comments(run, words)]), values)
