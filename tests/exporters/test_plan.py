"""The planner: golden cases, its laws, whole rows against every possible plan, and conflicts."""

from fractions import Fraction
from itertools import product
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from planning_pools import pool, target

from goldleaf.exporters.planning.conflicts import GRAIN, conflicts
from goldleaf.exporters.planning.constraints import Constraints
from goldleaf.exporters.planning.linear_program import LinearProgram
from goldleaf.exporters.planning.plan import _Planner, plan, repeatable
from goldleaf.exporters.planning.system import KEEP, LEAST, REPEAT, system_of
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Core, Diverse, Sources, Total


def rows(groups, targets, limit=None, repeat=4, **more):
    recipe = Recipe(total=Total(max=limit), **more.pop("recipe", {}))
    strata, wanted = pool(groups, targets, recipe)
    return plan(strata, wanted, repeat, **more).rows.tolist()


REFUSAL = target("refusal", 0.1, 0.3)


@pytest.mark.parametrize(
    ("groups", "targets", "limit", "expected"),
    [
        ([], [], None, []),
        ([(0,)], [], 3, [0]),
        # 112 of 1,112 is just above a tenth, 111 of 1,111 just below
        ([(50, "refusal"), (1000,)], [REFUSAL], None, [112, 1000]),
        # nothing to repeat or drop
        ([(50, "refusal"), (300,)], [REFUSAL], None, [50, 300]),
        # 42 of 142 is just below the ceiling
        ([(400, "refusal"), (100,)], [REFUSAL], None, [42, 100]),
        # nothing stands beside: the ceiling is put aside
        ([(400, "refusal")], [REFUSAL], None, [400]),
        # four times and no more
        ([(10, "refusal"), (100,)], [target("refusal", 0.5)], None, [40, 100]),
        (
            [(100, "a"), (100, "b"), (200,)],
            [target("a", 0.3), target("b", 0.3)],
            None,
            [150, 150, 200],
        ),
        # half as many rows as there are distinct refusals, however often these are repeated
        (
            [(20, "refusal"), (4, "twin"), (190,)],
            [target("refusal", 0.2), target("twin", relative_to="refusal", ratio=0.5)],
            None,
            [50, 10, 190],
        ),
        # a twin that is a refusal itself is no twin
        (
            [(20, "refusal"), (10, "refusal twin"), (4, "twin"), (90,)],
            [target("refusal"), target("twin", relative_to="refusal", ratio=0.5)],
            None,
            [20, 10, 15, 90],
        ),
        # a ceiling on the total thins all alike, but never below a floor or into the core
        (
            [(50, "refusal"), (1000, "tool"), (700, "", True), (8300,)],
            [REFUSAL, target("tool")],
            1000,
            [100, 22, 700, 178],
        ),
        ([(100, "a", True), (300, "", True)], [target("a")], 100, [25, 75]),
        # a source cap is a ceiling like any other
        ([(1000, "", False, "S2"), (10, "", False, "S4")], [], None, [40, 10]),
        # 30 of the refusals are dialogues, too: repeating these serves both floors, so 28 repeats
        # are enough where treating each target apart takes 30
        (
            [(70, "refusal"), (30, "refusal dialogue"), (10, "dialogue"), (200,)],
            [target("refusal", 0.3), target("dialogue", 0.2)],
            None,
            [70, 51, 17, 200],
        ),
        # a floor's repeats make room under a ceiling, and nothing is repeated for that alone
        (
            [(400, "refusal"), (20, "tool"), (100,)],
            [REFUSAL, target("tool", 0.3)],
            None,
            [75, 75, 100],
        ),
        (
            [(400, "refusal"), (100, "tool"), (100,)],
            [REFUSAL, target("tool")],
            None,
            [85, 100, 100],
        ),
    ],
)
def test_golden(groups, targets, limit, expected):
    capped = {"sources": Sources(max=0.8)} if any(len(group) == 4 for group in groups) else {}
    assert rows(groups, targets, limit, recipe=capped) == expected


def test_room_is_made_only_where_it_is_asked_for_and_only_as_much_as_helps():
    groups = [(5, "refusal"), (1000,)]
    assert rows(groups, [REFUSAL]) == [20, 1000]
    assert rows(groups, [REFUSAL], make_room=True) == [20, 180]
    assert rows(groups, [REFUSAL], make_room=True, least=100) == [20, 180]
    # ten refusals are short of fifty rows, so nothing is left out for nothing
    assert rows(groups, [REFUSAL], make_room=True, least=500) == [20, 1000]
    assert rows([(1000,)], [REFUSAL], make_room=True, least=500) == [1000]
    # the expert rows stay
    groups = [(5, "refusal"), (150, "", True), (1000,)]
    assert rows(groups, [REFUSAL], make_room=True) == [20, 150, 30]


def test_a_floor_that_just_fits_what_ceilings_leave_is_no_unmet_one_without_conflict():
    groups = [(1, "a"), (1, "a b"), (1,)]
    made, _, all_ = found(groups, [target("a", 0.0, 0.3), target("b", 0.25, 0.3)], 2, True, 5)
    assert bool(made.unmet) == bool(all_)


def test_a_floor_out_of_reach_takes_nothing_from_one_within():
    empty = [target(name, 0.05) for name in ("tool", "dialogue", "chain")]
    assert rows([(4, "refusal"), (53,)], [REFUSAL, *empty]) == [6, 53]


def test_within_a_size_nothing_goes_for_want_of_its_contrast():
    groups = [(2_000, "call"), (3, "none"), (8_000,)]
    targets = [target("call", 0.05), target("none", relative_to="call", ratio=0.2)]
    strata, wanted = pool(groups, targets, Recipe(total=Total(max=5_000)))
    made = plan(strata, wanted, 4)
    calls, none, rest = made.distinct.tolist()
    assert calls == pytest.approx(rest / 4, abs=2), "thinned alike, and no more for the contrast"
    assert (none, made.rows.tolist()[1], made.rows.sum()) == (3, 12, 5_000)
    (conflict,) = conflicts(system_of(strata, wanted, 4, made, room=False))
    assert set(conflict.members) == {"shares.none", REPEAT, KEEP}


def test_room_is_made_where_a_size_leaves_a_floor_unmet():
    # a third of the pool, a fifth of what `core.max` leaves: then others go, and nothing is unmet
    groups, targets = [(10, "a", True), (20,)], [target("a", 0.3)]
    core = {"core": Core(size=1, max=5)}
    assert rows(groups, targets, repeat=1, recipe=core) == [5, 20]
    assert rows(groups, targets, repeat=1, recipe=core, make_room=True) == [5, 11]
    made, _, all_ = found(groups, targets, 1, True, **core)
    assert not made.unmet and not all_


def test_core_and_diverse_have_ceilings_of_their_own():
    groups, targets = [(40, "refusal", True), (100, "", True), (300,)], [target("refusal", 0.1)]
    core = Core(size=10, max=70)
    assert rows(groups, targets, recipe={"core": core}) == [37, 33, 300]
    assert rows(groups, targets, recipe={"diverse": Diverse(max=50)}) == [40, 100, 50]
    both = {"core": core, "diverse": Diverse(max=100)}
    assert rows(groups, targets, limit=120, recipe=both) == [20, 50, 50]


SHARES = st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.3])
HIGHS = st.sampled_from([0.3, 0.5, 1.0])


@st.composite
def pools(draw, most=40, strata=5):
    """Return groups and targets; the last group shows nothing."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    targets = [target(name, draw(SHARES), draw(HIGHS)) for name in names]
    if draw(st.booleans()):
        ratio = draw(st.sampled_from([0.5, 1.0]))
        targets.append(target("twin", relative_to="a", ratio=ratio))
        names.append("twin")
    shown = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(" ".join)
    groups = {
        (name, core): draw(st.integers(0, most))
        for name, core in draw(
            st.lists(st.tuples(shown, st.booleans()), max_size=strata - 1, unique=True)
        )
    }
    found = [(size, name, core) for (name, core), size in groups.items()]
    return [*found, (draw(st.integers(1, most)), "", False)], targets


def gaps(made, wanted: Constraints):
    every = (*wanted.floors, *wanted.ceilings, *wanted.sizes)
    return {constraint.key: constraint.gap(made.distinct, made.rows) for constraint in every}


@settings(max_examples=120, deadline=None)
@given(pools(), st.integers(1, 4), st.none() | st.integers(1, 120))
def test_laws(drawn, repeat, limit):
    groups, targets = drawn
    strata, wanted = pool(groups, targets, Recipe(total=Total(max=limit)))
    made = plan(strata, wanted, repeat)
    again = plan(strata, wanted, repeat)
    assert (made.rows == again.rows).all() and (made.distinct == again.distinct).all()
    assert (made.distinct >= 0).all() and (made.distinct <= strata.size).all()
    assert (made.repeats >= 0).all() and (made.repeats <= (repeat - 1) * made.distinct).all()
    assert not made.repeats[~repeatable(wanted, strata)].any(), "S14: what is natural comes once"
    under_one = np.any([d.mask for d in wanted.ceilings] + [strata.size < 0], axis=0)
    if not made.resized:
        kept_whole = made.distinct == strata.size
        assert kept_whole[~under_one].all(), "nothing is dropped to lift another's share"
    unmet = {constraint.key for constraint in made.unmet}
    missed = gaps(made, wanted)
    for constraint in wanted.sizes:
        assert not missed[constraint.key], "sizes hold to the row"
    rules = len(wanted.floors) + len(wanted.ceilings) + len(wanted.sizes)
    if not made.ceilings_ignored:
        assert all(gap <= rules for key, gap in missed.items() if key not in unmet), missed


@pytest.mark.parametrize("seed", range(4))
def test_many_large_strata_keep_the_laws(seed):
    draw = np.random.default_rng(seed)
    names = "abcdefgh"
    shown = {
        " ".join(draw.choice(list(names), draw.integers(0, 3), replace=False)) for _ in range(90)
    }
    groups = [
        (int(draw.integers(1, 20_000)), name, core) for name in shown for core in (False, True)
    ]
    groups.append((600_000, "", False))
    targets = [target(name, 0.04, 0.3 if name < "d" else 1.0) for name in names]
    recipe = Recipe(total=Total(max=400_000), core=Core(size=1, max=90_000))
    strata, wanted = pool(groups, targets, recipe)
    made = plan(strata, wanted, 4)
    assert made.resized and not made.unmet
    missed = gaps(made, wanted)
    assert max(missed.values()) <= len(missed)
    assert made.rows.sum() <= 400_000 < made.rows.sum() + len(missed)
    kept = made.distinct[~strata.core] / strata.size[~strata.core]
    assert (made.rows[strata.core].sum() <= 90_000) and kept.min() > 0, "no stratum is emptied"


@settings(max_examples=60, deadline=None)
@given(pools(most=4, strata=3), st.integers(1, 3))
def test_what_repeats_can_meet_is_met(drawn, repeat):
    """With what ceilings leave, every number of repeats is tried."""
    groups, targets = drawn
    strata, wanted = pool(groups, targets)
    made = plan(strata, wanted, repeat)
    may = repeatable(wanted, strata)
    each = [
        range((repeat - 1) * int(kept) + 1) if more else range(1)
        for kept, more in zip(made.distinct, may, strict=True)
    ]
    rules = (*wanted.floors, *wanted.ceilings)
    possible = any(
        not any(rule.gap(made.distinct, made.distinct + np.array(more)) for rule in rules)
        for more in product(*each)
    )
    if possible:
        assert all(gap <= len(rules) for gap in gaps(made, wanted).values())


@settings(max_examples=60, deadline=None)
@given(pools(most=3, strata=3), st.integers(1, 2), st.integers(1, 6))
def test_what_leaving_out_can_meet_is_met(drawn, repeat, least):
    """With `make_room` every choice of examples and repeats is tried."""
    groups, targets = drawn
    strata, wanted = pool(groups, targets)
    made = plan(strata, wanted, repeat, make_room=True, least=least)
    assume(made.rows.sum() >= least)
    may, rules = repeatable(wanted, strata), (*wanted.floors, *wanted.ceilings)
    each = [
        [
            (kept, kept + more)
            for kept in range(int(size) + 1)
            for more in range((repeat - 1) * kept * int(again) + 1)
        ]
        for size, again in zip(strata.size, may, strict=True)
    ]
    possible = any(
        not any(rule.gap(np.array(kept), np.array(all_)) for rule in rules)
        for kept, all_ in (zip(*choice, strict=True) for choice in product(*each))
        if sum(all_) >= least
    )
    if possible:
        assert all(gap <= len(rules) for gap in gaps(made, wanted).values())


@settings(max_examples=60, deadline=None)
@given(*(st.integers(0, 6),) * 3, SHARES, SHARES, HIGHS, st.integers(1, 3))
def test_disjoint_stocks_come_out_nearest_to_what_is_there(
    one, two, rest, low, other, high, repeat
):
    rest, high = rest + 1, max(high, low)
    groups = [(one, "a"), (two, "b"), (rest,)]
    a, b, c = rows(groups, [target("a", low, high), target("b", other)], repeat=repeat)
    assert c == rest

    def holds(first, second):
        total = first + second + rest
        bounds = ((one, first, low, high), (two, second, other, 1.0))
        for there, row, least, most in bounds:
            floor_, top = ceil(exact(least) * total), floor(exact(most) * total)
            if not (floor_ <= row <= top and row == max(floor_, min(there, top))):
                return False
        return True

    tried = product(range(one * repeat + 1), range(two * repeat + 1))
    possible = [(x, y) for x, y in tried if holds(x, y)]
    if possible:
        mine = abs(a - one) + abs(b - two)
        assert mine <= min(abs(x - one) + abs(y - two) for x, y in possible) + 2, possible


def exact(share):
    return Fraction(str(share))


TENTH = target("refusal", 0.1, 0.3)


def found(groups, targets, repeat=4, room=False, least=None, **recipe):
    strata, wanted = pool(groups, targets, Recipe(**recipe))
    made = plan(strata, wanted, repeat, make_room=room, least=least)
    against = system_of(strata, wanted, repeat, made, room=room)
    return made, against, conflicts(against)


def told(groups, targets, **more):
    """Return members -> {key: to} of every conflict."""
    return {
        conflict.members: {change.key: change.to for change in conflict.changes}
        for conflict in found(groups, targets, **more)[2]
    }


def test_a_floor_that_repeats_cannot_reach():
    # 40 of 140 rows; 200 of 1,000 would be a tenth
    half = target("refusal", 0.5)
    assert told([(10, "refusal"), (100,)], [half]) == {
        ("shares.refusal.min", REPEAT, KEEP): {
            "shares.refusal.min": 0.2857,
            REPEAT: 10,
            "examples.refusal": 15,
        }
    }
    assert told([(10, "refusal"), (100,)], [target("refusal", 0.2)]) == {}


def test_what_is_not_there_at_all():
    assert told([(100,)], [TENTH]) == {
        ("shares.refusal.min",): {"shares.refusal.min": 0.0, "examples.refusal": 3}
    }


def test_a_ceiling_with_nothing_beside():
    assert told([(400, "refusal")], [TENTH]) == {
        ("shares.refusal.max",): {"shares.refusal.max": 1.0, "examples.other": 934}
    }
    one = {"sources": Sources(max=0.8)}
    assert told([(50, "", False, "S2")], [], **one) == {("sources.max",): {"sources.max": 1.0}}


def test_ceilings_that_leave_nothing_between_them():
    groups = [(400, "refusal"), (100, "", False, "S2")]
    cap = {"sources": Sources(max=0.6)}
    assert rows(groups, [TENTH], recipe=cap) == [42, 100], "the cap on sources is put aside first"
    ((members, changes),) = told(groups, [TENTH], **cap).items()
    assert set(members) == {"shares.refusal.max", "sources.max"}
    assert changes == {"shares.refusal.max": 0.4, "sources.max": 0.7, "examples.other": 17}


def test_a_floor_under_another_ceiling():
    both = [target("refusal", 0.3), target("dialogue", high=0.2)]
    groups = [(100, "refusal dialogue"), (500,)]
    ((members, changes),) = told(groups, both, repeat=40).items()
    assert members == ("shares.refusal.min", "shares.dialogue.max")
    assert changes == {
        "shares.refusal.min": 0.2,
        "shares.dialogue.max": 0.3,
        "examples.refusal": 2,
        "examples.other": None,
    }


def test_a_size_and_the_rows_to_leave():
    groups = [(5, "refusal"), (1000,)]
    (resized,) = told(groups, [TENTH], total=Total(max=500))
    assert resized == ("shares.refusal.min", REPEAT, KEEP)
    (room,) = found(groups, [TENTH], room=True, least=500)[2]
    assert room.members == ("shares.refusal.min", REPEAT, LEAST)
    assert {c.key: c.to for c in room.changes}[LEAST] == 200
    core = {"core": Core(size=1, max=10)}
    small, changes = next(iter(told([(50, "refusal", True), (1000,)], [TENTH], **core).items()))
    assert "core.max" in small
    assert changes["core.max"] == 112


def test_the_nearest_share_that_resolves_a_conflict_takes_few_programs(monkeypatch):
    """The least change of a share is read off one program; halving 10,000 steps takes 12 more."""
    solved, feasible = [], LinearProgram.feasible
    monkeypatch.setattr(LinearProgram, "feasible", lambda self: solved.append(0) or feasible(self))
    assert told([(10, "refusal"), (100,)], [target("refusal", 0.5)])
    assert len(solved) <= 18  # 7 of them halve `repeat.max`, which has no such program
    solved.clear()
    assert told([(400, "refusal")], [TENTH])
    assert len(solved) <= 12


def test_a_contrast_that_a_plan_in_fractions_misses_takes_what_these_ask_for():
    """30 % of 114 rows are 34.2: half of them are 17.1 twins, and 17 would not be enough."""
    groups = [(30, "c"), (36, "a"), (52,)]
    targets = [target("a", high=0.3), target("twin", relative_to="a", ratio=0.5)]
    (changes,) = told(groups, targets, repeat=1, total=Total(max=114)).values()
    assert changes["examples.twin"] == 18


def test_contrasts_are_rows_for_every_distinct_example():
    twins = target("twin", relative_to="refusal", ratio=0.5)
    assert told([(50, "refusal"), (2, "twin"), (100,)], [target("refusal", 0.1), twins]) == {
        ("shares.twin", REPEAT, KEEP): {"shares.twin": 0.16, REPEAT: 13, "examples.twin": 5}
    }


@pytest.mark.parametrize(
    ("groups", "repeat"),
    [([(2, "a b"), (2, "b twin"), (6,)], 1), ([(2, "a b"), (1, "b twin"), (7,)], 2)],
)
def test_contrasts_within_a_size_are_measured_alike_by_plan_and_conflicts(groups, repeat):
    """Of 1.5 rows under the ceiling on b, `a` takes 1 and its twin 0.5: `a` lacks a quarter row."""
    targets = [target("a", 0.25, 0.3), target("b", high=0.3)]
    targets.append(target("twin", relative_to="a", ratio=0.5))
    made, against, all_ = found(groups, targets, repeat, least=5, total=Total(max=5))
    assert (made.rows.tolist(), [c.key for c in made.unmet]) == ([1, 1, 3], ["shares.a.min"])
    (conflict,) = all_
    assert conflict.members == ("shares.a.min", REPEAT, "shares.twin", "shares.b.max")
    assert not against.feasible(conflict.members)
    for member in conflict.members:
        assert against.feasible([other for other in conflict.members if other != member])


def test_a_pool_without_examples_has_no_conflict():
    assert found([], [TENTH])[2] == ()


def test_a_ceiling_that_would_leave_nothing_is_ignored_and_the_plan_says_so():
    made, _, (conflict,) = found([(10, "refusal")], [target("refusal", high=0.3)])
    assert made.ceilings_ignored and made.rows.tolist() == [10]
    assert "shares.refusal.max" in conflict.members
    kept, _, none = found([(10, "refusal"), (90,)], [target("refusal", high=0.3)])
    assert not kept.ceilings_ignored and none == ()


def test_references_that_do_not_settle_get_one_last_round_after_three(monkeypatch):
    thinned, rounds = _Planner._thinned, []

    def counted(self, *arguments, **more):
        rounds.append("own" in more)
        return thinned(self, *arguments, **more)

    monkeypatch.setattr(_Planner, "_thinned", counted)
    targets = [target("a", 0.25, 0.3), target("b", high=0.3)]
    targets.append(target("twin", relative_to="a", ratio=0.5))
    found([(2, "a b"), (2, "b twin"), (6,)], targets, 1, least=5, total=Total(max=5))
    assert rounds == [False, False, False, True]


def both_ways(against, conflict, others):
    """Return the members that a conflict's changes are measured against, in both ways."""
    left = {keys[0] for keys in others} - set(conflict.members)
    return [k for k in against.members() if k not in left], list(conflict.members)


@pytest.mark.parametrize("room", [False, True])
@settings(max_examples=50, deadline=None)
@given(pools(most=30), st.integers(1, 4), st.none() | st.integers(5, 80))
def test_conflicts_are_irreducible_and_changes_least(room, drawn, repeat, limit):
    groups, targets = drawn
    recipe = {"total": Total(max=limit, make_room=room)}
    made, against, all_ = found(groups, targets, repeat, room, 5, **recipe)
    if made.unmet:
        assert all_, "a floor that stays unmet has its conflict"
    for conflict in all_:
        assert not against.feasible(conflict.members)
        for member in conflict.members:
            rest = [other for other in conflict.members if other != member]
            assert against.feasible(rest), "irreducible"
        others = [c.members for c in all_ if c is not conflict]
        for change in conflict.changes:
            if change.to is None or change.key.startswith("examples."):
                continue
            grain = GRAIN if change.unit in ("share", "ratio") else 1
            to, was = round(change.to * grain), round(change.was * grain)
            less = to + (1 if to < was else -1)

            def mends(members, steps, key=change.key, grain=grain):
                return against.feasible(members, {key: Fraction(steps, grain)})

            ways = both_ways(against, conflict, others)
            assert any(mends(way, to) and not mends(way, less) for way in ways), change


@settings(max_examples=20, deadline=None)
@given(
    *(st.integers(1, 20), st.integers(30, 200), st.sampled_from([0.1, 0.25, 0.5])),
    st.integers(1, 4),
)
def test_applying_a_change_mends_the_plan(few, many, share, repeat):
    groups, wanted = [(few, "a"), (many,)], target("a", share)

    def conflicting(groups, targets, repeat):
        """Tell whether there is any conflict: all members together cannot hold."""
        strata, bounds = pool(groups, targets)
        against = system_of(strata, bounds, repeat, plan(strata, bounds, repeat), room=False)
        return not against.feasible(against.members())

    all_ = found(groups, [wanted], repeat)[2]
    assert conflicting(groups, [wanted], repeat) == bool(all_)
    for conflict in all_:
        changes = {c.key: c.to for c in conflict.changes if c.to is not None}
        assert not conflicting(groups, [target("a", changes["shares.a.min"])], repeat)
        assert conflicting(groups, [target("a", changes["shares.a.min"] + 0.0001)], repeat)
        if REPEAT in changes:
            assert not conflicting(groups, [wanted], int(changes[REPEAT]))
            assert conflicting(groups, [wanted], int(changes[REPEAT]) - 1)
        more = int(changes["examples.a"])
        assert not conflicting([(few + more, "a"), (many,)], [wanted], repeat)
        assert conflicting([(few + more - 1, "a"), (many,)], [wanted], repeat)
