"""Drafts are checked before and counted after, on the real Label Studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio import held_drafts, prediction_import
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import RequestRejected, ServerFault, Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.prediction_import import DraftStore, store_predictions
from goldleaf.studio.projects import get_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

Data = dict[str, Any]
Make = Callable[..., list[Data]]


@pytest.fixture
def tasks(label_studio: EmbeddedStudio, project: int, comparisons: Make) -> list[int]:
    ids = import_tasks(label_studio.studio, project, comparisons(6)).task_ids
    return [task for task in ids if task is not None]


def draft(task: int, version: str = "v1", score: float = 0.5) -> Data:
    screen = kind_named("preference").screen
    result = to_regions({"decision": ("tie",)}, screen)
    return {"task": task, "result": result, "score": score, "model_version": version}


@pytest.mark.label_studio
def test_stored_counted_and_not_doubled(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    studio = label_studio.studio
    done = store_predictions(studio, project, [draft(task) for task in tasks[:4]])
    assert (done.stored, done.already_there, done.rejected) == (4, 0, ())
    again = store_predictions(studio, project, [draft(task) for task in [*tasks, tasks[0]]])
    assert (again.stored, again.already_there) == (2, 5)
    newer = store_predictions(studio, project, [draft(task, "v1.1") for task in tasks])
    assert newer.stored == 6, "a version that another begins with is another"
    for task in stream_tasks(studio, project):
        assert sorted(each["model_version"] for each in task["predictions"]) == ["v1", "v1.1"]
        assert task["predictions"][0]["score"] == 0.5
    assert get_project(studio, project)["model_version"] == "v1.1"


@pytest.mark.label_studio
def test_a_long_list_of_versions_is_read_to_its_end(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    studio, versions = label_studio.studio, [f"{at}-{'x' * 90}" for at in range(8)]
    drafts = [draft(tasks[0], version) for version in versions]
    assert store_predictions(studio, project, drafts).stored == 8
    assert store_predictions(studio, project, drafts).already_there == 8


@pytest.mark.label_studio
def test_the_lowest_score_comes_next(label_studio: EmbeddedStudio, project: int, tasks: list[int]):
    scores = [0.9, 0.8, 0.7, 0.1, 0.5, 0.6]
    drafts = [draft(task, score=score) for task, score in zip(tasks, scores, strict=True)]
    store_predictions(label_studio.studio, project, drafts)
    following = label_studio.studio.get(f"/api/projects/{project}/next")
    assert following["id"] == tasks[3]
    assert [each["model_version"] for each in following["predictions"]] == ["v1"]


@pytest.mark.label_studio
def test_bad_drafts_are_named_and_stop_no_other(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    unknown_choice = draft(tasks[1])
    unknown_choice["result"] = [
        {**unknown_choice["result"][0], "value": {"choices": ["no such choice"]}}
    ]
    unknown_control = draft(tasks[2])
    unknown_control["result"] = [{**unknown_control["result"][0], "from_name": "nothing"}]
    empty = draft(tasks[3]) | {"result": []}
    text_score = draft(tasks[4]) | {"score": "high"}
    given = [draft(tasks[0]), unknown_choice, unknown_control, empty, text_score, draft(10**9)]
    done = store_predictions(label_studio.studio, project, given)
    assert done.stored == 1
    assert [(task, bad.reason) for task, bad in done.rejected] == [
        (tasks[1], "unknown_choice"),
        (tasks[2], "unknown_control"),
        (tasks[3], "empty_draft"),
        (tasks[4], "bad_score"),
        (10**9, "unknown_task"),
    ]


@pytest.mark.label_studio
def test_what_label_studio_drops_in_silence_is_an_error_naming_the_task(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    # Our reader takes a text that is one string, Label Studio's import answers 201 and drops it.
    control = next(
        each
        for each in kind_named("preference").screen.controls.values()
        if each.type == "textarea"
    )
    dropped = draft(tasks[2])
    dropped["result"] = [
        {
            "from_name": control.name,
            "to_name": control.to_name,
            "type": "textarea",
            "value": {"text": "one string"},
        }
    ]
    with pytest.raises(GoldleafError, match="stored 2 of 3") as caught:
        store_predictions(label_studio.studio, project, [draft(tasks[0]), draft(tasks[1]), dropped])
    assert f"without one: {tasks[2]}." in str(caught.value)


@pytest.mark.label_studio
@pytest.mark.parametrize("version", ["", "a,b", " a", 'a"b'])
def test_a_version_that_could_be_mistaken(
    label_studio: EmbeddedStudio, project: int, tasks: list[int], version: str
):
    with pytest.raises(UsageError, match="model version"):
        store_predictions(label_studio.studio, project, [draft(tasks[0], version)])


def stored(studio: Studio, project: int) -> dict[int, list[int]]:
    """Return the ids of the predictions, by task."""
    return {
        task["id"]: sorted(each["id"] for each in task["predictions"])
        for task in stream_tasks(studio, project)
    }


def send(studio: Studio, project: int, tasks: list[int]) -> None:
    """Store drafts as a request that a killed run has left at work."""
    studio.post(f"/api/projects/{project}/import/predictions", [draft(task) for task in tasks])


@pytest.mark.label_studio
def test_what_a_killed_run_has_stored_meanwhile_is_not_doubled(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    studio = label_studio.studio
    store = DraftStore(studio, project)
    assert [task["id"] for task in store.without("v1")] == tasks
    assert store.add([draft(task) for task in tasks]).stored == 6
    assert store.waiting == 6
    send(studio, project, tasks[:4])
    before = stored(studio, project)
    store.finish("v1")
    after = stored(studio, project)
    assert [len(each) for each in after.values()] == [1] * 6
    assert [after[task] for task in tasks[:4]] == [before[task] for task in tasks[:4]]
    assert store.found == 4, "not stored by this run"


@pytest.mark.label_studio
def test_doubles_that_killed_runs_left_are_removed_by_the_next(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    studio = label_studio.studio
    send(studio, project, tasks)
    older = stored(studio, project)
    send(studio, project, tasks[:2])
    begun = stored(studio, project)[tasks[1]][1]
    said = draft(tasks[1])["result"]
    submit_annotation(studio, tasks[1], said, parent_prediction=begun)
    store = DraftStore(studio, project)
    assert list(store.without("v1")) == []
    store.finish()
    assert stored(studio, project) == older | {tasks[1]: [begun]}, "an answer keeps its draft"


@pytest.mark.label_studio
def test_a_task_deleted_meanwhile_costs_no_other_its_draft(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    studio = label_studio.studio
    store = DraftStore(studio, project)
    store.add([draft(task["id"]) for task in store.without("v1")])
    studio.delete(f"/api/tasks/{tasks[2]}/")
    store.finish("v1")
    assert store.gone == 1
    assert {task: len(each) for task, each in stored(studio, project).items()} == {
        task: 1 for task in tasks if task != tasks[2]
    }


@pytest.mark.label_studio
def test_a_task_deleted_after_its_draft_was_sent_is_no_error(
    label_studio: EmbeddedStudio, project: int, tasks: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(held_drafts, "LARGEST", 4)
    store = DraftStore(label_studio.studio, project)
    store.add([draft(task["id"]) for task in store.without("v1")])
    assert store.waiting == 2
    label_studio.studio.delete(f"/api/tasks/{tasks[2]}/")
    store.finish("v1")
    assert store.gone == 1


@pytest.mark.label_studio
def test_requests_are_small_where_the_plug_in_counts(
    label_studio: EmbeddedStudio, project: int, comparisons: Make, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(held_drafts, "COUNTED_CHEAPLY", 4)
    tasks = import_tasks(label_studio.studio, project, comparisons(6)).task_ids
    waiting: list[int] = []

    for version in ("v1", "v2"):
        store = DraftStore(label_studio.studio, project)
        store.add([draft(task, version) for task in tasks if task])
        waiting.append(store.waiting)
        store.finish()
        monkeypatch.setattr(prediction_import, "has_plugin", lambda url: False)
    assert waiting == [2, 6]


@pytest.mark.label_studio
def test_after_a_lost_answer_fewer_are_sent_at_once(
    label_studio: EmbeddedStudio, project: int, tasks: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(held_drafts, "_SMALLEST", 1)
    monkeypatch.setattr(prediction_import, "_PAUSES", (0.0, 0.0, 0.0))
    sizes: list[int] = []

    class BehindHastyProxy(Studio):
        """Gives up on large requests, as nginx does after a minute; Label Studio gets none."""

        def post(self, path: str, body: Any = None, *more: Any, **options: Any) -> Any:
            if isinstance(body, bytes):
                sizes.append(len(orjson.loads(body)))
                if sizes[-1] > 2:
                    raise ServerFault(
                        "Gateway Timeout", where=path, fix="", problem="504", status=504
                    )
            return super().post(path, body, *more, **options)

    with BehindHastyProxy(label_studio.url, label_studio.token) as studio:
        assert store_predictions(studio, project, [draft(task) for task in tasks]).stored == 6
    assert sizes == [6, 3, 1, 1, 1, 1, 1, 1]
    assert {len(each) for each in stored(label_studio.studio, project).values()} == {1}


@pytest.mark.label_studio
def test_halves_are_sent_where_a_proxy_takes_no_body_of_that_size(
    label_studio: EmbeddedStudio, project: int, tasks: list[int]
):
    class BehindSmallProxy(Studio):
        """Refuses a large body, as nginx does; the rest is the real Label Studio's."""

        def post(self, path: str, body: Any = None, *more: Any, **options: Any) -> Any:
            if isinstance(body, bytes) and len(body) > 600:
                raise RequestRejected(413, "Request Entity Too Large", where=path)
            return super().post(path, body, *more, **options)

    with BehindSmallProxy(label_studio.url, label_studio.token) as studio:
        assert store_predictions(studio, project, [draft(task) for task in tasks]).stored == 6
    assert {len(each) for each in stored(label_studio.studio, project).values()} == {1}
