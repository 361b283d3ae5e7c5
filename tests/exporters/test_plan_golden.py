"""Plans and conflicts of drawn pools are those that were reviewed once, to the row and the step.

Laws say what a plan must be; these cases say which one it is. A change here is a change of what
users get: look at the diff that `--update-golden` writes, and say it in the changelog.
"""

import json
from pathlib import Path
from random import Random

import pytest
from planning_pools import pool, target

from goldleaf.exporters.planning.conflicts import conflicts
from goldleaf.exporters.planning.plan import plan
from goldleaf.exporters.planning.system import system_of
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Core, Diverse, Sources, Total

GOLDEN = Path(__file__).with_name("golden_plans.json")
CASES = json.loads(GOLDEN.read_text("utf-8"))
"""Seed -> what was solved, one a line. The order of groups changes none of them: no ties."""


def drawn(seed):
    """Return groups, targets, recipe, most repeats of one example, rows to leave."""
    draw = Random(seed)
    names = ["a", "b", "c"][: draw.randint(1, 3)]
    targets = [
        target(name, draw.choice([0, 0.05, 0.1, 0.25, 0.3]), draw.choice([0.3, 0.5, 1, 1]))
        for name in names
    ]
    if draw.random() < 0.4:
        targets.append(target("twin", relative_to="a", ratio=draw.choice([0.5, 1.0])))
        names.append("twin")
    groups = {}
    for _ in range(draw.randint(1, 5)):
        shown = " ".join(sorted(draw.sample(names, min(len(names), draw.choice([1, 1, 2])))))
        groups[shown, draw.random() < 0.3, draw.choice(["S2", "S4"])] = draw.randint(1, 60)
    found = [(size, *key) for key, size in groups.items()]
    found.append((draw.randint(1, 90), "", False, "S2"))
    size = draw.choice([None, None, draw.randint(5, 120)])
    recipe = Recipe(
        total=Total(max=size, make_room=draw.random() < 0.4),
        core=Core(size=0, max=draw.choice([None, None, None, draw.randint(5, 30)])),
        diverse=Diverse(max=draw.choice([None, None, None, draw.randint(5, 60)])),
        sources=Sources(max=draw.choice([1.0, 1.0, 0.8])),
    )
    return found, targets, recipe, draw.randint(1, 4), draw.choice([None, 5])


def solved(seed, *, backwards=False):
    """Return the plan of a drawn pool and its conflicts, as plain values."""
    groups, targets, recipe, repeat, least = drawn(seed)
    if backwards:
        groups = groups[::-1]
    strata, wanted = pool(groups, targets, recipe)
    room = recipe.total.make_room
    made = plan(strata, wanted, repeat, make_room=room, least=least)
    system = system_of(strata, wanted, repeat, made, room=room)
    step = -1 if backwards else 1
    return {
        "distinct": made.distinct.tolist()[::step],
        "repeats": made.repeats.tolist()[::step],
        "unmet": [constraint.key for constraint in made.unmet],
        "ceilings_ignored": made.ceilings_ignored,
        "least": made.least,
        "conflicts": [
            [list(conflict.members), [[c.key, c.unit, c.was, c.to] for c in conflict.changes]]
            for conflict in conflicts(system)
        ],
    }


@pytest.fixture(scope="module", autouse=True)
def rewritten(request):
    """Write the golden file anew where that is asked for."""
    if request.config.getoption("--update-golden"):
        CASES.update({seed: json.loads(json.dumps(solved(int(seed)))) for seed in CASES})
        lines = [f"{json.dumps(seed)}: {json.dumps(case)}" for seed, case in CASES.items()]
        GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def test_there_are_conflicts_of_every_sort():
    members = {key for case in CASES.values() for names, _ in case["conflicts"] for key in names}
    sizes = {"total.min", "core.max", "diverse.max", "sources.max"}
    assert {"keep", "repeat.max", "shares.a.min", "shares.a.max", "shares.twin", *sizes} <= members
    assert sum(len(case["conflicts"]) > 1 for case in CASES.values()) >= 40


@pytest.mark.parametrize("seed", CASES)
def test_a_plan_and_its_conflicts_are_those_that_were_reviewed(seed):
    assert json.loads(json.dumps(solved(int(seed)))) == CASES[seed]


@pytest.mark.parametrize("seed", [*CASES][::4])
def test_the_order_of_strata_changes_no_plan(seed):
    assert json.loads(json.dumps(solved(int(seed), backwards=True))) == CASES[seed]
