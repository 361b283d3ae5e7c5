"""A trainer small enough for a test: random weights, a tokenizer of bytes, two steps of TRL."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from goldleaf.trainers import dummy_model


def tokenizer() -> Any:
    """Return the tokenizer of `dummy_model`, one token a byte, with a chat template TRL ships."""
    from transformers import AutoTokenizer

    made: Any = _loaded(AutoTokenizer)
    template = files("trl").joinpath("chat_templates", "qwen3_training.jinja")
    made.chat_template = template.read_text("utf-8")
    return made


def model(kind: str, **more: Any) -> Any:
    """Return a random Qwen3 small enough for two steps in a second."""
    import transformers

    return getattr(transformers, kind)(_loaded(transformers.AutoConfig, **more))


def _loaded(kind: Any, **more: Any) -> Any:
    with TemporaryDirectory() as folder:
        return kind.from_pretrained(dummy_model.write(Path(folder)), **more)


def two_steps(
    out: Path, table: str, trainer: str, work: Path, max_length: int = 2048, **more: Any
) -> int:
    """Train two steps on one table of an export; return how many rows the trainer kept.

    See `trainer_on`.
    """
    running = trainer_on(out, table, trainer, work, max_length, **more)
    running.train()
    assert running.state.global_step == 2
    return int(running.train_dataset.num_rows)


def trainer_on(
    out: Path, table: str, trainer: str, work: Path, max_length: int = 2048, **more: Any
) -> Any:
    """Return a trainer of TRL's on one table of an export, set to take two steps.

    Args:
        out: the folder of the export.
        table: which of its tables (a config of its dataset card).
        trainer: `SFT`, `DPO`, `KTO` or `Reward`.
        work: a folder for caches and checkpoints.
        max_length: the trainer's own setting, in tokens.
        more: further settings of the trainer.
    """
    import trl
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    rows = load_dataset(str(out), table, split="train", cache_dir=str(work / "cache"))
    settings = getattr(trl, f"{trainer}Config")(
        output_dir=str(work / "model"),
        max_steps=2,
        per_device_train_batch_size=2,
        max_length=max_length,
        use_cpu=True,
        bf16=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
        **more,
    )
    words = tokenizer()
    if trainer == "Reward":
        models = {"model": model("Qwen3ForSequenceClassification", num_labels=1)}
    else:
        names = ["model"] if trainer == "SFT" else ["model", "ref_model"]
        models = {name: model("Qwen3ForCausalLM") for name in names}
    return getattr(trl, f"{trainer}Trainer")(
        args=settings, train_dataset=rows, processing_class=words, **models
    )
