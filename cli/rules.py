"""`goldleaf rules`: each rule of a recipe, and the evidence for and against it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.options import JsonOption, LangOption, settings_of
from goldleaf.cli.output import print_hint, print_json, print_result, table
from goldleaf.cli.wrap import columns, wrapped
from goldleaf.core.errors import UsageError

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.recipes.rule_cards import Card

WIDTH = 88


def rules(
    name: Annotated[
        str | None,
        typer.Argument(help="A rule, a recipe's key (shares.refusal.min) or a ledger's reason."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of recipes, for editors.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the rules, or show one with its evidence.

    A recipe sets them; `extends: 8b` in a recipe takes a shipped one and changes what it names.
    """
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.rules import explain_rule, list_rules, recipe_schema

    if schema:
        if name is not None:
            raise UsageError("The schema covers all rules.", where="--schema", fix="leave out NAME")
        print_result(recipe_schema().removesuffix("\n"))
        return
    words = Translations(settings_of(lang=lang).language)
    if name is not None:
        found = explain_rule(name, words.lang)
        if as_json:
            print_json(found.plain())
        else:
            print_result(shown(found, words))
    elif as_json:
        print_json([found.plain() for found in list_rules(words.lang)])
    else:
        rows = [(c.name, c.requirement, c.title) for c in list_rules(words.lang)]
        print_result(table(rows))
        print_result()
        print_hint(words("rules.more"))


def shown(card: Card, words: Translations) -> str:
    """Return the card of a rule as text for a terminal, `WIDTH` columns wide."""
    title = f"{card.title}  ({card.name}, {card.requirement})"
    parts = [title, wrapped(card.says, WIDTH)]
    if card.default:
        parts.append(f"{words('rules.default')}\n{_defaults(card)}")
    for side, found in groupby(
        sorted(card.evidence, key=lambda e: ("for", "against", "beside").index(e.side)),
        key=lambda e: e.side,
    ):
        items = [wrapped(f"{e.text} [{e.source}]", WIDTH, "- ", "  ") for e in found]
        parts.append("\n".join([words(f"rules.{side}"), *items]))
    parts.append(f"{words('rules.values')}\n{wrapped(card.values, WIDTH)}")
    if card.reasons:
        parts.append(words("rules.reasons", names=", ".join(card.reasons)))
    return "\n\n".join(parts)


def _defaults(card: Card) -> str:
    """Return the defaults as a table, a long value on several lines."""
    names = max(columns(f"  {d.key}  {d.sizes}  ") for d in card.default)
    rows: list[tuple[str, str, str]] = []
    for default in card.default:
        key, sizes = f"  {default.key}", default.sizes
        for line in wrapped(default.value, WIDTH - names).splitlines() or [""]:
            rows.append((key, sizes, line))
            key = sizes = ""
    return table(rows)
