"""How long goldleaf's files take in Label Studio's Export dialog, against its own JSON export.

    python benchmarks/export_dialog.py 2000 10000

Every task has an answer and a draft. Both are asked for as the dialog does, in turn, and written to
a file; medians are compared. MB is what Label Studio's process held at most while it worked, above
what it held before. The first export of ours in a process, which loads libraries, is a row alone.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

from prelabel import said
from project_export import access, answered, own_export
from spent import Spent, spent

from goldleaf.core.data_dir import DataDir
from goldleaf.studio.embedded_label_studio import EmbeddedStudio

ROUNDS = 5
OURS = "GOLDLEAF_8B"


class Memory:
    """What a process holds in memory, in MB."""

    def __init__(self, process: int) -> None:
        self.there = Path(f"/proc/{process}")

    def held(self, name: str = "VmRSS") -> float:
        """Return what it holds now, or held at most (`VmHWM`)."""
        status = (self.there / "status").read_text("ascii")
        (line,) = (line for line in status.splitlines() if line.startswith(f"{name}:"))
        return int(line.split()[1]) / 1024

    def forget(self) -> float:
        """Forget what it held at most; return what it holds now."""
        (self.there / "clear_refs").write_text("5", "ascii")
        return self.held()


def measure(running: EmbeddedStudio, project: int, folder: Path, rounds: int) -> str:
    """Return the cells of a row: medians of both."""
    assert running.pid
    memory, found = Memory(running.pid), dict[str, list[tuple[Spent, float]]]()
    for _ in range(rounds):
        for name in ("JSON", OURS):
            token, file = access(running.studio), folder / f"{name}.out"
            ask = partial(own_export, running.studio, project, file, token, name)
            before = memory.forget()
            took = spent(ask, running.pid)
            found.setdefault(name, []).append((took, max(0.0, memory.held("VmHWM") - before)))
    values = {
        name: [
            statistics.median(of(each) for each in several)
            for of in (lambda each: each[0].wall, lambda each: each[0].cpu, lambda each: each[1])
        ]
        for name, several in found.items()
    }
    least, ours = values["JSON"], values[OURS]
    cells = [f"{least[0]:.2f}", f"{ours[0]:.2f}", f"{ours[0] / least[0]:.2f}"]
    cells += [f"{ours[1] / least[1]:.2f}", f"{least[2]:.0f}", f"{ours[2]:.0f}"]
    return " | ".join(cells)


def main() -> None:
    """Print the table for the sizes given."""
    sizes = [int(size) for size in sys.argv[1:]] or [2000]
    said(
        "| tasks | JSON, s | goldleaf, s | times JSON | the same by CPU | JSON, MB | goldleaf, MB |"
    )
    said("|---|" + "---:|" * 6)
    with (
        tempfile.TemporaryDirectory() as name,
        EmbeddedStudio(DataDir(Path(name, "state"))) as running,
    ):
        folder = Path(name)
        for number, size in enumerate(sizes):
            project = answered(running.studio, size, folder / "models")
            if not number:
                said(f"| {size:,}, the first | {measure(running, project, folder, 1)} |")
            said(f"| {size:,} | {measure(running, project, folder, ROUNDS)} |")
            running.studio.delete(f"/api/projects/{project}/")


if __name__ == "__main__":
    main()
