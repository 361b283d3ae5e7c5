"""Annotations as Label Studio stores them, read back: every state accounted for."""

from dataclasses import replace
from typing import Any

import pytest

from goldleaf.core.records import Candidate, Comparison, Demonstration, Turn
from goldleaf.label_configs.instruction import codec as instruction
from goldleaf.label_configs.preference.codec import Answer, to_task
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.label_configs.refusal import codec as refusal
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds

KIND = kinds()["preference"]
DRAFT = Answer(noticed=("both_refuse",))


def regions(answer):
    return to_regions(KIND.to_annotation(answer), KIND.screen)


def task(answer, *, draft=None, **annotation):
    candidates = tuple(Candidate((Turn("assistant", text),)) for text in ("no", "never"))
    return {
        "id": 5,
        "project": 3,
        "data": to_task(Comparison((Turn("user", "hi"),), candidates)),
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


def one_answer(kind, answer, draft=None, **annotation):
    """Return the reading of an annotation of a task with one prompt and one answer."""

    def given(said):
        return to_regions(kind.to_annotation(said), kind.screen)

    shown = Demonstration((Turn("user", "2 + 2?"),), (Turn("assistant", "Five."),))
    state = {"id": 9, "completed_by": 1, "result": given(answer), **annotation}
    task = {"id": 5, "project": 3, "data": kind.codec.to_task(shown), "annotations": [state]}
    if draft:
        state["parent_prediction"] = 8
        task["predictions"] = [{"id": 8, "result": given(draft), "model_version": "m/1"}]
    (reading,) = read_task(task, AnsweredProject(kind, kind.config("zh"), kind.guide("zh")))
    return reading


INSTRUCTION, REFUSAL = kinds()["instruction"], kinds()["refusal"]
SEEN = instruction.Answer(behaviours=("knowledge",), noticed=("template",))
DID = refusal.Answer(did="full_refusal", risk="fraud")


@pytest.mark.parametrize(
    ("kind", "draft", "answer", "origins"),
    [
        (INSTRUCTION, None, instruction.Answer("good"), ["accepted"]),
        (INSTRUCTION, None, instruction.Answer("good", 5, "2 + 2?", "Five."), ["accepted"]),
        (INSTRUCTION, None, instruction.Answer("fixed", answer="Four."), ["edited", "edited"]),
        (INSTRUCTION, SEEN, replace(SEEN, verdict="good"), ["accepted"]),
        (INSTRUCTION, SEEN, replace(SEEN, verdict="good", noticed=()), ["edited"]),
        (INSTRUCTION, SEEN, replace(SEEN, verdict="fixed", answer="Four."), ["edited", "edited"]),
        (INSTRUCTION, SEEN, replace(SEEN, verdict="unusable"), ["accepted"]),
        (REFUSAL, None, refusal.Answer("benign_comply", "comply", "none"), ["accepted"]),
        (REFUSAL, DID, replace(DID, decision="harmful_refuse"), ["accepted"]),
        (REFUSAL, DID, replace(DID, decision="harmful_refuse", risk="theft"), ["edited"]),
        (REFUSAL, DID, replace(DID, decision="benign_comply"), ["accepted"]),
        (
            REFUSAL,
            DID,
            replace(DID, decision="benign_comply", corrected="Four."),
            ["edited", "edited"],
        ),
    ],
)
def test_the_origin_of_one_answer_is_computed(kind, draft, answer, origins):
    reading = one_answer(kind, answer, draft)
    assert [record.parents[0].origin for record in reading.records] == origins
    assert {record.parents[0].drafted_by for record in reading.records} == {"m/1" if draft else ""}
    assert {record.parents[0].kind for record in reading.records} == {kind.id}


def test_a_drafted_text_is_compared_with_what_came_back():
    draft = instruction.Answer(answer="Four, I think.")
    accepted: Any = one_answer(INSTRUCTION, replace(draft, verdict="fixed"), draft).records
    edited: Any = one_answer(
        INSTRUCTION, instruction.Answer("fixed", answer="Four."), draft
    ).records
    assert [record.parents[0].origin for record in accepted] == ["accepted", "accepted"]
    assert [record.parents[0].origin for record in edited] == ["edited", "edited"]
    assert [len(made[1].candidates) for made in (accepted, edited)] == [2, 3]


def test_an_own_answer_that_a_model_drafted_is_not_the_annotator_s():
    draft = Answer(own="neither")
    drafted: Any = one(task(replace(draft, decision="tie"), draft=draft)).records[0]
    own: Any = one(task(Answer("tie", own="rather"), draft=draft)).records[0]
    assert [made.candidates[0].origin for made in (drafted, own)] == ["accepted", "human"]


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
