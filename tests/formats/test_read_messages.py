"""Messages of every spelling become turns; what a trainer would spoil is refused by name."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import ToolCall, Turn
from goldleaf.formats.read_messages import (
    arguments_of,
    check_context,
    check_order,
    read_turns,
    tools_of,
)

WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {}}}


@pytest.mark.parametrize(
    ("message", "turn"),
    [
        ({"role": "user", "content": "hi"}, Turn("user", "hi")),
        ({"from": "human", "value": "hi"}, Turn("user", "hi")),
        ({"from": "gpt", "value": "hi"}, Turn("assistant", "hi")),
        ({"role": "developer", "content": "be brief"}, Turn("system", "be brief")),
        ({"role": "user", "content": "a\u2028b\r\n"}, Turn("user", "a\u2028b\r\n")),
        (
            {
                "role": "user",
                "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            },
            Turn("user", "ab"),
        ),
        (
            {"role": "assistant", "content": "4", "reasoning_content": "2+2"},
            Turn("assistant", "4", reasoning="2+2"),
        ),
        (
            {"role": "assistant", "content": "<think>\n2+2\n</think>\n\n4"},
            Turn("assistant", "4", reasoning="2+2"),
        ),
        ({"role": "assistant", "content": "4", "weight": 0}, Turn("assistant", "4", train=False)),
        (
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": '{"a": 1}'}}],
            },
            Turn("assistant", "", tool_calls=(ToolCall("f", {"a": 1}, "c"),)),
        ),
        (
            {"role": "tool", "content": "", "tool_call_id": "c", "name": "f"},
            Turn("tool", "", tool_call_id="c", name="f"),
        ),
    ],
)
def test_reads(message, turn):
    assert read_turns([message], "messages") == (turn,)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "bad_messages"),
        ("hello", "bad_messages"),
        (None, "bad_messages"),
        (["hello"], "bad_messages"),
        ([{"content": "hi"}], "bad_role"),
        ([{"role": "narrator", "content": "hi"}], "bad_role"),
        ([{"role": "user", "content": None}], "empty_turn"),
        ([{"role": "assistant", "content": " \n"}], "empty_turn"),
        ([{"role": "user", "content": True}], "not_text"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "not_text"),
        ([{"role": "user", "content": [{"type": ["text"], "text": "a"}]}], "not_text"),
        ([{"role": "user", "content": "\ud800"}], "bad_unicode"),
        ([{"role": "user", "content": "a\x00"}], "control_chars"),
        ([{"role": "assistant", "content": "<think>\n\n</think>\n\n4"}], "empty_reasoning"),
        ([{"role": "assistant", "content": "<think>hm</think>"}], "empty_turn"),
        ([{"role": "assistant", "tool_calls": [{"id": "c"}]}], "bad_messages"),
        (
            [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}],
            "tool_args_json",
        ),
        (
            [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": [1]}}]}],
            "tool_args_json",
        ),
    ],
)
def test_refuses(messages, reason):
    with pytest.raises(BadRow) as refused:
        read_turns(messages, "messages")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("value", "count"), [(None, 0), ("", 0), ("[]", 0), ([], 0), ([WEATHER], 1), ('[{"a": 1}]', 1)]
)
def test_tools(value, count):
    assert len(tools_of(value)) == count


@pytest.mark.parametrize("value", ["nope", "{}", {"a": 1}, ["a"], 3, [{"function": "f"}]])
def test_tools_refused(value):
    with pytest.raises(BadRow, match="tools_json"):
        tools_of(value)


def test_order():
    call = Turn("assistant", tool_calls=(ToolCall("weather", {}, "c"),))
    answer = Turn("tool", "21", tool_call_id="c")
    user, said = Turn("user", "hi"), Turn("assistant", "hello")
    check_order([Turn("system", "s"), user, call, answer, said, user, said], [WEATHER])
    for turns, tools, reason in [
        ([user, user], (), "role_order"),
        ([user, said, said], (), "role_order"),
        ([user, Turn("system", "s")], (), "role_order"),
        ([user, said, answer], (), "role_order"),
        ([user, call, Turn("tool", "21", tool_call_id="other")], (), "tool_orphan"),
        ([user, call], [{"name": "another"}], "tool_unknown"),
    ]:
        with pytest.raises(BadRow) as refused:
            check_order(turns, tools)
        assert refused.value.reason == reason


def test_a_prompt_says_something_and_ends_with_the_user():
    with pytest.raises(BadRow, match="no_prompt"):
        check_context((Turn("system", "be brief"),))
    with pytest.raises(BadRow, match="no_prompt"):
        check_context(())
    with pytest.raises(BadRow, match="role_order"):
        check_context((Turn("user", "hi"), Turn("assistant", "hello")))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": NaN}', "non_finite"),
        ('{"a": 1e999}', "non_finite"),
        ('{"a": 1, "a": 2}', "dup_key"),
        ('{"a": "\\ud800"}', "bad_unicode"),
        ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "tool_args_json"),
        ("{", "tool_args_json"),
        ("[1]", "tool_args_json"),
    ],
)
def test_arguments_as_text_are_read_as_strictly_as_rows(text, reason):
    with pytest.raises(BadRow) as refused:
        arguments_of(text, "here")
    assert refused.value.reason == reason


def test_numbers_that_no_reader_keeps_become_their_digits():
    assert arguments_of('{"a": 123456789012345678901234567890}', "here") == {
        "a": "123456789012345678901234567890"
    }


@pytest.mark.parametrize("said", [0, 0.0, False, "false", "False ", "0"])
def test_a_turn_that_is_context_only_in_any_spelling(said):
    (turn,) = read_turns([{"role": "assistant", "content": "a", "loss": said}], "here")
    assert not turn.train


@pytest.mark.parametrize("said", [1, 0.5, True, "true", None])
def test_a_turn_that_is_learned(said):
    (turn,) = read_turns([{"role": "assistant", "content": "a", "loss": said}], "here")
    assert turn.train


def test_calls_and_results_that_are_messages_of_their_own():
    turns = read_turns(
        [
            {"role": "user", "content": "Time?", "loss": False},
            {"role": "assistant", "content": "I look.", "loss": True},
            {"role": "tool_call", "content": '{"name": "clock", "arguments": {"zone": "CET"}}'},
            {"role": "tool_call", "content": '{"name": "clock", "arguments": {}}'},
            {"role": "tool_response", "content": "12:00"},
            {"role": "tool_response", "content": "11:00"},
            {"role": "assistant", "content": "Noon."},
        ],
        "here",
    )
    calls = (ToolCall("clock", {"zone": "CET"}), ToolCall("clock", {}))
    assert turns == (
        Turn("user", "Time?"),
        Turn("assistant", "I look.", tool_calls=calls),
        Turn("tool", "12:00"),
        Turn("tool", "11:00"),
        Turn("assistant", "Noon."),
    )
