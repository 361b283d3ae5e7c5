"""The function-calling leaderboard: the calls that are right, with types that trainers know."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import ToolCall, Turn
from goldleaf.formats import bfcl
from goldleaf.formats.format_registry import guess_format

ROOM = {
    "name": "hotel.book",
    "description": "Book a room.",
    "parameters": {
        "type": "dict",
        "properties": {
            "nights": {"type": "integer"},
            "price": {"type": "float"},
            "guest": {"type": "dict", "properties": {"type": {"type": "string"}}},
            "days": {"type": "array", "items": {"type": "tuple"}},
            "note": {"type": "any", "description": "whatever"},
            "city": {"type": "string"},
        },
        "required": ["nights", "city"],
    },
}


def row(*right, **more):
    asked = [[{"role": "user", "content": "Book two nights in Lyon."}]]
    return {
        "id": "simple_0",
        "question": asked,
        "function": [ROOM],
        "ground_truth": [*right],
    } | more


def test_the_first_value_that_is_right_and_nothing_that_may_be_absent():
    allowed = {
        "nights": [2],
        "price": ["", 80.5],
        "guest": [{"type": ["adult", "senior"], "pet": ["", "dog"]}],
        "days": [[[1, 2], [3, 4]], [[1, 2]]],
        "city": ["", "Lyon"],
    }
    read = bfcl.read(
        row({"hotel.book": allowed}, {"hotel.book": {"nights": [3], "city": ["Lyon"]}})
    )
    assert guess_format([row({"hotel.book": allowed})]) is bfcl
    chosen = {"nights": 2, "guest": {"type": "adult"}, "days": [[1, 2], [3, 4]], "city": "Lyon"}
    assert read.context == (Turn("user", "Book two nights in Lyon."),)
    (answer,) = read.response
    assert answer.tool_calls == (
        ToolCall("hotel.book", chosen, "call_1"),
        ToolCall("hotel.book", {"nights": 3, "city": "Lyon"}, "call_2"),
    )


def test_types_are_those_of_json_schema_all_the_way_down():
    (tool,) = bfcl.read(row({"hotel.book": {"nights": [2], "city": ["Lyon"]}})).tools
    parameters = tool["function"]["parameters"]
    assert parameters["type"] == "object"
    assert parameters["properties"] == {
        "nights": {"type": "integer"},
        "price": {"type": "number"},
        "guest": {"type": "object", "properties": {"type": {"type": "string"}}},
        "days": {"type": "array", "items": {"type": "array"}},
        "note": {"description": "whatever"},
        "city": {"type": "string"},
    }
    assert ROOM["parameters"]["type"] == "dict", "the row itself stays as it was"


def test_a_question_that_no_function_fits_is_a_prompt_without_an_answer():
    for given in (row(), {key: value for key, value in row().items() if key != "ground_truth"}):
        read = bfcl.read(given)
        assert read.response == () and len(read.tools) == 1
        assert read.context == (Turn("user", "Book two nights in Lyon."),)


ROUNDS = [[{"role": "user", "content": "a"}], [{"role": "user", "content": "b"}]]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"id": "m", "question": ROUNDS, "involved_classes": ["Disk"]}, "no_results"),
        (row({"hotel.book": {"nights": [1]}}, question=ROUNDS), "no_results"),
        (row({"hotel.book": {}, "other": {}}), "bad_call"),
        (row({"hotel.book": {"nights": 2}}), "bad_call"),
        (row({"hotel.book": [2]}), "bad_call"),
        (row({"other": {"nights": [2]}}), "tool_unknown"),
        (row({"hotel.book": {"nights": [2]}}, function="hotel"), "tools_json"),
    ],
)
def test_what_holds_no_answer_is_refused_with_its_reason(bad, reason):
    assert bfcl.recognises(bad)
    with pytest.raises(BadRow) as refused:
        bfcl.read(bad)
    assert refused.value.reason == reason
