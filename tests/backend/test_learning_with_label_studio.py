"""What annotators say becomes drafts: learned beside the server, brought to the next tasks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from refusal_tasks import KIND, answer, tasks

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.predictors.generated import Generated
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.server import RunningBackend
from goldleaf.backend.text_asker import TextAsker
from goldleaf.backend.training.fit_process import Fitting
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
from goldleaf.backend.training.training_run import run_training
from goldleaf.core.records import Demonstration, Turn
from goldleaf.generation.generator import Answer as ModelAnswer
from goldleaf.generation.generator import Request
from goldleaf.label_configs.refusal.codec import Answer
from goldleaf.label_configs.regions import to_regions, to_values
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.backend_link import backend_rows, connect_backend, disconnect_backend
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project, project_key
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

from .conftest import LOGIN, WEBHOOK_SECRET

pytestmark = [pytest.mark.label_studio, pytest.mark.timeout(600)]
CREDENTIALS = Credentials(*LOGIN, WEBHOOK_SECRET)
ANSWERED = 60
PACE = RetrainingSchedule(quiet=0.3, fresh=20, longest=3.0, retry=0.5, look=600)


def until(true: Callable[[], Any], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def project(label_studio: EmbeddedStudio) -> Iterator[int]:
    studio = label_studio.studio
    made = create_project(studio, KIND)
    import_tasks(studio, made, tasks(ANSWERED + 40))
    yield made
    studio.delete(f"/api/projects/{made}/")


def annotate(studio: Studio, project: int, count: int, after: int = 0) -> int:
    """Answer the next tasks as a person would; return the id of the last one."""
    last = after
    for done, task in enumerate(stream_tasks(studio, project, after=after)):
        if done == count:
            break
        said = KIND.to_annotation(answer(task["data"]))
        submit_annotation(studio, task["id"], to_regions(said, KIND.screen))
        last = task["id"]
    return last


def attach(studio: Studio, project: int, url: str, backend: RunningBackend | None = None) -> str:
    return connect_backend(
        studio,
        project,
        url,
        user=LOGIN[0],
        password=LOGIN[1],
        webhook_secret=WEBHOOK_SECRET,
        delivered=(lambda: backend.seen("PROJECT_UPDATED") > 0) if backend else None,
    ).model_version


def drafts(studio: Studio, project: int, version: str) -> dict[int, dict[str, tuple[str, ...]]]:
    """The drafts of one version, by task."""
    return {
        task["id"]: to_values(prediction["result"], KIND.screen)
        for task in stream_tasks(studio, project)
        for prediction in task["predictions"]
        if prediction["model_version"] == version and prediction["result"]
    }


def scores(studio: Studio, project: int, version: str) -> dict[int, float]:
    """The places in the queue of one version, by task."""
    return {
        task["id"]: prediction["score"]
        for task in stream_tasks(studio, project)
        for prediction in task["predictions"]
        if prediction["model_version"] == version
    }


def test_the_tab_of_disagreements_follows_the_answers(
    label_studio: EmbeddedStudio, project: int, tmp_path: Path
):
    studio = label_studio.studio
    with RunningBackend(
        tmp_path / "events.sqlite",
        predictor="auto",
        credentials=CREDENTIALS,
        studio=lambda: Studio(label_studio.url, label_studio.token),
        schedule=replace(PACE, fresh=1),
    ) as backend:
        attach(studio, project, backend.url, backend)
        (tab,) = (
            tab
            for tab in studio.get("/api/dm/views/", {"project": project})
            if tab["data"]["title"] == "Disagreements"
        )

        def listed() -> set[int]:
            found = studio.get("/api/tasks", {"project": project, "view": tab["id"]})
            return {task["id"] for task in found["tasks"]}

        task, agreed = [each["id"] for each in islice(stream_tasks(studio, project), 2)]
        first = Answer("harmful_refuse", "full_refusal", "violence")
        last = 0
        for number, answers in {
            agreed: (first, first),
            task: (first, replace(first, decision="benign_comply")),
        }.items():
            for each in answers:
                values = to_regions(KIND.to_annotation(each), KIND.screen)
                last = submit_annotation(studio, number, values)
        until(lambda: listed() == {task})
        studio.delete(f"/api/annotations/{last}/")
        until(lambda: listed() == set())


def test_annotations_become_drafts_of_a_new_version(
    label_studio: EmbeddedStudio, project: int, tmp_path: Path
):
    studio = label_studio.studio
    with RunningBackend(
        tmp_path / "events.sqlite",
        predictor="auto",
        credentials=CREDENTIALS,
        studio=lambda: Studio(label_studio.url, label_studio.token),
        schedule=PACE,
    ) as backend:
        before = attach(studio, project, backend.url, backend)
        assert "+" not in before, "nothing was learned yet"
        last = annotate(studio, project, ANSWERED)
        waits, worked = [0.0], 0
        elsewhere = {"action": "START_TRAINING", "project": {"id": 999_999}}
        with httpx.Client(base_url=backend.url, auth=LOGIN) as visitor:
            while backend.backend.events.pending:
                began = time.monotonic()
                health = visitor.get("/health").json()
                assert visitor.post("/webhook", json=elsewhere).status_code == 202
                waits.append(time.monotonic() - began)
                assert health["learning"]["state"] in ("waiting", "working")
                if health["learning"]["state"] == "working":
                    worked += 1
                time.sleep(0.2)
        assert worked, "nobody was asked while the worker worked: the test shows nothing"
        assert sorted(waits)[len(waits) // 2] < 0.1
        assert max(waits) < 1.0, "Label Studio gives up after a second"

        row = get_project(studio, project)
        version, model = ModelStore(tmp_path / "models").current(project_key(row)) or ("", None)
        assert model
        assert model.count == ANSWERED
        now = f"{before}+{version}"
        assert row["model_version"] == now, "annotators see the new drafts"
        assert [r["title"] for r in backend_rows(studio, project)] == [now], "and it is asked anew"

        queued = scores(studio, project, now)
        assert len(queued) == 40, "every unanswered task has its place, drafted or not"
        served: list[int] = []
        for _ in range(8):
            served.append(studio.get(f"/api/projects/{project}/next")["id"])
            submit_annotation(studio, served[-1], [], skipped=True)
        assert served == sorted(queued, key=lambda task: (queued[task], task))[:8]
        assert len({queued[task] for task in served}) > 1, "an order by number alone shows nothing"

        drafted = drafts(studio, project, now)
        assert drafted
        assert min(drafted) > last, "answered tasks get no new drafts"
        data = {task["id"]: task["data"] for task in stream_tasks(studio, project)}
        wrong = 0
        for task, said in drafted.items():
            assert set(said) <= {"did", "risk"}, "never the annotator's final word"
            wrong += "risk" in said and said["risk"] != (answer(data[task]).risk,)
        assert sum("risk" in said for said in drafted.values()) >= 20
        assert wrong <= 0.1 * len(drafted)

        # The same again changes nothing.
        before_that = backend.backend.learning()
        rounds = before_that["rounds"]
        studio.post(f"/api/ml/{backend_rows(studio, project)[0]['id']}/train", {})
        until(lambda: backend.backend.learning()["rounds"] > rounds)
        until(lambda: not backend.backend.events.pending)
        assert len(drafts(studio, project, now)) == len(drafted)
        assert backend.backend.learning()["learned"] == before_that["learned"] > 0

        # What a person makes of two drafts is in the metrics once the worker has read them.
        shown = [t for t in stream_tasks(studio, project) if "risk" in drafted.get(t["id"], ())]
        for each, risk in zip(shown[:2], (None, "weapons"), strict=True):
            (draft,) = (p for p in each["predictions"] if p["model_version"] == now)
            (sure,) = (r["score"] for r in draft["result"] if r["from_name"] == "risk")
            assert 0.5 < sure <= 1, "the model's confidence is kept with the draft"
            (said,) = drafted[each["id"]]["risk"]
            values = KIND.to_annotation(replace(answer(each["data"]), risk=risk or said))
            result = to_regions(values, KIND.screen)
            submit_annotation(studio, each["id"], result, parent_prediction=draft["id"])
        with httpx.Client(base_url=backend.url, auth=LOGIN) as visitor:

            def lines() -> list[str]:
                return visitor.get("/metrics").text.splitlines()

            head = f'goldleaf_draft_answers{{project="{project}",control="risk",version="{now}"'
            until(lambda: f'{head},outcome="overruled"}} 1' in lines())
            assert f'{head},outcome="accepted"}} 1' in lines()
        disconnect_backend(studio, project, backend.url)


class Silent:
    """A model that never answers while it is asked, and fails when it is closed."""

    name = "silent@0"

    def __init__(self) -> None:
        self._closed = threading.Event()

    def open(self) -> None:
        """Do nothing."""

    def answer(self, requests: Sequence[Request]) -> Iterator[list[tuple[int, ModelAnswer]]]:
        """Wait for the end."""
        self._closed.wait()
        yield [(place, ModelAnswer("timed_out")) for place, _ in enumerate(requests)]

    def close(self) -> None:
        """Let the answers fail."""
        self._closed.set()


def test_before_the_first_answer_the_queue_has_an_order(
    label_studio: EmbeddedStudio, tmp_path: Path
):
    """Ten tasks of the two commonest ways to answer, and then the rare one, through `/next`."""
    studio = label_studio.studio
    says = {
        "none": ("Take flour, batch {}.", 20),
        "full": ("I'm sorry, I can't help with that, batch {}.", 12),
        "partial": (
            "I can't help you to hurt dog {}. Instead, here is how to train it.",
            4,
        ),
    }
    rows = [
        Demonstration((Turn("user", f"{sort}, number {n}?"),), (Turn("assistant", said.format(n)),))
        for sort, (said, count) in says.items()
        for n in range(count)
    ]
    made = create_project(studio, KIND)
    try:
        ids = import_tasks(studio, made, map(KIND.codec.to_task, rows)).task_ids
        sorts = [sort for sort, (_, count) in says.items() for _ in range(count)]
        sort_of = dict(zip(ids, sorts, strict=True))
        with RunningBackend(tmp_path / "events.sqlite", predictor="auto") as backend:
            connect_backend(studio, made, backend.url)
            store = ModelStore(tmp_path / "models")
            asked = open_predictor("auto", store.folder)
            with closing(TextAsker(Silent(), seconds=0.1)) as asker:
                writing = Generated(asked, asker)
                done = run_training(studio, get_project(studio, made), store, writing, Fitting)
            assert done and done.drafted + done.placed == 0, "the model's texts are waited for"
            chosen = {"task": ids[0], "result": [], "score": 0.5, "model_version": "chosen"}
            theirs = studio.post("/api/predictions/", chosen)["id"]
            studio.patch(f"/api/projects/{made}/", {"model_version": "chosen"})
            done = run_training(studio, get_project(studio, made), store, asked, Fitting)
            assert done and done.drafted + done.placed == 0, "a person chose what is shown"
            studio.delete(f"/api/predictions/{theirs}/")
            done = run_training(studio, get_project(studio, made), store, asked, Fitting)
            assert done
            assert (done.examples, done.learned, done.drafted + done.placed) == (0, False, 36)
            served: list[str] = []
            for _ in range(14):
                task = studio.get(f"/api/projects/{made}/next")["id"]
                served.append(sort_of[task])
                submit_annotation(studio, task, [], skipped=True)
            assert sorted(served[:10]) == ["full"] * 5 + ["none"] * 5
            assert "partial" in served[10:13]
    finally:
        studio.delete(f"/api/projects/{made}/")


def test_a_lost_event_only_delays(label_studio: EmbeddedStudio, project: int, tmp_path: Path):
    studio = label_studio.studio
    place: dict[str, Any] = {
        "events": tmp_path / "events.sqlite",
        "predictor": "auto",
        "credentials": CREDENTIALS,
    }
    with RunningBackend(**place) as backend:
        before = attach(studio, project, backend.url, backend)
        port = backend.port
    annotate(studio, project, ANSWERED)  # nobody listens

    with RunningBackend(
        **place,
        port=port,
        studio=lambda: Studio(label_studio.url, label_studio.token),
        schedule=PACE,
    ) as backend:
        assert not backend.backend.events.waiting()
        until(lambda: backend.backend.learning()["learned"])
        until(lambda: get_project(studio, project)["model_version"].startswith(before + "+"))
        disconnect_backend(studio, project, backend.url)
