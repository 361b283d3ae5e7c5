"""`goldleaf serve --processes 2`, killed at random moments of a training: no answer, no model lost.

Two kills by default; GOLDLEAF_KILLS says how many (`make crash`: a hundred). Killed are, by
chance, all its processes at once, the parent alone, the one that trains, the one that fits and one
that answers; a third of them when the files of a new model are being written.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from refusal_tasks import KIND, answer, answered, import_answered, tasks

from goldleaf.backend.event_store import EventStore
from goldleaf.backend.training.model_store import POINTER, ModelStore
from goldleaf.core.data_dir import DataDir
from goldleaf.label_configs.regions import to_regions
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.backend_link import connect_backend, disconnect_backend
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project, project_key
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

from .serving import Served, lines, two_processes

KILLS = int(os.environ.get("GOLDLEAF_KILLS", "2"))
pytestmark = [
    pytest.mark.label_studio,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.timeout(300 + 60 * KILLS),
]
BEFORE = 30
"""Answers that the first model learned from."""
WAITING = 8
"""Tasks that wait for an answer."""
WRITING = ("all", "trainer", "parent")
"""What is killed while the files of a model are written."""
WORKING = ("all", "trainer", "fit", "answering", "parent", "all", "trainer", "fit")


def until(true: Callable[[], object], what: str, seconds: float = 300, pause: float = 0.05) -> None:
    """Look until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(pause)


@dataclass
class Project:
    """A project whose next tasks are answered one by one, and what the backend has of it."""

    studio: Studio
    number: int
    state: DataDir
    given: int = BEFORE
    asked: int = 0

    def give_answer(self) -> None:
        """Answer the next task as a person would; another comes in, so that as many wait."""
        (data,) = tasks(1, start=self.given + WAITING)
        import_tasks(self.studio, self.number, [data])
        task = next(t for t in stream_tasks(self.studio, self.number) if not t["annotations"])
        said = to_regions(KIND.to_annotation(answer(task["data"])), KIND.screen)
        submit_annotation(self.studio, task["id"], said)
        self.given += 1

    def pending(self) -> int:
        with closing(EventStore(self.state.events)) as store:
            return store.pending


def is_whole(folder: Path, key: str, *, counts: range, alone: bool) -> int:
    """Hold that the current model is one that was published whole; return its number of answers.

    Args:
        folder: where models lie.
        key: the project.
        counts: how many answers it may have learned from.
        alone: whether nobody is publishing, so that every kept version can be read.
    """
    store = ModelStore(folder)  # reads anew, checks hash and header
    current = store.current(key)
    assert current, "a model that was there is gone or torn"
    assert current[1].count in counts, "neither the old one nor a newer one"
    if alone:
        for description in (folder / key).glob("model-*.json"):
            told = json.loads(description.read_bytes())
            content = (folder / key / told["file"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == told["sha256"]
    return current[1].count


def agree(project: Project, key: str, held: list[httpx.Client]) -> None:
    """Ask both processes for their version, between two looks at which model is current.

    Where nothing was published between the looks, all must answer with it.
    """
    setup = {"project": key, "schema": KIND.config()}
    pointer = project.state.models / key / POINTER
    before = json.loads(pointer.read_bytes())["version"]
    told = {line.post("/setup", json=setup).json()["model_version"] for line in held}
    if json.loads(pointer.read_bytes())["version"] == before:
        assert {each.rpartition("+")[2] for each in told} == {before}
        project.asked += len(held)


def until_both_agree(project: Project, key: str, served: Served, *, learned: bool = False) -> float:
    """Ask both processes for their version; if `learned`, until all answers are learned from.

    Returns:
        The seconds it took.
    """
    began = time.monotonic()
    until(lambda: len(served.answering) == 2 and served.trainer, "no process was replaced")
    with ExitStack() as stack:
        held = lines(served, served.answering, stack)

        store = ModelStore(project.state.models)

        def done() -> bool:
            agree(project, key, held)
            current = store.current(key)
            return not project.pending() and bool(current) and current[1].count == project.given

        if learned:
            until(done, f"not all is learned: {served.log}", pause=0.3)
        agree(project, key, held)
    return time.monotonic() - began


def kill(served: Served, what: str) -> str:
    """Kill one process or all; return what was killed."""
    trainer = served.trainer
    fitting = psutil.Process(trainer).children() if trainer else []
    if what == "fit" and not fitting:
        what = "trainer"
    if what == "trainer" and not trainer:
        what = "all"
    all_of = [served.parent, *served.parent.children(recursive=True)]
    if what == "all":
        killed = all_of
    elif what == "parent":
        killed = [served.parent]
    else:
        pid = {"fit": lambda: fitting[0].pid, "trainer": lambda: trainer}.get(
            what, lambda: random.choice(served.answering)
        )()
        killed = [psutil.Process(pid)]
    for each in killed:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(signal.SIGKILL)
    # without their parent the others end by themselves
    _, alive = psutil.wait_procs(all_of if what in ("all", "parent") else killed, 30)
    assert not alive, "a process is left behind"
    return what


def wait_for_writing(folder: Path, seconds: float) -> bool:
    """Wait until a file of a model appears; return whether one did."""
    names, end = set(os.listdir(folder)), time.monotonic() + seconds
    while time.monotonic() < end:
        if set(os.listdir(folder)) - names:
            return True
        time.sleep(0.0005)
    return False


@pytest.fixture
def project(label_studio: EmbeddedStudio, tmp_path: Path) -> Iterator[Project]:
    studio = label_studio.studio
    made = create_project(studio, KIND)
    import_answered(studio, made, answered(BEFORE))
    import_tasks(studio, made, tasks(WAITING, start=BEFORE))
    yield Project(studio, made, DataDir(tmp_path / "state"))
    studio.delete(f"/api/projects/{made}/")


def learning(served: Served) -> dict[str, Any]:
    """What the server says of its training; from the time before a kill, until it runs again."""
    with httpx.Client(base_url=served.client.base_url, timeout=30) as line:
        return line.get("/health").json()["learning"]


def test_killed_in_training_it_loses_nothing_and_does_nothing_twice(
    label_studio: EmbeddedStudio,
    project: Project,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    chance = random.Random(100)
    random.seed(100)
    environment = {
        "GOLDLEAF_URL": label_studio.url,
        "GOLDLEAF_TOKEN": label_studio.token,
        "GOLDLEAF_POLL_INTERVAL": "1",
        "GOLDLEAF_EMBEDDER": "tfidf_svd",  # sentence vectors take seconds to load
    }
    studio, models = project.studio, project.state.models
    key = project_key(get_project(studio, project.number))
    killed: Counter[str] = Counter()
    interrupted = new = life = 0
    port, takes, began = "0", 0.0, time.monotonic()
    number = 0
    while number < KILLS:
        life += 1
        log = f"log-{life}"
        with two_processes(tmp_path, "--port", port, log=log, **environment) as served:
            if port == "0":
                url = str(served.client.base_url).rstrip("/")
                port = url.rpartition(":")[2]
                connect_backend(studio, project.number, url)
                until(lambda: (models / key / POINTER).exists(), "no first model")
            if life < 3:
                takes = max(takes, until_both_agree(project, key, served, learned=True))
            alive = True
            while alive and number < KILLS:
                number += 1
                until_both_agree(project, key, served)
                rounds = learning(served)["rounds"]
                count = is_whole(models, key, counts=range(BEFORE, project.given + 1), alone=False)
                project.give_answer()
                event = {"action": "START_TRAINING", "project": {"id": project.number}}
                with httpx.Client(base_url=served.client.base_url, timeout=30) as line:
                    assert line.post("/webhook", json=event).status_code == 202
                if number % 3 == 1 and wait_for_writing(models / key, 30):
                    time.sleep(chance.uniform(0, 0.02))
                    what = "writing: " + kill(served, chance.choice(WRITING))
                else:
                    time.sleep(chance.uniform(0.2, min(takes + 2, 20)))
                    what = kill(served, chance.choice(WORKING))
                killed[what] += 1
                alive = not what.endswith(("all", "parent"))
                interrupted += bool(project.pending())
                kept = range(count, project.given + 1)
                new += is_whole(models, key, counts=kept, alone=not alive) > count
                assert not alive or learning(served)["rounds"] >= rounds
                if alive and chance.random() < 0.5:
                    until_both_agree(project, key, served, learned=True)
            if not alive:
                project.give_answer()  # whose webhook nobody hears
            told = studio.get(f"/api/projects/{project.number}/")["total_annotations_number"]
            assert told == project.given, "an answer is lost, or there twice"
        assert "Traceback" not in (tmp_path / log).read_text("utf-8")
    with two_processes(tmp_path, "--port", port, log="last", **environment) as served:
        until_both_agree(project, key, served, learned=True)
        current = ModelStore(models).current(key)
        assert current
        until(
            lambda: get_project(studio, project.number)["model_version"].endswith(current[0]),
            "Label Studio does not ask for the new version",
        )
        disconnect_backend(studio, project.number, str(served.client.base_url))
    found = list(stream_tasks(studio, project.number))
    assert sum(len(task["annotations"]) for task in found) == project.given
    assert all(len(task["annotations"]) <= 1 for task in found)
    stored = [
        sum(each["model_version"].endswith(current[0]) for each in task["predictions"])
        for task in found
        if not task["annotations"]
    ]
    assert set(stored) == {1}, "each waiting task has the new version's prediction, once"
    is_whole(models, key, counts=range(project.given, project.given + 1), alone=True)
    versions = [each.version for each in ModelStore(models).versions(key)]
    whole = {f"model-{each}{end}" for each in versions for end in (".json", ".npz")}
    assert {file.name for file in (models / key).iterdir()} == {POINTER, *whole}
    assert not list(project.state.path.rglob("*.goldleaf-tmp"))
    assert interrupted, "no kill came while there was work: the test shows nothing"
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{KILLS} kills ({dict(killed)}), {interrupted} with work undone, {new} after a "
            f"publication; {project.given} answers learned from, {project.asked} answers of two "
            f"processes agreed, {time.monotonic() - began:.0f} s"
        )
