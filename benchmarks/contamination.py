"""How well evaluation prompts are found in training rows, on rows where some were planted.

    python benchmarks/contamination.py --rows DATA

DATA holds `planted_contamination.jsonl.gz` (`op`: how a prompt was planted, null where none was)
and `eval_prompts.jsonl.gz` (`source`, `id`, `prompt`). What is found in rows where nothing was
planted is printed to be read: some of these rows really hold an evaluation prompt. The last table
damages each set's prompts itself; `--index N` times an index of N made-up prompts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl

from goldleaf.curation.contamination.contamination import Evaluation, contamination
from goldleaf.curation.contamination.hashed_evaluation import (
    HashedEvaluation,
    hashed,
    hashed_contamination,
)


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def prompt_of(row: dict[str, Any]) -> str:
    """Return the prompt of a row."""
    return f"{row['instruction']}\n\n{row['input']}" if row["input"] else row["instruction"]


def table(rows: list[dict[str, Any]], found: pl.DataFrame) -> set[int]:
    """Print what was found of each kind; return the rows that were found."""
    verdicts = {
        int(record): verdict for record, verdict in found.select("record", "verdict").iter_rows()
    }
    for kind in (
        "verbatim",
        "wrapped",
        *sorted({str(row["op"]) for row in rows} - {"None", "verbatim", "wrapped"}),
        None,
    ):
        mine = [number for number, row in enumerate(rows) if row["op"] == kind]
        if mine:
            hit = [verdicts[number] for number in mine if number in verdicts]
            say(
                f"  {kind or 'nothing planted':<16} {len(hit)} of {len(mine)} "
                f"({hit.count('contained')} contained, {hit.count('similar')} similar)"
            )
    return set(verdicts)


def damaged(text: str, how: str, draw: random.Random) -> str:
    """Return a prompt mistyped, cut, reordered or wrapped."""
    if how == "mistyped":
        return "".join(
            draw.choice(("", each * 2, "e")) if each.isalpha() and draw.random() < 0.03 else each
            for each in text
        )
    if how == "cut at .8":
        return text[: int(len(text) * 0.8)]
    if how == "words shuffled":
        words = text.split()
        return " ".join(draw.sample(words, len(words)))
    if how == "parts shuffled":
        parts = re.split(r"(?<=[.!?。！？,，])\s*", text)
        return " ".join(draw.sample(parts, len(parts)))
    return f"Please answer.\n\n{text}\n\nThink step by step."


def own(prompts: list[dict[str, Any]], evaluation: Evaluation) -> None:
    """Print the share found of each set's prompts, damaged."""
    sets: dict[str, list[str]] = defaultdict(list)
    for row in prompts:
        sets[row["source"]].append(row["prompt"])
    for name, texts in sorted(sets.items()):
        draw = random.Random(name)
        few = draw.sample(texts, min(80, len(texts)))
        shares: list[str] = []
        for how in ("wrapped", "mistyped", "cut at .8", "words shuffled", "parts shuffled"):
            found = [evaluation.in_prompt(damaged(text, how, draw)) is not None for text in few]
            shares.append(f"{how} {sum(found) / len(found):.2f}")
        say(f"  {name:<22} {', '.join(shares)}")


def sized(number: int) -> None:
    """Print what an index of made-up prompts costs."""
    draw = random.Random(5)
    words = [f"{chr(97 + n % 26)}{n}" for n in range(60_000)]
    texts = [" ".join(draw.choices(words, k=30)) for _ in range(number)]
    frame = pl.DataFrame({"of": [str(n) for n in range(number)], "text": texts})
    began = time.process_time()
    Evaluation(frame)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(f"index of {number:,} prompts: {time.process_time() - began:.0f} CPU s, peak {peak:,} MB")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    parser.add_argument("--index", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.rows is None:
        parser.error("--rows DATA, or the environment variable GOLDLEAF_ROWS")
    rows = read(arguments.rows / "planted_contamination.jsonl.gz")
    prompts = read(arguments.rows / "eval_prompts.jsonl.gz")
    texts = {f"{row['source']}:{row['id']}": row["prompt"] for row in prompts}
    began = time.process_time()
    evaluation = Evaluation(pl.DataFrame({"of": list(texts), "text": list(texts.values())}))
    say(f"index of {len(texts):,} prompts: {time.process_time() - began:.1f} CPU s")
    asked = [prompt_of(row) for row in rows]
    frame = pl.DataFrame({
        "record": [str(number) for number in range(len(rows))],
        "prompt": asked,
        "question": asked,
        "answer": [row["output"] for row in rows],
    })  # fmt: skip
    began = time.process_time()
    found = contamination(frame, evaluation)
    say(f"{len(rows):,} rows: {len(rows) / (time.process_time() - began):,.0f} a CPU second")
    table(rows, found)
    for record, verdict, of, score, reason in found.iter_rows():
        if rows[int(record)]["op"] is None:
            say(f"    {verdict} {score} {reason}: {asked[int(record)][:90]!r} / {texts[of][:90]!r}")
    say("by hashes alone:")
    table(rows, hashed_contamination(frame, HashedEvaluation(hashed("all", texts.items()))))
    say("prompts damaged here:")
    own(prompts, evaluation)
    if arguments.index:
        sized(arguments.index)


if __name__ == "__main__":
    main()
