"""TRL's trainers: every row through the dataset preparation of the trainer itself.

`sft` goes through SFTTrainer, `dpo` through DPOTrainer, `reward` through RewardTrainer, `kto`
through KTOTrainer, each with a random model of two layers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module, resources
from pathlib import Path
from typing import Any

_CLASSES = {"sft": "SFT", "dpo": "DPO", "reward": "Reward", "kto": "KTO"}
_OF_THE_COMMAND = (
    *("model_name_or_path", "dataset_name", "dataset_config", "dataset_test_split"),
    *("eval_strategy",),
)
"""Keys of the YAML that are read by TRL's command or ask for test rows."""


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file through the dataset preparation of TRL's trainer; see `trainer.Loader`."""
    with _prepared(tokenizer, job) as trainer:
        kept = trainer.train_dataset
        shown = kept.select(range(min(len(kept), job["samples"])))
        samples = [_tokens(row, job["method"]) for row in shown]
        if job["steps"]:
            trainer.train()
            if trainer.state.global_step != job["steps"]:
                raise RuntimeError(f"{trainer.state.global_step} steps of {job['steps']}")
        labels = [bool(label) for label in shown["label"]] if job["method"] == "kto" else []
        return {"rows": len(kept), "samples": samples, "labels": labels}


def batches(tokenizer: Any, job: Mapping[str, Any]) -> Iterator[Sequence[int]]:
    """Yield rows as TRL's trainer gives them to the model; see `trainer.ReportsOrder`."""
    with _prepared(tokenizer, job) as trainer:
        for batch in trainer.get_train_dataloader():
            yield from batch["input_ids"].tolist()


@contextmanager
def _prepared(tokenizer: Any, job: Mapping[str, Any]) -> Generator[Any]:
    """Open the trainer with the rows of a file, in a work folder of its own."""
    datasets: Any = import_module("datasets")
    datasets.disable_progress_bars()
    if not tokenizer.chat_template:
        templates = resources.files("trl").joinpath("chat_templates")
        shipped = templates.joinpath(f"{job['template']}.jinja")
        tokenizer.chat_template = shipped.read_text("utf-8")
    file = f"{job['out']}/{job['file']}"
    reader = "parquet" if file.endswith(".parquet") else "json"
    with tempfile.TemporaryDirectory() as work:
        rows = datasets.load_dataset(
            reader, data_files=file, split="train", cache_dir=f"{work}/cache"
        )
        yield _trainer(tokenizer, job, rows, work)


def _settings(job: Mapping[str, Any], work: str) -> dict[str, Any]:
    """Return the trainer's arguments as its YAML has them, with what keeps this to a look."""
    yaml: Any = import_module("yaml")
    written: dict[str, Any] = yaml.safe_load(Path(job["out"], job["config"]).read_text("utf-8"))
    arguments = {key: value for key, value in written.items() if key not in _OF_THE_COMMAND}
    return arguments | {
        "output_dir": f"{work}/model",
        "max_steps": max(1, job["steps"]),
        "per_device_train_batch_size": 2,
        "max_length": job["max_length"],
        "use_cpu": True,
        "bf16": False,
        "report_to": "none",
        "save_strategy": "no",
        "disable_tqdm": True,
    }


def _trainer(tokenizer: Any, job: Mapping[str, Any], rows: Any, work: str) -> Any:
    trl: Any = import_module("trl")
    name = _CLASSES[job["method"]]
    settings = getattr(trl, f"{name}Config")(**_settings(job, work))
    return getattr(trl, f"{name}Trainer")(
        args=settings, train_dataset=rows, processing_class=tokenizer, **_models(job)
    )


def _models(job: Mapping[str, Any]) -> dict[str, Any]:
    transformers: Any = import_module("transformers")
    config: Any = transformers.AutoConfig.from_pretrained(job["model"])
    small = transformers.Qwen3Config(
        **{key: getattr(config, key) for key in ("vocab_size", "pad_token_id", "eos_token_id")},
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=131_072,
        bos_token_id=None,
        num_labels=1,
    )
    if job["method"] == "reward":
        return {"model": transformers.Qwen3ForSequenceClassification(small)}
    models = {"model": transformers.Qwen3ForCausalLM(small)}
    if job["method"] in ("dpo", "kto"):
        models["ref_model"] = transformers.Qwen3ForCausalLM(small)
    return models


_SIDES = ("chosen", "rejected")


def _tokens(row: Mapping[str, Any], trainer: str) -> dict[str, tuple[Sequence[int], Sequence[int]]]:
    """Return part -> (ids, labels) of a prepared row, whatever its trainer calls its columns."""
    match trainer:
        case "reward":
            return {side: (row[f"{side}_ids"], row[f"{side}_ids"]) for side in _SIDES}
        case "dpo":
            return {side: _answered(row["prompt_ids"], row[f"{side}_ids"]) for side in _SIDES}
        case "kto":
            return {"text": _answered(row["prompt_ids"], row["completion_ids"])}
        case _:
            ids: Sequence[int] = row["input_ids"]
            learned = next(
                (row[m] for m in ("assistant_masks", "completion_mask") if row.get(m) is not None),
                None,
            )
            if learned is None:
                return {"text": (ids, row.get("labels", ids))}
            labels = [token if is_ else -100 for token, is_ in zip(ids, learned, strict=True)]
            return {"text": (ids, labels)}


def _answered(prompt: Sequence[int], answer: Sequence[int]) -> tuple[list[int], list[int]]:
    return [*prompt, *answer], [-100] * len(prompt) + [*answer]
