"""LLaMA-Factory's own loader, driven by the `dataset_info.json` and YAML beside the data."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import tempfile
import types
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

NAME = "llamafactory"
TITLE = "LLaMA-Factory"
READS = ("llamafactory", "alpaca")
NEEDS = ("llamafactory", "torch", "datasets", "omegaconf", "peft")
INSTALL = "pip install llamafactory==0.9.5, in an environment of its own"
TRAINERS = {"sft": ("sft",), "dpo": ("dpo", "reward"), "kto": ("kto",)}

_LOADS_AS = {"sft": "sft", "dpo": "rm", "reward": "rm", "kto": "kto"}
"""The stage its DPO and reward workflows load their rows with is one."""


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file; see `goldleaf.exporters.consumers.consumer.Consumer`."""
    os.environ["DISABLE_VERSION_CHECK"] = "1"  # beside a newer TRL its data room works as pinned
    _without_audio()
    with contextlib.redirect_stdout(io.StringIO()), tempfile.TemporaryDirectory() as work:
        datasets: Any = import_module("datasets")
        factory: Any = import_module("llamafactory.data")
        parameters: Any = import_module("llamafactory.hparams")
        datasets.disable_progress_bars()
        model, data, training, _, _ = parameters.get_train_args(_settings(job, work))
        template = factory.get_template_and_fix_tokenizer(tokenizer, data)
        stage = _LOADS_AS[job["trainer"]]
        found = factory.get_dataset(template, model, data, training, stage, tokenizer)
        rows = found["train_dataset"]
        shown = rows.select(range(min(len(rows), job["samples"])))
        return {"rows": len(rows), "samples": [_tokens(row) for row in shown]}


def _settings(job: Mapping[str, Any], work: str) -> dict[str, Any]:
    """Return the settings as they were written, with the model and what keeps this to a look."""
    yaml: Any = import_module("yaml")
    folder, table = Path(job["out"], job["file"]).parents[1], Path(job["file"]).parts[-2]
    written: dict[str, Any] = yaml.safe_load((folder / f"{table}.yaml").read_text("utf-8"))
    if Path(job["file"]).stem != "train":
        written["dataset"] = written["eval_dataset"]
    written.pop("eval_dataset", None)
    if job["trainer"] == "reward":
        written["stage"] = "rm"
    return written | {
        "model_name_or_path": job["model"],
        "dataset_dir": str(folder),
        "template": job["template"],
        "output_dir": f"{work}/model",
        "cache_dir": f"{work}/cache",
        "cutoff_len": job["max_length"],
        "overwrite_cache": True,
        "use_cpu": True,
        "report_to": "none",
    }


def _tokens(row: Mapping[str, Any]) -> dict[str, Any]:
    if "chosen_input_ids" not in row:
        return {"text": (row["input_ids"], row["labels"])}
    sides = ("chosen", "rejected")
    return {side: (row[f"{side}_input_ids"], row[f"{side}_labels"]) for side in sides}


def _without_audio() -> None:
    """Stand in for torchaudio, which LLaMA-Factory imports even for texts, where it is missing."""
    if importlib.util.find_spec("torchaudio") is None:
        empty = types.ModuleType("torchaudio")
        empty.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = empty
