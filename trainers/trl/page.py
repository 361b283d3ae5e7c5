"""How to train with TRL: a page for each training, beside its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldleaf.core.translations import Translations
from goldleaf.trainers.page_template import render
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import Run, runs
from goldleaf.trainers.trl import METHODS
from goldleaf.trainers.trl.configuration import config_name, dataset_config, method_settings

CLASSES = {"sft": "SFT", "dpo": "DPO", "kto": "KTO", "stepwise": "PRM"}
"""What a table is for -> what TRL's class for it begins with."""


def pages(tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
    """Return path inside the format's folder -> page on training with TRL, as `words` has it.

    One `README.md` in each training's folder; a table of test rows alone has one too.
    """
    return {
        f"{run.folder}/README.md": render(__package__ or "", "page", values, words)
        for run, values in _trainings(tables)
    }


def _trainings(tables: Sequence[Table]) -> Iterator[tuple[Run, dict[str, Any]]]:
    by_name = {table.name: table for table in tables}
    folders = {run.name: run.folder for run in runs(tables)}
    for run in runs(tables):
        yield run, _values(by_name[run.table], run, folders)
    for table in tables:
        if "train" not in table.rows:
            run = Run(table.name, table.name, table.name, "", "", False, 0)
            yield run, _values(table, run, folders)


def _values(table: Table, run: Run, folders: Mapping[str, str]) -> dict[str, Any]:
    """Return what the template is filled with.

    `root` is the folder that `load_dataset` is given, `model` that of the training before (or
    empty), `arguments` the trainer's own as Python, `commands` TRL's for the same.
    """
    up = "/".join([".."] * (run.folder.count("/") + 1))
    inside = table.config.removeprefix("parquet-")
    use = table.stem.partition("_")[0]
    methods = METHODS.get(use, ()) if "train" in table.rows else ()
    settings = method_settings(table, use)
    return {
        "table": table,
        "run": run,
        "title": run.folder,
        "root": up if table.is_packed else f"{up}/..",
        "config": dataset_config(table, run),
        "test_config": f"{inside}-test" if table.stages and run.test else "",
        "model": f"{up}/{folders[run.after]}/model" if run.after else "",
        "trainer": CLASSES[use],
        "weights": "desirable_weight" in settings,
        "arguments": {name: _python(value) for name, value in settings.items()},
        "up": up,
        "commands": [
            f"trl {method} --config {config_name(run.name, method)}" for method in methods
        ],
    }


def _python(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
