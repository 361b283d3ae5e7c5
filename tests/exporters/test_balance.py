"""Balance carried out: shares, repeats and ceilings in the files, each accounted for."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldleaf.audit.check import check
from goldleaf.core.errors import NothingUsable
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Tags
from goldleaf.exporters.export import export
from goldleaf.exporters.publishing.ledger import read_ledger
from goldleaf.exporters.publishing.manifest import MANIFEST
from goldleaf.recipes.load import for_model
from goldleaf.recipes.recipe import NATURAL, Recipe
from goldleaf.recipes.sections import Core, Diverse, Repeat, Sources, Split, Total
from goldleaf.recipes.shares import RefusalShare, Share, Shares, ToolCallShare

NONE_HELD_OUT = Split(test=0.0)
REFUSALS = Recipe(
    shares=Shares(refusal=RefusalShare(min=0.2, max=0.3, benign_twins=0.5)), split=NONE_HELD_OUT
)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def mixed(made, **numbers):
    """Return readings of so many demonstrations of each behaviour; `plain` has none."""
    records, number = [], 0
    for behaviour, count in numbers.items():
        for _ in range(count):
            number += 1
            shown = () if behaviour == "plain" else (behaviour,)
            records.append(made.demonstration(number, shown))
    return [made.reading(record, f"f:{n}") for n, record in enumerate(records)]


def counted(outcome, use="sft"):
    return {c.behaviour or "all": c for c in outcome.counts if c.use == use}


def missed(outcome):
    return {s.key: (s.rule, s.wanted, s.got) for s in outcome.shortfalls}


def test_refusals_are_repeated_up_to_their_share_and_twins_beside_them(made, out, rows_of):
    outcome = export(mixed(made, plain=100, refusal=9, benign_twin=2), REFUSALS, out)
    counts = counted(outcome)
    # 9 distinct refusals ask for 5 twins; 27 of 132 is the first fifth above them
    assert (counts["refusal"].before, counts["refusal"].examples) == (9, 9)
    assert counts["benign_twin"].train == 5
    assert counts["refusal"].train == 27
    assert counts["all"].train == 132
    assert counts["refusal"].share == round(27 / 132, 6)
    assert missed(outcome) == {}
    rows = rows_of(out, table="sft")
    repeats = [row for row in rows if row["repeat_of"]]
    assert len(rows) == 132
    assert len(repeats) == 27 - 9 + 5 - 2
    originals = {row["id"]: row for row in rows if not row["repeat_of"]}
    for row in repeats:
        assert row["id"].startswith(row["repeat_of"] + "-")
        original = originals[row["repeat_of"]]
        assert {**row, "id": "", "repeat_of": ""} == {**original, "id": "", "repeat_of": ""}
    times = Counter(row["repeat_of"] or row["id"] for row in rows)
    assert max(times.values()) == 3, "spread evenly, not piled on a few"
    assert check(out) == []


def test_every_repeat_is_in_the_ledger(made, out, rows_of):
    outcome = export(mixed(made, plain=100, refusal=9), REFUSALS, out)
    told = [line["rows"] for line in read_ledger(out) if "record" in line]
    names = [name for rows in told for name in rows["trl/sft/train.jsonl"]]
    assert sorted(names) == sorted(row["id"] for row in rows_of(out, table="sft"))
    (table,) = outcome.tables
    assert table.rows["train"] == len(names)
    assert table.repeats == len(names) - 109
    assert sum(c.train for c in outcome.counts if not c.behaviour) == outcome.rows
    assert outcome.records["exported"] == 109, "records are counted once"


def test_a_target_out_of_reach_is_told_and_nothing_is_filled_in(made, out):
    outcome = export(mixed(made, plain=100, safe_completion=3), REFUSALS, out)
    assert counted(outcome)["safe_completion"].train == 12, "four times each, no more"
    assert missed(outcome) == {
        "shares.refusal.min": ("S12", 0.2, round(12 / 112, 6)),
        "shares.refusal.benign_twins": ("S12", 2, 0),
    }
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    assert [short["key"] for short in manifest["shortfalls"]] == list(missed(outcome))
    card = (out / "README.md").read_text("utf-8")
    assert "| `shares.refusal.min` | S12 | 20.0 % | 10.7 % |" in card
    assert "Risk of over-refusal" not in card, "three safe completions are no refusals"


def test_too_few_twins_are_a_risk_said_aloud(made, out):
    export(mixed(made, plain=10, refusal=4, benign_twin=1), Recipe(split=NONE_HELD_OUT), out)
    assert "1 benign twins for 4 distinct refusals" in ((out / "README.md").read_text("utf-8"))


def test_a_ceiling_drops_by_draw_and_says_so(made, out, rows_of):
    outcome = export(mixed(made, plain=70, refusal=100), REFUSALS, out)
    assert counted(outcome)["refusal"].train == 30
    assert outcome.reasons["dropped"] == {"over_share": 70}
    another = export(
        mixed(made, plain=70, refusal=100), REFUSALS.model_copy(update={"seed": 8}), out
    )
    assert another.rows == outcome.rows


def test_refusals_alone_are_kept_and_the_ceiling_told(made, out):
    outcome = export(mixed(made, refusal=20), REFUSALS, out)
    assert counted(outcome)["refusal"].train == 20
    assert missed(outcome)["shares.refusal.max"] == ("S12", 0.3, 1.0)


def test_the_total_has_a_ceiling_that_spares_core_and_floors(made, out):
    recipe = Recipe(
        core=Core(size=30),
        total=Total(min=60, max=100, advise=90),
        shares=REFUSALS.shares,
        split=NONE_HELD_OUT,
    )
    experts = [
        made.reading(made.demonstration(n, source="S4", prompt=f"Expert {n}?"), f"e:{n}")
        for n in range(30)
    ]
    readings = [*mixed(made, plain=400, refusal=10, benign_twin=30), *experts]
    outcome = export(readings, recipe, out)
    counts = counted(outcome)
    assert counts["all"].train == 100
    assert counts["refusal"].train == 20
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    assert manifest["facts"]["source"]["S4"] == 30
    assert manifest["core"] == {"wanted": 30, "clamped": False}
    assert missed(outcome) == {"total.advise": ("S9", 90, 100)}
    assert set(outcome.reasons["dropped"]) == {"over_total"}


def test_one_source_may_not_drown_the_others(made, out):
    recipe = Recipe(sources=Sources(max=0.6), split=NONE_HELD_OUT)
    readings = [
        made.reading(made.demonstration(n, source="S2" if n < 90 else "S3"), f"f:{n}")
        for n in range(100)
    ]
    outcome = export(readings, recipe, out)
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    assert manifest["facts"]["source"] == {"S2": 15, "S3": 10}
    assert outcome.reasons["dropped"] == {"over_source": 75}
    assert missed(outcome) == {}
    alone = export(mixed(made, plain=10), recipe, out)
    assert alone.rows == 10
    assert missed(alone) == {"sources.max": ("S14", 0.6, 1.0)}


def test_what_shape_tells_is_counted_without_a_tag(made, out):
    records = [
        *(made.tool_demonstration(n) for n in range(4)),
        *(made.conversation(n, train=True) for n in range(3)),
        replace(made.tool_demonstration(9), context=made.comparison("No tool?").context),
    ]
    recipe = Recipe(
        shares=Shares(tool_call=ToolCallShare(min=0.1, no_tool=0.5), multi_turn=Share(min=0.4)),
        split=NONE_HELD_OUT,
    )
    readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
    counts = counted(export(readings, recipe, out))
    assert (counts["tool_call"].before, counts["tool_call"].train) == (4, 4)
    assert (counts["no_tool"].before, counts["no_tool"].train) == (1, 2)
    assert (counts["multi_turn"].before, counts["multi_turn"].train) == (3, 4)


def test_only_the_training_side_of_sft_is_balanced(made, out, rows_of):
    pairs = [
        replace(made.comparison(f"Pair {n}?"), tags=Tags(behaviours=("refusal",)))
        for n in range(20)
    ]
    recipe = REFUSALS.model_copy(update={"split": Split(test=0.5)})
    readings = [made.reading(pair, f"p:{n}") for n, pair in enumerate(pairs)]
    outcome = export([*mixed(made, plain=100, refusal=60), *readings], recipe, out)
    assert counted(outcome, "dpo")["refusal"].share == 1.0
    assert sum(len(rows_of(out, side)) for side in ("train", "test")) == 20
    assert 0.2 <= counted(outcome)["refusal"].share <= 0.3
    assert not any(row["repeat_of"] for row in rows_of(out, "test", "sft"))
    held_out = counted(outcome)["all"].test
    assert held_out == len(rows_of(out, "test", "sft"))


def test_one_prompt_is_on_one_side_in_every_table(made, out, rows_of):
    readings = []
    for n in range(60):
        asked = f"Question {n}?"
        for kind, record in {
            "sft": made.demonstration(n, prompt=asked),
            "dpo": made.comparison(asked),
            "kto": replace(made.judgement(n), context=made.comparison(asked.upper()).context),
            "later": replace(
                made.conversation(n, train=n % 2 == 0),
                context=(
                    *made.comparison(asked).context,
                    *made.conversation(n, train=n % 2 == 0).context[1:],
                ),
            ),
        }.items():
            readings.append(InputResult(f"{kind}:{n}", (record,)))
    export(readings, Recipe(split=Split(test=0.4)), out)
    sides: dict[str, set[str]] = {}
    for table in ("sft", "sft_completion", "dpo", "kto"):
        for side in ("train", "test"):
            for row in rows_of(out, side, table):
                asked = (row.get("prompt") or row["messages"])[0]["content"].casefold()
                sides.setdefault(asked, set()).add(side)
    assert len(sides) == 60
    assert all(len(seen) == 1 for seen in sides.values())
    assert {"train"} in sides.values()
    assert {"test"} in sides.values()
    assert check(out) == []


def test_the_recipe_of_a_model_says_what_is_missing(made, out):
    recipe, _ = for_model("8B")
    outcome = export(mixed(made, plain=50), recipe, out)
    told = missed(outcome)
    assert told["total.min"] == ("S7", 30_000, counted(outcome)["all"].train)
    assert told["core.size"] == ("S8", 6_000, 0)
    assert {key.split(".")[1] for key in told if key.startswith("shares")} == {
        "refusal",
        "tool_call",
        "structured_output",
        "multi_turn",
        "reasoning_chain",
    }
    assert "Core size" not in (out / "README.md").read_text("utf-8")
    small, _ = for_model("1B")
    export(mixed(made, plain=50), small, out)
    assert "1000 are asked for" in (out / "README.md").read_text("utf-8")


def test_preferences_alone_miss_sizes_and_no_share(made, out):
    recipe, _ = for_model("8B")
    outcome = export(made.many(10), recipe, out)
    sizes = {"total.min", "core.size", "diverse.min", "pairs.min", "pairs.safety"}
    assert set(missed(outcome)) == sizes


BEHAVIOURS = st.lists(
    st.sampled_from(["refusal", "benign_twin", "multi_turn", *NATURAL]), max_size=2, unique=True
)
SHARES = st.builds(
    Shares,
    refusal=st.builds(
        RefusalShare,
        min=st.sampled_from([0.0, 0.2]),
        max=st.sampled_from([0.3, 1.0]),
        benign_twins=st.sampled_from([0.0, 0.5]),
    ),
    multi_turn=st.builds(Share, min=st.sampled_from([0.0, 0.1])),
)
RECIPES = st.builds(
    Recipe,
    core=st.none() | st.builds(Core, size=st.integers(0, 9)),
    total=st.builds(Total, max=st.none() | st.integers(1, 40)),
    shares=SHARES,
    sources=st.builds(Sources, max=st.sampled_from([0.5, 1.0])),
    repeat=st.builds(Repeat, max=st.integers(1, 4)),
    split=st.builds(Split, test=st.sampled_from([0.0, 0.3])),
    seed=st.integers(0, 3),
)

few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def quietly(readings, recipe, out):
    try:
        return export(readings, recipe, out)
    except NothingUsable:
        return None


@few
@given(
    st.lists(st.tuples(BEHAVIOURS, st.sampled_from(["S2", "S4"])), max_size=40),
    RECIPES,
    st.randoms(),
)
def test_laws(made, tmp_path_factory, bytes_of, rows_of, drawn, recipe, chance):
    readings = [
        made.reading(made.demonstration(n, behaviours, source), f"f:{n}")
        for n, (behaviours, source) in enumerate(drawn)
    ]
    folder = tmp_path_factory.mktemp("laws")
    outcome = quietly(readings, recipe, folder / "one")
    assert check(folder / "one") == []
    shuffled = list(readings)
    chance.shuffle(shuffled)
    quietly(shuffled, recipe, folder / "other")
    assert bytes_of(folder / "one") == bytes_of(folder / "other")
    if outcome is None:
        return
    rows = rows_of(folder / "one", table="sft")
    times = Counter(row["repeat_of"] or row["id"] for row in rows)
    assert max(times.values(), default=0) <= recipe.repeat.max
    records = outcome.records
    assert records["made"] == len(readings)
    assert records["made"] == records["exported"] + records["held_out"] + records["dropped"]
    assert records["exported"] == len(times)
    counts = counted(outcome)
    assert counts["all"].train == len(rows)
    told = missed(outcome)
    total, refusal = len(rows), counts.get("refusal")
    if rows and refusal:
        share = refusal.train / total
        assert share >= recipe.shares.refusal.min or "shares.refusal.min" in told
        assert share <= recipe.shares.refusal.max or "shares.refusal.max" in told
    if recipe.total.max not in ("auto", None):
        assert total <= recipe.total.max or "total.max" in told


@few
@given(
    st.lists(st.sampled_from(NATURAL), min_size=1, max_size=30),
    RECIPES,
    st.randoms(),
)
def test_natural_labels_may_change_places_and_nothing_moves(
    made, tmp_path_factory, bytes_of, labels, recipe, chance
):
    def files(natural, folder):
        records = [made.demonstration(n, (label,)) for n, label in enumerate(natural)]
        records += [made.demonstration(n, ("refusal", natural[0])) for n in range(40, 44)]
        readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
        quietly(readings, recipe, folder)
        return {name: said for name, said in bytes_of(folder).items() if name.endswith("jsonl")}

    folder = tmp_path_factory.mktemp("natural")
    other = list(labels)
    chance.shuffle(other)
    assert files(labels, folder / "one") == files(other, folder / "other")


def test_the_draw_knows_the_seed(made, tmp_path, rows_of):
    recipe = Recipe(total=Total(max=50), split=NONE_HELD_OUT)
    readings = mixed(made, plain=200)
    random.Random(0).shuffle(readings)
    drawn = []
    for seed in (1, 2):
        export(readings, recipe.model_copy(update={"seed": seed}), tmp_path / str(seed))
        drawn.append({row["id"] for row in rows_of(tmp_path / str(seed), table="sft")})
        assert len(drawn[-1]) == 50
    assert 2 < len(drawn[0] & drawn[1]) < 25


def test_rows_left_out_to_make_room_beside_a_full_core_are_told_as_that(made, out):
    experts = [made.reading(made.demonstration(n, (), "S4"), f"e:{n}") for n in range(900, 930)]
    recipe = Recipe(
        core=Core(size=5, max=10),
        total=Total(make_room=True),
        shares=Shares(refusal=RefusalShare(min=0.2)),
        repeat=Repeat(max=1),
        split=NONE_HELD_OUT,
    )
    outcome = export([*mixed(made, plain=100, refusal=10), *experts], recipe, out)
    assert counted(outcome)["refusal"].share >= 0.2
    assert set(outcome.reasons["dropped"]) == {"over_core", "made_room"}, "no total was in the way"


def test_what_is_missing_is_counted_within_the_size_that_is_reached(made, out):
    recipe = Recipe(
        diverse=Diverse(max=1_000),
        shares=Shares(refusal=RefusalShare(min=0.1)),
        repeat=Repeat(max=4),
        split=NONE_HELD_OUT,
    )
    outcome = export(mixed(made, plain=1_100, refusal=15), recipe, out)
    (short,) = outcome.shortfalls
    assert (short.key, short.annotations) == ("shares.refusal.min", 10), "25 * 4 of 1,000"
    ((change,),) = [
        [change for change in conflict.changes if change.unit == "examples"]
        for conflict in outcome.conflicts
    ]
    assert change.to == short.annotations
