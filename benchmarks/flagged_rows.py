"""Rows of public sets as prompt and answer, and what the screen of flaws finds in them."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation.answer_checks.flaw_rules import SURE
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.screens import flaws

ENGLISH, CHINESE = "alpaca_en_52k.jsonl.gz", "alpaca_zh.jsonl.gz"
SETS = (
    "alpaca_en_52k", "alpaca_zh", "alpaca_gpt4_en_demo", "alpaca_gpt4_zh_demo",
    "dolly_3k_category", "safety_tuned_sft", "xstest_completions_dev",
)  # fmt: skip


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def pair(row: dict[str, Any]) -> tuple[str, str]:
    """Return prompt and answer of a row of any of `SETS`."""
    first = ("instruction", "zh_instruction", "prompt", "question")
    asked = next(str(row[key]) for key in first if row.get(key))
    given = row.get("input") or row.get("zh_input") or row.get("context") or ""
    said = ("output", "zh_output", "completion", "answer", "std_answer")
    answer = next((str(row[key]) for key in said if row.get(key)), "")
    return (f"{asked}\n\n{given}" if given else asked), answer


def flagged(pairs: list[tuple[str, str]]) -> list[dict[str, float]]:
    """Return for each pair its verdicts with their scores.

    A row with a blank answer never comes to the screen: it is rejected when it is read.
    """
    records = (
        (str(n), Demonstration((Turn("user", prompt),), (Turn("assistant", answer),)))
        for n, (prompt, answer) in enumerate(pairs)
    )
    frame, texts = record_frames(records)
    found: list[dict[str, float]] = [{} for _ in pairs]
    for row, verdict, score in (
        flaws.screen(frame, texts).select("row", "verdict", "score").iter_rows()
    ):
        found[row][verdict] = score
    for verdicts, (_, answer) in zip(found, pairs, strict=True):
        if not answer.strip():
            verdicts["rejected"] = 1.0
    return found


def sure(verdicts: dict[str, float]) -> list[str]:
    """Return the verdicts that count as damage."""
    return [name for name, score in verdicts.items() if score >= SURE]
