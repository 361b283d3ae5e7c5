"""Worker process: runs a trainer's loader under the trainer's interpreter, reports as JSON.

    python -P worker_main.py loader.py jobs.json results.json

Nothing here imports goldleaf, because the trainer's environment need not have it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


def main(loader_file: str, jobs_file: str, results_file: str) -> None:
    """Load every file that `jobs_file` lists; write what came of each, in the same order.

    Args:
        loader_file: the trainer's `loader.py`.
        jobs_file: a JSON list of `Job`s as plain values.
        results_file: written as a JSON list; an object with `error` for a file that failed.
    """
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "0"}
    with open(jobs_file, encoding="utf-8") as file:
        jobs: list[dict[str, Any]] = json.load(file)
    spec = importlib.util.spec_from_file_location("loader", loader_file)
    assert spec is not None and spec.loader is not None
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    results = [_loaded(loader, job) for job in jobs]
    with open(results_file, "w", encoding="utf-8") as file:
        json.dump(results, file)


def _loaded(loader: Any, job: dict[str, Any]) -> dict[str, Any]:
    try:
        tokenizer = _tokenizer(job["model"])
        seen = loader.load(tokenizer, job)
        samples = [
            {part: spans(tokenizer, *tokens) for part, tokens in row.items()}
            for row in seen["samples"]
        ]
        result = {"rows": seen["rows"], "samples": samples, "remarks": seen.get("remarks", {})}
        result["labels"] = seen.get("labels", [])
        if job["ordered"] and hasattr(loader, "batches"):
            with tempfile.TemporaryDirectory() as folder:
                copy = numbered(job, Path(folder))
                given = loader.batches(tokenizer, copy)
                result["moved"] = moved(tokenizer.decode(ids) for ids in given)
        return result
    except BaseException as error:  # a loader's own assertion or exit is a result, too
        traceback.print_exc()
        cause = error.__cause__ or error.__context__
        result = f"{type(error).__name__}: {error}"
        if cause is not None:
            result += f" ({type(cause).__name__}: {cause})"
        return {"error": result[:2_000]}


def numbered(job: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the job with a copy of its file in which every row has its number, and its settings.

    The number is in front of the first user message: `[goldleaf 0] `, from 0.

    Args:
        job: a `Job` as plain values.
        folder: where to put the copy, as JSON Lines.
    """
    source = Path(job["out"], job["format"])
    target = folder / job["format"]
    for settings in source.rglob("*"):
        if settings.suffix in (".yaml", ".json"):
            copy = target / settings.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(settings.read_bytes())
    file = Path(job["file"]).with_suffix(".jsonl")
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    with open(folder / file, "w", encoding="utf-8", newline="\n") as lines:
        for number, row in enumerate(_rows(Path(job["out"], job["file"]))):
            _mark(row, f"[goldleaf {number}] ")
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    return {**job, "out": str(folder), "file": str(file)}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield rows; of a Parquet file with the conversations as objects, not as JSON text."""
    if path.suffix == ".jsonl":
        with open(path, encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield json.loads(line)
        return
    parquet: Any = importlib.import_module("pyarrow.parquet")
    for row in parquet.read_table(path).to_pylist():
        packed = {key for key, value in row.items() if str(value).startswith("[{")} - {"tools"}
        yield {key: json.loads(value) if key in packed else value for key, value in row.items()}


def _mark(row: dict[str, Any], mark: str) -> None:
    """Put a mark in front of the first user message."""
    for column in ("messages", "prompt", "conversations"):
        for turn in row.get(column) or ():
            if turn.get("role", turn.get("from")) in ("user", "human"):
                key = "content" if "content" in turn else "value"
                turn[key] = mark + turn[key]
                return
    row["instruction"] = mark + row["instruction"]


def moved(texts: Iterable[str]) -> int:
    """Return how many rows are given elsewhere than where they are among those that are given.

    0 for rows in order, even if some are missing.

    Args:
        texts: of the rows, in the order given, each with its number (`numbered`).

    Raises:
        ValueError: a text has no number.
    """
    found = [re.search(r"\[goldleaf ?((?:\d ?)+)\]", text) for text in texts]
    if not all(found):
        raise ValueError("the trainer's data loader gives a row without its beginning")
    given = [int(match[1].replace(" ", "")) for match in found if match]
    return sum(one != other for one, other in zip(given, sorted(given), strict=True))


def _tokenizer(model: str) -> Any:
    if not model:
        return None
    transformers: Any = importlib.import_module("transformers")
    return transformers.AutoTokenizer.from_pretrained(model)


def spans(tokenizer: Any, ids: Sequence[int], labels: Sequence[int]) -> list[tuple[str, bool]]:
    """Return the text of the tokens, cut where training begins and ends.

    Args:
        tokenizer: None where `ids` are texts already: then one span for each.
        ids: token ids.
        labels: one for each; -100 means not trained on (without a tokenizer, any below 0).
    """
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
