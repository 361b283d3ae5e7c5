"""TRL's YAML files: `trl sft --config FILE` for each training, and what the page says of it.

TRL's command reads the rows as `load_dataset` does, through the configs of the dataset card, so
that training and test rows come from one place. Its PRM trainer has no command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import Run, runs
from goldleaf.trainers.trl import METHODS
from goldleaf.trainers.yaml_settings import MODEL, order_comments, output_of, to_yaml

KEEPS_ORDER = {"train_sampling_strategy": "sequential"}
CHOICES = {"train_sampling_strategy": ("sequential", "random", "group_by_length")}
"""Texts that a foreign configuration may hold: key -> those that are let through to the trainer."""


def config_name(run: str, method: str) -> str:
    """Return the file of a training's TRL settings, inside the format's folder.

    `RUN.yaml`, and `RUN.reward.yaml` for the method `reward`.
    """
    return f"{run}.reward.yaml" if method == "reward" else f"{run}.yaml"


def config_files(tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
    """Return path inside the format's folder -> TRL's YAML file, for each training and method.

    `tables` are all of one format; a table `stepwise` has none.
    """
    by_name = {table.name: table for table in tables}
    return {
        config_name(run.name, method): _settings(by_name[run.table], run, method, words)
        for run in runs(tables)
        for method in METHODS.get(run.table.partition("_")[0], ())
    }


def method_settings(table: Table, method: str) -> dict[str, Any]:
    """Return the trainer's own arguments for a table: lengths, what is learned, order, weights.

    As keys of TRL's `SFTConfig` and the like; paths and the model are not among them.
    """
    values: dict[str, Any] = {"max_length": table.max_length}
    if method == "sft" and table.stem == "sft":
        values["assistant_only_loss"] = True
    if method == "kto":
        values |= _weights(table)
    if table.ordered:
        values |= KEEPS_ORDER
    return values


def dataset_config(table: Table, run: Run) -> str:
    """Return the configuration in `load_dataset(OUT, ...)` that has the rows of a training.

    `sft`, and `sft-2_long_tail` for one stage alone. `table` is the one that `run` names.
    """
    stage = run.folder.removeprefix(run.table).strip("/")
    inside = table.config.removeprefix("parquet-")  # its folder has a dataset card of its own
    return f"{inside}-{stage}" if stage else inside


def _settings(table: Table, run: Run, method: str, words: Translations) -> str:
    name = config_name(run.name, method)
    values: dict[str, Any] = {
        "model_name_or_path": output_of(run.after) if run.after else MODEL,
        "dataset_name": f"../{table.format}" if table.is_packed else "..",  # "." has no name
        "dataset_config": dataset_config(table, run),
    }
    if run.test and not table.stages:  # the test rows of a staged table are a config of their own
        values |= {"dataset_test_split": "test", "eval_strategy": "epoch"}
    values |= method_settings(table, method)
    values["output_dir"] = output_of(name.removesuffix(".yaml"))
    comments = [
        words("trainer.run", command=f"trl {method} --config {name}"),
        words("trainer.length", length=run.max_length),
    ]
    return to_yaml("\n".join([*comments, *order_comments(run, words)]), values)


def _weights(table: Table) -> dict[str, float]:
    """Return KTO's weights that even out its verdicts; nothing where they are all the same."""
    good, bad = table.verdicts.get(True, 0), table.verdicts.get(False, 0)
    if not good or not bad:
        return {}
    return {
        "desirable_weight": round(max(1.0, bad / good), 2),
        "undesirable_weight": round(max(1.0, good / bad), 2),
    }
