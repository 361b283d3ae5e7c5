"""Plan, card, report, manifest and terminal say the same of every bound of a recipe."""

import json
import random
import re

import pytest

from goldleaf.cli.export import summary as export_summary
from goldleaf.cli.plan import summary as plan_summary
from goldleaf.core.translations import Translations
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.export import export
from goldleaf.exporters.rules.target_result import TargetResult
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
