"""TRL's `trl grpo --config rlvr.yaml`, and the reward function that it names, beside the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import Run, runs
from goldleaf.trainers.trl.configuration import CHOICES as CHOICES
from goldleaf.trainers.trl.configuration import KEEPS_ORDER as KEEPS_ORDER
from goldleaf.trainers.yaml_settings import MODEL, output_of, to_yaml

REWARD = "reward.py"


def config_name(run: str, method: str) -> str:
    """Return the file of a training's settings, inside the format's folder: `RUN.yaml`."""
    return f"{run}.yaml"


def config_files(tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
    """Return path inside the format's folder -> text: the YAML file, and `reward.py`.

    Nothing for `rubrics` and `prompts`: their reward is a judge or a model of the user's, which no
    setting can name.
    """
    by_name = {table.name: table for table in tables}
    if "rlvr" not in by_name:
        return {}
    found = {
        config_name(run.name, ""): _settings(by_name[run.table], run, words) for run in runs(tables)
    }
    return found | {REWARD: files(__package__ or "").joinpath(REWARD).read_text("utf-8")}


def _settings(table: Table, run: Run, words: Translations) -> str:
    values: dict[str, Any] = {
        "model_name_or_path": MODEL,
        "dataset_name": "..",
        "dataset_config": table.config,
        "reward_funcs": ["reward.reward"],
        "num_generations": 8,
        "max_completion_length": 512,
        "output_dir": output_of(run.name),
    }
    if run.test:
        values |= {"dataset_test_split": "test", "eval_strategy": "epoch"}
    comments = [
        words("trainer.run", command=f"trl grpo --config {run.name}.yaml"),
        words("grpo.reward"),
    ]
    return to_yaml("\n".join(comments), values)
