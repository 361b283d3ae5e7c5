"""Annotations as Label Studio stores them, read back: every state accounted for."""

import pytest

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.label_configs.annotations import AnsweredProject, read_task
from goldleaf.label_configs.catalogue import kinds
from goldleaf.label_configs.preference.codec import Answer, show, write
from goldleaf.label_configs.regions import to_regions

KIND = kinds()["preference"]
DRAFT = Answer(noticed=("both_refuse",))


def regions(answer):
    return to_regions(write(answer), KIND.screen)


def task(answer, *, draft=None, **annotation):
    candidates = tuple(Candidate((Turn("assistant", text),)) for text in ("no", "never"))
    return {
        "id": 5,
        "project": 3,
        "data": show(Comparison((Turn("user", "hi"),), candidates)),
        "predictions": [{"id": 8, "result": regions(draft), "model_version": "m/1"}]
        if draft
        else [],
        "annotations": [
            {
                "id": 9,
                "updated_at": "2026-01-02T03:04:05Z",
                "completed_by": 1,
                "result": regions(answer),
                "was_cancelled": False,
                "parent_prediction": 8 if draft else None,
                **annotation,
            }
        ],
    }


def one(given):
    (reading,) = read_task(given, AnsweredProject(KIND, KIND.config(), KIND.guide()))
    return reading


def test_an_answer_is_read_with_its_provenance():
    reading = one(task(Answer("a")))
    parent = reading.records[0].parents[0]
    assert reading.key == "project:3/task:5/annotation:9@2026-01-02T03:04:05Z"
    assert (parent.project, parent.task, parent.annotation) == (3, 5, 9)
    assert (parent.kind, parent.annotator, parent.origin) == ("preference/1", "person:1", "human")
    assert parent.config_hash and parent.guide_hash


@pytest.mark.parametrize(
    ("answer", "origin"),
    [
        (Answer("a", noticed=("both_refuse",)), "accepted"),
        (Answer("a", noticed=("both_refuse",), reasons=("safe",)), "accepted"),
        (Answer("a"), "edited"),
        (Answer("a", noticed=("both_refuse", "identical")), "edited"),
    ],
)
def test_origin_is_computed_whatever_label_studio_says(answer, origin):
    given = task(answer, draft=DRAFT)
    for region in given["annotations"][0]["result"]:
        region["origin"] = "prediction"
    parent = one(given).records[0].parents[0]
    assert (parent.origin, parent.drafted_by) == (origin, "m/1")


def test_an_overruled_decision_draft_is_edited():
    given = task(Answer("b"), draft=Answer("a"))
    assert one(given).records[0].parents[0].origin == "edited"


def test_a_draft_known_by_number_only_leaves_the_origin_unknown():
    given = task(Answer("a"), draft=DRAFT) | {"predictions": [8]}
    assert one(given).records[0].parents[0].origin == "unknown"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"was_cancelled": True}, "cancelled"),
        ({"result": []}, "empty_result"),
        ({"result": [{"from_name": "gone", "type": "choices", "value": {}}]}, "unknown_control"),
        (
            {"result": [{"from_name": "decision", "type": "choices", "value": {"choices": ["Z"]}}]},
            "unknown_choice",
        ),
        (
            {"result": [{"from_name": "decision", "type": "taxonomy", "value": {"taxonomy": []}}]},
            "type_mismatch",
        ),
        ({"result": ["text"]}, "bad_region"),
        ({"result": regions(DRAFT)}, "no_decision"),
    ],
)
def test_what_cannot_be_used_has_a_reason(change, reason):
    assert one(task(Answer("a"), **change)).reason == reason


def test_a_text_given_as_one_string_is_read():
    given = task(Answer("a", note="x"))
    for region in given["annotations"][0]["result"]:
        if region["type"] == "textarea":
            region["value"]["text"] = "a remark"
    assert one(given).records[0].tags.note == "a remark"


def test_a_saved_draft_is_counted_and_not_used():
    given = task(Answer("a")) | {"annotations": [], "drafts": [{"id": 4, "annotation": None}]}
    assert one(given).reason == "draft"


def test_a_task_of_an_export_file_tells_its_own_kind():
    (reading,) = read_task(task(Answer("a")))
    assert reading.records
    (reading,) = read_task(task(Answer("a")) | {"data": {"text": "x"}})
    assert reading.reason == "bad_task"
