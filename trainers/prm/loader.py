"""TRL's PRM trainer, which learns a verdict at the end of every step.

It is not in every TRL: 0.29 has it in `trl.experimental.prm`, 1.16 no longer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file with TRL's PRM trainer; see `goldleaf.trainers.trainer.Loader`."""
    datasets: Any = import_module("datasets")
    datasets.disable_progress_bars()
    file = f"{job['out']}/{job['file']}"
    reader = "parquet" if file.endswith(".parquet") else "json"
    with tempfile.TemporaryDirectory() as work:
        rows = datasets.load_dataset(
            reader, data_files=file, split="train", cache_dir=f"{work}/cache"
        )
        trainer = _trainer(tokenizer, job, rows, work)
        kept = trainer.train_dataset
        shown = kept.select(range(min(len(kept), job["samples"])))
        samples = [_by_verdict(row["input_ids"], row["labels"]) for row in shown]
        if job["steps"]:
            trainer.train()
            if trainer.state.global_step != job["steps"]:
                raise RuntimeError(f"{trainer.state.global_step} steps of {job['steps']}")
        return {"rows": len(kept), "samples": samples}


def _trainer(tokenizer: Any, job: Mapping[str, Any], rows: Any, work: str) -> Any:
    prm: Any = import_module("trl.experimental.prm")
    transformers: Any = import_module("transformers")
    small = transformers.Qwen3Config(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=131_072,
        num_labels=2,
    )
    settings = prm.PRMConfig(
        output_dir=f"{work}/model",
        max_steps=max(1, job["steps"]),
        per_device_train_batch_size=2,
        max_length=job["max_length"],
        use_cpu=True,
        bf16=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    model = transformers.Qwen3ForTokenClassification(small)
    return prm.PRMTrainer(
        model=model, args=settings, train_dataset=rows, processing_class=tokenizer
    )


def _by_verdict(ids: Sequence[int], labels: Sequence[int]) -> dict[str, Any]:
    """Return the tokens twice: where a good step ends, and where a bad one does."""
    return {
        name: (ids, [t if label == verdict else -100 for t, label in zip(ids, labels, strict=True)])
        for name, verdict in (("good", 1), ("bad", 0))
    }
