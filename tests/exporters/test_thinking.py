"""Rows with their reasoning, without it, or both as twins of one group."""

import json

import pytest

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Candidate, Comparison, Demonstration, Tags, Turn
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.examples import examples_of
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split, Texts
from goldleaf.recipes.shares import Shares

THOUGHT = "Two and two make four."


def thinks(asked, thought=THOUGHT, behaviours=()):
    turns = (Turn("assistant", "4", thought),)
    return Demonstration((Turn("user", asked),), turns, tags=Tags(behaviours=behaviours))


def written(records, out, thinking, split=0.0, **more):
    found = [InputResult(f"f:{place}", (record,)) for place, record in enumerate(records)]
    recipe = Recipe(texts=Texts(thinking=thinking), split=Split(test=split), **more)
    outcome = export(found, recipe, out)
    sides = {}
    for side in ("train", "test"):
        file = outcome.out / f"trl/sft/{side}.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.exists() else ()
        sides[side] = [json.loads(line) for line in lines]
    return outcome, sides


def answers(rows):
    return sorted(row["messages"][-1]["content"] for row in rows)


@pytest.mark.parametrize(
    ("thinking", "reasoned", "bare"), [("keep", 1, 0), ("drop", 0, 1), ("both", 1, 1)]
)
def test_rows_are_written_with_reasoning_without_it_or_both(tmp_path, thinking, reasoned, bare):
    records = [thinks("2 and 2?"), thinks("5 minus 1?", "")]
    _, sides = written(records, tmp_path / "out", thinking)
    said = answers(sides["train"])
    assert sum(THOUGHT in text for text in said) == reasoned
    assert said.count("4") == bare + 1, "a row without reasoning has no twin"


def test_twins_are_of_one_group_and_on_one_side(tmp_path):
    records = [thinks(f"{number} and {number}?") for number in range(40)]
    _, sides = written(records, tmp_path / "out", "both", split=0.3)
    groups = {side: [row["group_id"] for row in rows] for side, rows in sides.items()}
    assert groups["test"] and groups["train"]
    assert set(groups["test"]).isdisjoint(groups["train"])
    for rows in groups.values():
        assert all(rows.count(group) == 2 for group in rows)
    assert len({row["id"] for rows in sides.values() for row in rows}) == 80


def test_the_twin_does_not_teach_reasoning_and_each_is_a_row_of_a_share(tmp_path):
    stated = [thinks(f"{n} and 1?", behaviours=("reasoning_chain",)) for n in range(10)]
    kept, bare = examples_of(stated[0], Recipe(texts=Texts(thinking="both")))[0]
    assert (kept.tags.behaviours, bare.tags.behaviours) == (("reasoning_chain",), ())
    refusals = [thinks("How do I pick a lock?", behaviours=("refusal",))]
    plain = [thinks(f"{n} and 3?", "") for n in range(18)]
    shares = Shares.model_validate({"refusal": {"min": 0.1}})
    outcome, sides = written([*refusals, *plain], tmp_path / "out", "both", shares=shares)
    rows = [row for row in sides["train"] if "lock" in row["messages"][0]["content"]]
    assert len(rows) == 2 and not any(row["repeat_of"] for row in rows)
    assert len(sides["train"]) == 20, "two of twenty rows: the share is met without a repeat"
    assert outcome.reasons["dropped"] == {}


def test_a_conversation_is_one_row_without_its_reasoning_and_pairs_keep_theirs():
    first = (Turn("user", "1?"), Turn("assistant", "One.", "It is one."), Turn("user", "2?"))
    talk = Demonstration(first, (Turn("assistant", "Two.", "It is two."),))
    both = Recipe(texts=Texts(thinking="both"))
    found, _ = examples_of(talk, both)
    assert [len(each.context) for each in found] == [1, 3, 3]
    assert isinstance(found[2], Demonstration)
    assert not any(turn.reasoning for turn in (*found[2].context, *found[2].response))
    assert all(turn.train for turn in found[2].context if turn.role == "assistant")
    sides = (
        Candidate((Turn("assistant", text, "So."),), rank) for rank, text in enumerate("ab", 1)
    )
    pair = Comparison((Turn("user", "?"),), tuple(sides), strength="slight")
    dropped = Recipe(texts=Texts(thinking="drop"))
    for recipe, reasoning in ((both, "So."), (dropped, "")):
        (made,), _ = examples_of(pair, recipe)
        assert isinstance(made, Comparison)
        assert {c.turns[0].reasoning for c in made.candidates} == {reasoning}
