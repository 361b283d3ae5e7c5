"""TRL's trainers: every row through the dataset preparation of the trainer itself.

`sft` goes through SFTTrainer, `dpo` through DPOTrainer, `reward` through RewardTrainer, `kto`
through KTOTrainer, each with a random model of two layers.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module, resources
from pathlib import Path
from typing import Any

NAME = "trl"
TITLE = "TRL"
READS = ("trl", "parquet")
NEEDS = ("trl", "torch", "datasets")
INSTALL = "pip install trl"
TRAINERS = {"sft": ("sft",), "dpo": ("dpo", "reward"), "kto": ("kto",)}

_CLASSES = {"sft": "SFT", "dpo": "DPO", "reward": "Reward", "kto": "KTO"}


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file; see `goldleaf.exporters.consumers.consumer.Consumer`."""
    with _prepared(tokenizer, job) as trainer:
        kept = trainer.train_dataset
        shown = kept.select(range(min(len(kept), job["samples"])))
        samples = [_tokens(row, job["trainer"]) for row in shown]
        if job["steps"]:
            trainer.train()
            if trainer.state.global_step != job["steps"]:
                raise RuntimeError(f"{trainer.state.global_step} steps of {job['steps']}")
        labels = [bool(label) for label in shown["label"]] if job["trainer"] == "kto" else []
        return {"rows": len(kept), "samples": samples, "labels": labels}


def fed(tokenizer: Any, job: Mapping[str, Any]) -> Iterator[Sequence[int]]:
    """Yield rows as the trainer gives them to the model; see `consumer.Feeder`."""
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


def _sampling(job: Mapping[str, Any]) -> dict[str, str]:
    """Return how the page beside the file says that rows are drawn, if it does."""
    page = Path(job["out"], job["file"]).with_name("README.md")
    said = page.read_text("utf-8") if job["ordered"] and page.exists() else ""
    found = re.search(r'^ +train_sampling_strategy="(\w+)",$', said, re.MULTILINE)
    return {"train_sampling_strategy": found[1]} if found else {}


def _trainer(tokenizer: Any, job: Mapping[str, Any], rows: Any, work: str) -> Any:
    trl: Any = import_module("trl")
    name = _CLASSES[job["trainer"]]
    whole = job["trainer"] == "sft" and "messages" in rows.column_names
    settings = getattr(trl, f"{name}Config")(
        output_dir=f"{work}/model",
        max_steps=max(1, job["steps"]),
        per_device_train_batch_size=2,
        max_length=job["max_length"],
        use_cpu=True,
        bf16=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
        **({"assistant_only_loss": True} if whole else {}),
        **_sampling(job),
    )
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
    if job["trainer"] == "reward":
        return {"model": transformers.Qwen3ForSequenceClassification(small)}
    models = {"model": transformers.Qwen3ForCausalLM(small)}
    if job["trainer"] in ("dpo", "kto"):
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
