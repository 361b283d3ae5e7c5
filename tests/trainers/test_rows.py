"""Rows of every trainer: what is written reads back, but for what `LOSSY_FIELDS` names; traps."""

import json

import pytest
from forgetting import FORGET, forgotten
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Step,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.trainers.registry import writers

WRITERS = writers()
TRAINED = sorted(WRITERS)


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12
)
SAID = st.one_of(TEXT, st.sampled_from(["a\u2028b", '{"a": 1}', "[1]", "<tool_call>", "x\n"]))
SAID = SAID.filter(str.strip)
THOUGHT = st.one_of(st.just(""), SAID)
ARGUMENTS = st.dictionaries(TEXT, st.one_of(TEXT, st.integers(-9, 9), st.booleans()), max_size=2)
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}


@st.composite
def rounds(draw, last):
    """Turns up to, or with, an answer."""
    turns = [Turn("system", draw(SAID))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 2))):
        turns += [Turn("user", draw(SAID)), draw(answers())]
    turns.append(Turn("user", draw(SAID)))
    if draw(st.booleans()):
        made = [ToolCall("f", draw(ARGUMENTS), f"c{n}") for n in range(draw(st.integers(1, 2)))]
        said, thought = draw(st.one_of(st.just(""), SAID)), draw(THOUGHT)
        turns.append(Turn("assistant", said, thought, tuple(made)))
        turns += [Turn("tool", draw(SAID), tool_call_id=call.id) for call in made]
    return tuple([*turns, draw(answers())] if last else turns)


def answers():
    return st.builds(Turn, st.just("assistant"), SAID, THOUGHT, train=st.booleans())


@st.composite
def examples(draw):
    tools = draw(st.sampled_from([(), (TOOL,)]))
    tags = Tags(language="en", behaviours=("chat",))
    if draw(st.booleans()):
        context = draw(rounds(last=False))
        origin, score = draw(st.sampled_from(["imported", "edited"])), draw(st.floats(0, 1))
        pair = tuple(
            Candidate((draw(answers()),), rank, score, True, "m", origin) for rank in (1, 2)
        )
        return Comparison(context, pair, tools, draw(st.sampled_from(["strong", "tie"])), tags)
    turns = draw(rounds(last=True))
    context, response = turns[:-1], turns[-1:]
    if draw(st.booleans()):
        return Demonstration(context, response, tools, tags)
    step = (Step("a", True),)
    return Judgement(context, response, tools, draw(st.booleans()), step, ("why",), tags)


MAY_REFUSE = {
    *("identical_pair", "reasoning_inline", "mixed_training", "nothing_learned"),
    "tool_call_inline",
    *("tools_unsupported", "reasoning_unsupported", "verdict_unsupported"),
    *("no_ground_truth", "answer_unchecked", "no_criteria"),
}
BESIDE = {"response.beside_demonstration", "answers.beside_comparison"}
CHECKED = ("rlvr", "verl", "open_instruct", "rubrics")
"""Formats that take few examples; see test_checked_rows.py and test_prompt_rows.py."""


@pytest.mark.parametrize("name", TRAINED)
@settings(max_examples=150, deadline=None)
@given(example=examples())
def test_what_is_written_reads_back_as_it_was(name, example):
    unit = WRITERS[name]
    try:
        rows = unit.write(example)
    except BadRow as error:
        assert error.reason in MAY_REFUSE
        return
    for table, row in rows.items():
        assert table in unit.TABLES
        assert None not in row.values()
        read = unit.read(json.loads(json.dumps(row, ensure_ascii=False)))
        assert forgotten(read, unit) == forgotten(example, unit)


@pytest.mark.parametrize("name", TRAINED)
def test_every_loss_is_explained_and_known(name):
    refused = {"tools", "turn.reasoning", "judgement"} | BESIDE
    for field, why in WRITERS[name].LOSSY_FIELDS:
        assert field in FORGET or field in refused, field
        assert len(why) > 10


ASK = (Turn("user", "Sky?"),)


def answered(text, **more):
    return Demonstration(ASK, (Turn("assistant", text, **more),))


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (answered("\ud800"), "bad_unicode"),
        (answered("a\x00b"), "control_chars"),
        (answered("  \n"), "empty_response"),
        (answered("<think>x</think>y"), "reasoning_inline"),
        (answered("The tag </think> ends a thought."), "reasoning_inline"),
        (Demonstration((), (Turn("assistant", "x"),)), "no_prompt"),
        (Demonstration(ASK, ()), "empty_response"),
        (Demonstration((*ASK, *ASK), (Turn("assistant", "x"),)), "role_order"),
        (Demonstration(ASK, (Turn("user", "x"),)), "role_order"),
        (Judgement(ASK, (Turn("assistant", "x"),)), "no_verdict"),
        (Comparison(ASK, (Candidate((Turn("assistant", "x"),), 1),)), "not_a_pair"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_never_writes_what_a_trainer_spoils(name, record, reason):
    with pytest.raises(BadRow) as refused:
        WRITERS[name].write(record)
    if name == "openai" and isinstance(record, Judgement):
        reason = "verdict_unsupported"
    assert refused.value.reason == reason


@pytest.mark.parametrize("name", TRAINED)
def test_equal_answers_are_no_pair(name):
    said = (Turn("assistant", "Blue."), Turn("assistant", " Blue.\n"))
    pair = tuple(Candidate((turn,), rank) for rank, turn in enumerate(said, 1))
    with pytest.raises(BadRow, match="identical_pair"):
        WRITERS[name].write(Comparison(ASK, pair))


@pytest.mark.parametrize("name", [name for name in TRAINED if name not in CHECKED])
def test_line_separators_and_empty_arguments_stay(name):
    unit = WRITERS[name]
    text = answered("one\u2028two\u2029three\x85four")
    (row,) = unit.write(text).values()
    assert unit.read(json.loads(json.dumps(row, ensure_ascii=False))) == forgotten(text, unit)


def test_results_stand_in_the_order_of_their_calls():
    made = (ToolCall("f", {"n": 1}, "one"), ToolCall("f", {"n": 2}, "two"))
    results = (
        Turn("tool", "second", tool_call_id="two"),
        Turn("tool", "first", tool_call_id="one"),
    )
    record = Demonstration(
        (*ASK, Turn("assistant", "", tool_calls=made), *results),
        (Turn("assistant", "Done."),),
        (TOOL,),
    )
    for name in TRAINED:
        if name in ("alpaca", *CHECKED):
            continue
        (row,) = WRITERS[name].write(record).values()
        text = json.dumps(row)
        assert text.index("first") < text.index("second"), name


@pytest.mark.parametrize(
    "name", [n for n in TRAINED if n not in ("alpaca", "trl", "parquet", *CHECKED)]
)
def test_calls_and_results_must_be_as_many(name):
    made = (ToolCall("f", {}, "one"), ToolCall("f", {}, "two"))
    turns = (*ASK, Turn("assistant", "", tool_calls=made), Turn("tool", "1", tool_call_id="one"))
    record = Demonstration(turns, (Turn("assistant", "Done."),), (TOOL,))
    with pytest.raises(BadRow, match="results_differ"):
        WRITERS[name].write(record)


def test_swift_gives_the_rejected_side_its_tools_and_a_margin():
    pair = (
        Candidate((Turn("assistant", "a"),), 1, 4.5),
        Candidate((Turn("assistant", "b"),), 2, 2.0),
    )
    row = WRITERS["swift"].write(Comparison(ASK, pair, (TOOL,)))["dpo"]
    assert row["rejected_tools"] == row["tools"] == json.dumps([TOOL])
    assert row["margin"] == 2.5


def test_llamafactory_has_no_empty_list_of_tools():
    """`"[]"` makes LLaMA-Factory put an empty system turn in front of the row."""
    assert WRITERS["llamafactory"].write(answered("Blue."))["sft"]["tools"] == ""


def test_openai_gives_ids_where_there_are_none():
    turns = (*ASK, Turn("assistant", "", tool_calls=(ToolCall("f"),)), Turn("tool", "1"))
    row = WRITERS["openai"].write(Demonstration(turns, (Turn("assistant", "x"),), (TOOL,)))
    said = row["sft_tools"]["messages"]
    assert said[1]["tool_calls"][0]["id"] == said[2]["tool_call_id"] != ""
    assert said[1]["tool_calls"][0]["function"]["arguments"] == "{}"


def test_openai_refuses_names_that_no_service_takes():
    tool = {"type": "function", "function": {"name": "hotel.book", "parameters": {}}}
    call = Turn("assistant", "", tool_calls=(ToolCall("hotel.book"),))
    for record in (
        Demonstration(ASK, (Turn("assistant", "x"),), (tool,)),
        Demonstration(ASK, (call,)),
    ):
        with pytest.raises(BadRow, match="tool_name"):
            WRITERS["openai"].write(record)


def test_openai_wraps_a_function_declared_by_itself_once():
    bare = {"type": "function", "name": "f", "parameters": {}}
    ((_, row),) = (
        WRITERS["openai"].write(Demonstration(ASK, (Turn("assistant", "Blue."),), (bare,))).items()
    )
    assert row["tools"] == [{"type": "function", "function": {"name": "f", "parameters": {}}}]


@pytest.mark.parametrize("function", ["f", None, {}])
def test_openai_refuses_a_tool_that_is_no_function(function):
    broken = {"type": "function", "function": function}
    with pytest.raises(BadRow, match="tool_name"):
        WRITERS["openai"].write(Demonstration(ASK, (Turn("assistant", "Blue."),), (broken,)))


def test_rows_of_one_openai_table_have_the_same_keys():
    asked = (Turn("user", "Time?"),)
    undeclared = (Turn("assistant", tool_calls=(ToolCall("f", {}, "c"),)),)
    written = [
        WRITERS["openai"].write(record)
        for record in (
            Demonstration(asked, undeclared),
            Demonstration(asked, undeclared, (TOOL,)),
            Demonstration((Turn("user", "Hi", name="Al"),), (Turn("assistant", "Hi"),)),
        )
    ]
    keys: dict[str, set[tuple[str, ...]]] = {}
    for rows in written:
        for table, row in rows.items():
            keys.setdefault(table, set()).add(tuple(row))
    assert keys == {"sft": {("messages",)}, "sft_tools": {("messages", "tools")}}


@pytest.mark.parametrize("name", ["trl", "swift", "parquet"])
def test_a_margin_is_a_number(name):
    answers = [
        Candidate((Turn("assistant", said),), rank, score)
        for rank, (said, score) in enumerate([("yes", 1e308), ("no", -1e308)], 1)
    ]
    (row,) = WRITERS[name].write(Comparison((Turn("user", "Sky?"),), tuple(answers))).values()
    assert row["margin"] == 0.0
