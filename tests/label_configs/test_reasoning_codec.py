"""The laws of the reasoning kind: steps and their verdicts, corrections, reflections."""

from dataclasses import replace
from typing import Any

import pytest
from answer_strategies import texts
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Step,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.formats.stepwise_rows import read_steps, step_row
from goldleaf.label_configs.reasoning.chain import parse_turn, split_steps, turn_of, turn_text
from goldleaf.label_configs.reasoning.codec import (
    MAX_STEPS,
    Answer,
    StepAnswer,
    to_records,
    to_task,
)

ASKED = (Turn("user", "3 boxes of 4 apples, 5 are eaten?"),)
TEXT = "3 * 4 = 12 apples.\n12 - 5 = 8 apples."
SHOWN = Demonstration(ASKED, (Turn("assistant", f"{TEXT}\n#### 8"),))
APART = replace(SHOWN, response=(Turn("assistant", "8 are left.", TEXT),))
BARE = replace(SHOWN, response=(Turn("assistant", TEXT),))
STEPWISE = Judgement(
    ASKED, (Turn("assistant", TEXT),), steps=tuple(Step(s, True) for s in TEXT.split("\n"))
)
RIGHT = "3 * 4 = 12 apples.\n12 - 5 = 7 apples."
BY_HAND = Provenance(task=1, origin="human")


def marked(*verdicts):
    return tuple(StepAnswer(verdict) for verdict in verdicts)


def records_of(record, answer, provenance=BY_HAND, draft=None) -> Any:
    found = to_records(to_task(record), answer, provenance, draft)
    for each in found:
        assert from_line(to_line(each)) == each
    return found


def refused(record, answer):
    with pytest.raises(BadRow) as caught:
        records_of(record, answer)
    return caught.value.reason


@pytest.mark.parametrize(
    ("record", "final"), [(SHOWN, "8"), (APART, "8 are left."), (BARE, ""), (STEPWISE, "")]
)
def test_a_chain_is_shown_by_step_with_its_final_answer(record, final):
    task = to_task(record)
    assert [step["shown"].count("apples") for step in task["steps"]] == [2, 2], "text and its fold"
    assert (task["chain"], task["final"]) == (TEXT, final)


def test_verdicts_that_a_file_has_are_not_shown():
    unlike = replace(STEPWISE, steps=tuple(replace(s, good=False) for s in STEPWISE.steps))
    shown = [{k: v for k, v in to_task(r).items() if k != "goldleaf"} for r in (STEPWISE, unlike)]
    assert shown[0] == shown[1]


def test_a_right_chain_is_a_demonstration_that_reasons_apart_and_good_steps():
    steps, example = records_of(SHOWN, Answer(marked(None, None), "right"))
    assert [(s.content, s.good) for s in steps.steps] == [(s, True) for s in TEXT.split("\n")]
    assert steps.good is None and step_row(steps)["labels"] == [True, True]
    assert example.response == (Turn("assistant", "8", TEXT),)
    assert example.tags.behaviours == ("reasoning_chain",)
    assert example.parents[0].origin == "accepted"


def test_without_a_final_answer_the_last_step_is_the_answer():
    _, example = records_of(BARE, Answer(marked(None, None), "right"))
    assert example.response == (Turn("assistant", "12 - 5 = 8 apples.", "3 * 4 = 12 apples."),)
    _, example = records_of(BARE, Answer(marked(None, None), "right", final="8"))
    assert example.response == (Turn("assistant", "8", TEXT),), "filled in, which corrects nothing"
    _, whole = records_of(
        replace(BARE, response=(Turn("assistant", "Seven."),)), Answer(marked(None), "right")
    )
    assert whole.response == (Turn("assistant", "Seven."),)


def test_a_correction_is_a_demonstration_above_the_chain_shown():
    answer = Answer(
        marked("good", "bad"), "wrong", chain=RIGHT, final="7", issues=("arithmetic",), note="n"
    )
    steps, example, pair = records_of(SHOWN, answer)
    assert [s.good for s in steps.steps] == [True, False]
    assert steps.tags.signals == {"first_wrong_step": 2.0}
    assert example.response == (Turn("assistant", "7", RIGHT),)
    assert example.parents[0].origin == "edited" and example.parents[0].edit_distance == 2
    assert isinstance(pair, Comparison) and pair.strength == "strong"
    assert [(c.turns, c.rank, c.acceptable) for c in pair.candidates] == [
        (example.response, 1, True),
        ((Turn("assistant", "8", TEXT),), 2, False),
    ], "both in one form, or the form would be learned"
    assert pair.tags.reasons == ("arithmetic",) and pair.tags.note == "n"


def test_a_critique_and_a_revision_are_a_reflection():
    answer = Answer(
        marked("good", "bad"), "wrong", chain=RIGHT, final="7", critique="12 - 5 is 7, not 8."
    )
    _, example, pair = records_of(SHOWN, answer)
    (turn,) = example.response
    assert turn.content == "7"
    assert turn.reasoning == f"{TEXT}\n\n12 - 5 is 7, not 8.\n\n{RIGHT}"
    assert example.tags.behaviours == ("reasoning_chain", "reflection")
    assert pair.candidates[0].turns == (Turn("assistant", "7", RIGHT),), "without the critique"
    assert pair.tags.behaviours == example.tags.behaviours


def test_a_wrong_chain_that_is_left_is_a_bad_example():
    answer = Answer(marked("good", "bad"), "wrong", issues=("arithmetic",), critique="It is 7.")
    steps, whole = records_of(SHOWN, answer)
    assert isinstance(whole, Judgement) and whole.good is False
    assert whole.response == (Turn("assistant", "8", TEXT),), "as the demonstration would be"
    assert whole.reasons == ("arithmetic",)
    assert whole.tags.note == "It is 7." and steps.steps[1].good is False


THREE = replace(SHOWN, response=(Turn("assistant", "a = 1\nb = 2\nc = 3\n#### 3"),))


@pytest.mark.parametrize(
    ("verdicts", "judged"),
    [
        (("good", "bad", None), [True, False]),
        ((None, "bad", None), [True, False]),
        (("bad", None, "good"), [False]),
        (("neutral", "bad", "good"), [True, False, True]),
        (("bad", "bad", "bad"), [False, False, False]),
    ],
)
def test_what_stands_behind_an_error_unmarked_is_left_out(verdicts, judged):
    steps, *_ = records_of(THREE, Answer(marked(*verdicts), "wrong"))
    assert [step.good for step in steps.steps] == judged
    row = step_row(steps)
    assert row["labels"] == judged and read_steps(row).steps == steps.steps
    neutral = {"neutral_step_1": 1.0} if verdicts[0] == "neutral" else {}
    assert steps.tags.signals == {**neutral, "first_wrong_step": verdicts.index("bad") + 1.0}


def test_only_the_final_answer_was_wrong():
    steps, example, pair = records_of(APART, Answer(marked(None, None), "wrong", final="7."))
    assert [s.good for s in steps.steps] == [True, True]
    assert example.response[0].content == "7."
    assert pair.candidates[1].turns == APART.response


def test_a_drafted_final_answer_is_no_answer_of_its_own():
    drafted = Answer(marked(None, None), final="8")
    by = Provenance(task=1, origin="accepted", drafted_by="rules/3")
    left = replace(drafted, decision="right")
    _, example = records_of(BARE, left, by, drafted)
    assert example.parents[0].origin == "accepted" and example.response[0].content == "8"
    fixed = replace(left, final="8 apples")
    _, example = records_of(BARE, fixed, replace(by, origin="edited"), drafted)
    assert example.parents[0].origin == "edited" and example.response[0].content == "8 apples"


def test_a_drafted_revision_that_nobody_touched_does_not_stand_above_a_right_chain():
    drafted = Answer(marked(None, None), chain=RIGHT, final="7", critique="It is 7.")
    by = Provenance(task=1, origin="accepted", drafted_by="model/1")
    _, example = records_of(SHOWN, replace(drafted, decision="right"), by, drafted)
    assert example.response == records_of(SHOWN, Answer(decision="right"))[1].response
    assert (example.tags.note, example.tags.behaviours) == ("", ("reasoning_chain",))
    wrong = replace(drafted, steps=marked("good", "bad"), decision="wrong")
    _, example, pair = records_of(SHOWN, wrong, by, drafted)
    assert RIGHT in example.response[0].reasoning and "reflection" in example.tags.behaviours
    assert (example.parents[0].origin, pair.candidates[0].drafted_by) == ("accepted", "model/1")


@pytest.mark.parametrize(
    ("chain", "made"),
    [
        (f"{RIGHT}\n\nSo it is 7.", "7"),
        (RIGHT, "8"),
        (TEXT, "8"),
        ("", "8"),
    ],
    ids=["by hand", "as drafted", "as it came", "emptied"],
)
def test_a_drafted_final_answer_goes_with_its_chain(chain: str, made: str):
    drafted = Answer(marked(None, None), chain=RIGHT, final="7", critique="It is 7.")
    by = Provenance(task=1, origin="edited", drafted_by="model/1")
    _, example, *pairs = records_of(
        SHOWN, replace(drafted, decision="right", chain=chain), by, drafted
    )
    assert example.response[0].content == made
    assert [pair.candidates[0].turns[0].content for pair in pairs] == ["7"][: made == "7"]


def test_a_drafted_chain_that_is_edited_stands_between():
    drafted = Answer(marked(None, None), chain="3 * 4 = 12\n12 - 5 = 6", final="6")
    by = Provenance(task=1, origin="edited", drafted_by="model/1")
    answer = replace(drafted, steps=marked("good", "bad"), decision="wrong", chain=RIGHT, final="7")
    _, example, pair = records_of(SHOWN, answer, by, drafted)
    assert [c.turns[0].content for c in pair.candidates] == ["7", "6", "8"]
    assert [c.rank for c in pair.candidates] == [1, 2, 2]
    assert example.parents[0].origin == "edited"


def test_a_chain_for_a_prompt_alone_is_by_hand():
    alone = replace(SHOWN, response=())
    assert to_task(alone)["steps"] == []
    (record,) = records_of(alone, Answer((), "right", chain=RIGHT, final="7"))
    assert record.response == (Turn("assistant", "7", RIGHT),)
    assert record.parents[0].origin == "human"
    assert refused(alone, Answer((), "right", final="7")) == "no_answer"


def test_stepwise_rows_are_judged_anew():
    steps, example = records_of(STEPWISE, Answer(marked("neutral", None), "right"))
    assert isinstance(example, Demonstration) and isinstance(steps, Judgement)
    assert [s.good for s in steps.steps] == [True, True]
    assert steps.tags.signals == {"neutral_step_1": 1.0}
    several = replace(STEPWISE, steps=(Step("a\nb", True), Step("c", True)))
    assert len(to_task(several)["steps"]) == 2, "steps are those of the file"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(marked("good", "good")), "no_decision"),
        (Answer(marked("good", "bad"), "right"), "contradicts_itself"),
        (Answer(marked("good", "good"), "wrong"), "no_wrong_step"),
        (Answer(marked(None, None), "wrong"), "no_wrong_step"),
    ],
)
def test_what_contradicts_itself_is_turned_back(answer, reason):
    assert refused(SHOWN, answer) == reason


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a\nb\n\n", ("a", "b")),
        ("a\r\n\r\nb\nc", ("a", "b\nc")),
        ("\n\na\n \nb", ("a", "b")),
        ("a", ("a",)),
        (" \n ", ()),
    ],
)
def test_steps_are_paragraphs_or_lines(text, steps):
    assert split_steps(text) == steps


@given(texts, texts)
def test_no_letter_of_a_chain_is_lost(chain, final):
    turn = turn_of(chain, final)
    if not final.strip():
        assert f"{turn.reasoning}\n{turn.content}".split() == chain.split()
    else:
        assert (turn.reasoning, turn.content) == (chain.strip(), final)


@given(texts.map(str.strip), texts)
def test_a_turn_is_written_as_text_and_read_back(thought, content):
    turn = Turn("assistant", content, thought)
    if "</think>" not in content and not content.startswith("<think>"):
        assert parse_turn(turn_text(turn)) == turn


@given(st.lists(st.sampled_from(["good", "neutral", "bad", None]), min_size=2, max_size=2))
def test_step_verdicts_are_always_rows_that_trainers_read(verdicts):
    decision = "wrong" if "bad" in verdicts else "right"
    steps, *_ = records_of(SHOWN, Answer(marked(*verdicts), decision))
    assert step_row(steps)["labels"] == [step.good for step in steps.steps]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Comparison(ASKED, ()), "not_a_demonstration"),
        (replace(SHOWN, context=()), "no_prompt"),
        (replace(SHOWN, context=(Turn("user", " "),)), "no_prompt"),
        (replace(SHOWN, response=SHOWN.response * 2), "needs_dialogue_screen"),
        (
            replace(SHOWN, response=(Turn("assistant", "", tool_calls=(ToolCall("f"),)),)),
            "needs_tool_screen",
        ),
        (
            replace(SHOWN, response=(Turn("assistant", "a\n" * (MAX_STEPS + 1)),)),
            "too_many_steps",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_its_reason(record, reason):
    with pytest.raises(BadRow) as caught:
        to_task(record)
    assert caught.value.reason == reason


@pytest.mark.parametrize("change", [{"chain": "x"}, {"steps": []}, {"goldleaf": None}])
def test_a_task_that_shows_something_else_is_refused(change):
    with pytest.raises(BadRow, match="bad_task"):
        to_records({**to_task(SHOWN), **change}, Answer(marked(None, None), "right"), BY_HAND)


def test_what_was_imported_is_kept():
    tags = Tags(behaviours=("chat",), note="old", signals={"perplexity": 2.0})
    steps, example = records_of(replace(SHOWN, tags=tags), Answer(marked("good", None), "right"))
    assert example.tags.behaviours == ("chat", "reasoning_chain") and example.tags.note == "old"
    assert steps.tags.signals == {"perplexity": 2.0}
