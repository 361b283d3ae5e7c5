"""ms-swift's own loader and template, with the settings of the YAML beside the data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

_MODES = {"sft": "train", "dpo": "rlhf", "kto": "kto"}


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file with ms-swift's own loader and template; see `trainer.Loader`.

    The YAML file beside the rows (`config` of the job) says how.
    """
    with tempfile.TemporaryDirectory() as work:
        for name in ("MODELSCOPE_CACHE", "HF_DATASETS_CACHE"):
            os.environ[name] = work
        datasets: Any = import_module("datasets")
        datasets.disable_progress_bars()
        swift: Any = import_module("swift")
        loader: Any = import_module("swift.dataset")
        yaml: Any = import_module("yaml")
        settings = Path(job["out"], job["config"])
        written: dict[str, Any] = yaml.safe_load(settings.read_text("utf-8"))
        rows, _ = loader.load_dataset(
            [str(Path(job["out"], job["file"]))],
            split_dataset_ratio=written["split_dataset_ratio"],
            num_proc=1,
            load_from_cache_file=False,
        )
        template = swift.get_template(
            swift.get_processor(job["model"], model_type="qwen3"),
            template_type=job["template"],
            max_length=job["max_length"],
            # What its own commands default to: of a preference the last round is learned.
            loss_scale="default" if job["method"] == "sft" else "last_round",
        )
        template.set_mode(_MODES[job["method"]])
        encoded = [template.encode(_texts(row)) for row in rows]
        shown = [_tokens(row) for row in encoded[: job["samples"]]]
        labels = [bool(row["label"]) for row in encoded[: job["samples"]] if "label" in row]
        return {"rows": len(encoded), "samples": shown, "labels": labels}


def _texts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if value is not None}


def _tokens(row: Mapping[str, Any]) -> dict[str, Any]:
    if "rejected_input_ids" in row:
        sides = ("chosen", "rejected")
        return {side: (row[f"{side}_input_ids"], row[f"{side}_labels"]) for side in sides}
    side = "chosen_" if "chosen_input_ids" in row else ""
    return {"text": (row[f"{side}input_ids"], row[f"{side}labels"])}
