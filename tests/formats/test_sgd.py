"""Schema-Guided Dialogue: what the system asked of a service is a real call."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import ToolCall, Turn
from goldleaf.formats import sgd
from goldleaf.formats.format_registry import guess_format

RAIN = {
    "service": "Weather_1",
    "service_call": {"method": "GetRain", "parameters": {"city": "Lyon"}},
    "service_results": [{"rain": "False", "place": "Café"}],
}


def user(text):
    return {"speaker": "USER", "utterance": text, "frames": [{"service": "Weather_1"}]}


def system(text, *frames):
    return {"speaker": "SYSTEM", "utterance": text, "frames": [{"actions": []}, *frames]}


def row(*turns):
    return {"dialogue_id": "1", "services": ["Weather_1"], "turns": [*turns]}


def test_a_service_call_is_a_call_with_its_result():
    asked = row(user("Rain?"), system("Where?"), user("Lyon."), system("None there.", RAIN))
    assert guess_format([asked]) is sgd
    read = sgd.read(asked)
    assert read.context == (
        Turn("user", "Rain?"),
        Turn("assistant", "Where?"),
        Turn("user", "Lyon."),
        Turn("assistant", "", tool_calls=(ToolCall("GetRain", {"city": "Lyon"}, "call_1"),)),
        Turn("tool", '[{"rain": "False", "place": "Café"}]', tool_call_id="call_1", name="GetRain"),
    )
    assert read.response == (Turn("assistant", "None there."),)
    assert read.tools == ()


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([], "bad_messages"),
        ([user("a")], "trailing_user"),
        ([user("a"), user("b"), system("c")], "role_order"),
        ([user("a"), {"speaker": "BOT", "utterance": "b"}], "bad_role"),
        ([user("a"), system(" ")], "empty_response"),
        ([user("a"), system("b", {"service_call": {"parameters": {}}})], "bad_call"),
        ([user("a"), system("b", {"service_call": {"method": "Get"}})], "no_results"),
        ([user("a"), "b"], "bad_messages"),
    ],
)
def test_what_is_no_dialogue_is_refused_with_its_reason(turns, reason):
    with pytest.raises(BadRow) as refused:
        sgd.read(row(*turns))
    assert refused.value.reason == reason
