"""What a curation costs by stage, next to reading, hashing and writing the same rows.

    python benchmarks/curation.py --rows DATA [--count 100000]

DATA holds `alpaca_en_52k.jsonl.gz` and `alpaca_zh.jsonl.gz`; where they have too few rows, copies
with a number in front of the prompt follow. The floor is `orjson.loads`, a 128-bit hash of the line
and `orjson.dumps` of each row. A curation of `FEW` rows comes first and shows what does not grow
with the rows: imports, models. Prints CPU seconds, microseconds a row, times the floor, and memory.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from itertools import islice
from pathlib import Path

import orjson
import xxhash
from alpaca_rows import rows

from goldleaf.curation.report.summary import CurationSummary
from goldleaf.workflows.curate import curate

FEW = 100
"""Rows of the first curation."""


def floor(path: Path) -> float:
    """Return the CPU seconds of reading, hashing and writing the rows."""
    began = time.process_time()
    with open(path, "rb") as file:
        for line in file:
            xxhash.xxh3_128_digest(line)
            orjson.dumps(orjson.loads(line))
    return time.process_time() - began


def stages(path: Path, out: Path, profile: str) -> tuple[dict[str, float], CurationSummary]:
    """Return the CPU seconds of each stage of a curation, and what it found."""
    spent: dict[str, float] = {}
    stage, at = "read", time.process_time()

    def step(name: str, done: float) -> None:
        nonlocal stage, at
        now = time.process_time()
        spent[stage] = spent.get(stage, 0) + now - at
        stage, at = name, now

    found = curate(path, out, profile, progress=step)
    step("", 0)
    return spent, found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--profile", default="public")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, path = Path(folder) / "few.jsonl", Path(folder) / "rows.jsonl"
        for file, count in ((few, FEW), (path, arguments.count)):
            lines = (orjson.dumps(row) + b"\n" for row in islice(rows(arguments.rows), count))
            with open(file, "wb") as target:
                target.writelines(lines)
        fixed, _ = stages(few, Path(folder) / "first", arguments.profile)
        least = floor(path)
        spent, found = stages(path, Path(folder) / "out", arguments.profile)
        spent |= {"all": sum(spent.values())}
        fixed |= {"all": sum(fixed.values())}
        print(f"{'':22}{'fixed s':>9}{'s':>9}{'us a row':>10}{'floors':>9}")  # noqa: T201
        for name, seconds in ({"floor": least} | spent).items():
            each = f"{seconds * 1e6 / arguments.count:10,.1f}{seconds / least:9.1f}"
            print(f"{name:22}{fixed.get(name, 0):9.2f}{seconds:9.2f}{each}")  # noqa: T201
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sums = f"{found.records:,} records, {found.usable:,} usable"
        print(f"{sums}; peak memory {peak:,.0f} MiB")  # noqa: T201


if __name__ == "__main__":
    main()
