"""goldleaf behind label-studio-ml's server: under stand-ins of both versions, and the real ones."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from answer_strategies import sample_records

from goldleaf.backend.event_store import EventStore
from goldleaf.backend.label_studio_ml import drafting_service as service
from goldleaf.backend.label_studio_ml.model_mixin import GoldleafModel
from goldleaf.backend.label_studio_ml.version_1 import keep_projects_apart
from goldleaf.backend.server import RunningBackend
from goldleaf.label_configs.registry import kinds
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.backend_link import backend_rows
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

from .label_studio_ml_stand_in import Manager1, Server2, StandInBase1, StandInBase2
from .test_learning_with_label_studio import until

FOLDER = Path(__file__).parents[2] / "docker" / "label-studio-ml"
PROJECT = "7.1700000000"
LOGIN = ("somebody", "pass phrase")
SECRET = "the webhook secret"
EVENT = {"annotation": {"id": 4, "updated_at": "t"}, "task": {"id": 1}, "project": {"id": 7}}


class Model2(GoldleafModel, StandInBase2):  # pyright: ignore
    """As `docker/label-studio-ml/model.py`, on the stand-in of 2.x."""


class Model1(GoldleafModel, StandInBase1):  # pyright: ignore
    """The same on the stand-in of 1.0.9."""


def bodies() -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the config and the sample tasks of every kind, with one task that cannot be read."""
    found: list[tuple[str, list[dict[str, Any]]]] = []
    for kind in kinds().values():
        data = [kind.codec.to_task(record) for record in sample_records(kind)]
        given = [{"id": number, "data": each} for number, each in enumerate(data)]
        found.append((kind.config(), [*given, {"id": 99, "data": {"prompt": 3}}]))
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, list[Any]]]:
    """What `goldleaf serve` answers to `bodies`: versions and results."""
    answers: list[tuple[str, list[Any]]] = []
    events = tmp_path_factory.mktemp("serve") / "events.sqlite"
    with (
        RunningBackend(events, predictor="auto") as backend,
        httpx.Client(base_url=backend.url, timeout=60) as client,
    ):
        for config, given in bodies():
            setup = client.post("/setup", json={"project": PROJECT, "schema": config}).json()
            body = {"tasks": given, "project": PROJECT, "label_config": config}
            answers.append(
                (setup["model_version"], client.post("/predict", json=body).json()["results"])
            )
    assert any(any(results) for _, results in answers)
    return answers


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that MODEL_DIR names; the service of this process is closed afterwards."""
    for name in [name for name in os.environ if name.startswith(("GOLDLEAF_", "LABEL_STUDIO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODEL_DIR", str(tmp_path / "models"))
    yield tmp_path / "models"
    if made := service._services.pop(os.getpid(), None):
        made.close()


def stored(folder: Path) -> list[tuple[str, int | None]]:
    events = EventStore(folder / "events.sqlite")
    try:
        return [(event.hint.action, event.hint.annotation) for event in events.waiting()]
    finally:
        events.close()


def test_contract_of_2(state: Path, expected: list[tuple[str, list[Any]]]):
    server = Server2(Model2)
    for (config, given), (version, results) in zip(bodies(), expected, strict=True):
        assert server.setup(PROJECT, config) == version
        assert server.predict(PROJECT, config, given) == results
    config = bodies()[0][0]
    assert server.webhook("7.1", config, "ANNOTATION_CREATED", EVENT) == {"stored": 1}
    assert server.webhook("7.1", config, "START_TRAINING", {"project": {"id": 7}}) == {"stored": 1}
    assert server.webhook("7.1", config, "ANNOTATION_UPDATED", {"annotation": 5}) == {"stored": 0}
    assert stored(state) == [("ANNOTATION_CREATED", 4), ("START_TRAINING", None)]
    other = '<View><Text name="t" value="$t"/></View>'
    assert server.setup("7.1", other) == "goldleaf:unknown_kind"
    assert server.predict("7.1", other, [{"data": {"t": "x"}}]) == [{}]


def test_contract_of_1(state: Path, expected: list[tuple[str, list[Any]]]):
    Manager1.model_class = Model1
    api = SimpleNamespace(_manager=Manager1())
    keep_projects_apart(api)
    manager: Any = api._manager
    # Both projects are set up before either is asked: each is answered with its own config.
    for (config, _), (version, _) in zip(bodies(), expected, strict=True):
        assert manager.fetch(PROJECT, config, False, hostname="h").model_version == version
    for (config, given), (version, results) in zip(bodies(), expected, strict=True):
        params = {"login": None, "password": None, "context": None}
        found, current = manager.predict(given, PROJECT, config, False, True, **params)
        assert (found, current.model_version) == (results, version)
        assert current.model.project_id == PROJECT
    assert manager.webhook("ANNOTATION_CREATED", EVENT) == {"job_id": "1700000000"}
    assert manager.webhook("PROJECT_UPDATED", {"project": {"id": 7}}) == {"job_id": "1700000000"}
    assert stored(state) == [("ANNOTATION_CREATED", 4)]
    other = SimpleNamespace()
    keep_projects_apart(other)
    assert not vars(other), "2.x is left as it is"


def test_an_event_is_stored_from_a_process_without_a_service(state: Path):
    assert service.add_event("ANNOTATION_CREATED", EVENT) == 1
    assert service.add_event("ANNOTATION_CREATED", EVENT) == 0, "the same state of it"
    assert stored(state) == [("ANNOTATION_CREATED", 4)]


@contextmanager
def folder_serving(python: Path, folder: Path, **environment: str) -> Iterator[httpx.Client]:
    """Run the folder's `_wsgi.py` as a process on a free port; yield a client without a login."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [str(python), str(FOLDER / "_wsgi.py"), "--port", str(port)],
            cwd=folder,
            env={
                "PYTHONPATH": str(FOLDER.parents[1]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "MODEL_DIR": str(folder / "models"),
                "LOG_LEVEL": "INFO",
                **environment,
            },
            stdout=out,
            stderr=out,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            end = time.monotonic() + 120
            while True:
                assert server.poll() is None and time.monotonic() < end, log.read_text("utf-8")
                try:
                    client.get("/health").raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            yield client
    finally:
        server.terminate()
        server.wait(30)


def test_the_folder_answers_as_goldleaf_serve_does(
    label_studio_ml_python: Path, tmp_path: Path, expected: list[tuple[str, list[Any]]]
):
    login = {"BASIC_AUTH_USER": LOGIN[0], "BASIC_AUTH_PASS": LOGIN[1]}
    with folder_serving(
        label_studio_ml_python, tmp_path, GOLDLEAF_WEBHOOK_SECRET=SECRET, **login
    ) as client:
        assert client.get("/").json()["status"] == "UP"
        for (config, given), (version, results) in zip(bodies(), expected, strict=True):
            setup = {"project": PROJECT, "schema": config, "access_token": "a token of theirs"}
            assert client.post("/setup", json=setup).status_code == 401
            answer = client.post("/setup", json=setup, auth=LOGIN)
            assert answer.json()["model_version"] == version
            body = {"tasks": given, "project": PROJECT, "label_config": config, "params": {}}
            assert client.post("/predict", json=body, auth=LOGIN).json()["results"] == results
        event: dict[str, Any] = {**EVENT, "action": "ANNOTATION_CREATED"}
        event["project"] = {"id": 7, "label_config": bodies()[0][0]}
        assert client.post("/webhook", json=event).status_code == 401
        header = {"X-Goldleaf-Webhook": SECRET}
        assert client.post("/webhook", json=event, headers=header).status_code == 201
        start = {"action": "START_TRAINING", "project": event["project"]}
        assert client.post("/webhook", json=start, auth=LOGIN).status_code == 201
    assert stored(tmp_path / "models") == [("ANNOTATION_CREATED", 4), ("START_TRAINING", None)]
    log = (tmp_path / "server.log").read_text("utf-8")
    assert "a token of theirs" not in log and LOGIN[1] not in log and "Traceback" not in log


def test_the_folders_own_test_passes(label_studio_ml_python: Path, tmp_path: Path):
    done = subprocess.run(
        [
            *(str(label_studio_ml_python), "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-c", os.devnull, "--rootdir", str(FOLDER), str(FOLDER / "test_api.py")),
        ],
        cwd=FOLDER,
        env={
            "PYTHONPATH": str(FOLDER.parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MODEL_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_listens_beyond_this_machine_only_with_a_login(label_studio_ml_python: Path):
    done = subprocess.run(
        [str(label_studio_ml_python), str(FOLDER / "_wsgi.py"), "--host", "0.0.0.0", "--port", "1"],
        env={"PYTHONPATH": str(FOLDER.parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/tmp",
    )
    assert done.returncode == 2 and "BASIC_AUTH_USER" in done.stderr


@pytest.mark.label_studio
@pytest.mark.timeout(600)
def test_label_studio_drafts_and_reports_through_it(
    label_studio_ml_python: Path, label_studio: EmbeddedStudio, tmp_path: Path
):
    studio, kind = label_studio.studio, kinds()["preference"]
    project = create_project(studio, kind)
    data = [kind.codec.to_task(record) for record in sample_records(kind)]
    import_tasks(studio, project, data)
    try:
        with folder_serving(label_studio_ml_python, tmp_path) as client:
            body = {"url": str(client.base_url).rstrip("/"), "project": project, "title": "folder"}
            studio.post("/api/ml", body)
            (row,) = backend_rows(studio, project)
            assert row["state"] == "CO", row
            every = {"selectedItems": {"all": True, "excluded": []}}
            params = {"id": "retrieve_tasks_predictions", "project": project}
            studio.post("/api/dm/actions", every, params)
            tasks = list(stream_tasks(studio, project))
            drafts = [task["predictions"] for task in tasks]
            given = [{"id": task["id"], "data": task["data"]} for task in tasks]
            asked = {"tasks": given, "project": f"{project}.1", "label_config": kind.config()}
            answer = client.post("/predict", json={**asked, "params": {}}).json()["results"]
            assert [bool(each) for each in drafts] == [bool(each) for each in answer]
            assert sum(map(bool, drafts)) >= 5
            assert {each[0]["model_version"] for each in drafts if each} == {row["model_version"]}
            first = next(task for task in tasks if task["predictions"])
            submit_annotation(studio, first["id"], first["predictions"][0]["result"])
            until(lambda: "ANNOTATION_CREATED" in dict(stored(tmp_path / "models")))
    finally:
        studio.delete(f"/api/projects/{project}/")
