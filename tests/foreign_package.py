"""Another package, installed where only the commands that a test runs see it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def install(source: Path, folder: Path) -> Path:
    """Install the package of `source` without a network; return the path to put on PYTHONPATH."""
    copy, target = folder / "source", folder / "target"
    # Built in a copy: builds leave traces.
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    quiet = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([*pip, *quiet, str(copy)], check=True, capture_output=True)
    return target
