"""The validator of OpenAI-shaped files: each published rule, broken once, is named."""

import json
from pathlib import Path

import pytest

from goldleaf.trainers.openai import loader as openai

ASK = {"role": "user", "content": "Rain in Lyon?"}
SAY = {"role": "assistant", "content": "None."}
TOOL = {"type": "function", "function": {"name": "rain", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "rain", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": "", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "no"}


def chat(*messages, **more):
    return {"messages": [*messages]} | more


def pair(**more):
    row = {"input": chat(ASK), "preferred_output": [SAY]}
    return row | {"non_preferred_output": [{**SAY, "content": "Rain."}]} | more


def named(name):
    return {"type": "function", "function": {"name": name, "parameters": {}}}


def called(**more):
    return {**CALLS, "tool_calls": [{**CALL, **more}]}


def function(**more):
    return called(function={**CALL["function"], **more})


@pytest.fixture
def load(tmp_path):
    def run(row, *, times=10, name="train.jsonl"):
        lines = [json.dumps(row)] * times
        Path(tmp_path, name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
        method = "dpo" if "input" in row or "preferred_output" in row else "sft"
        return openai.load(None, {"out": tmp_path, "file": name, "method": method, "samples": 1})

    return run


@pytest.mark.parametrize(
    "row",
    [
        chat(ASK, SAY),
        chat({"role": "system", "content": "Be brief."}, ASK, {**SAY, "weight": 0}, ASK, SAY),
        chat(ASK, CALLS, RESULT, SAY, tools=[TOOL], parallel_tool_calls=False),
        chat(ASK, CALLS, tools=[TOOL]),
        pair(),
        pair(input=chat(ASK, CALLS, RESULT, tools=[TOOL])),
    ],
)
def test_what_the_rules_allow(load, row):
    assert load(row)["rows"] == 10
    assert load(row)["remarks"] == {}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (chat(ASK, SAY, id="x"), "unknown keys ['id']"),
        (chat(), "must be a list of messages"),
        (chat(ASK), "no assistant message"),
        (chat(ASK, {**SAY, "weight": 0}), "every assistant message has weight 0"),
        (chat(ASK, {**SAY, "weight": 0.5}), "weight must be 0 or 1"),
        (chat({**ASK, "weight": 1}, SAY), "unknown keys ['weight']"),
        (chat(ASK, SAY, ASK), "the last message is not the assistant's"),
        (chat({"role": "human", "content": "a"}, SAY), "role 'human'"),
        (chat(ASK, {"role": "system", "content": "a"}, SAY), "may only come first"),
        (chat({**ASK, "content": None}, SAY), "content must be a text"),
        (chat({**ASK, "content": ""}, SAY), "content is empty"),
        (chat(ASK, {**SAY, "content": ""}), "neither content nor calls"),
        (chat(ASK, {**SAY, "reasoning_content": "a"}), "unknown keys ['reasoning_content']"),
        (chat(ASK, CALLS, SAY, tools=[TOOL]), "calls without a result"),
        (chat(ASK, CALLS, {**RESULT, "tool_call_id": "c2"}, SAY), "no call has the id 'c2'"),
        (chat(ASK, called(id=""), tools=[TOOL]), "a call needs an id"),
        (chat(ASK, called(type="tool"), tools=[TOOL]), "a call needs an id and the type function"),
        (chat(ASK, function(arguments={}), tools=[TOOL]), "arguments must be the JSON text"),
        (chat(ASK, function(arguments="[1]"), tools=[TOOL]), "arguments must be the JSON text"),
        (chat(ASK, function(name="snow"), tools=[TOOL]), "'snow' is not declared"),
        (chat(ASK, function(name="rain.now")), "'rain.now' is no name of a function"),
        (chat(ASK, SAY, tools=[named("rain.now")]), "a name of letters, digits, _ and -"),
        (chat(ASK, SAY, tools=[named("r" * 65)]), "a name of letters, digits, _ and -"),
        (chat(ASK, SAY, tools=[{"name": "rain"}]), "a tool needs the type function"),
        (pair(tools=[]), "the keys are"),
        (pair(preferred_output=[SAY, SAY]), "preferred_output must be one message"),
        (pair(preferred_output=[CALLS]), "preferred_output must be a text of the assistant"),
        (pair(non_preferred_output=[{**SAY, "content": " "}]), "non_preferred_output says nothing"),
        (pair(non_preferred_output=[SAY]), "both outputs are the same"),
        (pair(input=chat(ASK, label=1)), "unknown keys ['label'] in input"),
    ],
)
def test_a_rule_that_is_broken_is_named(load, row, said):
    with pytest.raises(ValueError, match="line 1: ") as refused:
        load(row)
    assert said in str(refused.value)


def test_too_few_rows_are_remarked_on_and_kept(load):
    told = load(chat(ASK, SAY), times=9)
    assert told["rows"] == 9
    assert told["remarks"] == {"few_rows": {"least": 10, "rows": 9}}


def test_other_files_are_refused(load, monkeypatch):
    with pytest.raises(ValueError, match=r"must be \.jsonl"):
        load(chat(ASK, SAY), name="train.json")
    monkeypatch.setattr(openai, "MAX_BYTES", 100)
    with pytest.raises(ValueError, match="may have 100 bytes"):
        load(chat(ASK, SAY))
