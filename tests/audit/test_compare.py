"""goldleaf diff: what two exports do not share, counted from both ledgers in step."""

import pytest

from goldleaf.audit.compare import difference
from goldleaf.core.errors import UsageError
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.recipes.shares import Share, Shares

PLAIN = Recipe(split=Split(test=0.2))


@pytest.fixture
def rows(made):
    return [
        made.reading(made.demonstration(n, ("multi_turn",) if n % 10 == 0 else ()), f"r:{n}")
        for n in range(80)
    ] + made.many(20)


def exported(readings, out, recipe=PLAIN, **more):
    export(readings, recipe, out, **more)
    return out


def test_the_same_is_the_same(rows, tmp_path):
    one = exported(rows, tmp_path / "a")
    other = exported(rows[::-1], tmp_path / "b")
    found = difference(one, other)
    assert found.same
    assert found.plain()["same"] is True


def test_rows_that_came_and_went(rows, tmp_path, rows_of):
    one = exported(rows[:-20], tmp_path / "a", inputs=[{"file": "a", "sha256": "1" * 64}])
    other = exported(rows[5:-20], tmp_path / "b", inputs=[{"file": "a", "sha256": "2" * 64}])
    found = difference(one, other)
    lost = {
        side: {row["id"] for row in rows_of(one, side, "sft")}
        - {row["id"] for row in rows_of(other, side, "sft")}
        for side in ("train", "test")
    }
    told = {f"trl/sft/{side}.jsonl": len(ids) for side, ids in lost.items() if ids}
    assert dict(found.rows.removed) == told and sum(told.values()) == 5
    assert not found.rows.added and not found.rows.moved
    assert set(found.rows.examples["removed"]) <= lost["train"] | lost["test"]
    assert found.inputs == {"added": ["a 222222222222"], "removed": ["a 111111111111"]}
    back = difference(other, one)
    assert back.rows.added == found.rows.removed
    assert back.answers == {name: (new, old) for name, (old, new) in found.answers.items()}


def test_a_seed_moves_rows_to_the_other_side(rows, tmp_path, rows_of):
    one = exported(rows, tmp_path / "a")
    other = exported(rows, tmp_path / "b", Recipe(split=Split(test=0.2), seed=8))
    found = difference(one, other)
    tests = [
        {r["id"] for t in ("sft", "dpo") for r in rows_of(out, "test", t)} for out in (one, other)
    ]
    assert found.rows.sides == len(tests[0] ^ tests[1]) > 0
    assert not found.rows.added and not found.rows.removed
    assert found.recipe == {"seed": (7, 8)}


def test_a_recipe_that_asks_for_more(rows, tmp_path):
    one = exported(rows, tmp_path / "a")
    shares = Shares(multi_turn=Share(min=0.3), reasoning_chain=Share(min=0.1))
    other = exported(rows, tmp_path / "b", Recipe(split=Split(test=0.2), shares=shares))
    found = difference(one, other)
    assert found.recipe["shares.multi_turn.min"] == (0.0, 0.3)
    assert set(found.rows.added) == {"trl/sft/train.jsonl"}
    assert all("-" in name for name in found.rows.examples["added"]), (
        "repeats, each under its own id"
    )
    assert "shares.reasoning_chain.min" in found.shortfalls
    was, now = found.behaviours["sft multi_turn"]
    assert now["rows"] == was["rows"] + sum(found.rows.added.values())
    assert found.conflicts["added"]


def test_a_row_that_went_over_to_another_record_stays(made, tmp_path):
    """Of two duplicates the one whose record id is least stays: the row is not a new one."""
    from dataclasses import replace

    from goldleaf.core.records import Turn

    one = made.demonstration(1)
    twin = replace(one, response=(Turn("assistant", one.response[0].content + " "),))
    both = [
        made.reading(one, "r:1"),
        made.reading(twin, "r:2"),
        made.reading(made.demonstration(2), "r:3"),
    ]
    whole = exported(both, tmp_path / "a", Recipe(split=Split(test=0)))
    for left in (both[::2], both[1:]):
        found = difference(whole, exported(left, tmp_path / "b", Recipe(split=Split(test=0))))
        added, removed = sum(found.rows.added.values()), sum(found.rows.removed.values())
        assert added == removed <= 1


def test_no_export(rows, tmp_path):
    one = exported(rows, tmp_path / "a")
    for pair in ((one, tmp_path / "no"), (tmp_path, one)):
        with pytest.raises(UsageError, match="not an export of goldleaf"):
            difference(*pair)
