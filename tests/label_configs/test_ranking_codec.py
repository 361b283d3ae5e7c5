"""The laws of the ranking kind."""

from dataclasses import replace
from typing import Any

import pytest
from answer_strategies import texts, written
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id, record_id
from goldleaf.core.records import Candidate, Comparison, Provenance, ToolCall, Turn
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.exporters.ingest.examples import examples_of
from goldleaf.label_configs.ranking.codec import Answer, AnswerRank, to_records, to_task
from goldleaf.label_configs.registry import kinds
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Pairs

KIND = kinds()["ranking"]
RANKS = KIND.controls["rank_{{idx}}"].choices


def comparison_of(answers, prompt="2 + 2?"):
    candidates = tuple(
        Candidate((Turn("assistant", text),), drafted_by=f"m{place}", score=float(place))
        for place, text in enumerate(answers)
    )
    parent = Provenance(source="S5", file="rows.jsonl", line=7, licence="own")
    return Comparison((Turn("user", prompt),), candidates, parents=(parent,))


@st.composite
def ranked(draw):
    """Draw a comparison of three to eight answers, and a whole answer to it."""
    count = draw(st.integers(3, 8))
    answers = draw(st.lists(texts, min_size=count, max_size=count))
    comparison = comparison_of(answers, draw(written))
    one = st.builds(AnswerRank, st.sampled_from(RANKS), edit=texts)
    said = draw(st.tuples(*[one] * count))
    return comparison, Answer(said, own=draw(texts), note=draw(texts))


@given(ranked())
def test_an_answer_is_one_comparison_in_the_order_that_was_given(drawn):
    comparison, answer = drawn
    task = to_task(comparison)
    record: Any
    (record,) = to_records(task, answer, Provenance(task=1, origin="human"))
    assert from_line(to_line(record)) == record
    imported = [c for c in record.candidates if c.origin == "imported"]
    assert [c.turns[0].content for c in imported] == [each["text"] for each in task["answers"]]
    levels = [RANKS.index(each.rank) for each in answer.answers]
    for one, here in zip(imported, levels, strict=True):
        for other, there in zip(imported, levels, strict=True):
            assert (one.rank < other.rank) == (here < there)
            assert (one.rank == other.rank) == (here == there)
    ranks = sorted({c.rank for c in record.candidates})
    assert ranks == list(range(1, len(ranks) + 1))
    for candidate, each in zip(imported, answer.answers, strict=True):
        assert candidate.acceptable == (each.rank != "bad")
        assert (candidate.drafted_by, candidate.score) == (
            next(
                (c.drafted_by, c.score)
                for c in comparison.candidates
                if (c.drafted_by, c.score) == (candidate.drafted_by, candidate.score)
            )
        )
    own = [c for c in record.candidates if c.origin in ("edited", "human")]
    assert all(c.rank == 1 for c in own)
    assert (record.strength == "tie") == (len(set(levels)) == 1)
    parent = record.parents[0]
    assert (parent.file, parent.line, parent.licence, parent.task) == ("rows.jsonl", 7, "own", 1)
    assert parent.order_shown == tuple(candidate_id(c) for c in imported)


@given(ranked())
def test_the_order_shown_hangs_on_content_alone(drawn):
    comparison, _ = drawn
    turned = replace(comparison, candidates=comparison.candidates[::-1])
    one, other = to_task(comparison), to_task(turned)
    assert record_id(comparison) == record_id(turned)
    assert sorted(each["text"] for each in one["answers"]) == sorted(
        each["text"] for each in other["answers"]
    )


def outcome(ranks, edits=None, drafts=None, **more):
    """Return text -> (rank, acceptable, origin) and the record, for answers A, B, C shown so."""
    comparison = comparison_of(["one", "two", "three"][: len(ranks)])
    task = to_task(comparison)
    names = {each["text"]: "ABC"[place] for place, each in enumerate(task["answers"])}
    edits = edits or {}
    said = tuple(
        AnswerRank(rank, edit=edits.get("ABC"[place], "")) for place, rank in enumerate(ranks)
    )
    draft = None
    if drafts:
        draft = Answer(tuple(AnswerRank(edit=drafts.get(name, "")) for name in "ABC"))
    (record,) = to_records(task, Answer(said, **more), Provenance(), draft)
    return {
        names.get(c.turns[0].content, c.turns[0].content): (c.rank, c.acceptable, c.origin)
        for c in record.candidates
    }, record


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        (("1", "2", "3"), (1, 2, 3)),
        (("1", "1", "2"), (1, 1, 2)),
        (("3", "1", "3"), (2, 1, 2)),
        (("2", "8", "5"), (1, 3, 2)),
        (("bad", "1", "bad"), (2, 1, 2)),
        (("bad", "bad", "bad"), (1, 1, 1)),
    ],
)
def test_ranks_are_closed_up_and_ties_are_kept(ranks, expected):
    found, _ = outcome(ranks)
    assert tuple(found[name][0] for name in "ABC") == expected
    assert tuple(found[name][1] for name in "ABC") == tuple(rank != "bad" for rank in ranks)


def pairs(record, policy):
    found, reasons = examples_of(record, Recipe(pairs=Pairs(policy=policy)))
    couples = [
        tuple(c.turns[0].content for c in example.candidates)
        for example in found
        if isinstance(example, Comparison)
    ]
    taught = [e.response[0].content for e in found if not isinstance(e, Comparison)]
    return couples, taught, dict(reasons)


@pytest.mark.parametrize(("policy", "count"), [("best_worst", 1), ("adjacent", 2), ("all", 3)])
def test_a_ranking_becomes_pairs_by_the_policy_of_the_recipe(policy, count):
    _, record = outcome(("1", "2", "bad"))
    couples, taught, reasons = pairs(record, policy)
    assert len(couples) == count
    assert (taught, reasons) == ([], {})


@pytest.mark.parametrize(
    ("ranks", "reason"), [(("1", "1", "1"), "tie"), (("bad", "bad", "bad"), "none_acceptable")]
)
def test_a_tie_of_all_is_no_pair_and_says_why(ranks, reason):
    _, record = outcome(ranks)
    assert pairs(record, "all") == ([], [], {reason: 1})


def test_an_edit_of_the_best_is_above_it_and_is_taught():
    found, record = outcome(("2", "1", "3"), {"B": "Four."})
    assert found["Four."] == (1, True, "edited")
    assert [found[name][0] for name in "ABC"] == [3, 2, 4]
    couples, taught, _ = pairs(record, "best_worst")
    assert {chosen for chosen, _ in couples} == {"Four."} and taught == ["Four."]
    assert record.parents[0].edit_distance


def test_an_own_answer_outranks_a_set_without_an_acceptable_one():
    found, record = outcome(("bad", "bad", "bad"), own="Four.")
    assert found["Four."] == (1, True, "human")
    couples, taught, _ = pairs(record, "best_worst")
    assert len(couples) == 3 and taught == ["Four."]


def test_a_box_beside_an_answer_that_is_not_best_is_ignored():
    found, _ = outcome(("1", "2", "bad"), {"B": "x", "C": "y"})
    assert sorted(found) == ["A", "B", "C"]


def test_a_drafted_text_left_as_it_was_is_not_the_annotator_s_own():
    found, record = outcome(("1", "2", "3"), {"A": "Tidied."}, drafts={"A": "Tidied."})
    assert found["Tidied."] == (1, True, "accepted")
    assert record.parents[0].edit_distance == 0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_answer_without_a_rank_is_no_record(place):
    ranks: list[str | None] = ["1", "2", "3"]
    ranks[place] = None
    with pytest.raises(BadRow, match=f"no_decision: answer {'ABC'[place]} has no rank"):
        outcome(tuple(ranks))


def test_what_was_noticed_is_an_issue_with_the_letter_of_its_answer():
    said = (AnswerRank("1"), AnswerRank("2", ("refuses", "same")), AnswerRank("bad", ("empty",)))
    (record,) = to_records(to_task(comparison_of("abc")), Answer(said), Provenance())
    assert record.tags.issues == ("b_refuses", "b_same", "c_empty")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (comparison_of("ab"), "too_few_answers"),
        (comparison_of("abcdefghi"), "too_many_answers"),
        (comparison_of("abc", prompt=" "), "no_prompt"),
        (
            replace(
                comparison_of("abc"),
                candidates=(Candidate((Turn("assistant", "", "", (ToolCall("f"),)),)),) * 3,
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
        {"answers": [{"text": "other", "shown": "other"}] * 3},
        {"goldleaf": {"record": {"record": "x"}}},
    ],
)
def test_a_task_that_no_longer_holds_its_comparison_is_refused(change):
    said = (AnswerRank("1"),) * 3
    with pytest.raises(BadRow):
        to_records(to_task(comparison_of("abc")) | change, Answer(said), Provenance())


@pytest.mark.parametrize("order", [[0, 1], [0, 0, 1], [0, 1, 2, 3], "012", None])
def test_an_order_that_was_tampered_with_is_refused(order):
    task = to_task(comparison_of("abc"))
    task["goldleaf"]["order"] = order
    with pytest.raises(BadRow, match="bad_task"):
        to_records(task, Answer((AnswerRank("1"),) * 3), Provenance())
