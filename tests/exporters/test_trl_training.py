"""TRL trains on what we write: two real steps, every row kept."""

import pytest

from goldleaf.exporters.export import export
from goldleaf.exporters.recipe import Recipe, Split

pytestmark = [
    pytest.mark.trainer,
    # TRL 1 still asks transformers 5 for the old name of activation checkpointing
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*deprecated:FutureWarning"),
]

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


@pytest.fixture(scope="module")
def tokenizer():
    """A tokenizer of bytes, built here, with a chat template that TRL ships."""
    from importlib.resources import files

    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*alphabet, *SPECIAL])}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token=SPECIAL[0], eos_token=SPECIAL[2]
    )
    tokenizer.add_special_tokens({"additional_special_tokens": [SPECIAL[1]]})
    template = files("trl").joinpath("chat_templates", "qwen3_training.jinja")
    tokenizer.chat_template = template.read_text("utf-8")
    return tokenizer


def model(kind, tokenizer, **more):
    """Return a random Qwen3 small enough for two steps in a second."""
    import transformers

    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=4096,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        **more,
    )
    return getattr(transformers, kind)(config)


@pytest.fixture
def trained(made, tmp_path, tokenizer, monkeypatch):
    """Return a function that exports, loads, trains, and gives (rows exported, rows trained)."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def train(trainer, table, max_length=2048):
        import trl
        from datasets import disable_progress_bars, load_dataset

        disable_progress_bars()
        readings = [*made.many(12), made.reading(made.comparison("And why? " * 60))]
        readings += [made.reading(made.tool_comparison(n), f"t:{n}") for n in range(6)]
        outcome = export(readings, Recipe(split=Split(test=0.0)), tmp_path / "out")
        (told,) = [t for t in outcome.tables if t.name == table]
        cache = str(tmp_path / "cache")
        rows = load_dataset(str(outcome.out), table, split="train", cache_dir=cache)
        settings = getattr(trl, f"{trainer}Config")(
            output_dir=str(tmp_path / "model"),
            max_steps=2,
            per_device_train_batch_size=2,
            max_length=max_length,
            use_cpu=True,
            bf16=False,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
        )
        if trainer == "DPO":
            models = {
                "model": model("Qwen3ForCausalLM", tokenizer),
                "ref_model": model("Qwen3ForCausalLM", tokenizer),
            }
        else:
            scored = model("Qwen3ForSequenceClassification", tokenizer, num_labels=1)
            models = {"model": scored}
        running = getattr(trl, f"{trainer}Trainer")(
            args=settings, train_dataset=rows, processing_class=tokenizer, **models
        )
        running.train()
        assert running.state.global_step == 2
        return told.rows["train"], running.train_dataset.num_rows

    return train


@pytest.mark.parametrize("table", ["dpo", "dpo_tools"])
@pytest.mark.parametrize("trainer", ["DPO", "Reward"])
def test_two_steps_and_no_row_dropped(trained, trainer, table):
    exported, trained_on = trained(trainer, table)
    assert exported == trained_on > 0


def test_a_dropped_row_would_be_seen(trained):
    exported, trained_on = trained("Reward", "dpo", max_length=300)
    assert trained_on == exported - 1, "this is what TRL does in silence to rows beyond max_length"
