"""`goldleaf serve --processes 2`: one port, one data directory, one idea of what is current."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from goldleaf.backend.app import Backend
from goldleaf.backend.credentials import Credentials
from goldleaf.backend.draft_scores import DraftScore
from goldleaf.backend.event_store import EventStore
from goldleaf.backend.predictors.predictor_registry import predictor_named
from goldleaf.backend.server_processes import STOPPING, TRAINER, ChildRole
from goldleaf.backend.shared_status import SLOT_BYTES, SharedStatus
from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.training_examples import Example
from goldleaf.backend.training.training_worker import Worker
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.client import Studio

from .serving import Served, lines, two_processes
from .test_full_disk import filled

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
KIND = kind_named("refusal")
PROJECT = "1.1795363614"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with two_processes(tmp_path_factory.mktemp("served")) as started:
        yield started


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def models() -> list[tuple[bytes, dict[str, Any]]]:
    """Two models, learned from different answers."""
    found: list[tuple[bytes, dict[str, Any]]] = []
    for count in (30, 40):
        examples = [
            Example(
                f"{n}/{n}@now",
                str(n),
                texts_of({"prompt": f"Question {n}?", "answer": ("No. ", "Gladly: " * 9)[n % 2]}),
                {"did": (("full_refusal", "comply")[n % 2],)},
                frozenset(),
            )
            for n in range(count)
        ]
        found.append(to_bytes(fit(examples, {"did": False}, KIND.id)))
    return found


def test_after_a_publication_no_process_answers_with_an_older_model(served: Served):
    """The bound is nothing: whatever is asked after the pointer was renamed has the new version."""
    store, setup = ModelStore(served.state.models), {"project": PROJECT, "schema": KIND.config()}
    task = {
        "id": 1,
        "data": {"prompt": "Question?", "answer": "I'm sorry, but I can't help with that."},
    }
    asked = {"tasks": [task], "project": PROJECT, "label_config": KIND.config()}
    with ExitStack() as stack:
        held = lines(served, served.answering, stack)
        for content, header in itertools.islice(itertools.cycle(models()), 10):
            version = store.publish(PROJECT, content, header)
            told = {line.post("/setup", json=setup).json()["model_version"] for line in held}
            assert {each.rpartition("+")[2] for each in told} == {version}
            results = [line.post("/predict", json=asked).json()["results"][0] for line in held]
            assert {result["model_version"] for result in results} == told


def test_counts_are_those_of_all_and_outlive_a_process_that_is_killed(served: Served):
    event = {"action": "ANNOTATION_CREATED", "annotation": {"id": 1}, "project": {"id": 1}}
    count = 0
    with ExitStack() as stack:
        held = lines(served, served.answering, stack)
        for line in held:
            count += 1
            event["annotation"] = {"id": count}
            assert line.post("/webhook", json=event).json() == {"stored": 1}
            assert line.post("/webhook", json=event).json() == {"stored": 0}
        told = [served.client.get("/health").json() for _ in range(4)]
        assert {health["events_pending"] for health in told} == {count}, "they share the store"

        def seen(client: httpx.Client | None = None) -> int:
            health = (client or served.client).get("/health").json()
            return health["events_seen"]["ANNOTATION_CREATED"]

        # Both say so, on whichever line: each has told the other what it knows.
        until(lambda: all(seen(line) == 2 * count for line in held))
    first, second = served.answering
    os.kill(first, signal.SIGKILL)
    with httpx.Client(base_url=served.client.base_url, timeout=30) as fresh:
        for _ in range(20):
            assert fresh.get("/health").json()["status"] == "UP", "the other one goes on"

        def runs_again() -> bool:
            fresh.get("/health").raise_for_status()
            return len(served.answering) == 2 and first not in served.answering

        until(runs_again)
        for _ in range(200):  # the other one goes on while its sibling starts
            fresh.get("/health").raise_for_status()
            time.sleep(0.005)
    assert second in served.answering
    assert f"(pid {first}) ended with -9" in served.log.read_text("utf-8")
    served.client.close()
    served.client = httpx.Client(base_url=served.client.base_url, timeout=30)
    with served.client:
        assert [seen() for _ in range(4)] == [2 * count] * 4
        metrics = served.client.get("/metrics").text
    assert f'goldleaf_webhook_events_total{{action="ANNOTATION_CREATED"}} {2 * count}' in metrics
    assert re.search(r"^goldleaf_server_processes 2$", metrics, re.MULTILINE)


def counted(metrics: str) -> dict[str, float]:
    """The counters of a `/metrics`: whatever may only grow."""
    found = re.findall(r"^(\S+_(?:total|count|bucket)\S*) (\S+)$", metrics, re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_no_count_is_below_what_another_process_or_a_killed_one_has_said(tmp_path: Path):
    """Prometheus takes a counter that falls for a restart, and adds all of it anew."""
    with two_processes(tmp_path) as served, ExitStack() as stack:
        held = lines(served, served.answering, stack)
        event = {"action": "PROJECT_UPDATED", "project": {"id": 1}}
        last, told = 0, dict[str, float]()
        for number in range(60):  # one process counts and says so, and another is asked at once
            line = held[number % len(held)]
            line.post("/webhook", json=event).raise_for_status()
            seen = line.get("/health").json()["events_seen"]["PROJECT_UPDATED"]
            assert seen > last, "another process said more"
            last = seen
            now = counted(line.get("/metrics").text)
            assert not {name: count for name, count in told.items() if now.get(name, 0) < count}
            told = now
        for pid in served.answering:
            os.kill(pid, signal.SIGKILL)  # nobody is left who knows, but their shared memory
        with httpx.Client(base_url=served.client.base_url, timeout=30) as fresh:
            assert fresh.get("/health").json()["events_seen"]["PROJECT_UPDATED"] >= last
            now = counted(fresh.get("/metrics").text)
    assert not {name: count for name, count in told.items() if now.get(name, 0) < count}


def test_a_disk_with_room_again_is_said_by_all_once_one_has_written(
    small_disk: Path, tmp_path: Path
):
    event = {"action": "ANNOTATION_CREATED", "project": {"id": 1}}
    numbers = itertools.count(1)

    def send(line: httpx.Client) -> int:
        body = event | {"annotation": {"id": next(numbers), "updated_at": "x" * 60}}
        return line.post("/webhook", json=body).status_code

    with two_processes(small_disk, log=str(tmp_path / "log")) as served, ExitStack() as stack:
        held = lines(served, served.answering, stack)
        with filled(small_disk):
            for line in held:
                until(lambda line=line: send(line) == 507)
            assert {line.get("/health").json()["status"] for line in held} == {"degraded"}
        assert send(held[0]) == 202
        assert held[0].get("/health").json()["status"] == "UP"
        assert {line.get("/health").json()["status"] for line in held} == {"UP"}
        for line in held:
            assert "\ngoldleaf_events_writable 1\n" in line.get("/metrics").text


def test_a_process_that_replaces_another_loads_nothing_when_it_is_first_asked(tmp_path: Path):
    """It would answer nobody meanwhile. Compiled modules are seen from outside."""

    def mapped(pid: int) -> set[str]:
        return {each.path for each in psutil.Process(pid).memory_maps() if ".so" in each.path}

    task = {"id": 1, "data": {"prompt": "Why?", "answer": "I'm sorry, but I can't help."}}
    asked = {"tasks": [task], "project": "1.1", "label_config": KIND.config()}
    with two_processes(tmp_path) as served, ExitStack() as stack:
        first = served.answering[0]
        os.kill(first, signal.SIGKILL)
        until(lambda: len(served.answering) == 2 and first not in served.answering)
        held = lines(served, served.answering, stack)
        before = {pid: mapped(pid) for pid in served.answering}
        for line in held:
            assert line.post("/predict", json=asked).json()["results"][0]
        assert {pid: mapped(pid) for pid in served.answering} == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_all_end_with_their_parent(tmp_path: Path, number: signal.Signals):
    with two_processes(tmp_path) as served:
        children = [psutil.Process(pid) for pid in served.answering]
        served.parent.send_signal(number)
        _, alive = psutil.wait_procs([served.parent, *children], 20)
        assert not alive
    assert "Traceback" not in served.log.read_text("utf-8")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{served.client.base_url}/health")


NO_THIRD_PROCESS = """
import errno, os, sys, time
real, left = os.fork, []
def fork():
    if not left:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    left.pop()
    return real()
os.fork = fork
from goldleaf.cli.main import main
for lang in ("en", "zh"):
    left[:], sys.argv[-1], began = [1, 1], lang, time.monotonic()
    try:
        main()
    except SystemExit as ended:
        print(lang, ended.code, not left, time.monotonic() - began)
"""


def test_a_system_that_starts_no_more_processes(tmp_path: Path):
    """Where root runs the tests no limit holds, so `fork` itself is made to fail."""
    order = ["serve", "--processes", "4", "--port", "0", "--lang", "en"]
    done = subprocess.run(
        [sys.executable, "-c", NO_THIRD_PROCESS, *order],
        env=os.environ | {"GOLDLEAF_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    said = [line.split() for line in done.stdout.splitlines()]
    assert [line[:3] for line in said] == [["en", "1", "True"], ["zh", "1", "True"]], done.stderr
    assert max(float(line[3]) for line in said) < STOPPING, "asked to end, they were not heard"
    assert "Traceback" not in done.stderr
    assert "the system started 2" in done.stderr and "系统只启动了 2" in done.stderr
    assert done.stderr.count("ulimit -u") == 2
    assert not [
        each for each in psutil.process_iter(["environ"]) if str(tmp_path) in str(each.info)
    ], "those that were started are ended"


def test_counts_that_grow_while_they_are_told_end_no_process(tmp_path: Path):
    class Growing(Counter[int]):
        """Another thread counts a new project at each step."""

        def items(self) -> Any:
            for item in super().items():
                self[len(self) + 1000] += 1
                yield item

    with closing(EventStore(tmp_path / "events.sqlite")) as store:
        backend = Backend(predictor_named("rules"), store, Credentials())
        backend.updates = Growing({7: 1})
        assert backend.snapshot()["updates"] == {"7": 1}


def test_one_that_trains_in_place_of_another_counts_on(tmp_path: Path):
    scores = {"5": [asdict(DraftScore("did", "v1", accepted=2))]}
    status, learning = SharedStatus(2), {"state": "working", "rounds": 7, "learned": 3}
    status.write(TRAINER, {"learning": learning, "draft_scores": scores})
    role = ChildRole(TRAINER, status, [], os.pipe()[0], os.pipe(), trained=True)
    role.stopping.set()  # it tells once, and ends

    def nobody() -> Studio:
        return Studio("http://127.0.0.1:9", "a" * 40, timeout=0.1)

    with closing(EventStore(tmp_path / "events.sqlite")) as store:
        role.train(Worker(store, ModelStore(tmp_path), predictor_named("auto"), nobody))
    said = status.read(TRAINER)
    assert (said["learning"]["rounds"], said["learning"]["learned"]) == (7, 3)
    assert said["draft_scores"] == scores


def test_a_slot_is_read_whole_or_as_it_was():
    status = SharedStatus(2)
    assert status.read(1) == {}
    for number in range(5):
        assert status.write(1, {"number": number})
        assert status.read(1) == {"number": number}
    assert not status.write(1, {"text": "x" * SLOT_BYTES})
    newer = max((0, 1), key=lambda half: status._number(1, half))
    status._memory[status._start(1, newer) + 20] = 255  # killed while it wrote
    assert SharedStatus.read(status, 1) == {"number": 3}
    assert status.read(0) == {}


WITHOUT_CHILD_SIGNALS = """
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_started_by_a_program_that_ignores_its_children_it_keeps_its_own(tmp_path: Path):
    """Such programs are some supervisors of services; what they ignore is inherited."""
    order = [str(Path(sys.executable).with_name("goldleaf")), "serve", "--port", "0"]
    log = tmp_path / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", WITHOUT_CHILD_SIGNALS, *order, "--processes", "2"],
            env=os.environ | {"GOLDLEAF_DATA_DIR": str(tmp_path / "state")},
            stderr=errors,
        )
    try:
        until(lambda: "answers at" in log.read_text("utf-8"))
        first, _ = psutil.Process(process.pid).children()
        first.kill()
        until(lambda: "process 1 runs again" in log.read_text("utf-8"))
    finally:
        process.terminate()
        assert process.wait(30) == 0, log.read_text("utf-8")
    assert "Traceback" not in log.read_text("utf-8")
