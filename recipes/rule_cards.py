"""Rule cards: what each rule asks for, its default, the evidence for and against it.

One file a rule in `recipes/cards/`, in English and Chinese. A card compares a
rule with the literature and leaves the choice to the reader. Its default is read from the shipped
recipes and written nowhere else; every piece of evidence names its source, and holds only numbers
that were looked up there.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias, cast

import yaml

from goldleaf.core.errors import UsageError
from goldleaf.recipes.load import for_model, shipped
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.rule_settings import rule_modules, settings_classes

Side: TypeAlias = Literal["for", "against", "beside"]

_CARDS = files("goldleaf.recipes").joinpath("cards")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding `for` or `against` a rule, or related to it (`beside`), and its source."""

    side: Side
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Default:
    """The value of a key in the shipped recipes of some model sizes.

    `sizes` such as `1B` or `7B-8B`; `value` as YAML, with the number that `auto` means.
    """

    key: str
    sizes: str
    value: str


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one rule: `keys` are its keys in a recipe, `reasons` its codes in the ledger.

    `requirement` is its number in the rules that goldleaf is built on, such as `S12`; `says` what
    it asks for, `values` what other values do. A rule without keys cannot be changed.
    """

    name: str
    requirement: str
    keys: tuple[str, ...]
    reasons: tuple[str, ...]
    title: str
    says: str
    default: tuple[Default, ...]
    evidence: tuple[Evidence, ...]
    values: str

    def plain(self) -> dict[str, Any]:
        """Return the card as JSON-able values."""
        return asdict(self)


@cache
def cards(lang: str) -> tuple[Card, ...]:
    """Return the cards of all rules in `en` or `zh`, in the order of their requirements."""
    names = (file.name for file in _CARDS.iterdir() if file.name.endswith(".toml"))
    texts = {name.removesuffix(".toml"): _CARDS.joinpath(name).read_text("utf-8") for name in names}
    texts |= _foreign()
    found = [_card(name, text, lang) for name, text in texts.items()]
    return tuple(sorted(found, key=lambda card: (int(card.requirement[1:]), card.name)))


def card(name: str, lang: str) -> Card:
    """Return the card of a rule, by its name, a key of the recipe or a code of the ledger.

    Raises:
        UsageError: there is none; the message names the nearest.
    """
    for found in cards(lang):
        if name == found.name or name in found.keys or name in found.reasons:
            return found
    sought = name.lower().replace("-", "_").replace(" ", "_")
    known = {alias: found.name for found in cards(lang) for alias in _aliases(found)}
    near = difflib.get_close_matches(sought, known, 1)
    inside = [alias for alias in known if sought and sought in alias]
    close = known[(near or inside)[0]] if near or inside else ""
    fix = f"did you mean {close!r}? " if close else ""
    fix += "`goldleaf rules` lists them all"
    raise UsageError(f"There is no rule {name!r}.", fix=fix)


def _aliases(card: Card) -> Iterator[str]:
    yield from (card.name, card.requirement.lower(), *card.reasons)
    yield from (key.lower() for key in card.keys)


def _foreign() -> dict[str, str]:
    """Return rule -> card of other packages' rules: the text `CARD` of the rule's module."""
    found = {name: getattr(module, "CARD", "") for name, module, _ in rule_modules()}
    return {name: text for name, text in found.items() if text}


def _card(name: str, text: str, lang: str) -> Card:
    parsed = tomllib.loads(text)
    keys = tuple(cast("list[str]", parsed.get("keys", [])))
    return Card(
        name,
        parsed["requirement"],
        keys,
        tuple(parsed.get("reasons", [])),
        parsed[lang]["title"],
        parsed[lang]["says"],
        tuple(default for key in keys for default in _defaults(key)),
        tuple(Evidence(e["side"], e[lang], e["source"]) for e in parsed.get("evidence", [])),
        parsed[lang]["values"],
    )


def _defaults(key: str) -> Iterator[Default]:
    """Yield the values of a key in the shipped recipes; sizes with equal values are one range."""
    if key.startswith("rules."):  # a rule's own setting: no shipped recipe sets it
        _, rule, name = key.split(".", 2)
        yield Default(key, "", _text(settings_classes()[rule].model_fields[name].default))
        return
    names = [f"{size:g}B" for size in shipped()]
    runs: list[tuple[list[str], str]] = []
    for name in names:
        value = _value(_recipe(name), key)
        if runs and runs[-1][1] == value:
            runs[-1][0].append(name)
        else:
            runs.append(([name], value))
    for sizes, value in runs:
        span = sizes[0] if len(sizes) == 1 else f"{sizes[0]}-{sizes[-1]}"
        yield Default(key, span, value)


@cache
def _recipe(model: str) -> Recipe:
    return for_model(model)[0]


def _value(recipe: Recipe, key: str) -> str:
    """Return the value of a key in a recipe as YAML, with the number that `auto` means."""
    value: Any = recipe.model_dump()
    for part in key.split("."):
        value = value[part]
    if key == "core.size" and value == "auto":
        return f"auto = {recipe.core_rows():,}"
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000)
    return text.removesuffix("...\n").strip()
