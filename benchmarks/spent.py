"""What work costs on the clock and in CPU seconds of all processes that take part.

CPU seconds mean something on a machine that does other work as well.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the clock; CPU seconds of this process, its ended children and the server."""

    wall: float
    cpu: float


def spent(work: Callable[[], object], server: int | None = None) -> Spent:
    """Do something and return what it took.

    Args:
        work: what to do.
        server: the process that answers it, if it is not this one.
    """
    wall, cpu = time.perf_counter(), _cpu(server)
    work()
    return Spent(time.perf_counter() - wall, _cpu(server) - cpu)


def _cpu(server: int | None) -> float:
    used = os.times()
    own = used.user + used.system + used.children_user + used.children_system
    return own + (cpu_of(server) if server else 0.0)


def cpu_of(process: int) -> float:
    """Return the CPU seconds of a running process and of its children that run."""
    there = Path(f"/proc/{process}")
    after_name = (there / "stat").read_text("ascii").rpartition(")")[2].split()
    children = (there / f"task/{process}/children").read_text("ascii").split()
    own = sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_of(int(child)) for child in children)
