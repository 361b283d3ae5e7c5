"""Real processes that call functions for this one: their results, errors and ends."""

from __future__ import annotations

import importlib
import math
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import check_readable
from goldleaf.curation.engines.process_pool import ProcessPool

WAIT_S = 120


def is_gone(process: int) -> bool:
    """Return whether a process has ended; one that its parent has not asked for counts as such."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def gone_in_time(process: int) -> bool:
    end = time.monotonic() + WAIT_S
    while not is_gone(process):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_calls_are_answered_by_other_processes():
    with ProcessPool(2) as pool:
        roots = [pool.submit(math.sqrt, n) for n in range(40)]
        assert [each.result() for each in roots] == [math.sqrt(n) for n in range(40)]
        names = {pool.submit(os.getpid).result() for _ in range(5)}
        assert os.getpid() not in names
    assert all(map(gone_in_time, names))


def test_no_process_is_started_without_a_call():
    with ProcessPool(2) as pool:
        assert pool._started == []


def test_an_error_is_that_of_the_call_and_the_next_call_works(tmp_path):
    with ProcessPool(1) as pool:
        with pytest.raises(GoldleafError, match="No such file") as found:
            pool.submit(check_readable, tmp_path / "none").result()
        assert found.value.where == str(tmp_path / "none")
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result()
        with pytest.raises(RuntimeError, match="lock"):  # it cannot be sent
            pool.submit(threading.Lock).result()
        assert pool.submit(math.sqrt, 4).result() == 2


def test_what_lies_in_the_working_folder_is_found(tmp_path, monkeypatch):
    """A notebook and `python -c` have it in their path as ""."""
    (tmp_path / "own_module.py").write_text("def seven():\n    return 7\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    with ProcessPool(1) as pool:
        assert pool.submit(importlib.import_module("own_module").seven).result() == 7


def test_a_killed_process_is_told_in_words():
    words = r"ended before its work was done \(SIGKILL\)"
    with ProcessPool(2) as pool, pytest.raises(GoldleafError, match=words):
        pool.submit(signal.raise_signal, signal.SIGKILL).result()


def test_leaving_ends_processes_that_are_busy():
    began = time.monotonic()
    with ProcessPool(2) as pool:
        pids = {pool.submit(os.getpid).result()}
        sleeping = [pool.submit(time.sleep, 10 * WAIT_S) for _ in range(5)]
        time.sleep(0.2)
    assert all(each.done() for each in sleeping)
    assert all(map(gone_in_time, pids))
    assert time.monotonic() - began < 2 * WAIT_S


SCRIPT = """
import os, time
from goldleaf.curation.engines.process_pool import ProcessPool

print("started", flush=True)
with ProcessPool(1) as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 3600).result()
"""


@pytest.mark.parametrize("deadly", [signal.SIGINT, signal.SIGKILL])
def test_a_busy_process_ends_with_the_one_that_started_it(tmp_path, deadly):
    """A plain script needs no guard; Ctrl-C reaches all, but one process speaks."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, "utf-8")
    run = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "started\n"
    other = int(run.stdout.readline())
    if deadly == signal.SIGINT:
        os.killpg(run.pid, deadly)
    else:
        run.kill()
    _, said = run.communicate(timeout=WAIT_S)
    assert gone_in_time(other)
    assert said.count("KeyboardInterrupt") == (deadly == signal.SIGINT)
