"""What a recipe makes of the verdicts of `goldleaf curate`."""

from dataclasses import replace

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.core.records import Tags, Verdict
from goldleaf.core.screen_verdicts import Action
from goldleaf.exporters.export import export
from goldleaf.recipes.load import parse
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

NONE_HELD_OUT = Split(test=0.0)


@pytest.fixture
def export_of(made, tmp_path):
    """Return a function: export demonstrations with these verdicts under these actions."""

    def run(verdicts, actions, *, rules=None, quality=()):
        records = [
            replace(
                made.demonstration(number, source="S2"),
                tags=Tags(verdicts=tuple(found), quality=quality[number] if quality else None),
            )
            for number, found in enumerate(verdicts)
        ]
        recipe = Recipe(screens=actions, split=NONE_HELD_OUT, rules=rules or {})
        readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
        return export(readings, recipe, tmp_path / "out")

    return run


def truncated(action: Action = "keep"):
    return Verdict("flaw", "truncated", action=action)


def test_without_an_entry_a_verdict_has_no_effect(export_of):
    assert export_of([[truncated("drop")], []], {}).rows == 2


def test_the_profile_decides_where_the_recipe_leaves_it(export_of):
    outcome = export_of([[truncated("drop")], [truncated("keep")], []], {"all": "profile"})
    assert outcome.rows == 2
    assert outcome.reasons["dropped"] == {"flaw.truncated": 1}


@pytest.mark.parametrize(
    ("actions", "dropped"),
    [
        ({"flaw": "drop"}, {"flaw.truncated": 1}),
        ({"flaw": "drop", "flaw.truncated": "keep"}, {}),
        ({"all": "drop", "flaw": "keep"}, {}),
        ({"flaw.truncated": "review"}, {"needs_review_flaw.truncated": 1}),
    ],
)
def test_the_nearest_entry_counts(export_of, actions, dropped):
    assert export_of([[truncated()], []], actions).reasons["dropped"] == dropped


def test_what_waits_for_a_person_is_named(export_of):
    outcome = export_of([[truncated()], []], {"flaw": "review"})
    assert [why for why, _ in outcome.reviews.first] == ["needs_review_flaw.truncated"]


def test_a_near_duplicate_goes_only_where_its_original_is(export_of, made):
    from goldleaf.core.record_hash import record_id

    first = record_id(made.demonstration(0, source="S2"))
    same, other = (Verdict("near_duplicate", "duplicate", of=of) for of in (first, "f" * 32))
    outcome = export_of([[], [same], [other]], {"near_duplicate": "drop"})
    assert outcome.rows == 2
    assert outcome.reasons["dropped"] == {"near_duplicate": 1}


def test_a_template_keeps_its_best(export_of):
    template = Verdict("template", "opening", of="certainly", action="cap")
    rows = [[template]] * 6 + [[]] * 4
    quality = (1, 2, 5, 3, 4, 2, 3, 3, 3, 3)
    capped = {"template_cap": {"max": 0.2}}
    outcome = export_of(rows, {"template": "cap"}, rules=capped, quality=quality)
    assert outcome.rows == 6
    assert outcome.reasons["dropped"] == {"over_template": 4}


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("screens: {flaws: drop}", "flaw"),
        ("screens: {flaw.trunkated: drop}", "truncated"),
        ("screens: {flaw: redact}", "drop"),
        ("screens: {flaw: remove}", "drop"),
    ],
)
def test_an_unknown_name_is_named_with_the_nearest(text, fix):
    with pytest.raises(UsageError) as error:
        parse(text.encode(), "r.yaml")
    assert "r.yaml" in f"{error.value.where}"
    assert fix in f"{error.value.fix} {error.value.what}"


def test_what_is_redacted_is_named_by_the_recipe(made, rows_of, tmp_path):
    said = "Write to ann@moor.dk or call +1 202 555 0143, then to ann@moor.dk again."
    record = replace(
        made.demonstration(1, answer=said),
        tags=Tags(verdicts=(Verdict("pii", "email"), Verdict("pii", "phone"))),
    )
    recipe = Recipe(screens={"pii.email": "redact"}, split=NONE_HELD_OUT)
    export([made.reading(record, "f:1")], recipe, tmp_path / "out")
    (row,) = rows_of(tmp_path / "out", table="sft")
    written = row["messages"][-1]["content"]
    assert written.count("[EMAIL_1]") == 2 and "@" not in written
    assert "555 0143" in written


def test_prompts_of_one_cluster_share_a_side(made, rows_of, tmp_path):
    """Forty prompts, two and two nearly the same: none is trained on and tested, too."""
    records = [
        replace(
            made.demonstration(number),
            tags=Tags(prompt_cluster=f"{number // 2:016x}"),
        )
        for number in range(40)
    ]
    readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
    out = tmp_path / "out"
    export(readings, Recipe(split=Split(test=0.4)), out)
    sides = {
        int(row["messages"][0]["content"].split()[1].rstrip(":")): side
        for side in ("train", "test")
        for row in rows_of(out, table="sft", side=side)
    }
    assert len(sides) == 40 and set(sides.values()) == {"train", "test"}
    assert all(sides[number] == sides[number + 1] for number in range(0, 40, 2))
