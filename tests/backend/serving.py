"""A real `goldleaf serve`: a process of its own, or several, as an operator starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from goldleaf.core.data_dir import DataDir

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


@dataclass
class Served:
    """A server of several processes, and its data."""

    client: httpx.Client
    state: DataDir
    log: Path
    parent: psutil.Process
    first_trainer: int | None

    @property
    def trainer(self) -> int | None:
        """The process that trains; None where none does, and where it died and is not replaced."""
        again = re.findall(r"process 0 runs again \(pid (\d+)\)", self.log.read_text("utf-8"))
        pid = int(again[-1]) if again else self.first_trainer
        return pid if pid in {child.pid for child in self.parent.children()} else None

    @property
    def answering(self) -> list[int]:
        """The processes that answer."""
        trainer = self.trainer
        return [child.pid for child in self.parent.children() if child.pid != trainer]


@contextmanager
def two_processes(
    folder: Path, *options: str, log: str = "log", **environment: str
) -> Iterator[Served]:
    """Run `serve --processes 2`; one more trains where the environment names a Label Studio."""
    state = DataDir(folder / "state").create()
    two = ("--processes", "2", *options)
    with serving(state.path, folder / log, *two, **environment) as client:
        (parent,) = [
            each
            for each in psutil.Process().children()
            if each.is_running() and str(state.path) in str(each.environ())
        ]
        # they are forked in this order: two that answer, one that trains
        children = sorted(parent.children(), key=lambda child: (child.create_time(), child.pid))
        trainer = children[2].pid if len(children) > 2 else None
        yield Served(client, state, folder / log, parent, trainer)


def lines(served: Served, pids: Sequence[int], stack: ExitStack) -> list[httpx.Client]:
    """Return connections that stay open, some to each of the processes."""
    held: list[httpx.Client] = []

    def with_lines() -> set[int]:
        of = {pid: psutil.Process(pid).net_connections("tcp") for pid in pids}
        return {pid for pid, c in of.items() if sum(e.status == "ESTABLISHED" for e in c) >= 2}

    end = time.monotonic() + 30
    while len(held) < 8 or with_lines() != set(pids):
        assert time.monotonic() < end, "one process takes no connections"
        client = httpx.Client(base_url=served.client.base_url, timeout=30)
        held.append(stack.enter_context(client))
        client.get("/versions")
    return held
