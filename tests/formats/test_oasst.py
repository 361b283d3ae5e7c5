"""Open Assistant's trees: comparisons of ranked siblings, and the best conversation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Demonstration, Turn
from goldleaf.formats import oasst


def message(role, text, *replies, **more):
    return {"role": role, "text": text, "replies": list(replies), **more}


def prompter(text, *replies, **more):
    return message("prompter", text, *replies, **more)


def assistant(text, *replies, **more):
    return message("assistant", text, *replies, **more)


def tree(prompt, **more):
    return {"message_tree_id": "t", "tree_state": "ready_for_export", "prompt": prompt, **more}


def user(text):
    return Turn("user", text)


def said(text):
    return Turn("assistant", text)


def candidate(text, rank, model=""):
    return Candidate((said(text),), rank=rank, drafted_by=model)


def test_ranked_siblings_are_compared_and_the_best_path_is_shown():
    row = tree(
        prompter(
            "Sky?",
            assistant("Green.", rank=1, model_name="chip"),
            assistant(
                "Blue.",
                prompter("Unanswered?"),
                prompter("At night?", assistant("Red.", rank=1), assistant("Black.", rank=0)),
                rank=0,
            ),
        )
    )
    assert oasst.recognises(row)
    assert oasst.read(row) == (
        Comparison((user("Sky?"),), (candidate("Green.", 2, "chip"), candidate("Blue.", 1))),
        Comparison(
            (user("Sky?"), said("Blue."), user("At night?")),
            (candidate("Red.", 2), candidate("Black.", 1)),
        ),
        Demonstration((user("Sky?"), said("Blue."), user("At night?")), (said("Black."),)),
    )


def test_a_single_answer_is_shown_and_not_compared():
    row = tree(prompter("Sky?", assistant("Blue.", prompter("And?"))))
    assert oasst.read(row) == (Demonstration((user("Sky?"),), (said("Blue."),)),)


def test_what_was_deleted_or_turned_down_is_gone_with_all_below_it():
    row = tree(
        prompter(
            "Sky?",
            assistant("Bad.", prompter("Why?", assistant("So.")), rank=0, deleted=True),
            assistant("Spam.", rank=1, review_result=False),
            assistant("Blue.", rank=2),
            assistant("Not ranked."),
        )
    )
    assert oasst.read(row) == (Demonstration((user("Sky?"),), (said("Blue."),)),)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (tree(prompter("a", assistant("b")), tree_state="aborted_low_grade"), "tree_given_up"),
        (tree(prompter("a")), "no_answers"),
        (tree(prompter("a", assistant("b", deleted=True))), "no_answers"),
        (tree(prompter("a", assistant("b"), deleted=True)), "no_prompt"),
        (tree(prompter("a", assistant(""))), "empty_response"),
        (tree(prompter("a", assistant(None))), "not_text"),
        (tree(prompter("a", message("moderator", "b"))), "bad_role"),
        (tree(prompter("a", prompter("b", assistant("c")))), "role_order"),
        (tree({"role": "prompter", "text": "a", "replies": ["b"]}), "bad_messages"),
        ({"prompt": "a"}, "bad_messages"),
    ],
)
def test_refuses(row, reason):
    with pytest.raises(BadRow) as bad:
        oasst.read(row)
    assert bad.value.reason == reason


def children(role, below):
    ranks = st.one_of(st.none(), st.integers(0, 3))
    made = st.builds(
        lambda text, replies, rank, deleted: message(
            role, text, *replies, rank=rank, deleted=deleted
        ),
        st.text(min_size=1, max_size=3, alphabet="ab"),
        below,
        ranks,
        st.booleans(),
    )
    return st.lists(made, max_size=3)


LEAVES = st.just([])
TREES = children("assistant", children("prompter", children("assistant", LEAVES)))


@given(TREES)
def test_any_tree_is_read_or_refused(replies):
    try:
        records = oasst.read(tree(prompter("Sky?", *replies)))
    except BadRow as bad:
        assert bad.reason == "no_answers"
        assert all(reply["deleted"] for reply in replies)
        return
    *comparisons, best = records
    assert isinstance(best, Demonstration)
    assert best.response[0].role == "assistant"
    for comparison in comparisons:
        assert isinstance(comparison, Comparison)
        assert comparison.context[-1].role == "user"
        assert len(comparison.candidates) > 1
        assert all(c.rank is not None for c in comparison.candidates)
