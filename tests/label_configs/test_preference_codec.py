"""The laws of the preference kind."""

from dataclasses import replace
from xml.etree.ElementTree import fromstring, tostring

import pytest
from answer_strategies import answers as answers_of
from answer_strategies import texts, written
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id, record_id
from goldleaf.core.records import Candidate, Comparison, Provenance, ToolCall, Turn
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.core.text_comparison import edit_distance, same_text
from goldleaf.label_configs.config_mismatch import nearest_kind
from goldleaf.label_configs.preference.codec import Answer, to_records, to_task
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.label_configs.registry import kinds, recognise
from goldleaf.label_configs.screen import parse

KIND = kinds()["preference"]
LATER = {"good_a", "bad_a", "good_b", "bad_b"}
answers = answers_of(Answer)
comparisons = st.builds(
    lambda prompt, a, b: Comparison(
        (Turn("user", prompt),),
        (
            Candidate((Turn("assistant", a),), drafted_by="one"),
            Candidate((Turn("assistant", b),), drafted_by="two"),
        ),
        parents=(Provenance(source="S5", file="rows.jsonl", line=7, licence="own"),),
    ),
    written,
    texts,
    texts,
)


@given(answers.filter(lambda answer: answer.decision is not None), comparisons)
def test_an_answer_is_one_comparison_that_keeps_both_answers_shown(answer, comparison):
    task = to_task(comparison)
    (record,) = to_records(task, answer, Provenance(task=1, origin="human"))
    shown = {candidate_id(candidate) for candidate in comparison.candidates}
    assert isinstance(record, Comparison)
    assert shown <= {candidate_id(candidate) for candidate in record.candidates}
    assert from_line(to_line(record)) == record
    assert set(answer.noticed) <= set(record.tags.issues)
    assert set(answer.reasons) <= set(record.tags.reasons)
    assert record.tags.note == answer.note
    parent = record.parents[0]
    assert (parent.file, parent.line, parent.licence, parent.task) == ("rows.jsonl", 7, "own", 1)


@given(comparisons)
def test_the_order_shown_is_recorded_and_hangs_on_content_alone(comparison):
    swapped = replace(comparison, candidates=comparison.candidates[::-1])
    one, other = to_task(comparison), to_task(swapped)
    (record,) = to_records(one, Answer("tie"), Provenance())
    first, second = record.parents[0].order_shown
    by_id = {candidate_id(c): c.turns[0].content for c in comparison.candidates}
    assert (by_id[first], by_id[second]) == (one["answer_a"], one["answer_b"])
    assert record_id(comparison) == record_id(swapped)
    assert {one["answer_a"], one["answer_b"]} == {other["answer_a"], other["answer_b"]}


def outcome(decision, **edits):
    comparison = Comparison(
        (Turn("user", "2 + 2?"),),
        (
            Candidate((Turn("assistant", "four"),), drafted_by="one"),
            Candidate((Turn("assistant", "five"),), drafted_by="two"),
        ),
    )
    task = to_task(comparison)
    (record,) = to_records(task, Answer(decision, **edits), Provenance())
    names = {task["answer_a"]: "A", task["answer_b"]: "B"}
    ranked = {
        names.get(c.turns[0].content, c.turns[0].content): (c.rank, c.acceptable, c.origin)
        for c in record.candidates
    }
    return ranked, record.strength


@pytest.mark.parametrize(
    ("decision", "ranks", "strength"),
    [
        ("a_much", {"A": 1, "B": 2}, "strong"),
        ("a", {"A": 1, "B": 2}, "slight"),
        ("tie", {"A": 1, "B": 1}, "tie"),
        ("b", {"A": 2, "B": 1}, "slight"),
        ("b_much", {"A": 2, "B": 1}, "strong"),
    ],
)
def test_each_decision_means_its_ranks(decision, ranks, strength):
    ranked, found = outcome(decision)
    assert {name: rank for name, (rank, _, _) in ranked.items()} == ranks
    assert found == strength


def test_both_bad_leaves_no_acceptable_answer():
    ranked, strength = outcome("both_bad")
    assert ranked == {"A": (1, False, "imported"), "B": (1, False, "imported")}
    assert strength == "tie"


@pytest.mark.parametrize(("decision", "edit"), [("a", "edit_a"), ("b_much", "edit_b")])
def test_an_edit_of_the_winner_stands_above_both(decision, edit):
    ranked, _ = outcome(decision, **{edit: "It is four."})
    assert ranked["It is four."] == (1, True, "edited")
    assert sorted(rank or 0 for rank, _, _ in ranked.values()) == [1, 2, 3]


SAID = Answer(good_a=("correct",), bad_a=("unclear",), good_b=("safe",), bad_b=("off_task",))


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        ("a", ("correct", "follows")),
        ("b_much", ("clear", "safe")),
        ("tie", ()),
        ("both_bad", ()),
    ],
)
def test_what_is_said_of_each_answer_is_kept_and_what_decided_is_told(decision, told):
    (record,) = to_records(to_task(fits()), replace(SAID, decision=decision), Provenance())
    assert record.tags.reasons == told
    assert record.parents[0].reasons == ("a+correct", "a-unclear", "b+safe", "b-off_task")


def test_a_screen_of_an_older_release_is_this_kind_and_its_answers_are_read():
    """Before each answer was asked about, one row asked why the better one is better."""
    asked = "".join(f'<Choice value="{name}"/>' for name in ("correct", "honest"))
    row = f'<Choices name="reasons" toName="prompt" choice="multiple">{asked}</Choices>'
    root = fromstring(KIND.config())
    parents = {child: parent for parent in root.iter() for child in parent}
    for control in [each for each in root.iter("Choices") if each.get("name") in LATER]:
        parents[control].remove(control)
    root.append(fromstring(row))
    older = tostring(root, "unicode")
    assert LATER.isdisjoint(parse(older).controls)
    assert recognise(older) is KIND
    assert nearest_kind(older) == (KIND, ())
    task = {"id": 1, "data": to_task(fits()), "predictions": [], "annotations": []}
    said = {"decision": "a", "reasons": "honest"}
    regions = [
        {"from_name": name, "to_name": "prompt", "type": "choices", "value": {"choices": [choice]}}
        for name, choice in said.items()
    ]
    task["annotations"] = [{"id": 1, "completed_by": 1, "result": regions}]
    for config in (older, KIND.config()):  # the project's own screen, and one brought up to date
        (reading,) = read_task(task, AnsweredProject(KIND, config))
        (record,) = reading.records
        assert record.tags.reasons == record.parents[0].reasons == ("honest",)


@pytest.mark.parametrize("decision", ["tie", "both_bad"])
def test_an_own_answer_stands_above_both(decision):
    ranked, _ = outcome(decision, own="It is four.")
    assert ranked["It is four."] == (1, True, "human")
    assert ranked["A"][0] == ranked["B"][0] == 2


@given(comparisons)
def test_an_untouched_edit_box_is_no_edit(comparison):
    task = to_task(comparison)
    (record,) = to_records(task, Answer("a", edit_a=task["answer_a"] + " \r\n"), Provenance())
    assert len(record.candidates) == 2
    assert record.parents[0].edit_distance is None


@given(comparisons, written)
def test_an_edit_carries_its_distance_and_who_drafted_it(comparison, text):
    task = to_task(comparison)
    (record,) = to_records(task, Answer("b", edit_b=text), Provenance())
    edited = [c for c in record.candidates if c.origin == "edited"]
    if same_text(text, task["answer_b"]):
        assert not edited
    else:
        assert edited[0].drafted_by in ("one", "two")
        assert record.parents[0].edit_distance == edit_distance(task["answer_b"], text)


def fits(**changes):
    turn = Turn("assistant", "x")
    record = Comparison((Turn("user", "hi"),), (Candidate((turn,)), Candidate((turn,))))
    return replace(record, **changes)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (fits(context=(Turn("user", "  "),)), "no_prompt"),
        (fits(context=()), "no_prompt"),
        (fits(candidates=(Candidate((Turn("assistant", "x"),)),) * 3), "not_two_answers"),
        (
            fits(candidates=(Candidate((Turn("assistant", "", "", (ToolCall("f"),)),)),) * 2),
            "needs_tool_screen",
        ),
        (fits(candidates=(Candidate(()),) * 2), "needs_tool_screen"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_its_reason(record, reason):
    with pytest.raises(BadRow) as caught:
        to_task(record)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "change",
    [{"goldleaf": None}, {"answer_a": "other"}, {"goldleaf": {"record": {"record": "x"}}}],
)
def test_a_task_that_no_longer_holds_its_comparison_is_refused(change):
    with pytest.raises(BadRow):
        to_records(to_task(fits()) | change, Answer("a"), Provenance())


def test_no_decision_is_no_record():
    with pytest.raises(BadRow, match="no_decision"):
        to_records(to_task(fits()), Answer(noticed=("identical",)), Provenance())


def test_several_texts_in_one_box_are_refused():
    with pytest.raises(BadRow, match="ambiguous_textarea"):
        KIND.parse_annotation({"edit_a": ("one", "two")}, to_task(fits()))
