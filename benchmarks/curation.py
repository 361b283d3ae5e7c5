"""What a curation costs by stage, next to reading, hashing and writing the same rows.

    python benchmarks/curation.py --rows DATA [--count 100000]

DATA holds `alpaca_en_52k.jsonl.gz` and `alpaca_zh.jsonl.gz`; where they have too few rows, copies
with a number in front of the prompt follow. The floor is `orjson.loads`, a 128-bit hash of the line
and `orjson.dumps` of each row. Prints CPU seconds, rows a CPU second, and peak memory.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson
import xxhash

from goldleaf.workflows.curate import curate

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


def floor(path: Path) -> float:
    """Return the CPU seconds of reading, hashing and writing the rows."""
    began = time.process_time()
    with open(path, "rb") as file:
        for line in file:
            xxhash.xxh3_128_digest(line)
            orjson.dumps(orjson.loads(line))
    return time.process_time() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--profile", default="public")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        with open(path, "wb") as file:
            for row in islice(rows(arguments.rows), arguments.count):
                file.write(orjson.dumps(row) + b"\n")
        least = floor(path)
        spent: dict[str, float] = {}
        stage, at = "read", time.process_time()

        def step(name: str, done: float) -> None:
            nonlocal stage, at
            now = time.process_time()
            spent[stage] = spent.get(stage, 0) + now - at
            stage, at = name, now

        found = curate(path, Path(folder) / "out", arguments.profile, progress=step)
        step("", 0)
        total = sum(spent.values())
        for name, seconds in (("floor", least), *spent.items(), ("all", total)):
            rate, times = arguments.count / max(seconds, 1e-9), seconds / least
            print(f"{name:18}{seconds:9.2f} s{rate:12,.0f} rows/s{times:8.1f}")  # noqa: T201
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sums = f"{found.records:,} records, {found.usable:,} usable"
        print(f"{sums}; peak memory {peak:,.0f} MiB")  # noqa: T201


if __name__ == "__main__":
    main()
