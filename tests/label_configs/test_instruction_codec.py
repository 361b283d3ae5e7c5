"""The laws of the instruction kind, and what each verdict makes of an example."""

from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring, tostring

import pytest
from answer_strategies import answers as answers_of
from answer_strategies import texts, written
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.prototypes import prototypes
from goldleaf.core.records import (
    Comparison,
    Demonstration,
    Judgement,
    Origin,
    Provenance,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.core.text_comparison import same_text
from goldleaf.label_configs.config_mismatch import nearest_kind
from goldleaf.label_configs.instruction.codec import Answer, to_records, to_task
from goldleaf.label_configs.registry import kinds, recognise
from goldleaf.label_configs.screen import parse

KIND = kinds()["instruction"]
BEHAVIOURS, ISSUES, NOTICED, VERDICTS = (
    KIND.controls[name].choices for name in ("behaviours", "issues", "noticed", "verdict")
)
answers = answers_of(Answer)
examples = st.builds(
    lambda prompt, answer: Demonstration(
        (Turn("system", "Be brief."), Turn("user", prompt)),
        (Turn("assistant", answer),) if answer else (),
        parents=(Provenance(source="S3", file="rows.jsonl", line=7, licence="own"),),
    ),
    written,
    texts,
)


@given(answers, examples)
def test_every_field_of_an_answer_is_used_or_kept(answer, example):
    try:
        made = to_records(to_task(example), answer, Provenance(task=1, origin="human"))
    except BadRow:
        return
    for record in made:
        assert from_line(to_line(record)) == record
        tags = record.tags
        assert set(answer.behaviours) <= set(tags.behaviours)
        assert tags.quality == answer.quality
        assert tags.prototype == (answer.prototype.strip() or answer.capability)
        assert tags.note == answer.note
        found = {*answer.noticed, *answer.issues}
        assert found <= {*tags.issues, *tags.reasons, *getattr(record, "reasons", ())}
        parent = record.parents[0]
        assert (parent.file, parent.line, parent.licence, parent.task) == (
            "rows.jsonl",
            7,
            "own",
            1,
        )
    if isinstance(made[0], Demonstration):
        text = answer.answer if answer.answer.strip() else to_task(example)["answer"]
        asked = answer.instruction if answer.instruction.strip() else to_task(example)["prompt"]
        assert made[0].response[0].content == text
        assert made[0].context == (example.context[0], replace(example.context[1], content=asked))


@given(answers, examples)
def test_nothing_is_lost_but_for_a_reason(answer, example):
    """An answer gives no record only where there is nothing that could be learnt."""
    try:
        to_records(to_task(example), answer, Provenance(origin="human"))
    except BadRow as bad:
        shown = to_task(example)["answer"]
        rewritten = bool(answer.answer.strip()) and not same_text(answer.answer, shown)
        expected = {
            "no_decision": answer.verdict is None,
            "no_answer": not shown.strip() and not answer.answer.strip(),
            "nothing_fixed": answer.verdict == "fixed" and not rewritten,
            "bad_instruction": "bad_instruction" in answer.issues and not rewritten,
            "contradicts_itself": answer.verdict == "good"
            and not rewritten
            and (answer.quality == 1 or {"wrong", "unsafe"} & set(answer.issues)),
        }
        assert expected[bad.reason]


EXAMPLE = Demonstration((Turn("user", "2 + 2?"),), (Turn("assistant", "Five."),))


def outcome(answer, example=EXAMPLE, origin: Origin = "human", draft=None) -> Any:
    return to_records(to_task(example), answer, Provenance(origin=origin, drafted_by="m/1"), draft)


def test_a_good_example_is_a_demonstration_as_it_came():
    (record,) = outcome(Answer("good", quality=5))
    assert isinstance(record, Demonstration)
    assert (record.context, record.response) == (EXAMPLE.context, EXAMPLE.response)
    assert (record.parents[0].origin, record.parents[0].edit_distance) == ("accepted", None)


def test_an_edited_answer_is_a_demonstration_and_a_pair():
    example, pair = outcome(Answer("fixed", answer="Four.", issues=("wrong",)))
    assert isinstance(example, Demonstration) and isinstance(pair, Comparison)
    assert example.response[0].content == "Four."
    assert (example.parents[0].origin, example.parents[0].edit_distance) == ("edited", 3)
    assert (example.tags.issues, example.tags.reasons) == ((), ("wrong",))
    ranked = [(c.turns[0].content, c.rank, c.acceptable, c.origin) for c in pair.candidates]
    assert ranked == [("Four.", 1, True, "edited"), ("Five.", 2, None, "imported")]
    assert pair.strength == "slight"


def test_an_unusable_answer_is_a_judgement():
    (record,) = outcome(Answer("unusable", noticed=("truncated",), issues=("wrong",)))
    assert isinstance(record, Judgement)
    assert (record.good, record.reasons) == (False, ("truncated", "wrong"))
    assert (record.context, record.response) == (EXAMPLE.context, EXAMPLE.response)


def test_an_unusable_answer_that_was_rewritten_is_a_demonstration_above_it():
    example, pair = outcome(Answer("unusable", answer="Four."))
    assert isinstance(example, Demonstration)
    assert isinstance(pair, Comparison) and pair.strength == "strong"
    assert [c.acceptable for c in pair.candidates] == [True, False]


def test_an_unusable_instruction_says_nothing_about_the_answer():
    with pytest.raises(BadRow, match="bad_instruction"):
        outcome(Answer("unusable", issues=("bad_instruction",)))


def test_an_edited_instruction_gives_no_pair():
    """The answer that came replied to another question."""
    (record,) = outcome(Answer("fixed", instruction="2 + 3?", answer="It is five."))
    assert isinstance(record, Demonstration)
    assert record.context[-1].content == "2 + 3?"
    (record,) = outcome(Answer("fixed", instruction="2 + 3?"))
    assert record.parents[0].origin == "edited"


def test_letter_case_and_spaces_are_the_same_question():
    example, pair = outcome(Answer("fixed", instruction="2 +  2?\n", answer="Four."))
    assert example.context == pair.context
    assert pair.context[-1].content == "2 +  2?\n"


@pytest.mark.parametrize("verdict", VERDICTS)
def test_untouched_boxes_are_no_edit(verdict):
    answer = Answer(verdict, instruction="2 + 2?\r\n", answer=" Five.")
    try:
        (record,) = outcome(answer)
    except BadRow as bad:
        assert (verdict, bad.reason) == ("fixed", "nothing_fixed")
    else:
        assert record.parents[0].origin == "accepted"
        assert isinstance(record, Judgement if verdict == "unusable" else Demonstration)


def test_an_answer_written_from_nothing_is_the_annotator_s_own():
    (record,) = outcome(Answer("good", answer="Four."), replace(EXAMPLE, response=()))
    assert isinstance(record, Demonstration)
    assert (record.response, record.parents[0].origin) == ((Turn("assistant", "Four."),), "human")


DRAFT = Answer(answer="Probably four, I think.")


def test_a_drafted_text_that_stands_is_accepted_and_above_what_it_replaced():
    example, pair = outcome(Answer("fixed", answer=DRAFT.answer), origin="accepted", draft=DRAFT)
    assert (example.parents[0].origin, example.parents[0].drafted_by) == ("accepted", "m/1")
    best, worst = pair.candidates
    assert (best.origin, best.drafted_by) == ("accepted", "m/1")
    assert (worst.origin, worst.drafted_by) == ("imported", "")


@pytest.mark.parametrize(
    ("draft", "typed"),
    [
        (Answer(answer="Put better."), Answer("good", answer="Put best.")),
        (Answer(instruction="Put better."), Answer("good", instruction="Put best.")),
    ],
)
def test_beside_an_example_called_good_a_draft_that_was_left_counts_for_nothing(draft, typed):
    (kept,) = outcome(replace(draft, verdict="good"), origin="accepted", draft=draft)
    assert (kept.context, kept.response) == (EXAMPLE.context, EXAMPLE.response)
    assert (kept.parents[0].origin, kept.parents[0].edit_distance) == ("accepted", None)
    fixed = outcome(replace(draft, verdict="fixed"), origin="accepted", draft=draft)[0]
    assert "Put better." in (fixed.context[-1].content, fixed.response[0].content)
    edited = outcome(typed, origin="edited", draft=draft)[0]
    assert "Put best." in (edited.context[-1].content, edited.response[0].content)


def test_an_edited_draft_is_below_the_edit_and_tied_with_what_came():
    example, pair = outcome(Answer("fixed", answer="Four."), origin="edited", draft=DRAFT)
    assert example.parents[0].origin == "edited"
    assert example.parents[0].edit_distance == len("Probably ") + len(", I think") + 1
    ranked = {c.turns[0].content: (c.rank, c.drafted_by) for c in pair.candidates}
    assert ranked == {"Four.": (1, "m/1"), "Probably four, I think.": (2, "m/1"), "Five.": (2, "")}


def test_a_draft_for_a_prompt_alone_makes_a_pair_when_it_is_edited():
    alone = replace(EXAMPLE, response=())
    _, pair = outcome(Answer("fixed", answer="Four."), alone, "edited", DRAFT)
    assert [c.turns[0].content for c in pair.candidates] == ["Four.", "Probably four, I think."]
    (only,) = outcome(Answer("good", answer=DRAFT.answer), alone, "accepted", DRAFT)
    assert only.parents[0].origin == "accepted"


def test_an_unusable_answer_that_a_draft_tidied_is_a_judgement_of_what_the_model_said():
    shown = replace(EXAMPLE, response=(Turn("assistant", "Certainly! Here it is.\nFive."),))
    draft = Answer(answer="Five.")
    (record,) = outcome(Answer("unusable", answer="Five."), shown, "accepted", draft)
    assert isinstance(record, Judgement)
    assert record.response == shown.response


def test_an_unusable_draft_is_a_judgement_of_the_draft():
    (record,) = outcome(Answer("unusable", answer=DRAFT.answer), origin="accepted", draft=DRAFT)
    assert isinstance(record, Judgement)
    assert record.response[0].content == DRAFT.answer


def test_a_draft_that_cannot_be_read_any_more_leaves_its_share_unknown():
    example, _ = outcome(Answer("good", answer="Four."), origin="unknown")
    assert example.parents[0].origin == "unknown"
    with pytest.raises(BadRow, match="unknown_draft"):
        outcome(Answer("unusable", answer="Four."), origin="unknown")


def test_an_overruled_choice_makes_an_untouched_text_edited():
    (record,) = outcome(Answer("good"), origin="edited", draft=Answer(noticed=("refuses",)))
    assert record.parents[0].origin == "edited"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"context": ()}, "no_prompt"),
        ({"context": (Turn("user", " "),)}, "no_prompt"),
        ({"context": (Turn("system", "x"),)}, "no_prompt"),
        ({"response": (Turn("assistant", "a"), Turn("assistant", "b"))}, "needs_dialogue_screen"),
        ({"response": (Turn("tool", "a"),)}, "needs_dialogue_screen"),
        (
            {"response": (Turn("assistant", "", tool_calls=(ToolCall("f"),)),)},
            "needs_tool_screen",
        ),
        ({"response": (Turn("assistant", "a", reasoning="b"),)}, "needs_reasoning_screen"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_its_reason(change, reason):
    with pytest.raises(BadRow) as caught:
        to_task(replace(EXAMPLE, **change))
    assert caught.value.reason == reason


def test_a_judgement_is_not_shown():
    with pytest.raises(BadRow, match="not_a_demonstration"):
        to_task(Judgement(EXAMPLE.context, EXAMPLE.response))


@pytest.mark.parametrize(
    "change", [{"goldleaf": None}, {"answer": "x"}, {"prompt": "x"}, {"goldleaf": {"record": 1}}]
)
def test_a_task_that_no_longer_holds_its_example_is_refused(change):
    with pytest.raises(BadRow):
        to_records(to_task(EXAMPLE) | change, Answer("good"), Provenance())


def test_what_the_file_knew_is_shown_and_kept():
    known = replace(EXAMPLE, tags=Tags(("chat",), prototype="sums", quality=2, language="en"))
    assert to_task(known)["prototype"] == "sums"
    (record,) = outcome(Answer("good", behaviours=("knowledge",)), known)
    assert record.tags == Tags(("chat", "knowledge"), prototype="sums", quality=2, language="en")
    written, _ = outcome(Answer("fixed", answer="Twelve, because four times three is that."), known)
    assert written.tags.quality is None, "the two stars were those of another text"


@pytest.mark.parametrize(
    ("imported", "drafted", "ticked", "stands"),
    [
        # the detector's word goes once a person ticks anything
        (("refusal_unsettled",), (), ("question_answering",), ("question_answering",)),
        (("refusal", "chat"), (), ("question_answering",), ("chat", "question_answering")),
        (("refusal_unsettled",), (), ("refusal",), ("refusal",)),
        # what was ticked at the start and cleared is gone, the last one too
        (("refusal", "chat"), ("refusal", "chat"), ("chat",), ("chat",)),
        (("writing",), ("writing",), (), ()),
        (("refusal", "writing"), ("refusal", "writing"), ("chat",), ("chat",)),
        # a box that nobody touched says nothing
        (("refusal_unsettled", "chat"), (), (), ("refusal_unsettled", "chat")),
        (("multi_turn",), ("multi_turn",), ("multi_turn",), ("multi_turn",)),
        # what was not on the screen stays
        (("multi_turn", "refusal_unsettled"), (), ("writing",), ("multi_turn", "writing")),
    ],
)
def test_a_person_s_word_replaces_a_machine_s(imported, drafted, ticked, stands):
    came = replace(EXAMPLE, tags=Tags(imported))
    draft = Answer(behaviours=drafted) if drafted else None
    (record,) = outcome(Answer("good", behaviours=ticked), came, draft=draft)
    assert record.tags.behaviours == stands
    (record,) = outcome(Answer("unusable", behaviours=ticked), came, draft=draft)
    assert record.tags.behaviours == stands


@pytest.mark.parametrize("stars", ["0", "6", "x", "3.5", "²"])
def test_stars_out_of_range_are_refused(stars):
    with pytest.raises(BadRow, match="bad_rating"):
        KIND.parse_annotation({"quality": (stars,)}, {})


def test_the_screen_offers_what_the_codec_knows():
    choices = {name: control.choices for name, control in KIND.screen.controls.items()}
    assert choices["behaviours"] == BEHAVIOURS
    assert choices["verdict"] == VERDICTS
    assert choices["noticed"] == NOTICED
    assert choices["issues"] == ISSUES


@pytest.mark.parametrize("doubt", [{"issues": ("unsafe",)}, {"issues": ("wrong",)}, {"quality": 1}])
def test_what_is_marked_as_wrong_is_never_taken_as_good(doubt):
    with pytest.raises(BadRow, match="contradicts_itself"):
        to_records(to_task(EXAMPLE), Answer("good", **doubt), Provenance(origin="human"))
    mended = Answer("good", answer="Four.", **doubt)
    assert isinstance(
        to_records(to_task(EXAMPLE), mended, Provenance(origin="human"))[0], Demonstration
    )


def test_a_mended_question_remembers_the_one_it_grew_from():
    answer = Answer("fixed", instruction="What is 2 + 2?")
    (example,) = to_records(to_task(EXAMPLE), answer, Provenance(origin="human"))
    assert example.parents[0].grown_from == "2 + 2"
    (kept,) = to_records(to_task(EXAMPLE), Answer("good"), Provenance(origin="human"))
    assert kept.parents[0].grown_from == ""


@pytest.mark.parametrize(
    ("imported", "said", "prototype"),
    [
        ("recipe", {}, "recipe"),
        ("recipe", {"prototype": "recipe"}, "recipe"),
        ("recipe", {"prototype": "recipe", "capability": "translate"}, "translate"),
        (
            "recipe",
            {"prototype": "sums in the head", "capability": "translate"},
            "sums in the head",
        ),
        ("", {"capability": "translate"}, "translate"),
    ],
)
def test_own_words_count_before_the_list_and_the_list_before_the_import(imported, said, prototype):
    task = to_task(replace(EXAMPLE, tags=Tags(prototype=imported)))
    record = to_records(task, Answer("good", **said), Provenance())[0]
    assert record.tags.prototype == prototype


def test_the_list_of_both_screens_is_that_of_curation():
    for lang in ("en", "zh"):
        choices = [
            (each.get("alias"), each.get("value", "").casefold())
            for control in fromstring(KIND.config(lang)).iter("Choices")
            if control.get("name") == "capability"
            for each in control
        ]
        titles = [(each.name, each.titles[lang].casefold()) for each in prototypes().values()]
        assert choices == titles


def test_a_screen_of_an_older_release_is_this_kind():
    root = fromstring(KIND.config())
    for parent in list(root.iter()):
        for child in [each for each in parent if each.get("name") == "capability"]:
            parent.remove(child)
    older = tostring(root, "unicode")
    assert "capability" not in parse(older).controls
    assert recognise(older) is KIND and nearest_kind(older) == (KIND, ())
