"""Answers still to be compared."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.formats import unranked_answers


def test_two_answers_and_their_models():
    row = {"prompt": "Sky?", "answer_a": "Blue.", "answer_b": "", "model_a": "m1", "model_b": "m2"}
    assert unranked_answers.recognises(row)
    assert unranked_answers.read(row) == Comparison(
        (Turn("user", "Sky?"),),
        (
            Candidate((Turn("assistant", "Blue."),), drafted_by="m1"),
            Candidate((Turn("assistant", ""),), drafted_by="m2"),
        ),
    )


def test_an_instruction_with_its_input_and_a_system_prompt():
    row = {"instruction": "Add", "input": "2, 2", "responses": ["4", "5", "22"], "system": "Brief."}
    assert unranked_answers.recognises(row)
    read = unranked_answers.read(row)
    assert read.context == (Turn("system", "Brief."), Turn("user", "Add\n\n2, 2"))
    assert [c.turns[0].content for c in read.candidates] == ["4", "5", "22"]
    assert {c.rank for c in read.candidates} == {None}


def test_messages_on_both_sides():
    said = [{"role": "assistant", "content": "4"}]
    row = {"prompt": [{"role": "user", "content": "2+2?"}], "responses": [said, "5"]}
    assert len(unranked_answers.read(row).candidates) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "a", "answer_a": True, "answer_b": "b"}, "not_text"),
        ({"prompt": "", "answer_a": "a", "answer_b": "b"}, "no_prompt"),
        ({"prompt": "  ", "answer_a": "a", "answer_b": "b"}, "no_prompt"),
        ({"prompt": 5, "answer_a": "a", "answer_b": "b"}, "bad_messages"),
        ({"prompt": "a", "answer_a": "a", "answer_b": None}, "not_two_answers"),
        ({"prompt": "a", "responses": ["a"]}, "not_two_answers"),
        ({"prompt": "a"}, "missing_field"),
        ({"prompt": "a", "responses": ["a", "b"], "models": ["m"]}, "bad_field"),
        (
            {"prompt": "a", "responses": [[{"role": "user", "content": "b"}], "c"]},
            "role_order",
        ),
    ],
)
def test_refuses(row, reason):
    with pytest.raises(BadRow) as refused:
        unranked_answers.read(row)
    assert refused.value.reason == reason
