"""Every rule has its card, in two languages that say the same, with a source for each finding."""

import re
import tomllib
from importlib.resources import files
from typing import get_origin

import pytest
from pydantic import BaseModel

from goldleaf.core.errors import UsageError
from goldleaf.core.translations import LANGUAGES
from goldleaf.exporters.planning import apply_plan
from goldleaf.exporters.rules.registry import filters
from goldleaf.recipes.load import for_model, shipped
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.rule_cards import _CARDS, card, cards

NO_RULES = {"model", "seed", "split.test", "rules"}
"""Keys that say what is trained, held out and drawn, not what a good set holds."""

NAMES = sorted(file.name for file in _CARDS.iterdir() if file.name.endswith(".toml"))


def keys(model: type[BaseModel] = Recipe, path: str = ""):
    for name, field in model.model_fields.items():
        choices = getattr(field.annotation, "__args__", (field.annotation,))
        parts = [c for c in choices if isinstance(c, type) and issubclass(c, BaseModel)]
        if parts and get_origin(field.annotation) is not dict:
            yield from keys(parts[0], f"{path}{name}.")
        else:
            yield path + name


def test_every_key_of_a_recipe_that_is_a_rule_has_one_card():
    told = [key for found in cards("en") for key in found.keys if not key.startswith("rules.")]
    assert sorted(told) == sorted(set(keys()) - NO_RULES)


def test_every_reason_of_a_rule_has_a_card():
    told = [reason for found in cards("en") for reason in found.reasons]
    assert len(told) == len(set(told))
    ours = {rule.REASON for rule in filters() if vars(rule)["__name__"].startswith("goldleaf.")}
    ours |= {value for name, value in vars(apply_plan).items() if name.startswith("OVER_")}
    assert ours <= set(told)


def test_every_rule_of_the_user_has_a_card():
    told = {found.requirement for found in cards("en")}
    assert told >= {f"S{n}" for n in (3, *range(5, 11), *range(12, 19))}


def numbers(text):
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", text))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same_numbers(name):
    plain = tomllib.loads(_CARDS.joinpath(name).read_text("utf-8"))
    assert plain["en"].keys() == plain["zh"].keys() == {"title", "says", "values"}
    pairs = [(plain["en"][key], plain["zh"][key]) for key in plain["en"]]
    pairs += [(found["en"], found["zh"]) for found in plain["evidence"]]
    for english, chinese in pairs:
        assert numbers(english) == numbers(chinese), (english, chinese)
        assert re.search("[\u4e00-\u9fff]", chinese) and not re.search("[\u4e00-\u9fff]", english)
        named = re.findall(r"`[^`]+`", english)
        assert sorted(named) == sorted(re.findall(r"`[^`]+`", chinese)), english


@pytest.mark.parametrize("found", cards("en"), ids=lambda found: found.name)
def test_every_finding_has_a_source_and_every_rule_both_sides_or_a_note(found):
    assert found.evidence
    for evidence in found.evidence:
        assert evidence.side in ("for", "against", "beside")
        assert evidence.text.endswith(".")
        assert len(evidence.source) > 3
    assert {e.side for e in found.evidence} != {"against"}


def test_defaults_are_those_of_the_shipped_recipes():
    found = {(d.key, d.sizes): d.value for d in card("refusals", "en").default}
    first = for_model("1B")[0].shares.refusal.min
    assert found["shares.refusal.min", "1B"] == f"{first}"
    assert card("core_size", "en").default == card("core_size", "zh").default
    core = {d.sizes: d.value for d in card("core_size", "en").default if d.key == "core.size"}
    told = {
        f"{size:g}B": f"auto = {for_model(f'{size:g}B')[0].core_rows():,}" for size in shipped()
    }
    assert core == told
    for each in cards("en"):
        assert {d.key for d in each.default} == set(each.keys)
        for default in each.default:
            first = default.sizes.split("-")[0]
            if default.key.startswith("rules."):
                assert not first  # a setting of a single rule, which no shipped recipe names
                continue
            assert first in {f"{size:g}B" for size in shipped()}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("refusals", "refusals"),
        ("shares.refusal.benign_twins", "benign_twins"),
        ("exact_duplicate", "duplicates"),
        ("total.make_room", "natural_behaviours"),
    ],
)
def test_a_card_is_found_by_name_key_or_reason(name, found):
    assert [card(name, lang).name for lang in LANGUAGES] == [found] * 2


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("refusal", "refusals"),
        ("Hard-Examples", "hard_examples"),
        ("curiculum", "curriculum"),
        ("shares.refusal.mni", "refusals"),
        ("twins", "benign_twins"),
        ("s16", "prototypes"),
    ],
)
def test_a_misspelt_name_gets_a_suggestion(name, near):
    with pytest.raises(UsageError, match=f"did you mean '{near}'"):
        card(name, "en")


def test_a_strange_name_gets_the_list():
    with pytest.raises(UsageError, match="goldleaf rules` lists them all") as refused:
        card("zzzzzz", "zh")
    assert "did you mean" not in str(refused.value)


def test_cards_are_in_the_package():
    folder = files("goldleaf.recipes").joinpath("cards")
    assert len(NAMES) == len(cards("zh")) >= 20
    assert folder.joinpath(NAMES[0]).is_file()
