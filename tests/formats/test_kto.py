"""Conversations with a thumb, and what counts as one."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Judgement, Turn
from goldleaf.formats import kto, messages, trl
from goldleaf.formats.boolean_labels import is_verdict

SAID = [{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Green."}]


def test_the_label_judges_the_last_turn():
    row = {"messages": SAID, "label": False}
    assert kto.recognises(row)
    assert not messages.recognises(row)
    assert kto.read(row) == Judgement(
        (Turn("user", "Sky?"),), (Turn("assistant", "Green."),), good=False
    )


def test_a_label_of_something_else_leaves_a_conversation():
    row = {"messages": SAID, "label": "geography"}
    assert messages.recognises(row)
    assert not kto.recognises(row)


@pytest.mark.parametrize(
    ("label", "good"),
    [(True, True), (1, True), ("TRUE ", True), ("0", False), (0, False), ("false", False)],
)
def test_labels_as_files_write_them(label, good):
    assert kto.read({"messages": SAID, "label": label}).good is good
    row = {"prompt": "Sky?", "completion": "Blue.", "label": label}
    assert trl.read(row) == Judgement(
        (Turn("user", "Sky?"),), (Turn("assistant", "Blue."),), good=good
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"messages": SAID}, "missing_field"),
        ({"messages": SAID, "label": None}, "missing_field"),
        ({"messages": SAID, "label": "good"}, "bad_label"),
        ({"messages": SAID, "label": 2}, "bad_label"),
        ({"messages": SAID, "label": [True]}, "bad_label"),
        ({"messages": SAID[:1], "label": True}, "trailing_user"),
    ],
)
def test_refuses(row, reason):
    with pytest.raises(BadRow) as bad:
        kto.read(row)
    assert bad.value.reason == reason


def test_a_number_is_recognised_by_nobody_as_a_thumb():
    assert not is_verdict(1)
    assert not is_verdict("1")
