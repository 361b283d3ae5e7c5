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
from collections.abc import Generator, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

_LOADS_AS = {"sft": "sft", "dpo": "rm", "reward": "rm", "kto": "kto"}
"""The stage its DPO and reward workflows load their rows with is one."""


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file with LLaMA-Factory's own loader; see `goldleaf.trainers.trainer.Loader`."""
    with _prepared(tokenizer, job) as (rows, *_):
        shown = rows.select(range(min(len(rows), job["samples"])))
        labels = [bool(row["kto_tags"]) for row in shown if "kto_tags" in row]
        return {"rows": len(rows), "samples": [_tokens(row) for row in shown], "labels": labels}


def batches(tokenizer: Any, job: Mapping[str, Any]) -> Iterator[Sequence[int]]:
    """Yield rows as LLaMA-Factory's SFT trainer gives them to the model.

    See `goldleaf.trainers.trainer.ReportsOrder`.
    """
    with _prepared(tokenizer, job) as (rows, template, training, tuning):
        _without_value_head()
        room: Any = import_module("llamafactory.train.sft.trainer")
        collators: Any = import_module("llamafactory.data")
        model = _model(job)
        trainer = room.CustomSeq2SeqTrainer(
            model=model,
            args=training,
            finetuning_args=tuning,
            data_collator=collators.SFTDataCollatorWith4DAttentionMask(
                template=template, model=model, tokenizer=tokenizer
            ),
            train_dataset=rows,
            tokenizer=tokenizer,
            processor=None,
        )
        for batch in trainer.get_train_dataloader():
            yield from batch["input_ids"].tolist()


@contextlib.contextmanager
def _prepared(tokenizer: Any, job: Mapping[str, Any]) -> Generator[tuple[Any, Any, Any, Any]]:
    """Open its rows, template, and arguments of training and tuning, in a work folder."""
    os.environ["DISABLE_VERSION_CHECK"] = "1"  # beside a newer TRL its data room works as pinned
    _without_audio()
    with contextlib.redirect_stdout(io.StringIO()), tempfile.TemporaryDirectory() as work:
        datasets: Any = import_module("datasets")
        factory: Any = import_module("llamafactory.data")
        parameters: Any = import_module("llamafactory.hparams")
        datasets.disable_progress_bars()
        model, data, training, tuning, _ = parameters.get_train_args(_settings(job, work))
        template = factory.get_template_and_fix_tokenizer(tokenizer, data)
        stage = _LOADS_AS[job["method"]]
        found = factory.get_dataset(template, model, data, training, stage, tokenizer)
        yield found["train_dataset"], template, training, tuning


def _model(job: Mapping[str, Any]) -> Any:
    """Return a random model of one layer: the data loader is asked, nothing is computed."""
    transformers: Any = import_module("transformers")
    config: Any = transformers.AutoConfig.from_pretrained(job["model"])
    config = transformers.Qwen3Config(
        vocab_size=config.vocab_size,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    return transformers.Qwen3ForCausalLM(config)


def _settings(job: Mapping[str, Any], work: str) -> dict[str, Any]:
    """Return the settings as they were written, with the model and what keeps this to a look."""
    yaml: Any = import_module("yaml")
    file = Path(job["out"], job["config"])
    written: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    if Path(job["file"]).stem != "train":
        written["dataset"] = written["eval_dataset"]
    written.pop("eval_dataset", None)
    if job["method"] == "reward":
        written["stage"] = "rm"
    return written | {
        "model_name_or_path": job["model"],
        "dataset_dir": str(file.parent),
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


def _without_value_head() -> None:
    """Stand in for a class of older TRLs that its trainers import and PPO alone uses."""
    trl: Any = import_module("trl")
    if not hasattr(trl, "AutoModelForCausalLMWithValueHead"):
        trl.AutoModelForCausalLMWithValueHead = object


def _without_audio() -> None:
    """Stand in for torchaudio, which LLaMA-Factory imports even for texts, where it is missing."""
    if importlib.util.find_spec("torchaudio") is None:
        empty = types.ModuleType("torchaudio")
        empty.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = empty
