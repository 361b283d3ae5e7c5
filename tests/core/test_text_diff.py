"""What differs between two texts, as a reader sees it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.text_comparison import canonical
from goldleaf.core.text_diff import MOST, compare

PAIRS = [
    ("Steep it for three minutes.", "Steep it for two minutes.", ("words", 1)),
    ("Boil it.", "Heat it to 80 degrees.", ("words", 4)),
    ("Wait, then pour.", "Wait then pour.", ("words", 1)),
    ("用开水泡三分钟。", "用八十度的水泡两分钟！", ("characters", 6)),
    ("用 Python 写。", "用 Rust 写。", ("words", 1)),
    ("one  two", "one two", ("words", 1)),
    ("same", " same\r\n", ("words", 0)),
]


@pytest.mark.parametrize(("old", "new", "changed"), PAIRS)
def test_words_are_counted_in_english_and_characters_in_chinese(old, new, changed):
    found = compare(old, new)
    assert (found.unit, found.count) == changed


TEXTS = st.text(alphabet=st.sampled_from("ab 'ü\n。，茶水\U00020000!-"), max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_the_difference(old, new):
    parts = compare(old, new).parts
    for text, other in ((old, "new"), (new, "gone")):
        assert "".join(each.text for each in parts if each.fate != other) == (
            canonical(text).strip()
        )
    fates = [part.fate for part in parts]
    assert all(one != other for one, other in pairwise(fates))
    assert (compare(old, new).count == 0) == (canonical(old).strip() == canonical(new).strip())


def test_a_long_text_is_compared_and_shown_by_what_changed():
    old = "word " * (2 * MOST)
    found = compare(old, f"{old}end").shortened()
    assert found.count == 1 and sum(len(part.text) for part in found.parts) < 500
    assert found.marked().endswith("{+ end+}") and " … " in found.marked()
