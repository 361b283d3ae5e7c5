"""A JSON export of Label Studio with odd values anywhere: each answer counted, no traceback."""

from __future__ import annotations

import copy
import json

from label_studio_export import Project, shown_answer, shown_pair

DEEP = "[" * 5_000 + "]" * 5_000
ODD = [None, -1, 2**70, 1.5, "", "\ud800", "\x1b[31m\u202e", [], {}, [[]], True]
ODD += ["9999-99-99T99:99", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+23:59", "x" * 10_000]


def paths(value, at=()):
    if at:
        yield at
    inner = list(enumerate(value)) if isinstance(value, list) else []
    for key, each in value.items() if isinstance(value, dict) else inner:
        yield from paths(each, (*at, key))


def answered(kind, shown, **answer):
    """A task with everything that an export holds: answer, draft, prediction, person."""
    project = Project(3, kind)
    task = project.task(shown)
    annotation = project.annotate(task, 1, **answer)
    annotation["completed_by"] = {"id": 1, "email": "a@b.c"}
    began = {"id": 5, "result": annotation["result"], "model_version": "rules"}
    annotation |= {"prediction": copy.deepcopy(began), "parent_prediction": 5}
    task["predictions"] = [copy.deepcopy(began)]
    task["drafts"] = [{"id": 9, "updated_at": "2026-01-01T00:00:00Z", "annotation": None}]
    return task


def odd_tasks():
    for task in (
        answered("preference", shown_pair(), decision="a_much"),
        answered("instruction", shown_answer(), verdict="good"),
        answered("refusal", shown_answer(), risk="none"),
    ):
        for place, at in enumerate(paths(task)):
            for odd in ODD[place % 2 :: 2]:
                changed = copy.deepcopy(task)
                inner = changed
                for key in at[:-1]:
                    inner = inner[key]
                inner[at[-1]] = odd
                yield changed


def test_odd_values_anywhere(inside, tmp_path):
    tasks = list(odd_tasks())
    for number, task in enumerate(tasks):
        task["id"] = number if type(task["id"]) is int else task["id"]
    (tmp_path / "odd.json").write_text(json.dumps(tasks))
    done = inside("export", tmp_path / "odd.json", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["answers"]
    assert answers["read"] == sum(count for fate, count in answers.items() if fate != "read")
    assert answers["read"] >= len(tasks) and answers["used"] + answers.get("held_out", 0) > 100
    for page in ("README.md", "report.html"):
        assert not {"\x1b", "\u202e"} & set((tmp_path / "out" / page).read_text("utf-8"))
    assert inside("check", tmp_path / "out").returncode == 0


def test_a_task_that_is_nested_too_deep_costs_itself_alone(inside, tmp_path):
    good = answered("preference", shown_pair(), decision="a_much")
    deep = json.dumps(good | {"meta": "HERE"}).replace('"HERE"', DEEP)
    (tmp_path / "odd.json").write_text(f"[{json.dumps(good)}, {deep}]")
    done = inside("export", tmp_path / "odd.json", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["answers"]
    taken = answers["used"] + answers.get("held_out", 0)
    assert (taken, answers["rejected"]) == (1, 2)  # the first one's draft, and the second
    why = inside("why", tmp_path / "out", "odd.json:2")
    assert "nested more than 250 levels deep" in why.stdout


def test_an_export_that_breaks_off_ends_with_an_exit_code(inside, tmp_path):
    task = answered("preference", shown_pair(), decision="a_much")
    (tmp_path / "odd.json").write_text(json.dumps([task, task | {"id": 99}])[:-40])
    done = inside("export", tmp_path / "odd.json", "--out", tmp_path / "out")
    assert done.returncode == 3
    assert "broken_list" in done.stderr and "unknown" in done.stderr
