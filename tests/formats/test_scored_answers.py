"""Several answers with scores or ranks."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Turn
from goldleaf.formats import scored_answers
from goldleaf.label_configs.ranking.codec import to_task

SCORED = {
    "source": "own",
    "instruction": "Name a colour.",
    "completions": [
        {"model": "m1", "response": "Blue.", "overall_score": 8.5, "critique": "Short."},
        {"model": "m2", "response": "Loud.", "overall_score": 2, "custom_system_prompt": "Be odd."},
        {"model": "m3", "response": "Red.", "overall_score": 8.5},
    ],
}
RANKED = {
    "prompt": "\n\nHuman: Name a colour.\n\nAssistant: Blue.\n\nHuman: Another.\n\nAssistant: ",
    "answers": [
        {"answer": "Red.", "model": "m1", "rank": 1.0},
        {"answer": "Blue.", "model": "m2", "rank": 2.0},
        {"answer": "", "model": "m3", "rank": 3.0},
    ],
}


def test_scores_become_ranks_and_equal_scores_a_tie():
    assert scored_answers.recognises(SCORED)
    read = scored_answers.read(SCORED)
    assert read.context == (Turn("user", "Name a colour."),)
    assert [(c.drafted_by, c.rank, c.score) for c in read.candidates] == [
        ("m1", 1, 8.5),
        ("m2", 2, 2.0),
        ("m3", 1, 8.5),
    ]
    assert len(to_task(read)["answers"]) == 3


def test_ranks_are_kept_and_a_transcript_is_a_conversation():
    assert scored_answers.recognises(RANKED)
    read = scored_answers.read(RANKED)
    assert [turn.role for turn in read.context] == ["user", "assistant", "user"]
    assert [c.rank for c in read.candidates] == [1, 2, 3]
    assert len(to_task(read)["answers"]) == 3


def test_an_answer_without_a_score_leaves_all_unranked():
    row = {**SCORED, "completions": [*SCORED["completions"], {"model": "m4", "response": "Hm."}]}
    assert {c.rank for c in scored_answers.read(row).candidates} == {None}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"completions": SCORED["completions"][:1]}, "not_two_answers"),
        ({"completions": [*SCORED["completions"], {"model": "m"}]}, "missing_field"),
        ({"completions": [*SCORED["completions"], {"response": 7}]}, "not_text"),
        ({"completions": ["Blue."]}, "missing_field"),
        ({"instruction": ""}, "no_prompt"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_reason(change, reason):
    with pytest.raises(BadRow) as caught:
        scored_answers.read({**SCORED, **change})
    assert caught.value.reason == reason
