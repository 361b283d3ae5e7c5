"""A real model of 100,000 weights that is made on the spot and knows a few answers by heart.

It shows how a model of one's own is used, in the demo and in tests; it knows nothing else. Qwen2
with byte tokens and ChatML; nothing is downloaded. On one thread it takes seconds: more threads
hinder each other at this size.

    python -m goldleaf.generation.tiny_model FOLDER < known.json

`known.json` is a list of [prompt, answer].
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from goldleaf.core.left_out import left_out

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"
)
CONTEXT = 256
"""Tokens, a byte each, of prompt and answer together."""
IGNORED = -100
"""The label of a token that is not to be learned, as transformers has it."""
STEPS = 220
LEARNED = 0.003
"""Loss, above the least that there can be, at which every answer is known by heart."""


def build_tiny_model(
    folder: Path,
    known: Sequence[tuple[str | Sequence[Mapping[str, str]], str]],
    *,
    steps: int = STEPS,
    context: int = CONTEXT,
    words: Sequence[str] = (),
    **more: int,
) -> Path:
    """Train a model on a few answers, save it and return its folder.

    Args:
        folder: where; it is made.
        known: prompts, or conversations of `role` and `content`, and their answers. Several answers
            to one prompt are drawn from at temperature 1.
        steps: of training, at most; it ends when every answer is known by heart.
        context: tokens of prompt and answer together.
        words: texts whose words become tokens of their own, so that long ones take few; bytes alone
            by default.
        more: sizes of another model than the tiny one, by the names of `Qwen2Config`.
    """
    torch: Any = import_module("torch")
    written = _tokenizer(words)
    written.save_pretrained(folder)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = _model(written, context, more)
    # As it will be loaded: beside the config of a Qwen2, transformers reads a tokenizer with that
    # family's rules for words and digits, without one it does not.
    model.config.save_pretrained(folder)
    transformers: Any = import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    ids, mask, wanted = _rows(torch, tokenizer, known)
    rows, places = (wanted[:, 1:] != IGNORED).nonzero(as_tuple=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    enough = LEARNED + _least_loss(ids.tolist(), wanted.tolist())
    for _ in range(steps):
        optimizer.zero_grad()
        hidden = model.model(input_ids=ids, attention_mask=mask).last_hidden_state
        # Of the answers alone: over a long prompt the whole vocabulary is most of the work.
        logits = model.lm_head(hidden[rows, places])
        loss = torch.nn.functional.cross_entropy(logits, wanted[rows, places + 1])
        if loss.item() < enough:
            break
        loss.backward()
        optimizer.step()
    torch.set_num_threads(threads)
    model.save_pretrained(folder)
    return folder


def _tokenizer(words: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {token: place for place, token in enumerate([*letters, *SPECIAL])}
    raw = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    if words:
        trainer = trainers.BpeTrainer(
            vocab_size=4_000,
            initial_alphabet=letters,
            special_tokens=list(SPECIAL),
            show_progress=False,
        )
        raw.train_from_iterator([text for text in words for _ in "ab"], trainer)
    tokenizer: Any = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token=SPECIAL[2],
        pad_token=SPECIAL[0],
        additional_special_tokens=[SPECIAL[1]],
    )
    tokenizer.chat_template = CHATML
    return tokenizer


def _model(tokenizer: Any, context: int, more: Mapping[str, int]) -> Any:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    sizes: dict[str, Any] = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        **more,
    }
    heads: dict[str, Any] = {"num_attention_heads": 4, "num_key_value_heads": 2}
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        max_position_embeddings=context,
        pad_token_id=tokenizer.convert_tokens_to_ids(SPECIAL[0]),
        eos_token_id=tokenizer.convert_tokens_to_ids(SPECIAL[2]),
        bos_token_id=None,
        **sizes,
        **heads,
    )
    return Qwen2ForCausalLM(config)


def _rows(
    torch: Any,
    tokenizer: Any,
    known: Sequence[tuple[str | Sequence[Mapping[str, str]], str]],
) -> tuple[Any, Any, Any]:
    """Return token ids, attention mask and labels; a row for each answer."""
    rows: list[list[int]] = []
    labels: list[list[int]] = []
    for prompt, answer in known:
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        asked = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
        said = tokenizer(answer + SPECIAL[2])["input_ids"]
        rows.append([*asked, *said])
        labels.append([IGNORED] * len(asked) + said)
    width = max(map(len, rows))
    pad = tokenizer.pad_token_id
    return (
        torch.tensor([row + [pad] * (width - len(row)) for row in rows]),
        torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows]),
        torch.tensor([row + [IGNORED] * (width - len(row)) for row in labels]),
    )


def _least_loss(ids: list[list[int]], wanted: list[list[int]]) -> float:
    """Return the loss of a model that draws equally often from all answers to a prompt."""
    following: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for row, labels in zip(ids, wanted, strict=True):
        for place, label in enumerate(labels):
            if label != IGNORED:
                following[tuple(row[:place])][label] += 1
    lost = sum(
        -count * math.log(count / tokens.total())
        for tokens in following.values()
        for count in tokens.values()
    )
    return lost / sum(tokens.total() for tokens in following.values())


def main() -> None:
    """Read what is to be known from standard input and build the model in a folder."""
    with left_out("scipy", "sklearn", "accelerate"):  # an eighth of its time; not needed here
        from transformers import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        known = [(str(prompt), str(answer)) for prompt, answer in json.load(sys.stdin)]
        build_tiny_model(Path(sys.argv[1]), known)


if __name__ == "__main__":
    main()
