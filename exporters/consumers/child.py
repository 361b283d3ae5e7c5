"""The other end: runs under the trainer's interpreter, loads files, tells what it saw as JSON.

    python -P child.py consumer.py jobs.json results.json

Nothing here imports goldleaf, because the trainer's environment need not have it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any


def main(consumer_file: str, jobs_file: str, results_file: str) -> None:
    """Load every file that `jobs_file` lists; write what came of each."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "0"}
    with open(jobs_file, encoding="utf-8") as file:
        jobs: list[dict[str, Any]] = json.load(file)
    spec = importlib.util.spec_from_file_location("consumer", consumer_file)
    assert spec is not None and spec.loader is not None
    consumer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(consumer)
    results = [_loaded(consumer, job) for job in jobs]
    with open(results_file, "w", encoding="utf-8") as file:
        json.dump(results, file)


def _loaded(consumer: Any, job: dict[str, Any]) -> dict[str, Any]:
    try:
        tokenizer = _tokenizer(job["model"])
        seen = consumer.load(tokenizer, job)
        samples = [
            {part: spans(tokenizer, *tokens) for part, tokens in row.items()}
            for row in seen["samples"]
        ]
        return {"rows": seen["rows"], "samples": samples}
    except BaseException as error:  # a loader's own assertion or exit is a result, too
        traceback.print_exc()
        cause = error.__cause__ or error.__context__
        told = f"{type(error).__name__}: {error}"
        if cause is not None:
            told += f" ({type(cause).__name__}: {cause})"
        return {"error": told[:2_000]}


def _tokenizer(model: str) -> Any:
    if not model:
        return None
    transformers: Any = importlib.import_module("transformers")
    return transformers.AutoTokenizer.from_pretrained(model)


def spans(tokenizer: Any, ids: Sequence[int], labels: Sequence[int]) -> list[tuple[str, bool]]:
    """Return the text of the tokens, cut where training begins and ends."""
    if tokenizer is None:
        return [(str(text), trained >= 0) for text, trained in zip(ids, labels, strict=True)]
    found: list[tuple[list[int], bool]] = []
    for token, label in zip(ids, labels, strict=True):
        trained = label != -100
        if not found or found[-1][1] != trained:
            found.append(([], trained))
        found[-1][0].append(token)
    return [(tokenizer.decode(tokens), trained) for tokens, trained in found]


if __name__ == "__main__":
    main(*sys.argv[1:])
