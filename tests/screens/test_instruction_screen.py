"""The instruction screen in a real browser, both languages: what is seen, done and read back."""

from __future__ import annotations

import pytest
from chromium import until
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from goldleaf.core.records import Comparison, Demonstration, Judgement, Turn
from goldleaf.label_configs.instruction.codec import Answer
from goldleaf.label_configs.registry import kinds

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["instruction"]
VERDICTS = KIND.controls["verdict"].choices
LONG = {
    "en": ("Water boils sooner where the air is thin. " * 30)[:1000],
    "zh": ("山上的空气稀薄，气压较低，所以水在更低的温度下就会沸腾。" * 40)[:1000],
}
PROMPT = {"en": "Why does water boil sooner on a mountain?", "zh": "为什么水在山上更早沸腾？"}
BETTER = {"en": "Lower pressure, lower boiling point.\nThat is all.", "zh": "气压低，沸点就低。"}
SUGGESTED = Answer(capability="translate")
SEEN = Answer(behaviours=("knowledge",), noticed=("template",))
languages = pytest.mark.parametrize("lang", ["en", "zh"])


def example(prompt, answer):
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),) if answer else ())


def short(count, lang="en"):
    return [example(f"{PROMPT[lang]} ({n})", f"an answer {n}") for n in range(count)]


@languages
def test_everything_needed_is_in_view_at_every_size(annotator_of, lang):
    draft = Answer(
        answer=LONG[lang], behaviours=("knowledge",), noticed=("template",), prototype="physics"
    )
    records = [example(PROMPT[lang], LONG[lang]), example(f"{PROMPT[lang]} 2", LONG[lang])]
    annotator = annotator_of(KIND, lang, records, {0: SEEN, 1: draft})
    for _ in annotator.sizes():
        annotator.assert_in_view(
            [*(annotator.choice("verdict", alias) for alias in VERDICTS), *annotator.stars()]
        )
        assert annotator.box("instruction").get_attribute("value") == PROMPT[lang]
        assert annotator.box("answer").get_attribute("value") == LONG[lang]
        given, edited = annotator.wait(".gl-given"), annotator.wait(".gl-edit")
        assert given.rect["x"] + given.rect["width"] <= edited.rect["x"]
        # Not narrower than 45 characters of English, a lower bound for comfortable reading.
        assert given.rect["width"] > 500 and edited.rect["width"] > 500
        assert annotator.chosen("behaviours") == {"knowledge"}
        assert annotator.chosen("noticed") == {"template"}
        assert annotator.chosen("verdict") == annotator.chosen("issues") == set()
        assert annotator.starred() == 0
        annotator.assert_readable()
    annotator.press("1")
    annotator.submit_by_key()
    annotator.assert_in_view(annotator.choice("verdict", alias) for alias in VERDICTS)
    annotator.assert_readable()
    assert annotator.box("answer").get_attribute("value") == LONG[lang]
    annotator.assert_readable()


@languages
def test_each_verdict_by_two_keys_and_by_click(annotator_of, lang):
    count = len(VERDICTS)
    annotator = annotator_of(KIND, lang, short(2 * count, lang))
    annotator.open()
    for position, verdict in enumerate([*VERDICTS, *VERDICTS]):
        if verdict == "fixed":
            annotator.write(BETTER[lang], "answer")
            annotator.wait(".gl-given").click()
        if position < count:
            annotator.press(str(position + 1))
            assert annotator.submit_by_key() == position + 1
        else:
            annotator.click("verdict", verdict)
            assert annotator.submit_by_click() == position + 1
    made = [reading.records for reading in annotator.readings()]
    assert_each_verdict(made[:count], lang, 0)
    assert_each_verdict(made[count:], lang, count)


def assert_each_verdict(made, lang, start):
    good, fixed, unusable = made
    (demonstration,) = good
    assert isinstance(demonstration, Demonstration)
    assert demonstration.parents[0].origin == "accepted"
    demonstration, pair = fixed
    assert isinstance(demonstration, Demonstration) and isinstance(pair, Comparison)
    assert demonstration.response[0].content == BETTER[lang]
    assert demonstration.parents[0].origin == "edited"
    assert demonstration.parents[0].edit_distance
    assert [c.turns[0].content for c in pair.candidates] == [BETTER[lang], f"an answer {start + 1}"]
    assert [c.origin for c in pair.candidates] == ["edited", "imported"]
    (judgement,) = unusable
    assert isinstance(judgement, Judgement) and judgement.good is False
    assert judgement.response[0].content == f"an answer {start + 2}"


@languages
def test_everything_that_can_be_said_is_read_back(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(1, lang))
    annotator.open()
    annotator.write(PROMPT[lang] + " !", "instruction")
    annotator.write(BETTER[lang], "answer")
    annotator.write("thermodynamics", "prototype")
    annotator.write("a remark", "note")
    annotator.wait(".gl-given").click()
    annotator.press("2", "4", "4", "4")
    assert annotator.starred() == 3
    annotator.stars()[3].click()
    annotator.click("behaviours", "reasoning_chain")
    annotator.click("noticed", "markup")
    annotator.click("issues", "incomplete")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    (record,) = reading.records  # the instruction was changed, so there is no pair
    assert isinstance(record, Demonstration)
    assert record.context == (Turn("user", PROMPT[lang] + " !"),)
    assert record.response == (Turn("assistant", BETTER[lang]),)
    tags = record.tags
    assert (tags.quality, tags.prototype, tags.note) == (4, "thermodynamics", "a remark")
    assert tags.behaviours == ("reasoning_chain",)
    assert tags.reasons == ("markup", "incomplete")


@languages
def test_drafts_are_accepted_or_overruled_and_told_apart(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(2, lang), {0: SEEN, 1: SEEN})
    annotator.open()
    annotator.press("1")
    annotator.submit_by_key()
    annotator.click("noticed", "template")
    assert annotator.chosen("noticed") == set()
    annotator.press("1")
    annotator.submit_by_key()
    accepted, overruled = (reading.records[0] for reading in annotator.readings())
    assert (accepted.parents[0].origin, accepted.parents[0].drafted_by) == ("accepted", "test/1")
    assert (overruled.parents[0].origin, overruled.parents[0].drafted_by) == ("edited", "test/1")
    assert (accepted.tags.issues, overruled.tags.issues) == (("template",), ())


@languages
def test_a_drafted_answer_stands_or_is_edited_and_gives_the_pair(annotator_of, lang):
    draft = Answer(answer=f"{BETTER[lang]} 1")
    annotator = annotator_of(KIND, lang, short(2, lang), {0: draft, 1: draft})
    annotator.open()
    annotator.press("2")
    annotator.submit_by_key()
    annotator.write(BETTER[lang], "answer")
    annotator.wait(".gl-given").click()
    annotator.click("verdict", "fixed")
    annotator.submit_by_click()
    (accepted, over), (edited, above) = (reading.records for reading in annotator.readings())
    assert accepted.parents[0].origin == "accepted" and edited.parents[0].origin == "edited"
    assert isinstance(over, Comparison) and isinstance(above, Comparison)
    assert [c.turns[0].content for c in over.candidates] == [draft.answer, "an answer 0"]
    assert [(c.turns[0].content, c.rank) for c in above.candidates] == [
        (BETTER[lang], 1),
        (draft.answer, 2),
        ("an answer 1", 2),
    ]


TOLD = {"en": "change a recipe", "zh": "改写"}
RECIPE = "recipe"
OPEN = ".gl-search"
"""The search field of a list that is open: until it has gone, it takes the keys."""


@languages
def test_the_ability_is_suggested_found_by_typing_or_said_in_own_words(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(3, lang), {0: SUGGESTED, 1: SUGGESTED, 2: SUGGESTED})
    annotator.open()
    assert annotator.picked("capability") == "translate"
    annotator.press("1")
    annotator.submit_by_key()
    annotator.drop_down().click()
    field = annotator.wait(OPEN)
    title = annotator.names["capability"][RECIPE]
    field.send_keys(title[:4].lower() if lang == "en" else title[-2:])
    shown = [
        option.text
        for option in annotator.chrome.find_elements(By.CSS_SELECTOR, "[role=option]")
        if option.is_displayed()
    ]
    assert title in shown and len(shown) < 5
    field.send_keys(Keys.ENTER)
    until(annotator.chrome, lambda _: not annotator.chrome.find_elements(By.CSS_SELECTOR, OPEN))
    annotator.settle()
    assert annotator.picked("capability") == next(
        name for name, said in annotator.names["capability"].items() if said == shown[0]
    )
    assert annotator.chosen("verdict") == set(), "no letter of the search was a key"
    annotator.press("1")
    annotator.submit_by_key()
    annotator.write(TOLD[lang], "prototype")
    annotator.wait(".gl-given").click()
    annotator.press("1")
    annotator.submit_by_key()
    told = [reading.records[0].tags.prototype for reading in annotator.readings()]
    assert told == ["translate", RECIPE, TOLD[lang]]


def test_a_prompt_alone_is_answered(annotator_of):
    annotator = annotator_of(KIND, "en", [example(PROMPT["en"], "")])
    annotator.open()
    assert annotator.box("answer").get_attribute("value") == ""
    annotator.write(BETTER["en"], "answer")
    annotator.click("verdict", "good")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    (record,) = reading.records
    assert isinstance(record, Demonstration)
    assert (record.response[0].content, record.parents[0].origin) == (BETTER["en"], "human")


def test_a_skipped_task_is_never_used(annotator_of):
    annotator = annotator_of(KIND, "en", short(1), {0: SEEN})
    annotator.open()
    assert annotator.skip() == 1
    (reading,) = annotator.readings()
    assert (reading.reason, reading.records) == ("cancelled", ())


def test_nothing_is_stored_without_a_verdict(annotator_of):
    annotator = annotator_of(KIND, "en", short(1), {0: SEEN})
    annotator.open()
    annotator.button("submit").click()
    annotator.wait("[class*=modal] button")
    assert annotator.annotations() == []


@languages
def test_text_from_data_makes_no_request_and_runs_nothing(annotator_of, hostile, lang):
    text = hostile.text
    record = Demonstration(
        (Turn("system", text), Turn("user", text)), (Turn("assistant", "x" + text),)
    )
    annotator = annotator_of(KIND, lang, [record], {0: Answer(prototype=text)})
    annotator.open()
    annotator.click("verdict", "good")
    hostile.assert_shown_as_text(annotator)
    annotator.submit_by_click()
    hostile.assert_silent(annotator)
    (reading,) = annotator.readings()
    (made,) = reading.records
    assert isinstance(made, Demonstration)
    assert (made.context, made.response) == (record.context, record.response)
    assert made.parents[0].origin == "accepted"
