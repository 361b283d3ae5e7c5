"""TRL rows: what is read, what is refused, and the law that nothing gets lost but what is named."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.trainers.trl import rows as trl

USER = {"role": "user", "content": "Sky?"}
BLUE = {"role": "assistant", "content": "Blue."}
GREEN = {"role": "assistant", "content": "Green."}
PAIR = Comparison(
    (Turn("user", "Sky?"),),
    (
        Candidate((Turn("assistant", "Blue."),), rank=1),
        Candidate((Turn("assistant", "Green."),), rank=2),
    ),
)


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": [USER], "chosen": [BLUE], "rejected": [GREEN]},
        {"prompt": "Sky?", "chosen": "Blue.", "rejected": "Green."},
        {"prompt": [USER], "chosen": "Blue.", "rejected": "Green."},
        {"chosen": [USER, BLUE], "rejected": [USER, GREEN]},
        {"prompt": [USER], "chosen": [USER, BLUE], "rejected": [USER, GREEN]},
        {"prompt": "Sky?", "chosen": [USER, BLUE], "rejected": [USER, GREEN]},
        {"prompt": "Sky?", "chosen": [BLUE], "rejected": [GREEN], "tools": None, "source": "x"},
    ],
    ids=[
        "explicit",
        "plain",
        "mixed",
        "implicit",
        "repeated",
        "repeated after text",
        "text prompt",
    ],
)
def test_every_spelling_of_a_pair_is_the_same_pair(row):
    assert trl.recognises(row)
    assert trl.read(row) == PAIR


def test_scores_are_kept():
    row = {"prompt": "Sky?", "chosen": "Blue.", "rejected": "Green.", "score_chosen": 4}
    read = trl.read(row)
    assert isinstance(read, Comparison)
    assert read.candidates[0].score == 4.0


def test_completions():
    row = {"prompt": "Sky?", "completion": "Blue."}
    turns = ((Turn("user", "Sky?"),), (Turn("assistant", "Blue."),))
    assert trl.recognises(row)
    assert trl.read(row) == Demonstration(*turns)
    assert trl.read({**row, "label": False}) == Judgement(*turns, good=False)


def test_a_shared_tool_round_belongs_to_the_prompt():
    call = {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f"}}]}
    result = {"role": "tool", "content": "1", "tool_call_id": "c"}
    read = trl.read({"chosen": [USER, call, result, BLUE], "rejected": [USER, call, result, GREEN]})
    assert [turn.role for turn in read.context] == ["user", "assistant", "tool"]
    both = trl.read({"chosen": [USER, call, result, BLUE], "rejected": [USER, call]})
    assert [turn.role for turn in both.context] == ["user"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": [USER], "chosen": [BLUE], "rejected": [BLUE]}, "identical_pair"),
        ({"chosen": [USER, BLUE], "rejected": [USER, BLUE]}, "identical_pair"),
        ({"prompt": "Sky?", "chosen": "Blue.", "rejected": None}, "missing_field"),
        ({"prompt": "Sky?", "chosen": "Blue.", "rejected": ""}, "empty_response"),
        ({"prompt": "Sky?", "chosen": "Sky?\nBlue.", "rejected": "No."}, "prompt_repeated"),
        ({"prompt": "", "chosen": "Blue.", "rejected": "No."}, "no_prompt"),
        ({"prompt": [], "chosen": "Blue.", "rejected": "No."}, "no_prompt"),
        ({"prompt": [USER], "chosen": [BLUE, USER], "rejected": [GREEN]}, "role_order"),
        ({"prompt": [USER, BLUE], "chosen": [BLUE], "rejected": [GREEN]}, "role_order"),
        ({"prompt": [USER], "chosen": BLUE, "rejected": GREEN}, "bad_messages"),
        ({"prompt": [USER], "chosen": [], "rejected": [GREEN]}, "bad_messages"),
        ({"prompt": [USER], "chosen": [USER], "rejected": [GREEN]}, "empty_response"),
        (
            {"chosen": [USER, BLUE], "rejected": [{"role": "user", "content": "x"}, GREEN]},
            "different_prompts",
        ),
        ({"prompt": "Sky?", "completion": "Blue.", "label": "good"}, "bad_label"),
        ({"prompt": "Sky?"}, "missing_field"),
    ],
)
def test_refuses(row, reason):
    with pytest.raises(BadRow) as refused:
        trl.read(row)
    assert refused.value.reason == reason


SFT = Demonstration(PAIR.context, (Turn("assistant", "Blue."),))
LATER = replace(
    SFT, context=(*SFT.context, Turn("assistant", "What?", train=False), Turn("user", "The sky."))
)
THUMB = Judgement(SFT.context, SFT.response, good=False)


@pytest.mark.parametrize(
    ("record", "table", "row"),
    [
        (
            PAIR,
            "dpo",
            {"prompt": [USER], "chosen": [BLUE], "rejected": [GREEN], "strength": "unknown"}
            | {"chosen_origin": "imported", "rejected_origin": "imported", "margin": 0.0},
        ),
        (SFT, "sft", {"messages": [USER, BLUE]}),
        (
            LATER,
            "sft_completion",
            {
                "prompt": [
                    USER,
                    {"role": "assistant", "content": "What?"},
                    {"role": "user", "content": "The sky."},
                ],
                "completion": [BLUE],
            },
        ),
        (THUMB, "kto", {"prompt": [USER], "completion": [BLUE], "label": False}),
    ],
    ids=["pair", "conversation", "last answer alone", "verdict"],
)
def test_rows_as_written(record, table, row):
    assert trl.write(record) == {table: row | {"tools": "[]"}}
    assert trl.read(row | {"tools": "[]"}) == record
    named = (*record.context[:-1], replace(record.context[-1], name="ann"))
    assert list(trl.write(replace(record, context=named))) == [f"{table}_tools"]
    assert {table, f"{table}_tools"} <= set(trl.TABLES)


CALLED = ToolCall("f", {"x": 1}, "c1")
RESULT = Turn("tool", "1", tool_call_id="c1")


def _answered(text, **more):
    candidates = (Candidate((Turn("assistant", text, **more),), rank=1), PAIR.candidates[1])
    return replace(PAIR, candidates=candidates)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (replace(THUMB, good=None), "no_verdict"),
        (replace(SFT, response=()), "empty_response"),
        (replace(SFT, response=(Turn("assistant", " "),)), "empty_response"),
        (replace(SFT, response=(Turn("user", "b"),)), "role_order"),
        (replace(SFT, context=()), "no_prompt"),
        (replace(SFT, response=(Turn("assistant", "b", train=False),)), "mixed_training"),
        (replace(SFT, context=(Turn("user", "a"), Turn("user", "b"))), "role_order"),
        (replace(SFT, response=(Turn("assistant", "a"), Turn("assistant", "b"))), "role_order"),
        (
            replace(SFT, response=(Turn("assistant", "", tool_calls=(CALLED,)), RESULT)),
            "role_order",
        ),
        (
            replace(
                SFT,
                context=(
                    Turn("user", "x"),
                    Turn("assistant", "x"),
                    Turn("user", "x"),
                    Turn("assistant", "x", train=False),
                    Turn("user", "x"),
                ),
            ),
            "mixed_training",
        ),
        (replace(PAIR, candidates=PAIR.candidates[::-1]), "not_a_pair"),
        (replace(PAIR, candidates=PAIR.candidates[:1]), "not_a_pair"),
        (replace(PAIR, context=()), "no_prompt"),
        (replace(PAIR, context=(Turn("user", "a"), Turn("assistant", "b"))), "role_order"),
        (_answered(""), "empty_response"),
        (_answered(" Green.\n"), "identical_pair"),
        (_answered("\ud800"), "bad_unicode"),
        (_answered("a\x00b"), "control_chars"),
        (_answered("<think>hm</think>Blue."), "reasoning_inline"),
        (_answered("Blue.", reasoning="a</think>b"), "reasoning_inline"),
        (
            replace(PAIR, candidates=(Candidate((Turn("user", "x"),), rank=1), PAIR.candidates[1])),
            "role_order",
        ),
        (replace(PAIR, candidates=(Candidate((), rank=1), PAIR.candidates[1])), "empty_response"),
    ],
)
def test_never_writes_what_the_trainer_spoils(record, reason):
    with pytest.raises(BadRow) as refused:
        trl.write(record)
    assert refused.value.reason == reason


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
SAID = TEXT.filter(str.strip)
ARGUMENTS = st.dictionaries(TEXT, st.one_of(TEXT, st.integers(-9, 9), st.booleans()), max_size=2)
CALL = st.builds(ToolCall, SAID, ARGUMENTS, st.just("c1"))


@st.composite
def pairs(draw):
    context = [Turn("system", draw(SAID))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 2))):
        context += [Turn("user", draw(SAID)), Turn("assistant", draw(SAID), draw(TEXT))]
    context.append(Turn("user", draw(SAID), name=draw(st.sampled_from(["", "ann"]))))
    if draw(st.booleans()):
        context.append(Turn("assistant", draw(TEXT), tool_calls=(draw(CALL),)))
        context.append(Turn("tool", draw(TEXT), tool_call_id="c1"))
    answers = (Turn("assistant", draw(SAID), draw(TEXT)) for _ in range(2))
    origins = st.sampled_from(["imported", "human", "edited", "accepted"])
    candidates = (Candidate((a,), rank=i, origin=draw(origins)) for i, a in enumerate(answers, 1))
    tools = draw(st.sampled_from([(), ({"type": "function", "size": 3},)]))
    strength = draw(st.sampled_from(["strong", "slight", "unknown"]))
    return Comparison(tuple(context), tuple(candidates), tools, strength)


@given(pairs())
def test_what_is_written_reads_back_as_it_was(pair):
    try:
        ((table, row),) = trl.write(pair).items()
    except BadRow as error:
        assert error.reason in ("identical_pair", "reasoning_inline", "tool_unknown")
        return
    assert trl.recognises(row)
    assert trl.read(json.loads(json.dumps(row, ensure_ascii=False))) == pair
    if table == "dpo":
        messages = [m for column in ("prompt", "chosen", "rejected") for m in row[column]]
        assert all(set(message) == {"role", "content"} for message in messages)


@given(pairs(), st.booleans(), st.booleans())
def test_demonstrations_and_judgements_read_back_too(pair, train, good):
    context = tuple(replace(t, train=train) if t.role == "assistant" else t for t in pair.context)
    response = pair.candidates[0].turns
    for record in (
        Demonstration(context, response, pair.tools),
        Judgement(pair.context, response, pair.tools, good=good),
    ):
        try:
            ((_, row),) = trl.write(record).items()
        except BadRow as error:
            assert error.reason in ("reasoning_inline", "tool_unknown")
            continue
        assert trl.read(json.loads(json.dumps(row, ensure_ascii=False))) == record


def test_a_refusal_names_the_turn_that_an_answer_ends_with():
    open_ended = replace(SFT, response=(Turn("assistant", "", tool_calls=(CALLED,)), RESULT))
    with pytest.raises(BadRow, match="turn of the tool"):
        trl.write(open_ended)


def test_tools_are_one_text_whatever_the_order_of_their_keys():
    tools = ({"type": "function", "function": {"name": "查天气", "description": "天气"}},)
    turned = ({"function": {"description": "天气", "name": "查天气"}, "type": "function"},)
    texts = {trl.write(replace(SFT, tools=t))["sft"]["tools"] for t in (tools, turned)}
    assert texts == {
        '[{"function":{"description":"天气","name":"查天气"},"type":"function"}]',
    }


def test_what_the_assistant_did_not_write_is_never_asked_for_its_training():
    called = (Turn("assistant", "", tool_calls=(CALLED,)), replace(RESULT, train=False))
    record = replace(SFT, response=(*called, Turn("assistant", "b")))
    assert list(trl.write(record)) == ["sft_tools"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({"prompt": [USER], "completion": [BLUE]}, True),
        ({"prompt": [USER]}, False),
        ({"messages": [USER, BLUE]}, False),
        ({"conversations": [USER, BLUE], "prompt": "a", "completion": "b"}, False),
        ({"chosen": "Blue.", "rejected": "Green."}, False),
    ],
)
def test_a_row_is_recognised_by_its_columns(row, known):
    assert trl.recognises(row) is known


def test_only_what_is_named_is_lost():
    rich = replace(
        PAIR,
        tags=Tags(language="en"),
        candidates=tuple(
            replace(c, score=1.0, acceptable=True, drafted_by="m") for c in PAIR.candidates
        ),
    )
    assert trl.read(trl.write(rich)["dpo"]) == PAIR
    lost = {field for field, _ in trl.LOSSY_FIELDS}
    assert {"tags", "candidates.score", "candidates.acceptable", "candidates.drafted_by"} <= lost


def test_a_system_prompt_in_its_own_column():
    row = {"system": "Be brief.", "prompt": "Sky?", "chosen": "Blue.", "rejected": "Green."}
    read = trl.read(row)
    assert read.context == (Turn("system", "Be brief."), Turn("user", "Sky?"))
    assert trl.read({"system": "x", "prompt": [USER], "completion": "a"}).context[0].role == "user"
