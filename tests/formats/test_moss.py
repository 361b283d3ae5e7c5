"""MOSS's rounds: commands become real calls, results stand by their calls, thoughts are apart."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import ToolCall, Turn
from goldleaf.formats import moss
from goldleaf.formats.format_registry import guess_format

META = (
    "You are a helper.\nTools:\n- Inner thoughts: enabled.\n- Web search: enabled. API: "
    "Search(query)\n- Calculator: enabled. API: Calculate(expression)\n- Painter: disabled.\n"
)


def turn(human, reply, thought="None", commands="None", results="None"):
    return {
        "Human": f"<|Human|>: {human}<eoh>\n",
        "Inner Thoughts": f"<|Inner Thoughts|>: {thought}<eot>\n",
        "Commands": f"<|Commands|>: {commands}<eoc>\n",
        "Tool Responses": f"<|Results|>:\n{results}\n<eor>\n",
        "MOSS": f"<|MOSS|>: {reply}<eom>\n",
    }


def row(*turns, meta=META):
    rounds = {f"turn_{number}": said for number, said in enumerate(turns, 1)}
    return {"conversation_id": 1, "meta_instruction": meta, "chat": rounds, "num_turns": len(turns)}


TWO = turn(
    "How old is Ada, squared?",
    "It is 1296.",
    "I must look her up, then count.",
    'Search("Ada age"), Calculate("36**2")',
    'Calculate("36**2") => \'1296\'\nSearch("Ada age") =>\n<|1|>: 36 years => old',
)


def test_calls_results_and_thoughts():
    read = moss.read(row(turn("Hello.", "Hello to you."), TWO))
    assert guess_format([row(TWO)]) is moss
    assert [tool["function"]["name"] for tool in read.tools] == ["Search", "Calculate"]
    assert read.tools[1]["function"]["parameters"]["required"] == ["expression"]
    calls = (
        ToolCall("Search", {"query": "Ada age"}, "call_1"),
        ToolCall("Calculate", {"expression": "36**2"}, "call_2"),
    )
    assert read.context == (
        Turn("system", META),
        Turn("user", "Hello."),
        Turn("assistant", "Hello to you."),
        Turn("user", "How old is Ada, squared?"),
        Turn("assistant", "", "I must look her up, then count.", calls),
        Turn("tool", "<|1|>: 36 years => old", tool_call_id="call_1", name="Search"),
        Turn("tool", "'1296'", tool_call_id="call_2", name="Calculate"),
    )
    assert read.response == (Turn("assistant", "It is 1296."),)


def test_a_thought_without_a_call_is_of_the_reply():
    read = moss.read(row(turn("2+2?", "4", "Two and two.")))
    assert read.response == (Turn("assistant", "4", "Two and two."),)
    assert moss.read(row(turn("2+2?", "4"), meta="")).context == (Turn("user", "2+2?"),)


def test_the_only_call_may_have_a_result_that_does_not_say_it_again():
    said = turn("Ada?", "36.", commands='Search("Ada")', results="Found: 36.")
    assert moss.read(row(said)).context[-1].content == "Found: 36."


@pytest.mark.parametrize(
    ("commands", "count"),
    [
        ('1. Search("a")  # look\n2. Calculate("b")', 2),
        ('Search("a"), \nCalculate("b"),', 2),
        ('Search("a"), Calculate("b"), None', 2),
        ('Search("say \\"a\\"")', 1),
    ],
)
def test_commands_however_they_are_set_out(commands, count):
    results = 'Search("a") => 1\nCalculate("b") => 2' if count == 2 else "1"
    read = moss.read(row(turn("?!", "Done.", commands=commands, results=results)))
    assert len(read.context[2].tool_calls) == count
    if count == 1:
        assert read.context[2].tool_calls[0].arguments == {"query": 'say "a"'}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (turn("a", "b", commands='Search("a" + str(2))', results="x"), "bad_call"),
        (turn("a", "b", commands="None, I know it."), "bad_call"),
        (turn("a", "b", commands='Search("a") and more', results="x"), "bad_call"),
        (turn("a", "b", commands='Paint("a")', results="x"), "tool_unknown"),
        (turn("a", "b", commands='Search("a")'), "results_differ"),
        (turn("a", "b", commands='Search("a"), Search("b")', results="x"), "results_differ"),
        (turn("a", " "), "empty_response"),
        (turn(" ", "b"), "empty_response"),
        ("no round", "bad_messages"),
        (turn("a\x00", "b"), "control_chars"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(said, reason):
    with pytest.raises(BadRow) as refused:
        moss.read(row(said))
    assert refused.value.reason == reason


def test_a_missing_round_and_no_round():
    gap = {**row(), "chat": {"turn_1": turn("a", "b"), "turn_3": turn("c", "d")}}
    for bad in (gap, row()):
        with pytest.raises(BadRow, match="bad_messages"):
            moss.read(bad)
