"""A model folder small enough to write: a tokenizer of bytes and a configuration, no weights.

A file is loaded with it when the user names no model of their own: then one byte is one token, and
what is shown is the text itself.
"""

from __future__ import annotations

import json
from pathlib import Path

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def write(folder: Path) -> Path:
    """Write the files of a model into `folder`, which is made if absent, and return it.

    Tokenizer and configuration as transformers loads them, 259 tokens, no weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _files().items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return folder


def _files() -> dict[str, object]:
    vocabulary = {token: number for number, token in enumerate([*alphabet(), *SPECIAL])}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    byte_level |= {"use_regex": False}
    added = [
        {
            "id": vocabulary[token],
            "content": token,
            "special": True,
            **dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False),
        }
        for token in SPECIAL
    ]
    return {
        "tokenizer.json": {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": added,
            "normalizer": None,
            "pre_tokenizer": byte_level,
            "post_processor": None,
            "decoder": byte_level,
            "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "pad_token": SPECIAL[0],
            "eos_token": SPECIAL[2],
            "clean_up_tokenization_spaces": False,
            "model_max_length": 1_000_000_000,
        },
        "config.json": {
            "model_type": "qwen3",
            "architectures": ["Qwen3ForCausalLM"],
            "vocab_size": len(vocabulary),
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 8,
            "max_position_embeddings": 131_072,
            "pad_token_id": vocabulary[SPECIAL[0]],
            "eos_token_id": vocabulary[SPECIAL[2]],
            "bos_token_id": None,
        },
    }


def alphabet() -> list[str]:
    """Return the 256 characters of GPT-2's byte-level alphabet, in its order; each is one byte.

    Printable bytes are themselves, the rest are characters from U+0100 on.
    """
    kept = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in kept]
    return [chr(byte) for byte in kept] + [chr(0x100 + n) for n in range(len(others))]
