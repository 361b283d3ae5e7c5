"""The rules of a recipe, explained, and the JSON Schema of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.recipes.rule_cards import Card


def list_rules(lang: str = "en") -> list[Card]:
    """Return the card of every rule, also of other installed packages: what it does, the evidence.

    In the order of their requirements.

    Args:
        lang: `en` or `zh`.
    """
    from goldleaf.recipes.rule_cards import cards

    return list(cards(lang))


def explain_rule(name: str, lang: str = "en") -> Card:
    """Return the card of a rule.

    Args:
        name: a rule, a key of the recipe such as `shares.refusal.min`, or a reason code.
        lang: `en` or `zh`.

    Raises:
        UsageError: nothing has that name.
    """
    from goldleaf.recipes.rule_cards import card

    return card(name, lang)


def recipe_schema() -> str:
    """Return the JSON Schema of recipes, with the settings of other packages' rules."""
    from goldleaf.recipes.json_schema import schema_text

    return schema_text(foreign=True)
