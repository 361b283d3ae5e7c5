"""axolotl's prompt strategies, with the dataset entry of the YAML beside TRL's rows.

A strategy is what turns a row into tokens; nothing else of axolotl, which pins some fifty packages,
is needed to see what a row becomes.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Mapping
from importlib import import_module, resources
from pathlib import Path
from typing import Any


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one file as axolotl's prompt strategies do; see `goldleaf.trainers.trainer.Loader`.

    The YAML file beside the rows (`config` of the job) says how.
    """
    yaml: Any = import_module("yaml")
    path = Path(job["out"], job["file"])
    settings = Path(job["out"], job["config"])
    written = yaml.safe_load(settings.read_text("utf-8"))
    if not tokenizer.chat_template:
        templates = resources.files("trl").joinpath("chat_templates")
        shipped = templates.joinpath(f"{job['template']}.jinja")
        tokenizer.chat_template = shipped.read_text("utf-8")
    kinds = {"sft": _conversations, "dpo": _pairs, "prm": _steps}
    encode = kinds[job["method"]](tokenizer, written)
    with open(path, encoding="utf-8", newline="\n") as file:
        encoded = [encode(json.loads(line), tokenizer) for line in file]
    kept = [row for row in encoded if row]
    return {"rows": len(kept), "samples": kept[: job["samples"]]}


def _conversations(tokenizer: Any, written: Mapping[str, Any]) -> Any:
    options: Any = import_module("axolotl.utils.dict").DictDefault
    settings = {key: written[key] for key in ("sequence_len", "chat_template")}
    chat: Any = import_module("axolotl.prompt_strategies.chat_template")
    entry = options(written["datasets"][0])
    strategy = chat.load(tokenizer, options(settings | {"train_on_inputs": False}), entry)

    def encode(row: dict[str, Any], _: Any) -> dict[str, Any]:
        found = strategy.tokenize_prompt(row)
        return {"text": (found["input_ids"], found["labels"])} if found else {}

    return encode


def _steps(tokenizer: Any, written: Mapping[str, Any]) -> Any:
    options: Any = import_module("axolotl.utils.dict").DictDefault
    steps: Any = import_module("axolotl.prompt_strategies.stepwise_supervised")
    strategy = steps.load(tokenizer, options(written), options(written["datasets"][0]))

    def encode(row: dict[str, Any], _: Any) -> dict[str, Any]:
        found = strategy.tokenize_prompt(row)
        return _by_verdict(found["input_ids"], found["labels"])

    return encode


def _by_verdict(ids: list[int], labels: list[int]) -> dict[str, Any]:
    """Return the tokens twice: where a good step ends, and where a bad one does."""
    return {
        name: (ids, [t if label == verdict else -100 for t, label in zip(ids, labels, strict=True)])
        for name, verdict in (("good", 1), ("bad", 0))
    }


def _pairs(tokenizer: Any, written: Mapping[str, Any]) -> Any:
    """Return what axolotl hands to TRL's DPO trainer: prompt, chosen and rejected as texts."""
    room: Any = types.ModuleType("axolotl.utils.data")  # imports every trainer; one name is needed
    room.__path__ = []
    inner: Any = types.ModuleType("axolotl.utils.data.utils")
    inner.is_vision_dataset = _texts_only
    sys.modules |= {"axolotl.utils.data": room, "axolotl.utils.data.utils": inner}
    options: Any = import_module("axolotl.utils.dict").DictDefault
    strategies: Any = import_module("axolotl.prompt_strategies.dpo.chat_template")
    transform: Any = strategies.default(options(written))[0]

    def encode(row: dict[str, Any], tokenizer: Any) -> dict[str, Any]:
        texts: dict[str, str] = transform(dict(row), tokenizer=tokenizer)
        found: dict[str, Any] = {}
        for side in ("chosen", "rejected"):
            asked = tokenizer(texts["prompt"], add_special_tokens=False)["input_ids"]
            answer = tokenizer(texts[side], add_special_tokens=False)["input_ids"]
            found[side] = ([*asked, *answer], [-100] * len(asked) + [*answer])
        return found

    return encode


def _texts_only(entry: Any) -> bool:
    return False
