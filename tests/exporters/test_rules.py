"""The rules over columns: which examples go, which go first, and what is told."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.audit.check import check
from goldleaf.core.errors import NothingUsable
from goldleaf.core.records import Tags
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.export import export
from goldleaf.exporters.rules.prototype_cap import level
from goldleaf.recipes.load import for_model
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import (
    Core,
    Direction,
    Diverse,
    Hard,
    Pairs,
    Prototypes,
    Quality,
    Split,
    Total,
)
from goldleaf.recipes.shares import RefusalShare, Shares

NONE_HELD_OUT = Split(test=0.0)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def tagged(made):
    """Return a function that gives readings of demonstrations with these tags, in this order."""

    def readings(*tags, source="S2"):
        records = [
            replace(made.demonstration(number, source=source), tags=Tags(**tag))
            for number, tag in enumerate(tags)
        ]
        return [made.reading(record, f"f:{number}") for number, record in enumerate(records)]

    return readings


def numbers(rows_of, out):
    """Return which of the demonstrations were written, by the number in their question."""
    asked = [row["messages"][0]["content"] for row in rows_of(out, table="sft")]
    return sorted(int(text.split()[1].rstrip(":")) for text in asked)


def missed(outcome):
    return {s.key: (s.wanted, s.got, s.annotations) for s in outcome.shortfalls}


def test_a_floor_on_quality(tagged, out, rows_of):
    readings = tagged({"quality": 1}, {"quality": 3}, {"quality": 5}, {})
    recipe = Recipe(quality=Quality(min=3), split=NONE_HELD_OUT)
    outcome = export(readings, recipe, out)
    assert numbers(rows_of, out) == [1, 2, 3]
    assert outcome.reasons["dropped"] == {"below_quality": 1}
    strict = recipe.model_copy(update={"quality": Quality(min=3, unknown="drop")})
    outcome = export(readings, strict, out)
    assert numbers(rows_of, out) == [1, 2]
    assert outcome.reasons["dropped"] == {"below_quality": 1, "unknown_quality": 1}
    assert export(readings, Recipe(split=NONE_HELD_OUT), out).rows == 4


def test_quality_says_nothing_of_pairs(made, out):
    pair = replace(made.comparison(), tags=Tags(quality=1))
    recipe = Recipe(quality=Quality(min=3, unknown="drop"), split=NONE_HELD_OUT)
    assert export([made.reading(pair)], recipe, out).rows == 1


def test_hard_examples_go_first_by_stored_signals(tagged, out, rows_of):
    readings = tagged(
        *({"signals": {"loss": float(n % 10), "margin": 5.0}} for n in range(20)), {}, {}
    )
    hardest: dict[Direction, list[int]] = {
        "high": [7, 8, 9, 17, 18, 19],
        "low": [0, 1, 2, 10, 11, 12],
    }
    for direction, kept in hardest.items():
        recipe = Recipe(
            hard=Hard(signals={"loss": direction}), total=Total(max=6), split=NONE_HELD_OUT
        )
        outcome = export(readings, recipe, out)
        assert numbers(rows_of, out) == kept
        assert outcome.reasons["dropped"] == {"over_total": 16}
    unheard = Recipe(hard=Hard(signals={"x": "high"}), total=Total(max=6), split=NONE_HELD_OUT)
    export(readings, unheard, out)
    plain = Recipe(total=Total(max=6), split=NONE_HELD_OUT)
    chosen = numbers(rows_of, out)
    export(readings, plain, out)
    assert numbers(rows_of, out) == chosen, "a signal that nobody stored says nothing"


@pytest.mark.parametrize("size", ["1B", "8B"])
def test_signals_that_no_example_has_change_no_row(tagged, out, size):
    """A shipped recipe names signals; without them it exports what it did without their names."""
    names = ["code", "poem", "proof", ""]
    behaviours = [(), ("refusal",), ("multi_turn",), ("tool_call",)]
    plain = [
        {"prototype": names[n % 7 % 4], "behaviours": behaviours[n % 5 % 4], "quality": 4}
        for n in range(80)
    ]
    # A floor on quality leaves hardness nothing to say of rows that nobody rated.
    unrated = [
        {**tag, "quality": None, "signals": {"novelty": n / 80}} for n, tag in enumerate(plain)
    ]
    shipped, _ = for_model(size)
    total = Total(max=30)
    assert shipped.hard.used and shipped.quality.min
    for readings in (plain, unrated):
        written = []
        for hard in (shipped.hard, Hard()):
            recipe = shipped.model_copy(update={"hard": hard, "total": total, "core": Core()})
            outcome = export(tagged(*readings), recipe, out)
            assert sum(outcome.reasons["dropped"].values()) > 20, outcome.reasons
            written.append({f.name: f.read_bytes() for f in out.rglob("*.jsonl")})
        assert written[0] == written[1]


def test_a_signal_in_one_stratum_leaves_the_turns_of_another(tagged, out, rows_of):
    """Prototypes take turns where no example has a signal, whatever other strata have."""
    refusals = [{"behaviours": ("refusal",), "signals": {"loss": float(n)}} for n in range(10)]
    named = [{"prototype": name} for name in ["code"] * 30 + ["poem"] * 3]
    recipe = Recipe(
        hard=Hard(signals={"loss": "high"}),
        shares=Shares(refusal=RefusalShare(max=0.25)),
        total=Total(max=8),
        split=NONE_HELD_OUT,
    )
    export(tagged(*refusals, *named), recipe, out)
    kept = numbers(rows_of, out)
    assert [n for n in kept if n < 10] == [8, 9]
    assert sum(n >= 40 for n in kept) == 3, "every second row is a poem"


def test_it_is_told_which_named_signals_there_are(tagged, out):
    hard = Hard(signals={"loss": "high", "margin": "low", "unused": "ignore"})
    recipe = Recipe(hard=hard, quality=Quality(min=3), split=NONE_HELD_OUT)
    readings = tagged({"signals": {"loss": 1.0}, "quality": 4}, {"signals": {"loss": 2.0}}, {})
    loss = {"name": "loss", "direction": "high", "examples": 2, "ordered": 1}
    margin = {"name": "margin", "direction": "low", "examples": 0, "ordered": 0}
    assert list(dry_run(readings, recipe).plain()["signals"]) == [loss, margin]
    export(readings, recipe, out)
    assert json.loads((out / "manifest.json").read_bytes())["signals"] == [loss, margin]
    assert "| `loss` | high | 2 | 1 |" in (out / "README.md").read_text("utf-8")
    report = (out / "report.html").read_text("utf-8")
    assert '<code>margin</code></td><td>low</td><td class="n">0</td><td class="n">0</td>' in report


def test_hard_examples_of_unknown_quality_have_no_preference_above_a_floor(tagged, out, rows_of):
    hard = [{"signals": {"loss": 9.0}} for _ in range(10)]
    easy = [{"signals": {"loss": 1.0}, "quality": 4} for _ in range(5)]
    recipe = Recipe(
        hard=Hard(signals={"loss": "high"}),
        quality=Quality(min=3),
        total=Total(max=5),
        split=NONE_HELD_OUT,
    )
    export(tagged(*hard, *easy), recipe, out)
    assert numbers(rows_of, out) == [10, 11, 12, 13, 14]


def test_hard_examples_are_repeated_first(tagged, out, rows_of):
    refusals = [{"behaviours": ("refusal",), "signals": {"loss": float(n)}} for n in range(10)]
    recipe = Recipe(
        hard=Hard(signals={"loss": "high"}),
        shares=Shares(refusal=RefusalShare(min=0.2)),
        split=NONE_HELD_OUT,
    )
    export(tagged(*refusals, *({} for _ in range(52))), recipe, out)
    repeated = [n for n in range(62) if numbers(rows_of, out).count(n) > 1]
    assert repeated == [7, 8, 9]


def test_prototypes_stay_covered(tagged, out, rows_of):
    names = ["code"] * 30 + ["poem"] * 3 + ["proof"]
    readings = tagged(*({"prototype": name} for name in names))
    outcome = export(readings, Recipe(total=Total(max=5), split=NONE_HELD_OUT), out)
    kept = [names[n] for n in numbers(rows_of, out)]
    assert sorted(kept) == ["code", "code", "poem", "poem", "proof"]
    assert outcome.reasons["dropped"] == {"over_total": 29}
    # with signals the hardest of each prototype, then the hardest of all
    readings = tagged(
        *({"prototype": name, "signals": {"loss": float(n)}} for n, name in enumerate(names[::-1]))
    )
    recipe = Recipe(hard=Hard(signals={"loss": "high"}), total=Total(max=5), split=NONE_HELD_OUT)
    export(readings, recipe, out)
    assert numbers(rows_of, out) == [0, 3, 31, 32, 33]


def test_examples_without_a_prototype_are_not_crowded_out(tagged, out, rows_of):
    named = [{"prototype": f"p{n % 4}"} for n in range(20)]
    export(
        tagged(*named, *({} for _ in range(80))),
        Recipe(total=Total(max=20), split=NONE_HELD_OUT),
        out,
    )
    assert 14 <= sum(n >= 20 for n in numbers(rows_of, out)) <= 18, "about as many as there were"


def test_no_prototype_dominates(tagged, out, rows_of):
    names = ["code"] * 60 + ["poem"] * 10 + ["proof"] * 10
    readings = tagged(*({"prototype": name} for name in names), {})
    recipe = Recipe(prototypes=Prototypes(max=0.5), split=NONE_HELD_OUT)
    outcome = export(readings, recipe, out)
    assert sum(n < 60 for n in numbers(rows_of, out)) == 21
    assert outcome.reasons["dropped"] == {"over_prototype": 39}
    assert missed(outcome) == {}
    alone = export(tagged(*({"prototype": "code"} for _ in range(8))), recipe, out)
    assert alone.rows == 8
    assert missed(alone) == {"prototypes.max": (0.5, 1.0, 0)}


@given(
    st.lists(st.integers(1, 40), max_size=6),
    st.integers(0, 20),
    st.sampled_from(["0.1", "0.3", "0.5", "0.9", "1"]).map(Fraction),
)
def test_the_level_is_the_highest_that_holds(sizes, others, most):
    def holds(at):
        cut = [min(size, at) for size in sizes]
        return max(cut, default=0) <= most * (sum(cut) + others)

    found, top = level(sizes, others, most), max(sizes, default=0)
    possible = [at for at in range(1, top + 1) if holds(at)]
    expected = max(possible, default=None)
    assert found == (None if expected == top else expected)


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (Recipe(core=Core(size=9)), {"core.size": (9, 6, 3)}),
        (Recipe(diverse=Diverse(min=20)), {"diverse.min": (20, 10, 10)}),
        (Recipe(total=Total(min=100)), {"total.min": (100, 16, 84)}),
        (Recipe(total=Total(advise=10)), {"total.advise": (10, 16, 0)}),
        (Recipe(pairs=Pairs(min=5)), {"pairs.min": (5, 0, 5)}),
        (Recipe(shares=Shares(refusal=RefusalShare(min=0.2))), {"shares.refusal.min": (0.2, 0, 1)}),
        (
            Recipe(shares=Shares(refusal=RefusalShare(min=0.7))),
            {"shares.refusal.min": (0.7, 0, 10)},
        ),
    ],
)
def test_sizes_that_only_more_data_can_meet(tagged, made, out, recipe, expected):
    recipe = recipe.model_copy(update={"split": NONE_HELD_OUT})
    if recipe.core is None:
        recipe = recipe.model_copy(update={"core": Core(size=6)})
    experts = [
        made.reading(made.demonstration(n, source="S4", prompt=f"Expert {n}?"), f"e:{n}")
        for n in range(6)
    ]
    outcome = export([*tagged(*({} for _ in range(10))), *experts], recipe, out)
    assert missed(outcome) == expected


def test_core_and_diverse_ceilings_have_reasons_of_their_own(tagged, made, out):
    experts = [
        made.reading(made.demonstration(n, source="S4", prompt=f"Expert {n}?"), f"e:{n}")
        for n in range(30)
    ]
    recipe = Recipe(core=Core(size=5, max=20), diverse=Diverse(max=40), split=NONE_HELD_OUT)
    outcome = export([*tagged(*({} for _ in range(50))), *experts], recipe, out)
    assert outcome.rows == 60
    assert outcome.reasons["dropped"] == {"over_core": 10, "over_diverse": 10}


def test_room_made_for_a_floor_is_told(tagged, out):
    recipe = Recipe(
        total=Total(min=100, make_room=True),
        shares=Shares(refusal=RefusalShare(min=0.1)),
        split=NONE_HELD_OUT,
    )
    readings = tagged(*({"behaviours": ("refusal",)} for _ in range(5)), *({} for _ in range(400)))
    outcome = export(readings, recipe, out)
    assert outcome.rows == 200
    assert outcome.reasons["dropped"] == {"made_room": 220}
    assert not outcome.shortfalls and not outcome.conflicts
    assert check(out) == []


def test_safety_pairs(made, out, rows_of):
    plain = [made.comparison(f"Question {n}?", line=n) for n in range(18)]
    safe = [
        replace(made.comparison(f"Danger {n}?", line=n), tags=tags)
        for n, tags in enumerate([Tags(behaviours=("refusal",)), Tags(risk="self_harm")])
    ]
    readings = [made.reading(pair, f"p:{n}") for n, pair in enumerate((*plain, *safe))]
    met = export(readings, Recipe(pairs=Pairs(safety=0.1, advise=15), split=NONE_HELD_OUT), out)
    assert missed(met) == {"pairs.advise": (15, 20, 0)}
    short = export(readings, Recipe(pairs=Pairs(safety=0.25), split=NONE_HELD_OUT), out)
    assert missed(short) == {"pairs.safety": (0.25, 0.1, 4)}


def test_one_prompt_gives_up_its_safety_pairs_last(made, out, rows_of):
    pairs = [
        made.comparison(answers=(f"a{n}", f"b{n}"), strength="strong", line=n) for n in range(4)
    ]
    pairs[2] = replace(
        made.comparison(answers=("No.", "b"), line=9), tags=Tags(behaviours=("refusal",))
    )
    recipe = Recipe(pairs=Pairs(per_prompt=1, safety=0.1), split=NONE_HELD_OUT)
    export([made.reading(pair, f"p:{n}") for n, pair in enumerate(pairs)], recipe, out)
    assert [row["chosen"][0]["content"] for row in rows_of(out)] == ["No."]


def test_everything_below_quality_says_so(tagged, out):
    recipe = Recipe(quality=Quality(min=5), split=NONE_HELD_OUT)
    with pytest.raises(NothingUsable, match="below_quality 3"):
        export(tagged(*({"quality": 2} for _ in range(3))), recipe, out)


def test_pairs_too_near_or_too_far_apart_in_length_go_only_where_the_recipe_says_so(made, out):
    text = "The bridge was built in 1932 and is 503 metres long, say the plans of the town."
    near = made.comparison("Near?", (text, text.replace("503", "504")))
    far = made.comparison("Far?", ("Yes. " * 200, "No."), line=2)
    good = made.comparison("Good?", ("It is blue, at noon.", "Green as grass."), line=3)
    readings = [made.reading(r, f"f:{n}") for n, r in enumerate((near, far, good))]
    kept = export(readings, Recipe(split=NONE_HELD_OUT), out)
    assert kept.rows == 3
    audit = json.loads((out / "manifest.json").read_text())["pair_audit"]
    assert (audit["pairs"], audit["near"]) == (3, 1)
    assert [gap["over"] for gap in audit["gaps"]] == [1]
    assert 'id="pairs"' in (out / "report.html").read_text("utf-8")
    rules = {"near_pairs": {"drop": True}, "pair_length_gap": {"chat": 100}}
    recipe = Recipe(split=NONE_HELD_OUT, rules=rules)
    left = export(readings, recipe, out)
    assert left.rows == 1
    assert left.reasons["dropped"] == {"near_pair": 1, "over_length_gap": 1}
    check(out)
    found = dry_run(readings, recipe)
    assert found.pair_audit is not None and found.pair_audit.near == 0
    assert found.plain()["pair_audit"]["pairs"] == 1
    safety = Recipe(split=NONE_HELD_OUT, rules={"pair_length_gap": {"safety": 100}})
    assert dry_run(readings, safety).rows == 3
