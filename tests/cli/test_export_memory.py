"""An export of ten times the records holds hardly more memory: their tables wait on disk."""

import subprocess
import sys

import pytest

from goldleaf.core.records import Candidate, Comparison, Demonstration, Provenance, Turn
from goldleaf.core.records_jsonl import to_line

FEW, MANY = 2_000, 12_000
MOST = 800
"""Bytes that each further record may cost at the peak; it was 2,500 with all tables in memory."""

COMMAND = """
import re, sys
from pathlib import Path
from goldleaf.cli.main import main
try:
    main()
finally:
    status = Path("/proc/self/status").read_text()
    Path("peak").write_text(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1])
"""
"""The largest memory of this process alone; what `getrusage` says includes the one it came from."""


def write(path, count):
    """Write answers of annotators: three of four an edited answer, the fourth a preference."""
    with path.open("wb") as file:
        for number in range(count):
            asked = (Turn("user", f"Name {number} rivers."),)
            texts = (f"The Lena, and {number} more.", f"{number} rivers flow there.")
            own, other = ((Turn("assistant", text),) for text in texts)
            parent = Provenance(
                *("S3", f"rows.jsonl:{number}"),
                project=1,
                task=number,
                annotation=number,
                annotator=f"person:{number % 5}",
                kind="instruction/1",
                updated_at=f"2026-11-29T10:00:00.{number:06}Z",
            )
            if number % 4:
                record = Demonstration(asked, own, parents=(parent,))
            else:
                both = (Candidate(own, rank=1), Candidate(other, rank=2))
                record = Comparison(asked, both, parents=(parent,))
            file.write(to_line(record) + b"\n")


def peak(folder, count):
    """Export so many records; return the most bytes that the command's process held."""
    write(folder / "records.jsonl", count)
    arguments = ["export", "records.jsonl", "--model", "8B", "--out", f"out-{count}"]
    subprocess.run([sys.executable, "-c", COMMAND, *arguments], cwd=folder, check=True)
    return 1024 * int((folder / "peak").read_text())


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much a process held")
def test_memory_hardly_grows_with_the_records(tmp_path):
    found = []
    for _ in range(3):  # on a busy machine pages go back late: a peak is never too low by chance
        found.append((peak(tmp_path, MANY) - peak(tmp_path, FEW)) / (MANY - FEW))
        if found[-1] < MOST:
            return
    pytest.fail(f"bytes a record: {found}")
