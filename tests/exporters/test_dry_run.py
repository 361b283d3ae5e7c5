"""A dry run reports what an export of the same answers reports, and writes nothing."""

import json
import re
from xml.etree.ElementTree import fromstring

import pytest

from goldleaf.core.errors import GoldleafError
from goldleaf.core.records import Tags
from goldleaf.core.translations import LANGUAGES, Translations
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Core, Diverse, Order, Pairs, Repeat, Split, Total
from goldleaf.recipes.shares import RefusalShare, Share, Shares, ToolCallShare

RECIPE = Recipe(
    core=Core(size=5),
    diverse=Diverse(min=20),
    total=Total(min=None, max=None),
    shares=Shares(
        refusal=RefusalShare(min=0.1, max=0.3, benign_twins=0.5),
        tool_call=ToolCallShare(min=0.05, no_tool=0.2),
        multi_turn=Share(max=0.5),
    ),
    pairs=Pairs(min=50),
    split=Split(test=0.1),
)


@pytest.fixture
def readings(made):
    """Refusals that need repeats, experts, two prototypes, pairs, and inputs that are no use."""
    from dataclasses import replace

    found = []
    for number in range(120):
        refusing = ("refusal",) if number < 4 else ("benign_twin",) if number < 6 else ("chat",)
        record = made.demonstration(number, refusing, "S4" if number % 40 == 7 else "S2")
        if number >= 60:
            tags = Tags(record.tags.behaviours, prototype="算术" if number < 110 else "sorting")
            record = replace(record, tags=tags)
        found.append(made.reading(record, f"sft:{number}"))
    return [*found, *made.many(30)]


def test_it_tells_what_the_export_tells(readings, tmp_path):
    outcome = export(readings, RECIPE, tmp_path / "out")
    found = dry_run(readings, RECIPE)
    assert found.counts == outcome.counts
    assert found.shortfalls == outcome.shortfalls
    assert found.rows == outcome.rows
    assert found.read == outcome.answers["read"] == 150
    assert found.rejected == outcome.reasons["rejected"] == {"json": 3}
    assert dry_run(reversed(readings), RECIPE) == found


def test_wants(readings):
    shares = RECIPE.shares.model_copy(update={"tool_call": ToolCallShare()})
    found = dry_run(readings, RECIPE.model_copy(update={"shares": shares}))
    wants = {want.key: want for want in found.wants}
    refusals, twins = wants["shares.refusal"], wants["shares.refusal.benign_twins"]
    assert (refusals.low, refusals.high, refusals.unit) == (0.1, 0.3, "share")
    assert refusals.examples == 4
    assert refusals.before == pytest.approx(4 / 120, abs=1e-6)
    assert refusals.got >= 0.1 and refusals.state == "met" and refusals.annotations == 0
    assert twins.unit == "rows" and twins.low == 2
    assert wants["core"].state == "short" and wants["core"].low == 5
    assert wants["core"].annotations == 5 - wants["core"].got
    assert wants["pairs"].state == "short" and wants["pairs"].annotations > 0
    assert wants["shares.multi_turn"].state == "met"
    assert wants["shares.multi_turn"].low is None
    assert "total" not in wants


def test_empty_behaviours_and_prototypes(readings):
    found = dry_run(readings, RECIPE)
    assert found.missing == ("tool_call",), "wanted, and nothing there; multi-turn has no floor"
    assert [(p.name, p.before) for p in found.prototypes] == [
        ("", 60),
        ("算术", 50),
        ("sorting", 10),
    ]
    assert sum(p.train for p in found.prototypes) == found.counts[0].train
    assert found.conflicts, "a floor with no example at all can not be met"
    assert any("shares.tool_call.min" in conflict.members for conflict in found.conflicts)


def test_enough_annotations_do_meet_the_target(readings, made):
    """`annotations` is what it says: so many more distinct examples meet the target."""
    shares = Shares(refusal=RefusalShare(min=0.1), tool_call=ToolCallShare(min=0.05))
    recipe = Recipe(shares=shares, split=Split(test=0.0))

    def wanted(more):
        extra = [made.demonstration(2000 + n, ("tool_call",)) for n in range(more)]
        more_readings = [made.reading(record, f"more:{n}") for n, record in enumerate(extra)]
        found = dry_run([*readings, *more_readings], recipe)
        return next(want for want in found.wants if want.key == "shares.tool_call")

    enough = wanted(0).annotations
    assert enough > 0 and wanted(0).state == "short"
    assert wanted(enough).state == "met"
    assert wanted(enough - 1).state == "short"


def test_rows_come_again_as_the_export_writes_them(readings, tmp_path):
    recipe = RECIPE.model_copy(update={"order": Order(mode="staged", replay=0.5)})
    outcome = export(readings, recipe, tmp_path / "out")
    assert dry_run(readings, recipe).rows == outcome.rows > dry_run(readings, RECIPE).rows


def test_nothing_at_all():
    found = dry_run([], RECIPE)
    assert (found.read, found.rows, found.prototypes) == (0, 0, ())
    fromstring(found.mix_chart(Translations("en")))


def test_of_no_rows_no_share_is_met(made):
    found = dry_run(made.many(10), Recipe(shares=Shares(refusal=RefusalShare(min=0.1))))
    (want,) = [want for want in found.wants if want.key == "shares.refusal"]
    assert (want.got, want.state, want.annotations) == (0.0, "short", 0)


def test_a_contrast_counts_outside_what_it_stands_beside(made, tmp_path):
    tags = (
        [("refusal", "benign_twin")] * 4 + [("refusal",)] * 6 + [("benign_twin",)] * 2 + [()] * 20
    )
    readings = [made.reading(made.demonstration(n, t), f"f:{n}") for n, t in enumerate(tags)]
    shares = Shares(refusal=RefusalShare(benign_twins=0.5))
    recipe = Recipe(shares=shares, repeat=Repeat(max=1), split=Split(test=0))
    (want,) = [w for w in dry_run(readings, recipe).wants if w.key.endswith("benign_twins")]
    assert (want.low, want.examples, want.got, want.state) == (5, 2, 2, "short")
    outcome = export(readings, recipe, tmp_path / "out")
    assert outcome.shortfalls[0].got == want.got
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*benign_twins(?:(?!</tr>).)*</tr>", page, re.DOTALL)
    assert re.findall(r'<td class="n">(.*?)</td>', row)[:2] == ["5 rows or more", "2"]


def test_it_writes_nothing(readings, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dry_run(readings, RECIPE)
    assert not list(tmp_path.iterdir())


def test_it_is_plain(readings):
    found = dry_run(readings, RECIPE)
    plain = json.loads(json.dumps(found.plain(), ensure_ascii=False))
    assert plain["rows"] == found.rows
    assert {want["key"] for want in plain["wants"]} == {want.key for want in found.wants}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chart_names_every_behaviour(readings, lang):
    words = Translations(lang)
    svg = dry_run(readings, RECIPE).mix_chart(words)
    assert svg == dry_run(readings[::-1], RECIPE).mix_chart(words)
    said = {node.text for node in fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}
    for name in ("tool_call", "multi_turn", "chat", "benign_twin"):
        assert words(f"behaviour.{name}") in said
    assert any(re.search("10–30 %", text or "") for text in said)


def test_a_limited_disk_is_told_in_words(readings):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
    try:
        with pytest.raises(GoldleafError, match="larger than may be written") as caught:
            dry_run(readings, RECIPE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "goldleaf-plan-" in caught.value.where
