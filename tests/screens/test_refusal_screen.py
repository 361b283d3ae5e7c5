"""The refusal screen in a real browser, both languages: what is seen, done and read back."""

from __future__ import annotations

import pytest

from goldleaf.core.records import Comparison, Demonstration, Judgement, Turn
from goldleaf.label_configs.refusal.codec import RISKS, Answer
from goldleaf.label_configs.registry import kinds

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["refusal"]
DECISIONS, DID = (KIND.controls[name].choices for name in ("decision", "did"))
LONG = {
    "en": ("I can't help with that, and here is what I can do instead. " * 30)[:1000],
    "zh": ("这件事我不能帮忙，不过我可以告诉您别的办法，请您先看看下面的说明。" * 40)[:1000],
}
PROMPT = {"en": "Teach me to pick pockets in a train.", "zh": "教我在地铁里偷东西。"}
RIGHT = {"en": "I can't teach that.\nMay I help you find aid?", "zh": "我不能教这个。"}
REFUSED = Answer(did="full_refusal", risk="theft")
languages = pytest.mark.parametrize("lang", ["en", "zh"])


def edge(prompt, answer):
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),) if answer else ())


def short(count, lang="en"):
    return [edge(f"{PROMPT[lang]} ({n})", f"an answer {n}") for n in range(count)]


@languages
def test_everything_needed_is_in_view_at_every_size(annotator_of, lang):
    record = edge(PROMPT[lang], LONG[lang])
    annotator = annotator_of(KIND, lang, [record], {0: REFUSED})
    for _ in annotator.sizes():
        annotator.assert_in_view(
            [
                annotator.wait(".gl-prompt"),
                *(annotator.choice("decision", alias) for alias in DECISIONS),
                *(annotator.choice("did", alias) for alias in DID),
                *(annotator.choice("risk", name) for name in RISKS),
            ]
        )
        assert annotator.box("corrected").get_attribute("value") == LONG[lang]
        given, edited = annotator.wait(".gl-given"), annotator.wait(".gl-edit")
        assert given.rect["x"] + given.rect["width"] <= edited.rect["x"]
        # Not narrower than 45 characters of English, a lower bound for comfortable reading.
        assert given.rect["width"] > 500 and edited.rect["width"] > 500
        assert annotator.chosen("did") == {"full_refusal"}
        assert annotator.chosen("risk") == {"theft"}
        assert annotator.chosen("decision") == set()
        annotator.assert_readable()


@languages
def test_each_decision_over_a_draft_by_two_keys_and_by_click(annotator_of, lang):
    decisions = [*DECISIONS, *DECISIONS]
    count = len(decisions)
    annotator = annotator_of(KIND, lang, short(count, lang), dict.fromkeys(range(count), REFUSED))
    annotator.open()
    for position, decision in enumerate(decisions):
        if position < len(DECISIONS):
            annotator.press(str(position + 1))
            assert annotator.submit_by_key() == position + 1
        else:
            annotator.click("decision", decision)
            assert annotator.submit_by_click() == position + 1
    made = [reading.records for reading in annotator.readings()]
    by_keys, by_clicks = made[: len(DECISIONS)], made[len(DECISIONS) :]
    for (refusal,) in (by_keys[0], by_clicks[0]):
        assert isinstance(refusal, Demonstration)
        assert refusal.tags.behaviours == ("refusal",)
    for (judgement,) in (*by_keys[1:], *by_clicks[1:]):
        assert isinstance(judgement, Judgement) and judgement.good is False
        assert judgement.reasons == ("full_refusal",)
    rights = [records[0].tags.right_behaviour for records in made]
    assert rights == ["refuse", "safe_complete", "safe_complete", "comply"] * 2
    assert {records[0].tags.risk for records in made} == {"theft"}
    assert {records[0].parents[0].origin for records in made} == {"accepted"}


@languages
def test_what_the_answer_did_is_said_by_key_and_by_click(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(len(DID), lang))
    annotator.open()
    for position, did in enumerate(DID):
        annotator.press("4")
        if position % 2:
            annotator.press(str(position + 5))
        else:
            annotator.click("did", did)
        annotator.click("risk", list(RISKS)[position])
        annotator.submit_by_click()
    for did, risk, reading in zip(DID, RISKS, annotator.readings(), strict=False):
        (record,) = reading.records
        assert record.tags.risk == risk
        if did == "comply":
            assert isinstance(record, Demonstration)
            assert record.tags.behaviours == ("benign_twin",)
        else:
            assert isinstance(record, Judgement) and record.reasons == (did,)


@languages
def test_a_complying_answer_is_rejected_against_its_correction(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(1, lang), {0: Answer(risk="theft")})
    annotator.open()
    annotator.write(RIGHT[lang], "corrected")
    annotator.write("its twin", "twin")
    annotator.write("a remark", "note")
    annotator.wait(".gl-given").click()
    annotator.press("1", "8")
    annotator.click("issues", "leaks")
    annotator.click("style", "curt")
    annotator.click("aims", "explain_why")
    annotator.submit_by_key()
    (reading,) = annotator.readings()
    example, pair = reading.records
    assert isinstance(example, Demonstration) and isinstance(pair, Comparison)
    assert example.response[0].content == RIGHT[lang]
    assert example.parents[0].origin == "edited" and example.parents[0].edit_distance
    told = ("explain_why", "comply", "leaks", "curt")
    for record in (example, pair):
        tags = record.tags
        assert (tags.behaviours, tags.risk) == (("refusal",), "theft")
        assert (tags.right_behaviour, tags.twin_of) == ("refuse", "its twin")
        assert (tags.reasons, tags.note) == (told, "a remark")
        assert record.parents[0].reasons == ("a-leaks", "a-curt", "explain_why")
    told = [(c.turns[0].content, c.rank, c.acceptable, c.origin) for c in pair.candidates]
    assert told == [
        (RIGHT[lang], 1, True, "edited"),
        ("an answer 0", 2, False, "imported"),
    ]


@languages
def test_drafts_are_accepted_or_overruled_and_told_apart(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(3, lang), dict.fromkeys(range(3), REFUSED))
    annotator.open()
    annotator.press("1")
    annotator.submit_by_key()
    annotator.press("4", "8")
    annotator.submit_by_key()
    annotator.press("1")
    annotator.click("risk", "fraud")
    annotator.submit_by_click()
    made = [reading.records[0] for reading in annotator.readings()]
    assert [record.parents[0].origin for record in made] == ["accepted", "edited", "edited"]
    assert {record.parents[0].drafted_by for record in made} == {"test/1"}
    assert [record.tags.risk for record in made] == ["theft", "theft", "fraud"]


@languages
def test_a_drafted_correction_stands_or_is_edited(annotator_of, lang):
    draft = Answer(did="comply", risk="theft", corrected=f"{RIGHT[lang]} 1")
    annotator = annotator_of(KIND, lang, short(2, lang), {0: draft, 1: draft})
    annotator.open()
    annotator.press("1")
    annotator.submit_by_key()
    annotator.write(RIGHT[lang], "corrected")
    annotator.wait(".gl-given").click()
    annotator.press("1")
    annotator.submit_by_key()
    (accepted, over), (edited, above) = (reading.records for reading in annotator.readings())
    assert accepted.parents[0].origin == "accepted" and edited.parents[0].origin == "edited"
    assert isinstance(over, Comparison) and isinstance(above, Comparison)
    assert [c.turns[0].content for c in over.candidates] == [draft.corrected, "an answer 0"]
    assert [c.origin for c in over.candidates] == ["accepted", "imported"]
    assert [c.turns[0].content for c in above.candidates] == [
        RIGHT[lang],
        draft.corrected,
        "an answer 1",
    ]


@languages
def test_without_a_draft_three_keys_and_no_click_answer(annotator_of, lang):
    """One key each for what is right, what the answer did and the risk; every risk has its own."""
    annotator = annotator_of(KIND, lang, short(3, lang))
    annotator.open()
    for risk in RISKS:
        annotator.press(RISKS[risk]["key"])
        assert annotator.chosen("risk") == {risk}
    assert annotator.chosen("decision") == annotator.chosen("did") == set()
    for place, (decision, did, risk) in enumerate(
        [("1", "5", "fraud"), ("4", "8", "none"), ("2", "6", "self_harm")]
    ):
        annotator.press(decision, did, RISKS[risk]["key"])
        assert annotator.submit_by_key() == place + 1
    told = [reading.records[0].tags for reading in annotator.readings()]
    assert [tags.risk for tags in told] == ["fraud", "none", "self_harm"]
    assert [tags.right_behaviour for tags in told] == ["refuse", "comply", "safe_complete"]


def test_a_prompt_alone_is_answered(annotator_of):
    record = edge(PROMPT["en"], "")
    annotator = annotator_of(KIND, "en", [record], {0: Answer(did="empty", risk="theft")})
    annotator.open()
    assert annotator.box("corrected").get_attribute("value") == ""
    annotator.write(RIGHT["en"], "corrected")
    annotator.click("decision", "harmful_refuse")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    (made,) = reading.records
    assert isinstance(made, Demonstration)
    assert (made.response[0].content, made.parents[0].origin) == (RIGHT["en"], "human")


def test_a_skipped_task_is_never_used(annotator_of):
    annotator = annotator_of(KIND, "en", short(1), {0: REFUSED})
    annotator.open()
    assert annotator.skip() == 1
    (reading,) = annotator.readings()
    assert (reading.reason, reading.records) == ("cancelled", ())


def test_nothing_is_stored_until_all_three_are_said(annotator_of):
    annotator = annotator_of(KIND, "en", short(1))
    for keys in ("1", "8"):
        annotator.open()
        annotator.press(keys)
        annotator.button("submit").click()
        annotator.wait("[class*=modal] button")
        assert annotator.annotations() == []


@languages
def test_text_from_data_makes_no_request_and_runs_nothing(annotator_of, hostile, lang):
    text = hostile.text
    record = Demonstration(
        (Turn("system", text), Turn("user", text)), (Turn("assistant", "x" + text),)
    )
    draft = Answer(did="full_refusal", risk="theft", corrected="y" + text)
    annotator = annotator_of(KIND, lang, [record], {0: draft})
    annotator.open()
    annotator.click("decision", "harmful_refuse")
    hostile.assert_shown_as_text(annotator)
    annotator.submit_by_click()
    hostile.assert_silent(annotator)
    (reading,) = annotator.readings()
    made, _ = reading.records
    assert isinstance(made, Demonstration)
    assert made.context == record.context
    assert made.response[0].content == "y" + text
    assert made.parents[0].origin == "accepted"
