"""Rows of Alpaca in English and Chinese, as many as are wanted, no two the same."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import orjson

SETS = ("alpaca_en_52k", "alpaca_zh")
COLUMNS = {"instruction": ("instruction", "zh_instruction"), "input": ("input", "zh_input")}
ANSWER = ("output", "zh_output")


def rows(data: Path) -> Iterator[dict[str, str]]:
    """Yield rows in the form of Alpaca, again and again, no two the same."""
    turn = 0
    while True:
        for name in SETS:
            with gzip.open(data / f"{name}.jsonl.gz", "rb") as file:
                for line in file:
                    given = orjson.loads(line)
                    row = {
                        field: next(given[name] for name in names if name in given) or ""
                        for field, names in (*COLUMNS.items(), ("output", ANSWER))
                    }
                    if turn:
                        row["instruction"] = f"{turn}. {row['instruction']}"
                    yield row
        turn += 1
