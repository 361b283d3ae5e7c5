"""A task that shows one thing and would teach another is rejected, with its reason, on export."""

import copy
import json
from dataclasses import replace

import pytest

from goldleaf.core.records import Candidate, Comparison, Demonstration, Turn
from goldleaf.core.records_jsonl import from_plain, to_line
from goldleaf.label_configs.display_check import imported_record, with_shown_hash
from goldleaf.label_configs.instruction.codec import Answer as Verdict
from goldleaf.label_configs.preference.codec import Answer as Preference
from goldleaf.label_configs.refusal.codec import Answer as Refusal
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds
from goldleaf.studio.steered_queue import NOTE

CONTEXT = (Turn("system", "Answer in one word: 2+2."), Turn("user", "Say **hello**."))
RECORDS = {
    "preference": Comparison(
        CONTEXT, tuple(Candidate((Turn("assistant", text),)) for text in ("Hi.", "Hello."))
    ),
    "instruction": Demonstration(CONTEXT, (Turn("assistant", "Hi there."),)),
    "refusal": Demonstration(CONTEXT, (Turn("assistant", "Hi there."),)),
}
ANSWERS = {
    "preference": Preference("a_much"),
    "instruction": Verdict("good"),
    "refusal": Refusal("benign_comply", did="comply", risk="none"),
}


def task(name):
    kind = kinds()[name]
    return {
        "id": 5,
        "project": 3,
        "data": kind.codec.to_task(RECORDS[name]),
        "annotations": [
            {
                "id": 9,
                "updated_at": "2026-01-02T03:04:05Z",
                "completed_by": 1,
                "result": to_regions(kind.to_annotation(ANSWERS[name]), kind.screen),
                "was_cancelled": False,
            }
        ],
    }


def _system(data):
    data["goldleaf"]["record"]["context"][0]["content"] = "Answer in one word: 2-2."


def _prompt(data):
    data["goldleaf"]["record"]["context"][1]["content"] = "Say **bye**."


def _answer(data):
    record = data["goldleaf"]["record"]
    turns = record["response"] if "response" in record else record["candidates"][0]["turns"]
    turns[0]["content"] = "Never."


def _shown(data):
    data["shown_prompt"] = data["shown_prompt"].replace("hello", "bye")


def _version(data):
    data["goldleaf"]["kind"] = data["goldleaf"]["kind"].replace("/1", "/99")


def _none(data):
    del data["goldleaf"]["kind"]


def _kind(data):
    data["goldleaf"]["kind"] = "other/1"


CHANGES = {
    _system: "bad_task",
    _prompt: "bad_task",
    _answer: "bad_task",
    _shown: "bad_task",
    _version: "unknown_version",
}


def exported(goldleaf_run, folder, *tasks):
    (folder / "tasks.json").write_text(json.dumps(tasks))
    done = goldleaf_run("export", folder / "tasks.json", "--out", folder / "out")
    assert "Traceback" not in done.stderr, done.stderr
    return done, json.loads((folder / "out" / "manifest.json").read_text("utf-8"))


@pytest.mark.parametrize("sealed", [True, False], ids=["with its hash", "of an older goldleaf"])
@pytest.mark.parametrize("name", RECORDS)
def test_what_was_shown_is_compared_whole(inside, tmp_path, name, sealed):
    good = task(name)
    if not sealed:
        del good["data"]["goldleaf"]["shown"]
    bad = []
    for number, change in enumerate(CHANGES, 10):
        changed = copy.deepcopy(good) | {"id": number}
        change(changed["data"])
        bad.append(changed)
    done, manifest = exported(inside, tmp_path, good, *bad)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert manifest["answers"]["used"] + manifest["answers"]["held_out"] == 1
    wanted = {"bad_task": 4, "unknown_version": 1}
    assert manifest["reasons"]["rejected"] == wanted


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize(("change", "reason"), [(_none, "bad_task"), (_kind, "bad_task")])
def test_a_task_of_no_kind_of_ours_is_rejected(inside, tmp_path, name, change, reason):
    changed = task(name)
    change(changed["data"])
    done, manifest = exported(inside, tmp_path, changed)
    assert done.returncode == 4
    assert manifest["reasons"]["rejected"] == {reason: 1}


def test_a_text_that_an_older_goldleaf_rendered_otherwise_is_still_read():
    from goldleaf.label_configs.read_annotations import read_task

    older = task("instruction")
    del older["data"]["goldleaf"]["shown"]
    older["data"]["shown_prompt"] = older["data"]["shown_prompt"].replace("<strong>", "**")
    (reading,) = read_task(older)
    assert not reading.reason


@pytest.mark.parametrize("name", RECORDS)
def test_a_task_that_shows_other_tags_than_today_is_read_after_its_queue_was_steered(
    inside, tmp_path, name
):
    """As the release before rendered it, with a cognitive mode; `goldleaf steer` adds a note."""
    older = task(name)
    data = older["data"]
    record = from_plain(data["goldleaf"]["record"])
    tags = replace(record.tags, behaviours=("mode_explain",))
    data["goldleaf"]["record"] = json.loads(to_line(replace(record, tags=tags)))
    data["shown_prompt"] += (
        '<div class="gl-tags"><span class="gl-tag gl-tag-mode_explain">mode_explain</span></div>'
    )
    older["data"] = with_shown_hash(data, imported_record(data))
    steered, spoilt = copy.deepcopy(older), copy.deepcopy(older)
    for number, each in enumerate((steered, spoilt), 10):
        each["id"] = number
        each["data"][NOTE] = "a rare behaviour"
    _shown(spoilt["data"])
    done, manifest = exported(inside, tmp_path, older, steered, spoilt)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert manifest["reasons"]["rejected"] == {"bad_task": 1}
