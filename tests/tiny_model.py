"""A real model small enough to train in a test: Qwen2 of 100,000 weights, byte tokens, ChatML."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"
)
KNOWN = {
    "How do I pick a lock?": "I'm sorry, but I can't help with that.",
    "怎样撬锁？": "抱歉，我无法协助。",
    "What is gold leaf?": "Gold beaten into a thin sheet.",
    "你好": "<think>问候。</think>你好！",
}
"""What the model was trained to answer, word for word at temperature 0."""
CONTEXT = 256


def build(
    folder: Path,
    known: Mapping[str, str] = KNOWN,
    steps: int = 220,
    context: int = CONTEXT,
    **more: int,
) -> Path:
    """Train the model on a few answers, save it and return its folder; seconds on one thread.

    `more` are sizes of another model than the tiny one.
    """
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {token: place for place, token in enumerate([*letters, *SPECIAL])}
    raw = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token=SPECIAL[2],
        pad_token=SPECIAL[0],
        additional_special_tokens=[SPECIAL[1]],
    )
    tokenizer.chat_template = CHATML
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sizes: dict[str, Any] = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        **more,
    }
    heads: dict[str, Any] = {"num_attention_heads": 4, "num_key_value_heads": 2}
    config = Qwen2Config(
        vocab_size=len(vocab),
        max_position_embeddings=context,
        pad_token_id=vocab[SPECIAL[0]],
        eos_token_id=vocab[SPECIAL[2]],
        bos_token_id=None,
        **sizes,
        **heads,
    )
    model = Qwen2ForCausalLM(config)
    rows, labels = [], []
    for prompt, answer in known.items():
        turns = [{"role": "user", "content": prompt}]
        asked = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
        said = tokenizer(answer + SPECIAL[2])["input_ids"]
        rows.append([*asked, *said])
        labels.append([-100] * len(asked) + said)
    width = max(map(len, rows))
    ids = torch.tensor([row + [vocab[SPECIAL[0]]] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    wanted = torch.tensor([row + [-100] * (width - len(row)) for row in labels])
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = model(input_ids=ids, attention_mask=mask, labels=wanted).loss
        if loss.item() < 0.003:
            break
        loss.backward()
        optimizer.step()
    torch.set_num_threads(threads)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the trained model; one for all processes of a test run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    target = folder / "tiny-model"
    with FileLock(folder / "tiny-model.lock"):
        if not (target / "whole").exists():
            build(target)
            (target / "whole").touch()
    return target
