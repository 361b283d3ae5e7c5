"""A real Dask cluster on loopback: the same bytes, and plain errors for what it lacks or loses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import polars as pl
import pytest

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.curation.engines import dask_cluster
from goldleaf.curation.engines.dask_cluster import open_cluster
from goldleaf.curation.engines.local import Local
from goldleaf.curation.engines.same_environment import environment
from goldleaf.curation.engines.stages import Stages, files_hash, read_parquet

pytest.importorskip("distributed", reason="pip install 'goldleaf[dask]'")
from goldleaf.curation.engines.dask_engine import DaskEngine

HERE = Path(__file__).parent
WAIT_S = 180
SCHEMA = {"p": pl.Int32, "n": pl.Int64}
ANSWER = "Wash the lentils until the water runs clear, then cook them slowly with onion and cumin."
FILES = ("records.jsonl", "curation.parquet", "curation.html", "manifest.json")


def numbers(paths):
    return read_parquet(paths).with_columns((pl.col("n") % 3).cast(pl.Int32).alias("p"))


def doubled(frame):
    return frame.select("p", pl.col("n") * 2).sort("n")


class KillsItsWorker:
    """A kernel whose first call ends the process that makes it."""

    def __init__(self, mark):
        self.mark = mark

    def __call__(self, frame):
        try:
            Path(self.mark).touch(exist_ok=False)
        except FileExistsError:
            return doubled(frame)
        return os.kill(os.getpid(), signal.SIGKILL)


class Kills:
    """A kernel that ends another process."""

    def __init__(self, process):
        self.process = process

    def __call__(self, frame):
        os.kill(self.process, signal.SIGKILL)
        time.sleep(30)
        return doubled(frame)


def start(folder, role, *arguments, before=(), path=None):
    """Start a scheduler or a worker, which can import this module, or only what `path` holds."""
    paths = [path] if path else [HERE, HERE.parents[1]]  # by which of its two names pytest has it
    own = ["--host", "127.0.0.1", "--no-dashboard", *map(str, arguments)]
    command = [*before, sys.executable, "-W", "ignore", "-m", f"distributed.cli.dask_{role}", *own]
    importable = os.pathsep.join(map(str, paths))
    env = os.environ | {"PYTHONPATH": importable, "POLARS_MAX_THREADS": "1"}
    with open(folder / "dask.log", "ab") as log:
        return subprocess.Popen(command, env=env, cwd=paths[0], stdout=log, stderr=log)


@contextmanager
def scheduler(folder):
    """Start a scheduler; return its address and its process."""
    known = folder / "scheduler.json"
    process = start(folder, "scheduler", "--port", "0", "--scheduler-file", known)
    try:
        yield address_in(known, process), process
    finally:
        process.kill()
        process.wait()


def address_in(known, process):
    """Wait for the file of a scheduler, which Dask does not write in one step."""
    until = time.monotonic() + WAIT_S
    while process.poll() is None and time.monotonic() < until:
        try:
            return json.loads(known.read_text("utf-8"))["address"]
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.05)
    raise AssertionError("the scheduler did not start")


@contextmanager
def worker(folder, address, **others):
    spill = ("--local-directory", folder, "--nthreads", "1", "--no-nanny")
    process = start(folder, "worker", address, *spill, **others)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(cluster, count):
    until = time.monotonic() + WAIT_S
    while len(cluster.workers()) != count and time.monotonic() < until:
        time.sleep(0.05)
    assert len(cluster.workers()) == count


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(dask_cluster, "ANSWER_S", WAIT_S)  # a machine under load is slow


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Return the address of a scheduler and a function that gives it two workers that live."""
    folder, workers = tmp_path_factory.mktemp("cluster"), []
    with scheduler(folder) as (address, _), ExitStack() as stack:

        def complete():
            until = time.monotonic() + WAIT_S
            with open_cluster(address) as cluster:
                while len(cluster.workers()) != 2 and time.monotonic() < until:
                    workers[:] = [each for each in workers if each.poll() is None]
                    if len(workers) < 2:
                        workers.append(stack.enter_context(worker(folder, address)))
                    time.sleep(0.05)
                assert len(cluster.workers()) == 2

        yield address, complete


@pytest.fixture
def dask(patient, started):
    """Return the address of a scheduler with two workers, also where a test before killed one."""
    address, complete = started
    complete()
    return address


@pytest.fixture
def parts(tmp_path):
    paths = [tmp_path / f"in-{number}.parquet" for number in range(3)]
    for number, path in enumerate(paths):
        pl.DataFrame({"n": range(number * 10, number * 10 + 10)}).write_parquet(path)
    return [str(path) for path in paths]


def run(folder, engine, parts, kernel):
    """Return the files of a stage by name, which stages were done, and what it gave."""
    stages = Stages(folder, engine, files_hash(parts), {})
    data = engine.map(engine.source(parts), numbers, SCHEMA)
    both = engine.union(data, engine.map(engine.source(parts[:1]), numbers, SCHEMA))
    files = stages.exchange("doubled", lambda: both, kernel, SCHEMA, "1")
    return {Path(file).name: Path(file).read_bytes() for file in files}, stages.done


def test_a_curation_has_the_same_bytes(inside, tmp_path, dask, monkeypatch):
    rows = [("How do I cook lentils?", f"{ANSWER} {note}") for note in ("", "Enjoy!", "!")]
    rows += [(f"What is {number} and 1?", f"It is {number + 1}.") for number in range(30)]
    lines = (json.dumps({"prompt": prompt, "response": said}) for prompt, said in rows)
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    named = 'titles = {en = "a", zh = "b"}\nscreens = ["near_duplicate", "same_prompt"]\n'
    (tmp_path / "my.toml").write_text(named)
    command = ("curate", "rows.jsonl", "--profile", "my.toml", "--out")
    assert inside(*command, "one").returncode == 0
    monkeypatch.setattr(Local, "exchange", None)  # nothing is compared here
    done = inside(*command, "other", "--dask-scheduler", dask)
    assert done.returncode == 0, done.stderr
    verdicts = pl.read_parquet(tmp_path / "one" / "curation.parquet")
    assert "near_duplicate" in verdicts["screen"].to_list()
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    assert not list(tmp_path.glob("*/.goldleaf-*")) + list(tmp_path.glob(".goldleaf-*"))


def test_a_killed_worker_costs_nothing(tmp_path, dask, parts):
    whole, _ = run(tmp_path / "local", Local(), parts, doubled)
    kernel = KillsItsWorker(str(tmp_path / "killed"))
    with open_cluster(dask) as cluster:
        engine = cluster.engine()
        assert run(tmp_path / "here", engine, parts, kernel) == (whole, ["doubled"])
        assert (tmp_path / "killed").exists()
        wait_for(cluster, 1)
        assert run(tmp_path / "here", engine, parts, kernel) == (whole, [])


def test_a_failing_kernel_is_the_error_it_would_be_here(tmp_path, dask, parts):
    with open_cluster(dask) as cluster:
        engine = cluster.engine()
        Path(parts[0]).write_bytes(b"PAR1")
        with pytest.raises(pl.exceptions.ComputeError):
            run(tmp_path / "failing", engine, parts, doubled)
    assert not list((tmp_path / "failing").rglob("*.*"))


def test_a_worker_that_joins_with_other_versions_computes_nothing(tmp_path, dask, parts):
    with open_cluster(dask) as cluster:
        engine = DaskEngine(cluster.compute, {**environment(), "polars": "0.1"})
        with pytest.raises(UsageError, match=r"has polars .*, and 0\.1 is needed"):
            run(tmp_path / "other", engine, parts, doubled)


@pytest.mark.skipif(sys.platform != "linux", reason="a folder is hidden by a mount of Linux")
def test_a_worker_without_the_folder_or_the_versions_is_refused(tmp_path, dask):
    hidden, path = tmp_path / "hidden", tmp_path / "path"
    hidden.mkdir()
    (path / "xxhash-0.1.dist-info").mkdir(parents=True)
    (path / "xxhash-0.1.dist-info" / "METADATA").write_text("Name: xxhash\nVersion: 0.1\n")
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "goldleaf.py").touch()
    mount = f'mount -t tmpfs none "{hidden}" && exec "$0" "$@"'
    before = ("unshare", "--map-root-user", "--mount", "sh", "-c", mount)
    if not shutil.which("unshare") or subprocess.run([*before, "true"]).returncode:
        pytest.skip("this user may not mount")
    with open_cluster(dask) as cluster:
        cluster.check_folder(hidden / "out")
        with worker(tmp_path, dask, before=before, path=path):
            wait_for(cluster, 3)
            with pytest.raises(UsageError, match="cannot write where the results will be"):
                cluster.check_folder(hidden / "out")
            with pytest.raises(UsageError, match=r"has xxhash 0\.1, and .* is needed"):
                cluster.engine()
        wait_for(cluster, 2)
        with worker(tmp_path, dask, path=tmp_path / "without"):
            wait_for(cluster, 3)
            with pytest.raises(UsageError, match=r"cannot import this goldleaf: .*goldleaf"):
                cluster.engine()
        wait_for(cluster, 2)
    assert not list(hidden.iterdir())


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "no://where:1"])
def test_nothing_answers(inside, tmp_path, monkeypatch, address):
    monkeypatch.setattr(dask_cluster, "ANSWER_S", 0.5)
    (tmp_path / "rows.jsonl").write_text('{"prompt": "Hello?", "response": "Hello!"}\n')
    done = inside("curate", "rows.jsonl", "--out", "o", "--dask-scheduler", address)
    assert done.returncode == 2
    assert "No Dask scheduler answers at this address." in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl"]


@pytest.mark.parametrize("said", [b"", b"HTTP/1.0 400 Bad Request\r\nServer: x\r\n\r\n"])
def test_another_server_answers(monkeypatch, said):
    monkeypatch.setattr(dask_cluster, "ANSWER_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with server.accept()[0] as connection:
                connection.sendall(said)
                connection.recv(1)
                time.sleep(1)

        thread = threading.Thread(target=answer)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(UsageError, match="No Dask scheduler answers"), open_cluster(address):
            pass
        thread.join()


@pytest.mark.parametrize("address", ["tls://127.0.0.1:1", "ucx://127.0.0.1:1"])
def test_certificates_are_missing(monkeypatch, address):
    monkeypatch.setattr(dask_cluster, "ANSWER_S", 0.5)
    with pytest.raises(UsageError, match=r"distributed\.comm\.tls"), open_cluster(address):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="a folder in which nobody may make another")
def test_no_folder_can_be_made(inside, tmp_path, dask):
    (tmp_path / "rows.jsonl").write_text('{"prompt": "Hello?", "response": "Hello!"}\n')
    command = ("curate", "rows.jsonl", "--out", "/proc/goldleaf/out")
    here = inside(*command)
    on_cluster = inside(*command, "--dask-scheduler", dask)
    assert (on_cluster.returncode, on_cluster.stderr) == (2, here.stderr)


def test_without_workers_a_run_ends(tmp_path, parts, monkeypatch):
    monkeypatch.setattr(dask_cluster, "POLL_S", 0.2)
    monkeypatch.setattr(dask_cluster, "ALONE_S", 0.5)
    with scheduler(tmp_path) as (address, process):
        with worker(tmp_path, address) as only, open_cluster(address) as cluster:
            engine = cluster.engine()
            with pytest.raises(GoldleafError, match="no workers any more"):
                run(tmp_path / "alone", engine, parts, Kills(only.pid))
        with open_cluster(address) as cluster, pytest.raises(UsageError, match="has no workers"):
            monkeypatch.setattr(dask_cluster, "ANSWER_S", 0.5)
            cluster.engine()
        monkeypatch.setattr(dask_cluster, "ANSWER_S", WAIT_S)
        with worker(tmp_path, address), open_cluster(address) as cluster:
            engine = cluster.engine()
            with pytest.raises(GoldleafError, match="scheduler of the cluster is gone") as gone:
                run(tmp_path / "gone", engine, parts, Kills(process.pid))
            assert gone.value.exit_code == 1
            with pytest.raises(GoldleafError, match="scheduler of the cluster is gone"):
                run(tmp_path / "gone", engine, parts, doubled)
    assert not list(tmp_path.glob("*/doubled/*"))
