"""The tool_use kind: what is read, what is turned back with its place, what is taught."""

import json
from dataclasses import replace
from typing import Any

import pytest
from answer_strategies import texts
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.label_configs.tool_use.call_text import parse_turn, turn_text
from goldleaf.label_configs.tool_use.codec import Answer, to_records, to_task
from goldleaf.label_configs.tool_use.tools_html import tools_html

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a <place>.",
        "parameters": {
            "type": "object",
            "properties": {
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                "city": {"type": "string", "description": "Name & place."},
                "days": {"type": "array", "items": {"type": "integer"}},
                "area": {"type": "object", "properties": {"km": {"type": "number"}}},
            },
            "required": ["city"],
        },
    },
}
ASKED = (Turn("user", "Weather in Lyon?"),)
CALL = ToolCall("get_weather", {"city": "Lyon"}, "id_7")
SHOWN = Demonstration(ASKED, (Turn("assistant", "", tool_calls=(CALL,)),), (WEATHER,))
WORDS = replace(SHOWN, response=(Turn("assistant", "It is warm in Lyon."),))
BARE = Demonstration(ASKED, (Turn("assistant", "SELECT a FROM b"),))
BY_HAND = Provenance(task=1, origin="human")


def call(name="get_weather", **arguments):
    return json.dumps({"name": name, "arguments": arguments})


def records_of(record, answer, provenance=BY_HAND, draft=None) -> Any:
    found = to_records(to_task(record), answer, provenance, draft)
    for each in found:
        assert from_line(to_line(each)) == each
    return found


def refused(record, answer):
    with pytest.raises(BadRow) as caught:
        records_of(record, answer)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize("box", ["", turn_text(SHOWN.response[0]), call(city="Lyon") + " \n"])
def test_a_call_that_is_left_is_the_demonstration_as_it_came(box):
    (record,) = records_of(SHOWN, Answer("call", output=box))
    assert record.response == SHOWN.response and record.tools == SHOWN.tools
    assert record.tags.behaviours == ("tool_call",)
    assert record.parents[0].origin == "accepted" and record.parents[0].edit_distance is None


def test_a_corrected_call_stands_above_the_one_shown_and_keeps_its_id():
    example, pair = records_of(
        SHOWN, Answer("call", output=call(city="Paris"), issues=("wrong_values",))
    )
    (turn,) = example.response
    assert turn.tool_calls == (ToolCall("get_weather", {"city": "Paris"}, "id_7"),)
    assert turn.content == "" and example.parents[0].origin == "edited"
    assert isinstance(pair, Comparison) and pair.tools == SHOWN.tools
    best, worse = pair.candidates
    assert best.turns == example.response and (best.rank, best.acceptable) == (1, True)
    assert worse.turns == SHOWN.response and (worse.rank, worse.acceptable) == (2, False)
    assert pair.strength == "strong" and pair.tags.reasons == ("wrong_values",)


@pytest.mark.parametrize("decision", ["no_tool", "ask", "cannot"])
def test_words_instead_of_a_needless_call(decision):
    example, pair = records_of(SHOWN, Answer(decision, output="It is on the river Rhône."))
    assert example.response == (Turn("assistant", "It is on the river Rhône."),)
    assert example.tags.behaviours == ("beyond_tools" if decision == "cannot" else "no_tool",)
    assert pair.candidates[1].turns == SHOWN.response and pair.strength == "strong"


def test_a_refusal_of_the_tools_is_no_refusal_of_the_prompt():
    tags = Tags(behaviours=("refusal_unsettled", "no_tool", "chat"))
    (record,) = records_of(replace(WORDS, tags=tags), Answer("cannot"))
    assert record.tags.behaviours == ("chat", "beyond_tools")
    assert record.tags.right_behaviour == ""
    (record,) = records_of(replace(WORDS, tags=tags), Answer("no_tool"))
    assert "refusal_unsettled" in record.tags.behaviours, "nobody judged it"


@pytest.mark.parametrize("decision", ["no_tool", "ask", "cannot", "structured"])
def test_a_call_that_is_left_where_words_are_right_is_a_bad_example(decision):
    (record,) = records_of(SHOWN, Answer(decision, issues=("needless",)))
    assert isinstance(record, Judgement) and record.good is False
    assert record.response == SHOWN.response and record.tools == SHOWN.tools
    assert record.reasons == (decision, "needless")


def test_what_is_wrong_and_left_is_a_bad_example():
    (record,) = records_of(WORDS, Answer("bad", issues=("missing_call",)))
    assert isinstance(record, Judgement) and record.reasons == ("missing_call",)
    assert refused(WORDS, Answer("bad", output="Other words."))[0] == "contradicts_itself"
    nothing = replace(WORDS, response=())
    assert refused(nothing, Answer("bad"))[0] == "no_answer"


@pytest.mark.parametrize(
    ("decision", "box", "reason", "detail"),
    [
        ("call", "It is warm.", "call_json", "no line begins a call with a brace or a bracket"),
        ("call", "{\n  'name': 1}", "call_json", "line 2, column 3: "),
        ("call", "Well.\n\n" + '{"name": "x",\n}', "call_json", "line 4, column 1: "),
        ("call", '{"name": "x", "name": "y"}', "call_json", "a key comes twice: name"),
        ("call", '{"name": "x", "arguments": {"a": NaN}}', "call_json", "NaN is no JSON"),
        ("call", "[" * 400, "call_json", "nested"),
        ("call", "[]", "call_json", "the list holds no call"),
        ("call", '{"arguments": {}}', "call_json", "call 1 has no name"),
        ("call", call("get_news"), "tool_unknown", "call 1: get_news is not declared"),
        ("call", call(), "args_schema", "call 1, get_weather: arguments.city is required"),
        ("call", call(city=5), "args_schema", "arguments.city must be of type string, and is 5"),
        ("call", call(city="a", days=[1, "2"]), "args_schema", "arguments.days[1] must be of type"),
        ("call", call(city="a", unit="k"), "args_schema", "must be one of celsius, fahrenheit"),
        ("structured", '{"a": 1', "output_form", "JSON: line 1, column 8: "),
        ("structured", "SELECT a FROM\nWHERE", "output_form", "SQL: line 2, column 5: "),
        ("structured", "It is warm.", "output_form", "SQL: "),
        ("structured", "warm", "output_form", "neither JSON nor a statement of SQL"),
        ("no_tool", call(city="Paris"), "tool_call_inline", "the box holds a call"),
    ],
)
def test_what_a_program_cannot_use_is_turned_back_with_its_place(decision, box, reason, detail):
    found, said = refused(SHOWN, Answer(decision, output=box))
    assert found == reason and detail in said
    assert translate_error(said, "zh") != said, "and in Chinese"


def test_a_call_needs_a_declared_tool():
    assert refused(BARE, Answer("call", output=call(city="a")))[0] == "no_tools"


def test_a_call_that_came_and_does_not_fit_is_turned_back_when_it_is_called_right():
    wrong = replace(SHOWN.response[0], tool_calls=(ToolCall("get_weather", {"city": 5}),))
    assert refused(replace(SHOWN, response=(wrong,)), Answer("call"))[0] == "args_schema"


@pytest.mark.parametrize(
    "box", ["SELECT a FROM c", '{"a": [1]}', "```sql\nSELECT a FROM c\n```", "[]"]
)
def test_structured_output_is_text_that_parses(box):
    example, pair = records_of(BARE, Answer("structured", output=box))
    assert example.response == (Turn("assistant", box),)
    assert example.tags.behaviours == ("structured_output",)
    assert [c.turns[0].content for c in pair.candidates] == [box, "SELECT a FROM b"]


def test_a_call_that_came_as_text_is_made_one():
    text = "I will look.\n" + call(city="Lyon")
    shown = replace(SHOWN, response=(Turn("assistant", text),))
    example, pair = records_of(shown, Answer("call"))
    assert example.response[0].tool_calls == (ToolCall("get_weather", {"city": "Lyon"}, "call_1"),)
    assert example.response[0].content == "I will look."
    assert pair.candidates[1].turns == shown.response


FOLLOWS = (Turn("tool", "21 C", tool_call_id="id_7"), Turn("assistant", "It is 21 C."))
LONG = Demonstration((*ASKED, *SHOWN.response, *FOLLOWS[:1]), FOLLOWS[1:], (WEATHER,))


def test_the_last_call_of_a_conversation_is_judged_and_what_followed_it_is_kept_with_it():
    task = to_task(LONG)
    assert json.loads(task["output"])["name"] == "get_weather"
    assert "It is 21 C." in task["shown_output"] and "It is 21 C." not in task["shown_prompt"]
    (record,) = records_of(LONG, Answer("call"))
    assert (record.context, record.response) == (LONG.context, LONG.response)
    example, pair = records_of(LONG, Answer("call", output=call(city="Paris")))
    assert example.context == ASKED and len(example.response) == 1
    assert pair.context == ASKED and pair.candidates[1].turns == SHOWN.response


def test_an_answer_to_a_prompt_alone_is_by_hand():
    (record,) = records_of(replace(SHOWN, response=()), Answer("call", output=call(city="Lyon")))
    assert record.response[0].tool_calls[0].id == "call_1"
    assert record.parents[0].origin == "human"
    assert refused(replace(SHOWN, response=()), Answer("no_tool"))[0] == "no_answer"


def test_a_draft_that_is_left_is_accepted_and_above_what_came():
    drafted = Answer(output=call(city="Paris"), noticed=("misfit",))
    answer = replace(drafted, decision="call")
    by = Provenance(task=1, origin="accepted", drafted_by="rules/3")
    example, pair = records_of(SHOWN, answer, by, drafted)
    assert example.parents[0].origin == "accepted" and example.parents[0].edit_distance == 0
    assert [c.origin for c in pair.candidates] == ["accepted", "imported"]
    edited, three = records_of(
        SHOWN, replace(answer, output=call(city="Nice")), replace(by, origin="edited"), drafted
    )
    assert edited.parents[0].origin == "edited"
    assert [c.rank for c in three.candidates] == [1, 2, 2]
    assert three.candidates[1].turns[0].tool_calls[0].arguments == {"city": "Paris"}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)
calls = st.builds(ToolCall, texts.filter(str.strip), st.dictionaries(texts, values, max_size=3))
said = texts.filter(lambda text: not any(line.lstrip()[:1] in "[{" for line in text.splitlines()))


@given(said, st.lists(calls, min_size=1, max_size=3))
def test_calls_are_written_and_read_back(words, made):
    numbered = tuple(replace(c, id=f"c{n}") for n, c in enumerate(made))
    turn = Turn("assistant", words.rstrip(), tool_calls=numbered)
    read = parse_turn(turn_text(turn), turn)
    assert read.tool_calls == turn.tool_calls
    assert read.content.split() == turn.content.split()


def test_tools_are_shown_with_types_and_what_is_required_first():
    html = tools_html([WEATHER])
    names = ["city", "unit", "days", "area", "area.km"]
    places = [html.index(f"<td><code>{name}</code>") for name in names]
    assert places == sorted(places)
    assert html.count("gl-required") == 1 and "array (integer)" in html
    assert '"celsius" | "fahrenheit"' in html and "Weather of a &lt;place&gt;." in html
    assert "<place>" not in html and "Name &amp; place." in html
    assert "gl-no-parameters" in tools_html([{"name": "now"}])
    assert tools_html([]) == ""


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Judgement(ASKED, SHOWN.response), "not_a_demonstration"),
        (replace(SHOWN, context=()), "no_prompt"),
        (replace(WORDS, response=(Turn("assistant", "a", "thought"),)), "needs_reasoning_screen"),
        (replace(WORDS, response=(Turn("user", "a"),)), "role_order"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_its_reason(record, reason):
    with pytest.raises(BadRow) as caught:
        to_task(record)
    assert caught.value.reason == reason


@pytest.mark.parametrize("change", [{"output": "{}"}, {"shown_tools": ""}, {"goldleaf": None}])
def test_a_task_that_shows_something_else_is_refused(change):
    with pytest.raises(BadRow, match="bad_task"):
        to_records({**to_task(SHOWN), **change}, Answer("call"), BY_HAND)
