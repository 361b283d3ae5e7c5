"""A trainer small enough for a test: random weights, a tokenizer of bytes, two steps of TRL."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def tokenizer() -> Any:
    """Return a tokenizer of bytes, built here, with a chat template that TRL ships."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*alphabet, *SPECIAL])}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token=SPECIAL[0], eos_token=SPECIAL[2]
    )
    made.add_special_tokens({"additional_special_tokens": [SPECIAL[1]]})
    template = files("trl").joinpath("chat_templates", "qwen3_training.jinja")
    made.chat_template = template.read_text("utf-8")
    return made


def model(kind: str, words: Any, **more: Any) -> Any:
    """Return a random Qwen3 small enough for two steps in a second."""
    import transformers

    config = transformers.Qwen3Config(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=4096,
        pad_token_id=words.pad_token_id,
        eos_token_id=words.eos_token_id,
        bos_token_id=None,
        **more,
    )
    return getattr(transformers, kind)(config)


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
        models = {"model": model("Qwen3ForSequenceClassification", words, num_labels=1)}
    else:
        names = ["model"] if trainer == "SFT" else ["model", "ref_model"]
        models = {name: model("Qwen3ForCausalLM", words) for name in names}
    return getattr(trl, f"{trainer}Trainer")(
        args=settings, train_dataset=rows, processing_class=words, **models
    )
