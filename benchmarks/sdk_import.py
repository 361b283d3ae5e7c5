"""What importing label-studio-sdk costs beside httpx, and what judging a kind with it costs.

    python benchmarks/sdk_import.py [TIMES]

Each import is a process of its own, TIMES of them (5), the fastest counts; memory is the process's
largest resident set. Prints the table of studio/README.md.
"""

from __future__ import annotations

import subprocess
import sys
import time

from goldleaf.label_configs.registry import kinds
from goldleaf.studio.sdk_validation import SdkValidator
from goldleaf.workflows.kinds import lint_kind

STATEMENTS = {
    "nothing (Python)": "pass",
    "`httpx`": "import httpx",
    "goldleaf's client": "from goldleaf.studio.client import Studio",
    "`label_studio_sdk.label_interface`": (
        "from label_studio_sdk.label_interface import LabelInterface"
    ),
    "`label_studio_sdk.LabelStudio`": "from label_studio_sdk import LabelStudio",
}
PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"


def cost(statement: str, times: int) -> tuple[float, int]:
    """Return (seconds, MB) of a process that runs a statement, the best of several."""
    seconds: list[float] = []
    megabytes: list[int] = []
    for _ in range(times):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", statement + PEAK], capture_output=True, text=True, check=True
        )
        seconds.append(time.perf_counter() - began)
        megabytes.append(int(done.stdout))
    return min(seconds), min(megabytes)


def main() -> None:
    """Print the table."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    sys.stdout.write("| import | seconds | MB |\n|---|---|---|\n")
    for name, statement in STATEMENTS.items():
        seconds, megabytes = cost(statement, times)
        sys.stdout.write(f"| {name} | {seconds:.2f} | {megabytes} |\n")
    for kind in kinds().values():
        validator = SdkValidator(kind.config())
        validator.config_errors()
        began = time.perf_counter()
        validator.config_errors()
        config = 1000 * (time.perf_counter() - began)
        began = time.perf_counter()
        found = lint_kind(kind)
        whole = 1000 * (time.perf_counter() - began)
        sys.stdout.write(
            f"{kind.name}: config {config:.0f} ms, whole kind {whole:.0f} ms, {len(found)} found\n"
        )


if __name__ == "__main__":
    main()
