"""Tasks are imported once each, however often and however interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import StudioUnreachable, UsageError
from goldleaf.label_configs.table_columns import with_table_columns
from goldleaf.studio import task_import as under_test
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.existing_tasks import ExistingTasks
from goldleaf.studio.task_identity import identity_meta, task_hash
from goldleaf.studio.task_import import _chunks, _Task, import_tasks

Data = dict[str, Any]
Make = Callable[..., list[Data]]


@pytest.mark.label_studio
def test_import_once_and_again(label_studio: EmbeddedStudio, project: int, comparisons: Make):
    studio, rows = label_studio.studio, comparisons(7)
    seen: list[int] = []
    first = import_tasks(studio, project, [*rows, rows[2]], progress=seen.append)
    assert (first.created, first.already_there, first.refused) == (7, 1, ())
    assert first.task_ids[7] == first.task_ids[2]
    assert seen[-1] == 8
    again = import_tasks(studio, project, [*comparisons(2, start=7), *rows])
    assert (again.created, again.already_there) == (2, 7)
    assert again.task_ids[2:] == first.task_ids[:7]
    stored = {task["id"]: task["data"] for task in stream_tasks(studio, project)}
    assert len(stored) == 9
    for row, task in zip(rows, first.task_ids, strict=False):
        assert task is not None
        whole = with_table_columns(row)
        assert stored[task] == whole, "each id belongs to the task it was given for"


@pytest.mark.label_studio
def test_chunks_join_to_the_whole(
    label_studio: EmbeddedStudio, project: int, comparisons: Make, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(under_test, "MAX_TASKS", 4)
    done = import_tasks(label_studio.studio, project, iter(comparisons(10)))
    assert done.created == 10
    assert len(set(done.task_ids)) == 10


@pytest.mark.label_studio
def test_one_bad_task_stops_no_other(label_studio: EmbeddedStudio, project: int, comparisons: Make):
    rows: list[Data] = [*comparisons(5), {"prompt": object()}]
    rows[3] = {key: value for key, value in rows[3].items() if key != "shown_a"}
    done = import_tasks(label_studio.studio, project, rows)
    assert done.created == 4
    assert [position for position, _ in done.refused] == [3, 5]
    assert "shown_a" in done.refused[0][1]
    assert [at for at, task in enumerate(done.task_ids) if task is None] == [3, 5]


KILLED = """
import os, signal, sys
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio import task_import
from goldleaf.studio.client import Studio
import json
task_import.MAX_TASKS = 10
rows = json.load(sys.stdin)
def stop(done):
    if done >= 30:
        os.kill(os.getpid(), signal.SIGKILL)
with Studio(os.environ["URL"], os.environ["TOKEN"]) as studio:
    task_import.import_tasks(studio, int(os.environ["PROJECT"]), rows, progress=stop)
"""


@pytest.mark.label_studio
def test_killed_in_the_middle_and_repeated(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    rows = comparisons(50)
    given = {"URL": label_studio.url, "TOKEN": label_studio.token, "PROJECT": str(project)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED],
        input=json.dumps(rows).encode(),
        env=os.environ | given,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    done = import_tasks(label_studio.studio, project, rows)
    assert 20 <= done.already_there < 50
    assert done.created + done.already_there == 50
    hashes = Counter(task_hash(task["data"]) for task in stream_tasks(label_studio.studio, project))
    assert hashes == Counter(task_hash(row) for row in rows)


@pytest.mark.label_studio
def test_an_unknown_project(label_studio: EmbeddedStudio):
    with pytest.raises(UsageError):
        import_tasks(label_studio.studio, 999999, [])


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5)))
def test_the_hash_knows_no_order_of_keys(data: Data):
    assert task_hash(data) == task_hash(dict(reversed(list(data.items()))))


@given(st.lists(st.integers(min_value=1, max_value=9_000_000), max_size=40))
def test_chunks_keep_order_and_bounds(sizes: list[int]):
    tasks = [_Task(position, "", size, {}) for position, size in enumerate(sizes)]
    chunks = list(_chunks(tasks))
    assert [task for chunk in chunks for task in chunk] == tasks
    for chunk in chunks:
        whole = sum(task.size for task in chunk)
        assert len(chunk) == 1 or whole <= under_test.MAX_BYTES


def test_where_a_row_came_from_is_not_what_makes_it_another_task():
    record = {"record": "comparison", "context": [], "parents": [{"file": "a.jsonl", "line": 1}]}
    one = {"prompt": "hi", "goldleaf": {"kind": "preference/1", "record": record}}
    other = {"prompt": "hi", "goldleaf": {"kind": "preference/1", "record": {**record}}}
    other["goldleaf"]["record"]["parents"] = [{"file": "b.jsonl", "line": 9, "licence": "MIT"}]
    assert task_hash(one) == task_hash(other)
    other["goldleaf"]["record"]["context"] = [{"role": "user", "content": "hi"}]
    assert task_hash(one) != task_hash(other)


@pytest.mark.label_studio
def test_tasks_of_an_older_goldleaf_are_found_by_their_data(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    studio, rows = label_studio.studio, comparisons(3)
    body = [{"data": rows[0], "meta": {"goldleaf": {"hash": "ff"}}}, {"data": rows[1]}]
    studio.post(f"/api/projects/{project}/import", body)
    done = import_tasks(studio, project, rows)
    assert (done.created, done.already_there) == (1, 2)


@pytest.mark.label_studio
def test_a_request_whose_answer_is_lost_is_not_done_twice(
    label_studio: EmbeddedStudio,
    project: int,
    comparisons: Make,
    monkeypatch: pytest.MonkeyPatch,
):
    """Stored and answered, but the answer never comes: only what is missing is sent again."""
    monkeypatch.setattr(under_test, "_PAUSES", (0.1, 0.1, 0.1))
    monkeypatch.setattr(under_test, "MAX_TASKS", 5)
    with Studio(label_studio.url, label_studio.token) as studio:
        post, lost = studio.post, [0]

        def losing(path: str, *given: Any, **named: Any) -> Any:
            answer = post(path, *given, **named)
            if path.endswith("/import") and lost[0] < 2:
                lost[0] += 1
                raise StudioUnreachable("The answer is lost.")
            return answer

        monkeypatch.setattr(studio, "post", losing)
        done = import_tasks(studio, project, comparisons(12))
    assert lost == [2]
    assert done.created == 12
    stored = [task["id"] for task in stream_tasks(label_studio.studio, project)]
    assert sorted(stored) == sorted(each for each in done.task_ids if each)


@pytest.mark.label_studio
def test_of_two_that_imported_at_once_the_older_task_stays(
    label_studio: EmbeddedStudio, project: int, comparisons: Make
):
    """Two without a common lock: neither saw the other's tasks before it sent its own."""
    studio, rows = label_studio.studio, comparisons(8)
    one, other = ExistingTasks(studio, project), ExistingTasks(studio, project)
    one.refresh()
    other.refresh()
    import_tasks(studio, project, rows[:6])
    sent = [{"data": row, "meta": identity_meta(row, task_hash(row))} for row in rows[2:]]
    studio.post(f"/api/projects/{project}/import", sent)
    for side in (other, one):
        side.refresh()
    stored = [task_hash(task["data"]) for task in stream_tasks(studio, project)]
    assert sorted(stored) == sorted(map(task_hash, rows))
    assert one.ids == other.ids
    assert set(one.ids.values()) == {task["id"] for task in stream_tasks(studio, project)}
