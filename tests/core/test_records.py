"""Records: their line form, their identity."""

import random
from dataclasses import fields, replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import group_id, merge_records, record_id
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Step,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.core.records_jsonl import from_line, from_plain, to_line, to_plain

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text("abcxyz", min_size=1, max_size=5)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(names, plain, max_size=3)
calls = st.builds(ToolCall, names, objects, names)
turns = st.builds(
    Turn,
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    content=text,
    reasoning=text,
    tool_calls=st.lists(calls, max_size=2).map(tuple),
    tool_call_id=names,
    train=st.booleans(),
)
some_turns = st.lists(turns, min_size=1, max_size=3).map(tuple)
tags = st.builds(
    Tags,
    behaviours=st.lists(st.sampled_from(["refusal", "chat"]), max_size=2).map(tuple),
    quality=st.none() | st.integers(1, 5),
    signals=st.dictionaries(names, st.floats(allow_nan=False, allow_infinity=False), max_size=2),
)
parents = st.lists(
    st.builds(Provenance, file=names, line=st.none() | st.integers(1, 9), annotator=names),
    max_size=2,
).map(tuple)
tools = st.lists(objects, max_size=2).map(tuple)
candidates = st.builds(
    Candidate, some_turns, st.none() | st.integers(1, 3), acceptable=st.none() | st.booleans()
)
records = st.one_of(
    st.builds(Demonstration, some_turns, some_turns, tools, tags, parents),
    st.builds(
        Comparison,
        some_turns,
        st.lists(candidates, min_size=2, max_size=4).map(tuple),
        tools,
        st.sampled_from(["strong", "slight", "tie", "unknown"]),
        tags,
        parents,
    ),
    st.builds(
        Judgement,
        some_turns,
        some_turns,
        tools,
        st.none() | st.booleans(),
        st.lists(st.builds(Step, text, st.none() | st.booleans()), max_size=2).map(tuple),
        tags=tags,
        parents=parents,
    ),
)


@given(records)
def test_a_line_loses_nothing_and_is_one_line(record):
    line = to_line(record)
    assert from_line(line) == record
    assert to_line(from_line(line)) == line
    assert b"\n" not in line
    assert from_plain(to_plain(record)) == record


@given(records, tags, parents)
def test_identity_hangs_on_content_alone(record, other_tags, other_parents):
    other = replace(record, tags=other_tags, parents=other_parents)
    assert record_id(other) == record_id(record)
    assert group_id(other) == group_id(record)


@given(records)
def test_other_content_is_another_record(record):
    other = replace(record, context=(*record.context, Turn("user", "and one more")))
    assert record_id(other) != record_id(record)
    assert group_id(other) != group_id(record)


@given(st.lists(candidates, min_size=2, max_size=4), st.randoms())
def test_the_order_of_candidates_is_not_content(found, rng: random.Random):
    shuffled = list(found)
    rng.shuffle(shuffled)
    context = (Turn("user", "hi"),)
    one, other = (Comparison(context, tuple(c)) for c in (found, shuffled))
    assert record_id(one) == record_id(other)


def demonstration(content, prompt="hi"):
    return Demonstration((Turn("user", prompt),), (Turn("assistant", content),))


def test_unicode_forms_and_newlines_are_not_content():
    assert record_id(demonstration("é\r\n")) == record_id(demonstration("e\u0301\n"))


def test_prompts_group_by_what_they_say():
    assert group_id(demonstration("x", " Hello\nWORLD")) == group_id(
        demonstration("y", "hello world")
    )


@given(records, parents, parents)
def test_merging_keeps_every_parent_and_knows_no_order(record, one, other):
    first, second = replace(record, parents=one), replace(record, parents=other)
    both = merge_records(first, second)
    assert both == merge_records(second, first)
    assert set(both.parents) == {*one, *other}
    assert record_id(both) == record_id(record)


def test_merging_knows_no_order_where_parents_and_tags_are_equal():
    turns = [(Turn("assistant", text),) for text in "ab"]
    context, parents = (Turn("user", "hi"),), (Provenance(file="a.jsonl"),)
    scored = [
        Comparison(
            context, (Candidate(turns[0], 1, score), Candidate(turns[1], 2)), parents=parents
        )
        for score in (0.25, 0.75, None)
    ]
    assert len({record_id(each) for each in scored}) == 1
    assert len({repr(merge_records(*order)) for order in permutations(scored)}) == 1


def test_many_merge_at_once_in_any_order():
    """The annotated one whose parents sort first counts, whatever was merged before it."""
    parents = (
        Provenance(file="m.jsonl", annotation=1),
        Provenance(file="a.jsonl"),
        Provenance(file="k.jsonl", annotation=2),
    )
    equal = [
        replace(demonstration("x"), parents=(parent,), tags=Tags(prototype=parent.file))
        for parent in parents
    ]
    for order in permutations(equal):
        merged = merge_records(*order)
        assert merged.tags.prototype == "k.jsonl"
        assert {*merged.parents} == {*parents}


def test_parents_stand_in_the_order_of_their_numbers():
    """The first parent is the place that pages and tasks show: line 7, not line 40."""
    places = [
        *(Provenance(file="a.jsonl", line=line) for line in (7, 40, 100)),
        *(Provenance(file="b.jsonl", line=line) for line in (9, 10, None)),
    ]
    equal = [replace(demonstration("x"), parents=(place,)) for place in places]
    assert merge_records(*equal[::-1]).parents == tuple(places)
    assert merge_records(merge_records(*equal[3:]), *equal[2::-1]).parents == tuple(places)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "json"),
        (b"[]", "not_a_record"),
        (b'{"record":"poem"}', "not_a_record"),
        (b'{"record":"demonstration","context":[]}', "bad_field"),
        (b'{"record":"demonstration","context":[],"response":[],"mood":1}', "unknown_field"),
        (
            b'{"record":"demonstration","context":[{"role":"human"}],"response":[]}',
            "bad_field",
        ),
    ],
)
def test_a_bad_line_has_a_reason_and_a_path(line, reason):
    with pytest.raises(BadRow) as caught:
        from_line(line)
    assert caught.value.reason == reason


def test_the_path_of_a_bad_field_is_told():
    with pytest.raises(BadRow, match=r"context\.0\.role"):
        from_line(b'{"record":"demonstration","context":[{"role":"human"}],"response":[]}')


def test_a_text_that_utf8_cannot_hold_is_refused():
    with pytest.raises(BadRow):
        to_line(demonstration("\ud800"))


def test_a_reading_has_records_or_a_reason():
    with pytest.raises(ValueError, match="records or a reason"):
        InputResult("key")
    with pytest.raises(ValueError, match="records or a reason"):
        InputResult("key", (demonstration("x"),), "cancelled")


def test_every_field_of_a_record_has_a_place_in_its_line():
    for record_type in (Demonstration, Comparison, Judgement):
        assert {"context", "tags", "parents"} <= {field.name for field in fields(record_type)}
