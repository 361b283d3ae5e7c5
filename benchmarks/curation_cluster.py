"""A curation on a Dask cluster: the same bytes as in one process, whatever is killed in the middle.

    python benchmarks/curation_cluster.py --rows DATA [--count 15000]

DATA is the folder of public sets of `instruction_rows.py`. A scheduler and two workers run as
processes of this machine, in a network of their own where Linux allows it. What is killed, is so
with SIGKILL while the first exchange of pairs is under way: after its first file, before its
manifest. Only screens that compare records run, but with `--all` every one. Exits with 1 where
anything is not as it should be.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
from instruction_rows import real_rows

COMMAND = [str(Path(sys.executable).with_name("goldleaf")), "curate"]
FILES = ("records.jsonl", "curation.parquet", "curation.html", "rejected.jsonl")
PROFILE = """titles = {en = "screens that compare records", zh = "比较记录的筛查"}
screens = ["near_duplicate", "same_prompt"]
"""
STAGES = ".{}.goldleaf-curation/near_duplicates/*/"
Process = subprocess.Popen[bytes]


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, Process, list[Process]]]:
    """Yield the address of a scheduler, its process and those of two workers, which stay dead."""
    environment = os.environ | {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    known = folder / "scheduler.json"
    own = ["--host", "127.0.0.1", "--no-dashboard"]

    with ExitStack() as stack:

        def start(role: str, name: str, *arguments: str) -> Process:
            log = stack.enter_context(open(folder / f"{name}.log", "wb"))
            module = f"distributed.cli.dask_{role}"
            command = [sys.executable, "-W", "ignore", "-m", module, *own, *arguments]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        scheduler = start("scheduler", "scheduler", "--port", "0", "--scheduler-file", str(known))
        address = _address(known, scheduler)
        spill = ["--local-directory", str(folder), "--nthreads", "1", "--no-nanny"]
        workers = [start("worker", f"worker-{number}", address, *spill) for number in range(2)]
        yield address, scheduler, workers


def _address(known: Path, scheduler: Process) -> str:
    """Wait for the file of a scheduler, which Dask does not write in one step."""
    while scheduler.poll() is None:
        try:
            return json.loads(known.read_text("utf-8"))["address"]
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.1)
    raise SystemExit(f"The scheduler ended: {(known.parent / 'scheduler.log').read_text('utf-8')}")


class Runs:
    """Runs of the same command into folders of their own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments = folder, arguments
        self.bad = 0

    def start(self, name: str, *arguments: str) -> Process:
        """Start a curation into the folder `name`."""
        given = [*COMMAND, *self.arguments, "--out", str(self.folder / name), *arguments]
        environment = os.environ | {"GOLDLEAF_DATA_DIR": str(self.folder / "state")}
        return subprocess.Popen(given, stdout=subprocess.DEVNULL, stderr=-1, env=environment)

    def found(self, name: str, pattern: str) -> list[Path]:
        """Return the files of a run's stages."""
        return sorted(self.folder.glob(STAGES.format(name) + pattern))

    def wait_for_pairs(self, name: str, process: Process) -> int:
        """Return how many parts the stage of pairs has, as soon as it has some and is open."""
        while process.poll() is None:
            if parts := self.found(name, "pairs/part-*"):
                return len(parts)
            time.sleep(0.005)
        raise SystemExit(f"{name} ended too early: {process.communicate()[1].decode()}")

    def hash(self, name: str) -> str:
        """Return a hash of the files that a run wrote, empty where there are none."""
        paths = [self.folder / name / file for file in FILES]
        if not all(path.exists() for path in paths):
            return ""
        return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]

    def say(self, what: str, good: bool, began: float, note: str = "") -> None:
        """Print a line of the table."""
        self.bad += not good
        seconds = time.monotonic() - began
        print(f"{'ok ' if good else 'BAD'} {what:34}{seconds:8.1f} s  {note}", flush=True)  # noqa: T201


def prove(runs: Runs) -> None:
    """Run a curation in one process, on a cluster, and with each part of it killed."""
    began = time.monotonic()
    code = runs.start("local").wait()
    whole = runs.hash("local")
    runs.say("one process", code == 0 and bool(whole), began, whole)

    with cluster(_new(runs.folder / "one")) as (address, _, workers):
        on = ("--dask-scheduler", address)
        began = time.monotonic()
        caller = runs.start("caller", *on)
        parts = runs.wait_for_pairs("caller", caller)
        caller.kill()
        caller.communicate()
        forms = runs.found("caller", "forms/manifest.json")
        before = [path.stat().st_mtime_ns for path in forms]
        done = [path.parent.name for path in runs.found("caller", "*/manifest.json")]
        good = not (runs.folder / "caller").exists() and done == ["forms"]
        runs.say("the command killed", good, began, f"{parts} of 16 parts, durable: {done}")
        began = time.monotonic()
        again = runs.start("caller", *on)
        kept = True
        while again.poll() is None:
            now = [path.stat().st_mtime_ns for path in runs.found("caller", "forms/manifest.json")]
            kept = kept and now in ([], before)
            time.sleep(0.05)
        again.communicate()
        good = again.returncode == 0 and kept and runs.hash("caller") == whole
        runs.say("the same command again", good, began, f"{runs.hash('caller')}, forms not redone")

        began = time.monotonic()
        code = runs.start("cluster", *on).wait()
        good = code == 0 and runs.hash("cluster") == whole
        runs.say("two workers", good, began, runs.hash("cluster"))

        began = time.monotonic()
        caller = runs.start("worker", *on)
        parts = runs.wait_for_pairs("worker", caller)
        workers[0].kill()
        caller.communicate()
        good = caller.returncode == 0 and runs.hash("worker") == whole
        runs.say("a worker killed", good, began, f"{runs.hash('worker')}, {parts} of 16 parts")

    with cluster(_new(runs.folder / "two")) as (address, scheduler, _):
        began = time.monotonic()
        caller = runs.start("scheduler", "--dask-scheduler", address)
        parts = runs.wait_for_pairs("scheduler", caller)
        scheduler.kill()
        message = caller.communicate()[1].decode()
        good = caller.returncode == 1 and "The scheduler of the cluster is gone." in message
        good &= "Traceback" not in message and not (runs.folder / "scheduler").exists()
        good &= not runs.found("scheduler", "pairs/manifest.json")
        note = f"exit code {caller.returncode}, {parts} of 16 parts, no manifest of them"
        runs.say("the scheduler killed", good, began, note)
    began = time.monotonic()
    code = runs.start("scheduler").wait()
    good = code == 0 and runs.hash("scheduler") == whole
    runs.say("the same without a cluster", good, began, runs.hash("scheduler"))


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _isolated() -> None:
    """Start this again in a network with nothing but its own loopback, where that is allowed."""
    unshare = ["unshare", "--map-root-user", "--net", "sh", "-c"]
    with_loopback = 'ip link set lo up && exec "$0" "$@"'
    if "--isolated" in sys.argv or not (shutil.which("unshare") and shutil.which("ip")):
        return
    if subprocess.run([*unshare, with_loopback, "true"], capture_output=True).returncode == 0:
        own = [sys.executable, *sys.argv, "--isolated"]
        os.execvp(unshare[0], [*unshare, with_loopback, *own])


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--count", type=int, default=15_000)
    parser.add_argument("--all", action="store_true", help="run all screens of public sets")
    parser.add_argument("--isolated", action="store_true", help="there is a network of its own")
    arguments = parser.parse_args()
    _isolated()
    found, _ = real_rows(arguments.rows)
    random.Random(7).shuffle(found)
    with tempfile.TemporaryDirectory() as name:
        rows = Path(name) / "rows.jsonl"
        with open(rows, "wb") as file:
            for prompt, answer in found[: arguments.count]:
                file.write(orjson.dumps({"prompt": prompt, "response": answer}) + b"\n")
        profile = Path(name) / "profile.toml"
        profile.write_text(PROFILE, "utf-8")
        own = [] if arguments.all else ["--profile", str(profile)]
        runs = Runs(Path(name), str(rows), *own)
        load, network = os.getloadavg()[0], "its own" if arguments.isolated else "the machine's"
        print(f"{arguments.count:,} rows; load {load:.1f}; network: {network}", flush=True)  # noqa: T201
        prove(runs)
        print(f"load {os.getloadavg()[0]:.1f}")  # noqa: T201
    sys.exit(1 if runs.bad else 0)


if __name__ == "__main__":
    main()
