"""The tool_use screen in a real browser, both languages: what is seen, edited, and read back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from selenium.webdriver.common.by import By

from goldleaf.core.records import Comparison, Demonstration, Judgement, ToolCall, Turn
from goldleaf.exporters.export import export
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.tool_use.codec import Answer
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["tool_use"]
DECISIONS = KIND.controls["decision"].choices
languages = pytest.mark.parametrize("lang", ["en", "zh"])
CITY = {"en": "Lyon", "zh": "里昂"}
ASKED = {"en": "How warm is it in Lyon?", "zh": "里昂现在多少度？"}
WORDS = {"en": "I cannot look that up here.", "zh": "这里查不到。"}
TOOL = {
    "name": "get_weather",
    "description": "Weather of a place on a day.",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Name of the place."},
            "days": {"type": "integer", "description": "Days to look ahead."},
        },
        "required": ["city"],
    },
}


def called(lang, number, **arguments):
    call = ToolCall("get_weather", {"city": CITY[lang]} | arguments, f"call_{number}")
    prompt = (Turn("user", f"{ASKED[lang]} ({number})"),)
    return Demonstration(prompt, (Turn("assistant", "", tool_calls=(call,)),), (TOOL,))


def written(**arguments):
    return json.dumps({"name": "get_weather", "arguments": arguments}, ensure_ascii=False)


@languages
def test_everything_needed_is_in_view_at_every_size(annotator_of, lang):
    earlier = (Turn("user", "Hello there."), Turn("assistant", "Ask me.")) * 6
    record = called(lang, 0, days=3)
    record = replace(record, context=(*earlier, *record.context))
    annotator = annotator_of(KIND, lang, [record], {0: Answer(noticed=("misfit",))})
    for _ in annotator.sizes():
        asked = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-prompt .gl-turn")[-1]
        box = annotator.wait(".gl-prompt").rect
        assert ASKED[lang] in asked.text, "the request itself, not how the conversation began"
        assert box["y"] <= asked.rect["y"] < box["y"] + box["height"] - 20
        shown = [annotator.wait(css) for css in (".gl-prompt", ".gl-tools", ".gl-given")]
        decisions = (annotator.choice("decision", alias) for alias in DECISIONS)
        annotator.assert_in_view([*shown, annotator.box("output"), *decisions])
        annotator.assert_readable()
    tools = annotator.wait(".gl-tools").text
    assert "get_weather" in tools and "integer" in tools and "Name of the place." in tools
    required = annotator.chrome.execute_script(
        "return [...document.querySelectorAll('.gl-required')].map(e => [e.parentElement.innerText,"
        " getComputedStyle(e, '::before').content])"
    )
    name = {"en": "required", "zh": "必填"}[lang]
    assert [(place.strip(), said) for place, said in required] == [("city", f'"{name}"')]
    assert annotator.chosen("noticed") == {"misfit"} and annotator.chosen("decision") == set()


@languages
def test_what_is_done_on_the_screen_is_what_is_read_and_exported(annotator_of, tmp_path, lang):
    sql = "SELECT name FROM people WHERE age > 40"
    bare = Demonstration((Turn("user", f"SQL: {ASKED[lang]}"),), (Turn("assistant", sql),))
    drafted = Answer(output=written(city=CITY[lang], days=2), noticed=("misfit",))
    shown = [*(called(lang, number, days="2") for number in range(5)), bare, called(lang, 6)]
    shown[0] = called(lang, 0)
    annotator = annotator_of(KIND, lang, shown, {1: drafted, 2: drafted})
    annotator.open()

    annotator.press("1")  # left as it came
    annotator.submit_by_key()

    annotator.press("1")  # the draft is left
    assert annotator.chosen("noticed") == {"misfit"}
    annotator.submit_by_key()

    annotator.write(written(city="Paris"), "output")  # the draft is edited
    annotator.leave_box("1")
    annotator.submit_by_key()

    annotator.write(WORDS[lang], "output")  # words instead of the call
    annotator.click("decision", "cannot")
    annotator.click("issues", "needless")
    annotator.write("a remark", "note")
    annotator.submit_by_click()

    annotator.press("1")  # taken back: nothing is decided, and Submit is grey
    annotator.button("undo").click()
    annotator.settle()
    assert annotator.chosen("decision") == set()
    assert not annotator.button("submit").is_enabled()
    annotator.press("6")
    annotator.submit_by_key()

    annotator.press("2")
    annotator.submit_by_key()
    assert annotator.skip() == 7

    readings = annotator.readings()
    left, accepted, edited, words, wrong, structured, skipped = readings
    assert skipped.reason == "cancelled"
    (record,) = left.records
    assert record.response == shown[0].response and record.parents[0].origin == "accepted"
    example, pair = accepted.records
    assert example.response[0].tool_calls[0].arguments == {"city": CITY[lang], "days": 2}
    assert example.parents[0].origin == "accepted" and pair.candidates[1].turns == shown[1].response
    example, pair = edited.records
    assert example.response[0].tool_calls == (ToolCall("get_weather", {"city": "Paris"}, "call_2"),)
    assert example.parents[0].origin == "edited" and example.parents[0].drafted_by == "test/1"
    assert [c.rank for c in pair.candidates] == [1, 2, 2]
    example, pair = words.records
    assert isinstance(pair, Comparison) and pair.candidates[1].turns == shown[3].response
    assert example.response[0].content == WORDS[lang]
    assert example.tags.behaviours == ("beyond_tools",)
    assert (example.tags.reasons, example.tags.note) == (("needless",), "a remark")
    (record,) = wrong.records
    assert isinstance(record, Judgement) and record.good is False
    (record,) = structured.records
    assert record.response[0].content == sql and record.tags.behaviours == ("structured_output",)

    outcome = export(readings, Recipe(split=Split(test=0.0)), tmp_path / "out", lang=lang)
    files = (outcome.out / "trl").glob("sft*/train.jsonl")
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    messages = [message for row in rows for message in row.get("messages") or row["completion"]]
    calls = [call["function"] for each in messages for call in each.get("tool_calls") or ()]
    assert {"arguments": {"city": "Paris"}, "name": "get_weather"} in calls, "no JSON text"
    assert len(calls) == 3 and len(rows) == 5
    declared = [tool["name"] for row in rows for tool in json.loads(row["tools"])]
    assert declared == ["get_weather"] * 4


@languages
def test_each_key_decides_and_a_submitted_answer_is_changed_later(annotator_of, lang):
    annotator = annotator_of(KIND, lang, [called(lang, 0), called(lang, 1)])
    annotator.open()
    for number, decision in enumerate(DECISIONS, 1):
        annotator.press(str(number))
        assert annotator.chosen("decision") == {decision}
    annotator.press("1")
    annotator.submit_by_key()
    (task, *_) = (each for each in annotator.tasks() if each["annotations"])
    annotator.reopen(task["id"])
    assert annotator.chosen("decision") == {"call"}
    annotator.press("6")
    assert annotator.chosen("decision") == {"bad"}
    annotator.click("issues", "unsafe")
    annotator.update()
    (reading,) = annotator.readings()
    (record,) = reading.records
    assert isinstance(record, Judgement) and record.reasons == ("unsafe",)


def test_what_cannot_be_used_is_turned_back_with_its_place(annotator_of):
    annotator = annotator_of(KIND, "en", [called("en", 0)])
    annotator.open()
    annotator.write('{"name": "get_weather",\n"arguments": {"city": 5}}', "output")
    annotator.leave_box("1")
    annotator.submit_by_key()
    (reading,) = annotator.readings()
    assert reading.reason == "args_schema" and reading.records == ()
    assert reading.detail == (
        "call 1, get_weather: arguments.city must be of type string, and is 5"
    )


def test_tools_from_data_make_no_request_and_run_nothing(annotator_of, hostile):
    text = hostile.text
    tool = {"name": text, "description": text, "parameters": {"properties": {text: {"type": text}}}}
    turn = Turn("assistant", text, tool_calls=(ToolCall(text, {"a": text}),))
    after = (Turn("tool", text), Turn("assistant", text))
    record = Demonstration((Turn("user", text), turn, after[0]), after[1:], (tool,))
    annotator = annotator_of(KIND, "en", [record])
    annotator.open()
    hostile.assert_shown_as_text(annotator)
    annotator.chrome.find_element(By.CSS_SELECTOR, ".gl-after summary").click()
    annotator.press("1")
    annotator.submit_by_key()
    hostile.assert_silent(annotator)
    (reading,) = annotator.readings()
    (made,) = reading.records
    assert (made.context, made.response, made.tools) == (record.context, record.response, (tool,))
