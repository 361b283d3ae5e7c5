"""A real `goldleaf serve`: a process of its own, as an operator starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

_ADDRESS = r"(?:answers at|listening on) (http://\S+)"


@contextmanager
def serving(folder: Path, log: Path, *options: str, **environment: str) -> Iterator[httpx.Client]:
    """Run it on a data directory and a free port, its log into a file; yield a client of it."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    user = environment.get("GOLDLEAF_BACKEND_USER")
    login = (user, environment["GOLDLEAF_BACKEND_PASSWORD"]) if user else None
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("goldleaf")), "serve", "--port", "0", *options],
            env=kept | {"GOLDLEAF_DATA_DIR": str(folder)} | environment,
            stderr=errors,
            stdout=subprocess.DEVNULL,
        )
        try:
            end = time.monotonic() + 60
            while not (found := re.search(_ADDRESS, log.read_text("utf-8"))):
                assert process.poll() is None, log.read_text("utf-8")
                assert time.monotonic() < end, "it did not start in time"
                time.sleep(0.1)
            with httpx.Client(base_url=found[1], timeout=30, auth=login) as client:
                yield client
        finally:
            process.terminate()
            process.wait(60)
