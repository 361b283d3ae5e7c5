"""Plan, card, report, manifest and terminal say the same of every bound of a recipe."""

import json
import random
import re
from dataclasses import FrozenInstanceError
from math import ceil

import polars as pl
import pytest

from goldleaf.cli.export import summary as export_summary
from goldleaf.cli.plan import summary as plan_summary
from goldleaf.core.translations import Translations
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.behaviours import mask
from goldleaf.exporters.planning.targets import evaluated, grouped, pool_evaluated
from goldleaf.exporters.rules.registry import targets
from goldleaf.exporters.rules.target_result import TargetResult, exact
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import (
    Core,
    Diverse,
    Order,
    Pairs,
    Repeat,
    Sources,
    Split,
    Total,
)
from goldleaf.recipes.shares import RefusalShare, Share, Shares, ToolCallShare

BEHAVIOURS = ("refusal", "benign_twin", "tool_call", "no_tool", "multi_turn", "chat")
WORDS = Translations("en")
ROW = re.compile(
    r'<tr><td>.*?</td><td class="n">(.*?)</td><td class="n">(.*?)</td><td class="(met|short|over)">'
    r'.*?</td>(?:<td class="n">(.*?)</td>)?<td><code>(.*?)</code></td>'
)


def drawn(seed):
    """Return a recipe with bounds of every kind, some of which a small pool misses."""
    draw = random.Random(seed)

    def maybe(value):
        return value if draw.random() < 0.5 else None

    def bounds(most=0.4):
        low = round(draw.uniform(0.01, most), 2)
        return {
            "min": low if draw.random() < 0.7 else 0.0,
            "max": draw.choice([1.0, round(low + 0.1, 2)]),
        }

    least = draw.randint(1, 80)
    return Recipe(
        core=draw.choice([None, Core(size=draw.randint(1, 12), max=draw.choice([None, 14]))]),
        diverse=Diverse(min=maybe(draw.randint(5, 60)), max=maybe(draw.randint(60, 90))),
        total=Total(min=maybe(least), max=maybe(least + draw.randint(0, 40)), advise=maybe(30)),
        shares=Shares(
            refusal=RefusalShare(**bounds(), benign_twins=draw.choice([0.0, 0.5, 2.0])),
            tool_call=ToolCallShare(**bounds(), no_tool=draw.choice([0.0, 0.5])),
            multi_turn=Share(**bounds(0.2)),
        ),
        sources=Sources(max=draw.choice([1.0, 0.3])),
        pairs=Pairs(min=maybe(draw.randint(1, 20)), safety=draw.choice([0.0, 0.5])),
        order=draw.choice([Order(), Order(mode="staged", replay=0.6)]),
        repeat=Repeat(max=draw.choice([1, 3])),
        split=Split(test=0.1),
        seed=draw.randint(1, 99),
    )


def pool(made, seed):
    draw = random.Random(seed)
    found = [
        made.demonstration(n, [b for b in BEHAVIOURS if draw.random() < 0.15], f"S{n % 3 + 2}")
        for n in range(draw.randint(12, 90))
    ]
    pairs = made.many(30)[: draw.choice([0, 30])]
    return [*(made.reading(record, f"sft:{n}") for n, record in enumerate(found)), *pairs]


@pytest.mark.parametrize("seed", range(8))
def test_all_that_people_and_scripts_read_agrees(made, tmp_path, seed):
    readings, recipe, out = pool(made, seed), drawn(seed), tmp_path / "out"
    outcome, plan = export(readings, recipe, out), dry_run(readings, recipe)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    missed = {short["key"]: short for short in manifest["shortfalls"]}
    assert list(missed.values()) == [short.plain() for short in outcome.shortfalls]
    assert plan.shortfalls == outcome.shortfalls
    assert json.loads(json.dumps(plan.plain()))["shortfalls"] == manifest["shortfalls"]

    card = (out / "README.md").read_text("utf-8")
    terminal = export_summary(outcome, WORDS)
    for short in outcome.shortfalls:
        wanted, got = short.for_reader()
        mend = short.annotations or ""
        assert f"| `{short.key}` | {short.rule} | {wanted} | {got} | {mend} |" in card
        line = next(line for line in terminal.splitlines() if line.startswith(f"{short.key} "))
        assert line.split()[1] == short.rule
        assert wanted in line and got in line and f"{mend:,}" in line if mend else True
    assert card.count("| `") - len(re.findall(r"\| `[^`]*/", card)) >= len(missed)

    page = (out / "report.html").read_text("utf-8")
    report = {row[4]: row for row in ROW.findall(page)}
    for want in plan.wants:
        own = [short for short in outcome.shortfalls if short.group == want.key]
        assert (want.state == "met") == (not own)
        assert want.annotations == max((short.annotations for short in own), default=0)
        if own:
            assert want.state == ("short" if any(short.least for short in own) else "over")
            assert {short.got for short in own if short.least} <= {round(want.got, 6)}
        row = report.get("core.size" if want.key == "core" else want.key)
        if want.behaviours or want.key == "total":
            assert row is not None
        if row is not None and want.key != "core":  # its ceiling has a line of its own there
            assert row[2] == want.state
            share = f"{100 * want.got:.2f} %" if want.unit == "share" else f"{want.got:,.0f}"
            assert row[1] == share
            if want.state == "short":
                assert row[3] == (f"{want.annotations:,}" if want.annotations else row[3])
        about = next(
            line for line in plan_summary(plan, WORDS).splitlines() if f" {want.rule} " in line
        )
        assert about
    for key in missed:
        assert any(key == shown or key.startswith(f"{shown}.") for shown in report), key
    states = {key: row[2] for key, row in report.items()}
    assert all(state != "met" for key, state in states.items() if key in missed)


def test_of_no_rows_plan_and_report_say_the_same(made, tmp_path):
    recipe = Recipe(shares=Shares(refusal=RefusalShare(min=0.1)))
    export(made.many(10), recipe, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    (want,) = dry_run(made.many(10), recipe).wants
    (row,) = [row for row in ROW.findall(page) if row[4] == want.key]
    assert (row[1], row[2]) == ("0.00 %", "short") and want.state == "short"


@pytest.mark.parametrize(
    ("least", "wanted", "rows", "of", "missed"),
    [
        (True, 0.1, 1, 10, False),
        (True, 0.1, 1, 11, True),  # a minimum is rounded up to whole rows
        (False, 0.1, 1, 11, False),  # a maximum down
        (False, 0.1, 2, 19, True),
        (True, 0.3, 3, 10, False),  # 0.3 is three tenths, not the float above it
        (True, 5, 4, None, True),
        (True, 5, 5, None, False),
        (False, 5, 5, None, False),
        (False, 5, 6, None, True),
        (True, 0.5, 0, 0, False),
        (False, 0.5, 0, 0, False),
    ],
)
def test_a_bound_is_held_in_whole_rows(least, wanted, rows, of, missed):
    result = TargetResult(key="a.min", rule="S7", least=least, wanted=wanted, rows=rows, of=of)
    assert result.missed is missed
    assert result.got == (rows if of is None else round(rows / of, 6) if of else 0)


@pytest.mark.parametrize(
    ("key", "group"),
    [
        ("total.min", "total"),
        ("total.advise", "total.advise"),
        ("core.size", "core"),
        ("shares.refusal.max", "shares.refusal"),
        ("shares.refusal.benign_twins", "shares.refusal.benign_twins"),
        ("order.replay", "order.replay"),
    ],
)
def test_bounds_of_one_thing_are_one_group(key, group):
    result = TargetResult(key=key, rule="S7", least=True, wanted=1, rows=1)
    assert result.group == group


def written(*groups):
    """Return rows as the checkers see them: (examples, copies of each, behaviours, source)."""
    rows = [
        {"behaviours": mask(tuple(shown.split())), "copies": copies, "source": source}
        for count, copies, shown, source in groups
        for _ in range(count)
    ]
    frame = pl.DataFrame(
        rows, {"behaviours": pl.UInt32, "copies": pl.Int64, "source": pl.String}, orient="row"
    )
    return frame.with_columns(
        number=pl.int_range(pl.len()), use=pl.lit("sft"), side=pl.lit("train"), prototype=pl.lit("")
    ).with_columns(risk=pl.lit(False))


def held(groups, recipe):
    """Return key -> result of every bound of a recipe over some rows."""
    found = evaluated(written(*groups), recipe, targets(recipe))
    assert len({result.key for result in found}) == len(found)
    return {result.key: result for result in found}


LEAST = "shares.refusal.min"


@pytest.mark.parametrize("least", [0.01, 0.1, 0.3, 0.5])
@pytest.mark.parametrize(("distinct", "others"), [(0, 9), (1, 100), (4, 37), (7, 1_000)])
@pytest.mark.parametrize("cap", [1, 3])
def test_as_many_annotations_as_are_named_meet_a_share_and_one_fewer_does_not(
    least, distinct, others, cap
):
    recipe = Recipe(shares=Shares(refusal=RefusalShare(min=least)), repeat=Repeat(max=cap))
    groups = [(distinct, cap, "refusal", "S2"), (others, 1, "", "S2")]
    result = held(groups, recipe)[LEAST]
    assert (result.rows, result.of) == (distinct * cap, distinct * cap + others)
    assert result.missed == (distinct * cap < ceil(exact(least) * (distinct * cap + others)))
    assert bool(result.annotations) == result.missed
    if result.missed:
        for more, missed in ((result.annotations, False), (result.annotations - 1, True)):
            grown = [(distinct + more, cap, "refusal", "S2"), groups[1]]
            assert held(grown, recipe)[LEAST].missed == missed


def test_where_a_size_is_reached_others_make_room_for_annotations():
    share = Shares(refusal=RefusalShare(min=0.3))
    groups = [(10, 1, "refusal", "S2"), (90, 1, "", "S2")]
    once = {"shares": share, "repeat": Repeat(max=1)}
    # 39 of 129 without a size; 30 of 100 within one that is reached; 33 of 110 where 10 are left
    assert held(groups, Recipe(**once))[LEAST].annotations == 29
    assert held(groups, Recipe(total=Total(max=100), **once))[LEAST].annotations == 20
    assert held(groups, Recipe(diverse=Diverse(max=100), **once))[LEAST].annotations == 20
    assert held(groups, Recipe(total=Total(max=110), **once))[LEAST].annotations == 23
    both = {"total": Total(max=120), "diverse": Diverse(max=110)}
    assert held(groups, Recipe(**both, **once))[LEAST].annotations == 23
    # room for just the 29 that are missing is room enough, for 28 it is not
    assert held(groups, Recipe(total=Total(max=129), **once))[LEAST].annotations == 29
    assert held(groups, Recipe(total=Total(max=128), **once))[LEAST].annotations == 29
    core = {"core": Core(size=1), "diverse": Diverse(max=60)}
    mixed = [(10, 1, "refusal", "S2"), (40, 1, "", "S2"), (50, 1, "", "S4")]
    assert held(mixed, Recipe(**core, **once))[LEAST].annotations == 23, "core is no diverse row"


def test_a_contrast_is_held_against_distinct_examples_outside_its_reference():
    share = RefusalShare(benign_twins=0.5)
    recipe = Recipe(shares=Shares(refusal=share), repeat=Repeat(max=2))
    key = "shares.refusal.benign_twins"
    refusals, twins = (9, 4, "refusal", "S2"), (4, 1, "benign_twin", "S2")
    result = held([refusals, twins], recipe)[key]
    assert (result.wanted, result.rows, result.of) == (5, 4, None)  # 4.5 of nine, rounded up
    assert (result.missed, result.annotations) == (True, 1)
    assert result.behaviours == ("benign_twin",)
    assert "refusal" in result.relative_to
    both = (3, 1, "refusal benign_twin", "S2")
    result = held([refusals, twins, both], recipe)[key]
    assert (result.wanted, result.rows) == (6, 4), "a twin that is a refusal itself is not counted"
    result = held([(9, 1, "refusal", "S2"), (5, 1, "benign_twin", "S2")], recipe)[key]
    assert (result.rows, result.missed, result.annotations) == (5, False, 0)
    # of 20 refusals none but one has a twin: 10 rows are five examples, of which one is there
    result = held([(20, 1, "refusal", "S2"), (1, 2, "benign_twin", "S2")], recipe)[key]
    assert (result.wanted, result.annotations) == (10, 4)
    once = recipe.model_copy(update={"repeat": Repeat(max=1)})
    assert held([(20, 1, "refusal", "S2")], once)[key].annotations == 10


def test_only_bounds_that_a_recipe_sets_have_a_result():
    free = held([(3, 1, "refusal", "S2")], Recipe())
    assert not [key for key in free if key.startswith("shares.")]
    top = held([(3, 1, "refusal", "S2")], Recipe(shares=Shares(refusal=RefusalShare(max=0.5))))
    (key,) = [key for key in top if key.startswith("shares.")]
    assert (key, top[key].least, top[key].wanted) == ("shares.refusal.max", False, 0.5)
    assert (top[key].missed, top[key].annotations) == (True, 0)


def test_bounds_of_one_share_are_one_row_of_the_table():
    share = RefusalShare(min=0.2, max=0.4)
    recipe = Recipe(shares=Shares(refusal=share), total=Total(min=50), repeat=Repeat(max=1))
    pool = written((3, 9, "refusal", "S2"), (27, 9, "", "S2"))
    asked = targets(recipe)

    def table(*groups):
        results = evaluated(written(*groups), recipe, asked)
        rows = grouped(results, pool_evaluated(pool, recipe, asked))
        return {row.key: row for row in rows}

    rows = table((3, 1, "refusal", "S2"), (27, 1, "", "S2"))
    row = rows["shares.refusal"]
    assert (row.low, row.high, row.unit, row.rule) == (0.2, 0.4, "share", "S12")
    assert (row.examples, row.before, row.got) == (3, 0.1, 0.1), "the pool counts examples once"
    assert (row.state, row.annotations) == ("short", 4)
    total = rows["total"]
    assert (total.low, total.high, total.unit, total.state) == (50, None, "rows", "short")
    assert (total.before, total.got, total.annotations) == (30, 30, 20)
    high = table((30, 1, "refusal", "S2"), (30, 1, "", "S2"))
    assert (high["shares.refusal"].state, high["shares.refusal"].annotations) == ("over", 0)
    assert (high["total"].state, high["total"].annotations) == ("met", 0)
    met = table((20, 1, "refusal", "S2"), (40, 1, "", "S2"))["shares.refusal"]
    assert (met.state, met.annotations) == ("met", 0)
    assert met.plain()["got"] == 0.333333 and met.got == 1 / 3
    assert "relative_to" not in met.plain() and met.plain()["before"] == 0.1
    assert table()["shares.refusal"].state == "short", "of no rows at all nothing is met"
    (alone,) = [row for row in grouped(evaluated(pool, recipe, asked), ()) if row.key == "total"]
    assert (alone.examples, alone.before) == (0, 0.0)
    capped = Recipe(shares=Shares(refusal=RefusalShare(max=0.4)))
    only = grouped(evaluated(pool, capped, targets(capped)), ())
    (row,) = [row for row in only if row.key == "shares.refusal"]
    assert (row.low, row.high) == (None, 0.4), "a maximum alone asks for no minimum"
    with pytest.raises(FrozenInstanceError):
        row.got = 0.5  # pyright: ignore[reportAttributeAccessIssue]


def test_only_sft_rows_for_training_count_for_shares():
    recipe = Recipe(shares=Shares(refusal=RefusalShare(min=0.5)))
    asked = targets(recipe)
    rows = written((2, 1, "refusal", "S2"), (2, 1, "", "S2"))
    held_out = rows.with_columns(side=pl.lit("test"))
    pairs = rows.with_columns(use=pl.lit("dpo"), behaviours=pl.lit(0, pl.UInt32))
    of = {r.key: r.of for r in evaluated(pl.concat([rows, held_out, pairs]), recipe, asked)}
    assert of[LEAST] == 4
    before = {r.key: r.of for r in pool_evaluated(pl.concat([rows, held_out]), recipe, asked)}
    assert before[LEAST] == 8, "what is held out was in the pool"
