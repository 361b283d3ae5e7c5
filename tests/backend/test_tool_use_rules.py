"""What rules draft for tool_use: faults that a program sees, calls that only need taking over."""

import json
from typing import Any

import pytest

from goldleaf.backend.predictors import rules
from goldleaf.core.records import Demonstration, Provenance, ToolCall, Turn
from goldleaf.label_configs.registry import kind_named
from goldleaf.label_configs.tool_use.codec import Answer

KIND = kind_named("tool_use")
TOOL = {
    "name": "set_timer",
    "parameters": {
        "type": "object",
        "properties": {
            "minutes": {"type": "integer"},
            "loud": {"type": "boolean"},
            "steps": {"type": "array", "items": {"type": "number"}},
            "label": {"type": "string"},
        },
        "required": ["minutes"],
    },
}
RIGHT = {"name": "set_timer", "arguments": {"minutes": 7}}


def drafted(*response, tools=(TOOL,), asked="Seven minutes.") -> Any:
    task = KIND.codec.to_task(Demonstration((Turn("user", asked),), response, tools))
    (draft,) = rules.drafts(KIND, [task])
    return KIND.parse_annotation(draft.values, task) if draft else None


def called(name="set_timer", said="", **arguments):
    return Turn("assistant", said, tool_calls=(ToolCall(name, arguments),))


def box(answer):
    return json.loads(answer.output)


def test_nothing_is_drafted_for_a_call_that_fits_or_for_words():
    assert drafted(called(minutes=7)) is None
    assert drafted(Turn("assistant", "Done.")) is None
    assert drafted() == Answer(noticed=("empty",))


def test_an_undeclared_name_is_noticed():
    assert drafted(called("set_alarm")) == Answer(noticed=("undeclared",))


def test_numerals_and_truth_values_written_as_text_are_drafted_as_what_they_are():
    found = drafted(called(minutes="7", loud="False", steps=["1", "2.5"], label="8"))
    assert found.noticed == ("misfit",) and found.decision is None
    arguments = {"minutes": 7, "loud": False, "steps": [1, 2.5], "label": "8"}
    assert box(found) == {"name": "set_timer", "arguments": arguments}


@pytest.mark.parametrize("arguments", [{"minutes": "seven"}, {"label": "egg"}, {"minutes": [7]}])
def test_what_cannot_be_made_to_fit_is_only_noticed(arguments):
    assert drafted(called(**arguments)) == Answer(noticed=("misfit",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<tool_call>" + json.dumps(RIGHT) + "</tool_call>", ""),
        ("Of course.\n<tool_call>\n" + json.dumps(RIGHT) + "\n</tool_call>", "Of course."),
        ('<functioncall> {"name": "set_timer", "arguments": \'{"minutes": 7}\'} <|end|>', ""),
        ("```json\n" + json.dumps([RIGHT]) + "\n```", ""),
        ("Action Input: " + json.dumps(RIGHT), ""),
        (json.dumps({"name": "set_timer", "arguments": {"minutes": "7"}}), ""),
        (json.dumps({"type": "function", "function": RIGHT}), ""),
    ],
)
def test_a_call_that_stands_in_a_text_is_drafted_as_a_call(text, said):
    found = drafted(Turn("assistant", text))
    assert found.noticed == ("as_text",)
    before, brace, call = found.output.partition("{")
    assert before.strip() == said and json.loads(brace + call) == RIGHT
    assert KIND.codec.to_records(
        KIND.codec.to_task(
            Demonstration((Turn("user", "Go."),), (Turn("assistant", text),), (TOOL,))
        ),
        Answer("call", output=found.output),
        Provenance(task=1, origin="accepted"),
    )


@pytest.mark.parametrize(
    ("text", "asked"),
    [('{"a": 1', "As JSON, please."), ("SELECT a FROM WHERE b", "Write SQL.")],
)
def test_what_cannot_be_parsed_is_noticed(text, asked):
    assert drafted(Turn("assistant", text), tools=(), asked=asked) == Answer(noticed=("broken",))


def test_json_that_is_no_call_is_left_alone():
    assert drafted(Turn("assistant", '{"name": "Ada", "age": 36}')) is None
