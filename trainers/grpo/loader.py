"""TRL's GRPO trainer: every row becomes a prompt to sample answers to, with its ground truth.

The trainer keeps the rows as they are and hands each batch to the reward function, so what is
looked at is a batch of its own data loader, and what its reward function would be given.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Mapping
from importlib import import_module, resources
from pathlib import Path
from typing import Any

_GENERATIONS = 2
_WORDS = 8
"""Tokens of a sampled answer: this is a look, no training."""


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file with TRL's GRPO trainer; see `goldleaf.trainers.trainer.Loader`."""
    datasets: Any = import_module("datasets")
    datasets.disable_progress_bars()
    if not tokenizer.chat_template:
        templates = resources.files("trl").joinpath("chat_templates")
        shipped = templates.joinpath(f"{job['template']}.jinja")
        tokenizer.chat_template = shipped.read_text("utf-8")
    with tempfile.TemporaryDirectory() as work:
        file = f"{job['out']}/{job['file']}"
        rows = datasets.load_dataset("json", data_files=file, split="train", cache_dir=f"{work}/c")
        trainer = _trainer(tokenizer, job, rows, work)
        kept = trainer.train_dataset
        shown = kept.select(range(min(len(kept), job["samples"])))
        samples = [_tokens(tokenizer, row) for row in shown]
        if job["steps"]:
            trainer.train()
            if trainer.state.global_step != job["steps"]:
                raise RuntimeError(f"{trainer.state.global_step} steps of {job['steps']}")
        return {"rows": len(kept), "samples": samples}


class _Ungraded:
    """A reward function that only looks whether it is given the columns of the rows."""

    __name__ = "ungraded"

    def __init__(self, columns: list[str]) -> None:
        self.columns = [name for name in columns if name != "prompt"]

    def __call__(self, completions: list[Any], **given: Any) -> list[float]:
        """Return 0 for each completion; KeyError where a column is not handed over."""
        for name in self.columns:
            if len(given[name]) != len(completions):
                raise ValueError(f"{name}: {len(given[name])} of {len(completions)} were given")
        return [0.0] * len(completions)


def _tokens(tokenizer: Any, row: Mapping[str, Any]) -> dict[str, tuple[list[int], list[int]]]:
    """Return the tokens of the prompt, none of which is learned."""
    text = tokenizer.apply_chat_template(row["prompt"], add_generation_prompt=True, tokenize=False)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return {"prompt": (ids, [-100] * len(ids))}


def _trainer(tokenizer: Any, job: Mapping[str, Any], rows: Any, work: str) -> Any:
    trl: Any = import_module("trl")
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
    )
    settings = trl.GRPOConfig(
        output_dir=f"{work}/model",
        max_steps=max(1, job["steps"]),
        per_device_train_batch_size=_GENERATIONS,
        num_generations=_GENERATIONS,
        max_completion_length=_WORDS,
        use_cpu=True,
        bf16=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    return trl.GRPOTrainer(
        model=transformers.Qwen3ForCausalLM(small),
        reward_funcs=_reward(rows.column_names),
        args=settings,
        train_dataset=rows,
        processing_class=tokenizer,
    )


def _reward(columns: list[str]) -> Any:
    """Return the reward function that exports bring, from beside this file.

    Rows without a ground truth are graded by a judge of the user's: here every answer gets 0 once
    it is seen that TRL hands over each column.
    """
    if "ground_truth" not in columns:
        return _Ungraded(columns)
    spec = importlib.util.spec_from_file_location("reward", Path(__file__).with_name("reward.py"))
    if spec is None or spec.loader is None:
        raise RuntimeError("reward.py is not beside the loader")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.reward
