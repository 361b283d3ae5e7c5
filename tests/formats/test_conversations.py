"""Whole conversations: OpenAI's messages and LLaMA-Factory's sharegpt rows."""

import json

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, ToolCall, Turn
from goldleaf.formats import llamafactory, messages

HUMAN = {"from": "human", "value": "Sky?"}
GPT = {"from": "gpt", "value": "Blue."}


def test_messages_become_a_demonstration():
    tool = {"type": "function", "function": {"name": "weather"}}
    arguments = json.dumps({"city": "Paris"})
    row = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c", "function": {"name": "weather", "arguments": arguments}}
                ],
            },
            {"role": "tool", "content": "21", "tool_call_id": "c"},
            {"role": "assistant", "content": "21 degrees."},
        ],
        "tools": json.dumps([tool]),
    }
    assert messages.recognises(row)
    read = messages.read(row)
    assert isinstance(read, Demonstration)
    assert read.context[2].tool_calls == (ToolCall("weather", {"city": "Paris"}, "c"),)
    assert read.response == (Turn("assistant", "21 degrees."),)
    assert read.tools == (tool,)


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([{"role": "user", "content": "a"}], "trailing_user"),
        ([{"role": "assistant", "content": "a"}], "no_prompt"),
        ([], "bad_messages"),
    ],
)
def test_messages_without_an_answer_are_refused(turns, reason):
    with pytest.raises(BadRow) as refused:
        messages.read({"messages": turns})
    assert refused.value.reason == reason


def test_sharegpt_pairs_and_labels():
    pair = {"conversations": [HUMAN], "chosen": GPT, "rejected": {"from": "gpt", "value": "No."}}
    assert llamafactory.recognises(pair)
    read = llamafactory.read({**pair, "system": "Be brief."})
    assert isinstance(read, Comparison)
    assert read.context == (Turn("system", "Be brief."), Turn("user", "Sky?"))
    assert [c.turns[0].content for c in read.candidates] == ["Blue.", "No."]
    assert isinstance(llamafactory.read({"conversations": [HUMAN, GPT]}), Demonstration)
    labelled = llamafactory.read({"conversations": [HUMAN, GPT], "kto_tag": False})
    assert isinstance(labelled, Judgement)
    assert labelled.good is False
    praised = llamafactory.read({"conversations": [HUMAN, GPT], "kto_tag": "true"})
    assert isinstance(praised, Judgement)
    assert praised.good is True


def test_sharegpt_calls():
    call = {"from": "function_call", "value": '{"name": "f", "arguments": {"a": 1}}'}
    row = {
        "conversations": [HUMAN, call, {"from": "observation", "value": "2"}, GPT],
        "tools": "[]",
    }
    assert llamafactory.read(row).context[1].tool_calls == (ToolCall("f", {"a": 1}),)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"conversations": [HUMAN], "chosen": GPT}, "missing_field"),
        ({"conversations": [HUMAN], "chosen": GPT, "rejected": GPT}, "identical_pair"),
        ({"conversations": [HUMAN]}, "trailing_user"),
        ({"conversations": "x"}, "bad_messages"),
        ({"conversations": [HUMAN, GPT], "kto_tag": "up"}, "bad_label"),
        (
            {"conversations": [HUMAN, {"from": "function_call", "value": "call it"}]},
            "tool_args_json",
        ),
    ],
)
def test_sharegpt_refused(row, reason):
    with pytest.raises(BadRow) as refused:
        llamafactory.read(row)
    assert refused.value.reason == reason


def test_what_older_openai_files_say():
    row = {
        "messages": [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": None,
                "function_call": {"name": "weather", "arguments": "{}"},
            },
            {"role": "function", "name": "weather", "content": "21"},
            {"role": "assistant", "content": None, "refusal": "I will not say."},
        ],
        "functions": [{"name": "weather"}],
    }
    read = messages.read(row)
    assert read.context[1].tool_calls == (ToolCall("weather", {}),)
    assert read.response == (Turn("assistant", "I will not say."),)
    assert read.tools == ({"name": "weather"},)
