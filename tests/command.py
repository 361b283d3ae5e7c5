"""The command as a user runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Goldleaf = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def goldleaf(tmp_path: Path) -> Goldleaf:
    """Return a function that runs `goldleaf`, with state and settings of this test alone."""
    command = Path(sys.executable).with_name("goldleaf")

    def run(*arguments: object, timeout: float = 120, **environment: str):
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        return subprocess.run(
            [str(command), *map(str, arguments)],
            cwd=tmp_path,
            env=kept | {"GOLDLEAF_DATA_DIR": str(tmp_path / "state")} | environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run
