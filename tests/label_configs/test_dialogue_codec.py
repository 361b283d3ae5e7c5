"""The laws of the dialogue kind."""

from dataclasses import replace
from typing import Any

import pytest
from answer_strategies import texts, written
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.backend.training.ngrams import texts_of
from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    ToolCall,
    Turn,
)
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.core.text_comparison import same_text
from goldleaf.exporters.ingest.examples import examples_of
from goldleaf.label_configs.dialogue.codec import (
    Answer,
    PairAnswer,
    TurnAnswer,
    to_records,
    to_task,
)
from goldleaf.recipes.recipe import Recipe

ROW = Provenance(source="S4", file="rows.jsonl", line=7, licence="own")
HUMAN = Provenance(task=1, origin="human")


def dialogue(*answers, system=""):
    """Return a dialogue: a question before each answer."""
    turns = [Turn("system", system)] if system else []
    for number, text in enumerate(answers):
        turns += [Turn("user", f"Question {number}?"), Turn("assistant", text)]
    return Demonstration(tuple(turns[:-1]), (turns[-1],), parents=(ROW,))


def pair(*answers, a="Yes.", b="No."):
    """Return a dialogue whose last turn offers two continuations."""
    turns = [*dialogue(*answers).context, *dialogue(*answers).response] if answers else []
    candidates = tuple(Candidate((Turn("assistant", text),), drafted_by=text) for text in (a, b))
    return Comparison((*turns, Turn("user", "And last?")), candidates, parents=(ROW,))


def records(record, answer, draft=None, provenance=HUMAN) -> Any:
    made = to_records(to_task(record), answer, provenance, draft)
    assert all(from_line(to_line(each)) == each for each in made)
    return made


def said(*turns, verdict: Any = "usable", **more):
    return Answer(verdict, turns=tuple(turns), **more)


GOOD, BAD = TurnAnswer(), TurnAnswer("bad", ("wrong",))


def shown(demonstration):
    """Return (text, learned) of each turn of the assistant."""
    turns = (*demonstration.context, *demonstration.response)
    return [(t.content, t.train) for t in turns if t.role == "assistant"]


@given(st.lists(written, min_size=1, max_size=20))
def test_a_dialogue_that_nobody_touched_is_given_back_as_it_came(answers):
    record = dialogue(*answers, system="Be brief.")
    boxes = [TurnAnswer(edit=text + "\r\n") for text in answers]
    (made,) = records(record, said(*boxes))
    assert (made.context, made.response) == (record.context, record.response)
    parent = made.parents[0]
    assert (parent.origin, parent.edit_distance, parent.file) == ("accepted", None, "rows.jsonl")
    assert len(parent.order_shown) == len(answers)


@given(st.lists(st.tuples(written, texts, st.booleans()), min_size=1, max_size=6))
def test_every_turn_is_learned_or_not_as_it_was_judged(turns):
    record = dialogue(*(text for text, _, _ in turns))
    answer = said(*(TurnAnswer("bad" if bad else None, (), edit) for _, edit, bad in turns))
    made = records(record, answer)
    edited = [bool(edit.strip()) and not same_text(edit, text) for text, edit, _ in turns]
    final = [edit if new else text for (text, edit, _), new in zip(turns, edited, strict=True)]
    learned = [new or not bad for (_, _, bad), new in zip(turns, edited, strict=True)]
    examples = [each for each in made if isinstance(each, Demonstration)]
    expected = list(zip(final, learned, strict=True))
    while expected and not expected[-1][1]:
        expected.pop()
    assert [shown(each) for each in examples] == ([expected] if expected else [])
    pairs = [each for each in made if isinstance(each, Comparison)]
    assert [each.candidates[0].turns[0].content for each in pairs] == [
        text for text, new in zip(final, edited, strict=True) if new
    ]
    rejected = [each for each in made if isinstance(each, Judgement)]
    assert [each.response[0].content for each in rejected] == [
        text for (text, _, bad), new in zip(turns, edited, strict=True) if bad and not new
    ]


def test_a_bad_answer_in_the_middle_is_context_only():
    made = records(dialogue("one", "two", "three"), said(GOOD, BAD, GOOD))
    example, judged = made
    assert shown(example) == [("one", True), ("two", False), ("three", True)]
    assert (judged.good, judged.reasons) == (False, ("wrong",))
    assert [turn.content for turn in judged.context] == ["Question 0?", "one", "Question 1?"]
    found, reasons = examples_of(example, Recipe())
    learned = [each.response[0].content for each in found if isinstance(each, Demonstration)]
    assert learned == ["one", "three"] and not reasons


def test_an_edit_of_an_early_answer_stands_in_all_that_follows():
    made = records(dialogue("one", "two"), said(TurnAnswer(edit="1"), TurnAnswer("bad", edit="2")))
    example, first, second = made
    assert shown(example) == [("1", True), ("2", True)]
    assert [turn.content for turn in second.context] == ["Question 0?", "1", "Question 1?"]
    assert not second.context[1].train
    assert [c.turns[0].content for c in first.candidates] == ["1", "one"]
    assert (first.strength, second.strength) == ("slight", "strong")
    assert [c.acceptable for c in second.candidates] == [True, False]
    assert example.parents[0].edit_distance == 3 + 3
    assert {p.origin for each in made for p in each.parents} == {"edited"}


def test_a_dialogue_that_ends_with_the_user_gets_its_answer():
    record = replace(dialogue("one"), response=())
    record = replace(record, context=(*dialogue("one").context,))
    task = to_task(record)
    assert [turn["text"] for turn in task["turns"]] == [""]
    (made,) = records(record, said(TurnAnswer(edit="Written.")))
    assert shown(made) == [("Written.", True)] and made.parents[0].origin == "human"
    with pytest.raises(BadRow, match="nothing_learned"):
        records(record, said(GOOD))


def test_of_an_unusable_dialogue_the_bad_answers_alone_are_left():
    made = records(dialogue("one", "two"), said(BAD, TurnAnswer(edit="2"), verdict="unusable"))
    assert [type(each) for each in made] == [Judgement]
    with pytest.raises(BadRow, match="nothing_learned"):
        records(dialogue("one"), said(GOOD, verdict="unusable"))


def test_a_draft_that_only_tidies_repairs_nothing():
    draft = Answer(turns=(TurnAnswer(edit="one"),))
    record = dialogue("one<|endoftext|>")
    kept = records(record, said(TurnAnswer(edit="one")), draft)
    assert shown(kept[0]) == [("one", True)] and kept[0].parents[0].origin == "accepted"
    (judged,) = records(record, said(TurnAnswer("bad", edit="one")), draft)
    assert isinstance(judged, Judgement) and judged.response[0].content == "one<|endoftext|>"


@pytest.mark.parametrize("verdict", ["good", "bad", None])
@pytest.mark.parametrize("edit", ["Quite another answer.", "Mine."], ids=["left", "edited"])
def test_a_verdict_is_about_the_answer_shown_whatever_was_drafted(verdict: Any, edit: str):
    drafted = Answer(turns=(TurnAnswer(edit="Quite another answer."),))
    answer = said(TurnAnswer(verdict, ("wrong",) if verdict == "bad" else (), edit))
    made = records(dialogue("one"), answer, drafted)
    if edit == "Mine." or verdict is None:
        assert shown(made[0]) == [(edit, True)]
        (above,) = made[1:]
        assert (above.strength == "strong") is (verdict == "bad")
        return
    (only,) = made
    assert only.response == dialogue("one").response, "the draft was neither taken nor turned down"
    assert getattr(only, "good", None) is (False if verdict == "bad" else None)
    assert only.parents[0].edit_distance is None


def test_a_good_draft_where_nothing_was_shown_is_the_answer():
    record = replace(dialogue("one"), response=())
    drafted = Answer(turns=(TurnAnswer(edit="Written."),))
    (made,) = records(record, said(TurnAnswer("good", edit="Written.")), drafted)
    assert shown(made) == [("Written.", True)]


def tool_dialogue():
    call = ToolCall("look", {"town": "Lyon"}, "c1")
    turns = (
        Turn("user", "Rain?"),
        Turn("assistant", "", "I must look.", (call,)),
        Turn("tool", '{"rain": true}', tool_call_id="c1", name="look"),
        Turn("assistant", "Yes."),
        Turn("user", "Sure?"),
        Turn("assistant", "Quite."),
    )
    tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
    return Demonstration(turns[:-1], turns[-1:], (tool,), parents=(ROW,))


def test_calls_and_results_are_shown_with_the_answer_they_lead_to():
    task = to_task(tool_dialogue())
    assert [turn["text"] for turn in task["turns"]] == ["Yes.", "Quite."]
    shown_first = task["turns"][0]["shown"]
    for text in ("Rain?", "I must look.", 'look({"town": "Lyon"})', '{"rain": true}', "gl-thought"):
        assert text.replace('"', "&quot;") in shown_first or text in shown_first
    assert "look" in task["shown_prompt"]


def test_models_that_learn_see_the_texts_of_both_sides():
    seen = texts_of(to_task(dialogue("one", "two")))
    assert seen == {"prompt": "Question 0?\n\nQuestion 1?", "answer": "one\n\ntwo"}


def test_a_call_is_not_learned_where_its_answer_is_bad():
    example, judged = records(tool_dialogue(), said(BAD, GOOD))
    assert shown(example) == [("", False), ("Yes.", False), ("Quite.", True)]
    assert judged.tools == tool_dialogue().tools
    (whole,) = records(tool_dialogue(), said(GOOD, GOOD))
    assert (whole.context, whole.response) == (tool_dialogue().context, tool_dialogue().response)


def test_two_continuations_are_compared_after_the_dialogue_as_it_stands():
    record = pair("one")
    task = to_task(record)
    answer = said(TurnAnswer(edit="1"), pairs=(PairAnswer("b_much", edit_b="Better."),))
    example, edit, made = records(record, answer)
    assert shown(example) == [("1", True)] and example.response[0].content == "1"
    assert [c.turns[0].content for c in edit.candidates] == ["1", "one"]
    assert [t.content for t in made.context] == ["Question 0?", "1", "And last?"]
    ranks = {c.turns[0].content: (c.rank, c.origin) for c in made.candidates}
    assert ranks == {
        "Better.": (1, "edited"),
        task["pairs"][0]["b"]: (2, "imported"),
        task["pairs"][0]["a"]: (3, "imported"),
    }
    assert made.strength == "strong"
    found, _ = examples_of(made, Recipe())
    taught = [each for each in found if isinstance(each, Demonstration)]
    assert [shown(each) for each in taught] == [[("1", False), ("Better.", True)]]


def test_two_continuations_without_a_choice_are_no_record():
    with pytest.raises(BadRow, match="no_decision"):
        records(pair("one"), said(GOOD, pairs=(PairAnswer(),)))


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("a", ([1, 2], [None] * 2)),
        ("tie", ([1, 1], [None] * 2)),
        ("both_bad", ([1, 1], [False] * 2)),
    ],
)
def test_a_pair_alone_is_a_comparison(decision, expected):
    (made,) = records(pair(), said(pairs=(PairAnswer(decision),)))
    assert ([c.rank for c in made.candidates], [c.acceptable for c in made.candidates]) == expected
    assert made.parents[0].origin == "human" and len(made.parents[0].order_shown) == 2


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Demonstration((), (Turn("assistant", "a"),)), "no_prompt"),
        (Demonstration((Turn("user", " "),), (Turn("assistant", "a"),)), "no_prompt"),
        (Judgement((Turn("user", "a"),), (Turn("assistant", "b"),)), "not_a_demonstration"),
        (replace(pair(), candidates=pair().candidates * 2), "not_two_answers"),
        (
            replace(
                pair(), candidates=(Candidate((Turn("assistant", "", "", (ToolCall("f"),)),)),) * 2
            ),
            "needs_tool_screen",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_its_reason(record, reason):
    with pytest.raises(BadRow) as caught:
        to_task(record)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "change",
    [
        {"goldleaf": None},
        {"turns": [{"text": "other", "shown": "other"}]},
        {"turns": []},
        {"pairs": [{"shown": "", "a": "x", "b": "y", "shown_a": "", "shown_b": ""}]},
        {"shown_prompt": "other"},
        {"goldleaf": {"record": {"record": "x"}}},
    ],
)
@pytest.mark.parametrize("record", [dialogue("one"), pair("one")], ids=["dialogue", "pair"])
def test_a_task_that_no_longer_holds_its_dialogue_is_refused(record, change):
    pairs = (PairAnswer("a"),) if isinstance(record, Comparison) else ()
    with pytest.raises(BadRow):
        to_records(to_task(record) | change, said(GOOD, pairs=pairs), HUMAN)
