"""The command as a user runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Goldleaf = Callable[..., "subprocess.CompletedProcess[str]"]


def group_ends(group: int, within: float) -> bool:
    """Return whether all processes of a group have ended within so many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def goldleaf(tmp_path: Path) -> Goldleaf:
    """Return a function that runs `goldleaf`, with state and settings of this test alone."""
    command = Path(sys.executable).with_name("goldleaf")

    def run(*arguments: object, timeout: float = 300, **environment: str):
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


@pytest.fixture
def inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Goldleaf:
    """Return a function that runs `goldleaf` in this process, which takes a hundredth of the time.

    A traceback is the exception itself: it is raised.
    """
    from goldleaf.cli.main import main

    for name in [name for name in os.environ if name.startswith(("GOLDLEAF_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOLDLEAF_DATA_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    # Under `python -m pytest` a help page would have it that this is `python -m pytest.goldleaf`.
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None)

    def run(
        *arguments: object, program: str = "goldleaf", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        given = [program, *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", given)
        capfd.readouterr()
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as left:
            for name, value in environment.items():
                patch.setenv(name, value)
            main()
            sys.exit(0)
        out, err = capfd.readouterr()
        return subprocess.CompletedProcess(given, int(left.value.code or 0), out, err)

    return run
