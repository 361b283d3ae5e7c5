"""How much sooner several processes end a curation: seconds on the clock, CPU seconds and memory.

    python benchmarks/curation_processes.py --rows DATA [--count 20000] [--processes 1 2]

DATA as for `curation.py`. Each number of processes is one run of `goldleaf curate`, in turn; their
files are compared. Memory is that of all processes together, pages that several share told once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import orjson
from alpaca_rows import rows

LOOK_S = 0.2
"""Seconds from one look at the memory to the next."""


def memory_of(process: int) -> float:
    """Return the memory of a process and of those that it has started, in MB."""
    there = Path(f"/proc/{process}")
    try:
        lines = (there / "smaps_rollup").read_text("ascii").splitlines()
        own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
        tasks = [task / "children" for task in (there / "task").iterdir()]
        children = {int(child) for task in tasks for child in task.read_text("ascii").split()}
    except (FileNotFoundError, ProcessLookupError, StopIteration):  # it has just ended
        return 0.0
    return own + sum(map(memory_of, children))


def run(path: Path, out: Path, processes: int) -> tuple[float, float, float]:
    """Curate; return seconds on the clock, CPU seconds and the most memory in MB."""
    command = [str(Path(sys.executable).with_name("goldleaf")), "curate", str(path)]
    before, began = os.times(), time.perf_counter()
    with subprocess.Popen(
        [*command, "--out", str(out), "--processes", str(processes)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        most = 0.0
        while child.poll() is None:
            most = max(most, memory_of(child.pid))
            time.sleep(LOOK_S)
    assert not child.returncode
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system
    return wall, cpu - before.children_user - before.children_system, most


def main() -> None:
    """Print a line for each number of processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        lines = (orjson.dumps(row) + b"\n" for row in islice(rows(arguments.rows), arguments.count))
        with open(path, "wb") as target:
            target.writelines(lines)
        kept: set[str] = set()
        for processes in arguments.processes:
            out = Path(folder) / f"out-{processes}"
            wall, cpu, most = run(path, out, processes)
            files = (out / name for name in ("records.jsonl", "curation.parquet", "curation.html"))
            kept.add(hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest())
            figures = f"{wall:8.1f} s {cpu:8.1f} CPU s {most:8,.0f} MB"
            print(f"{arguments.count:9,} rows, {processes} processes: {figures}")  # noqa: T201
        assert len(kept) == 1, "the files differ"


if __name__ == "__main__":
    main()
