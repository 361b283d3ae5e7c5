"""Annotations streamed from the real Label Studio while it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.annotation_stream import (
    AnnotationCounts,
    count_annotations,
    next_unanswered,
    state_mark,
    stream_tasks,
)
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.task_import import import_tasks

Make = Callable[..., list[dict[str, Any]]]


@pytest.mark.label_studio
def test_submitted_and_skipped_come_along_and_are_counted(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    studio = label_studio.studio
    ids = import_tasks(studio, project, comparisons(4)).task_ids
    said = to_regions({"decision": ("a",)}, kind_named("preference").screen)
    studio.post(f"/api/tasks/{ids[0]}/annotations/", {"result": said})
    studio.post(f"/api/tasks/{ids[1]}/annotations/", {"result": said, "was_cancelled": True})
    studio.post(f"/api/tasks/{ids[0]}/annotations/", {"result": said})
    found = {task["id"]: task["annotations"] for task in stream_tasks(studio, project)}
    assert [len(found[task]) for task in ids if task is not None] == [2, 1, 0, 0]
    assert [each["was_cancelled"] for each in found[ids[1] or 0]] == [True]
    assert found[ids[0] or 0][0]["result"] == said
    assert all(isinstance(each["completed_by"], int) for each in found[ids[0] or 0])
    assert count_annotations(studio, project) == AnnotationCounts(submitted=2, skipped=1)
    assert count_annotations(studio, project).all == sum(map(len, found.values()))
    annotated = [task["id"] for task in stream_tasks(studio, project, only_annotated=True)]
    assert annotated == [ids[0], ids[1]], "a task that was only skipped belongs to them"


@pytest.mark.label_studio
def test_an_annotation_has_all_that_is_read_of_it(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    studio = label_studio.studio
    (task,) = import_tasks(studio, project, comparisons(1)).task_ids
    said = to_regions({"decision": ("a",)}, kind_named("preference").screen)
    given = {"result": said, "lead_time": 3.5, "ground_truth": True}
    made = studio.post(f"/api/tasks/{task}/annotations/", given)
    again = {"result": said, "parent_annotation": made["id"], "was_cancelled": True}
    other = studio.post(f"/api/tasks/{task}/annotations/", again)
    whole = [studio.get(f"/api/annotations/{each['id']}/") for each in (made, other)]
    (read,) = stream_tasks(studio, project)
    found = sorted(read["annotations"], key=lambda each: each["id"])
    wanted = ("id", "result", "completed_by", "was_cancelled", "ground_truth", "lead_time", "task")
    times = ("created_at", "updated_at", "draft_created_at", "project")
    for name in (*wanted, *times, "parent_prediction", "parent_annotation"):
        assert [each[name] for each in found] == [each[name] for each in whole], name


@pytest.mark.label_studio
def test_tasks_added_and_deleted_meanwhile_neither_hide_nor_repeat_others(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    studio = label_studio.studio
    ids = list(import_tasks(studio, project, comparisons(8)).task_ids)
    seen: list[int] = []
    for task in stream_tasks(studio, project, page_size=3):
        seen.append(task["id"])
        if len(seen) == 3:
            studio.delete(f"/api/tasks/{ids[0]}/")
            studio.delete(f"/api/tasks/{ids[1]}/")
            ids += import_tasks(studio, project, comparisons(2, start=50)).task_ids
    assert seen == ids


@pytest.mark.label_studio
def test_a_broken_run_goes_on_behind_the_last_id(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    studio = label_studio.studio
    ids = import_tasks(studio, project, comparisons(5)).task_ids
    rest = [task["id"] for task in stream_tasks(studio, project, after=ids[1] or 0, page_size=2)]
    assert rest == list(ids[2:])


@pytest.mark.label_studio
def test_an_unknown_project(label_studio: EmbeddedStudio):
    with pytest.raises(UsageError):
        next(stream_tasks(label_studio.studio, 999999))
    with pytest.raises(UsageError):
        count_annotations(label_studio.studio, 999999)


@pytest.mark.label_studio
def test_what_is_left_to_do_and_whether_anything_changed(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    studio = label_studio.studio
    assert next_unanswered(studio, project, 10) == []
    marks = [state_mark(studio, project)]
    ids = import_tasks(studio, project, comparisons(5)).task_ids
    marks.append(state_mark(studio, project))
    assert state_mark(studio, project) == marks[-1], "nothing happened, nothing changed"
    said = to_regions({"decision": ("a",)}, kind_named("preference").screen)
    answer = studio.post(f"/api/tasks/{ids[1]}/annotations/", {"result": said})["id"]
    marks.append(state_mark(studio, project))
    studio.post(f"/api/tasks/{ids[2]}/annotations/", {"result": said, "was_cancelled": True})
    marks.append(state_mark(studio, project))
    left = next_unanswered(studio, project, 10)
    assert [task["id"] for task in left] == [ids[0], ids[2], ids[3], ids[4]], "skipped is open"
    assert left[0]["data"]["prompt"].startswith("Name 0 rivers")
    assert [task["id"] for task in next_unanswered(studio, project, 2)] == [ids[0], ids[2]]
    submitted = stream_tasks(studio, project, only_submitted=True)
    assert [task["id"] for task in submitted] == [ids[1]]
    studio.patch(f"/api/annotations/{answer}/", {"result": said[:1]})
    marks.append(state_mark(studio, project))
    studio.delete(f"/api/annotations/{answer}/")
    marks.append(state_mark(studio, project))
    assert len(set(marks)) == len(marks), "each of it is seen, a changed answer too"
