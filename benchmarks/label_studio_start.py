"""Seconds until Label Studio answers, with the plug-in and without, in turn.

    python benchmarks/label_studio_start.py [STARTS [DATA_DIR]]

Prints the median, and the range, of wall and of CPU seconds of Label Studio's process (which other
programs of the machine disturb less), of five starts each by default. A data directory that
`goldleaf up` has run on saves the first start of all.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from goldleaf.core.data_dir import DataDir
from goldleaf.studio.embedded_label_studio import EmbeddedStudio

PLAIN = "label_studio.core.settings.label_studio"


class Start(EmbeddedStudio):
    """An embedded Label Studio under a settings module of our choice."""

    module = ""

    def environment(self) -> dict[str, str]:
        """Return the environment of the child with that module."""
        return super().environment() | {"DJANGO_SETTINGS_MODULE": self.module}


def cpu(pid: int | None) -> float:
    """Return the CPU seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print the figures."""
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds: dict[str, list[tuple[float, float]]] = {"without": [], "with": []}
    with tempfile.TemporaryDirectory() as folder:
        data = DataDir(Path(sys.argv[2] if len(sys.argv) > 2 else folder))
        with EmbeddedStudio(data) as first:
            with_plugin = first.environment()["DJANGO_SETTINGS_MODULE"]
        for _ in range(starts):
            for name, module in (("without", PLAIN), ("with", with_plugin)):
                start = Start(data)
                start.module = module
                began = time.monotonic()
                with start:
                    seconds[name].append((time.monotonic() - began, cpu(start.pid)))
    for name, found in seconds.items():
        for what, values in zip(("wall", "CPU"), zip(*found, strict=True), strict=True):
            say(f"{name:8} {what} {median(values):6.2f} s ({min(values):.2f}-{max(values):.2f})")
    ratios = [median(v) for v in zip(*seconds["with"], strict=True)]
    plain = [median(v) for v in zip(*seconds["without"], strict=True)]
    wall, used = (100 * (a / b - 1) for a, b in zip(ratios, plain, strict=True))
    say(f"with the plug-in: wall {wall:+.0f} %, CPU {used:+.0f} %")


if __name__ == "__main__":
    main()
