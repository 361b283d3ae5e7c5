"""A behaviour of the user's own, as a recipe's `behaviours:` describes it.

    behaviours:
      legal_advice: {titles: {en: legal advice, zh: 法律咨询}}   # rows tagged `legal_advice`
      code: {pattern: "```"}                                    # a regular expression
      long_answer: {min_chars: 2000, stage: general}

Patterns are of Rust's `regex` crate (through Polars): its time is linear in the text, so no pattern
makes an export hang; it has no look-around and no back references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from goldleaf.recipes.sections import RecipeSection, Stage

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""A name is a key of a recipe, a tag of rows and a part of a column's name."""

MOST = 32
"""Behaviours of a recipe's own; more make a plan slow."""

Where: TypeAlias = Literal["prompt", "answer", "both"]


def _pattern(pattern: str) -> str:
    import polars as pl  # only a recipe with a pattern pays for it

    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        message = " ".join(str(error).partition("This error occurred")[0].split())
        raise ValueError(f"not a regular expression of Rust's syntax: {message}") from None
    return pattern


class Titles(RecipeSection):
    """Its title in reports and plans; without one, its name."""

    en: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    """In English."""

    zh: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    """In Chinese."""


class OwnBehaviour(RecipeSection):
    """A behaviour of the user's own; an example shows it if it meets every condition set here."""

    titles: Titles = Titles()
    """Its title in reports and plans, by language; without one, its name."""

    tag: Annotated[str, Field(pattern=f"^{NAME.pattern}$")] | None = None
    """Rows that carry this tag (`import --behaviour`); its own name where nothing else is named."""

    pattern: (
        Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_pattern)] | None
    ) = None
    """A regular expression (Rust's syntax, linear in time) that is found in the text."""

    where: Where = "answer"
    """The text that `pattern` is looked for in: `prompt`, `answer` or `both` (either of them)."""

    min_chars: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """Answers of at least so many characters."""

    stage: Stage = "long_tail"
    """The stage of the curriculum (S18) that its examples are of."""

    def title(self, name: str, lang: str) -> str:
        """Return the behaviour's title in a language, else in the other language, else its name."""
        own = self.titles.en or self.titles.zh
        if lang == "zh":
            own = self.titles.zh or own
        return own or name.replace("_", " ")

    def tag_of(self, name: str) -> str | None:
        """Return the tag that an example must have to show this behaviour, or None for no such tag.

        `name` is the behaviour's key in the recipe; it is the tag where no condition is set.
        """
        other = self.pattern is not None or self.min_chars is not None
        return self.tag if self.tag or other else name


def titles_of(behaviours: Mapping[str, OwnBehaviour], lang: str) -> dict[str, str]:
    """Return `behaviour.NAME` -> title in a language of the recipe's own behaviours."""
    return {f"behaviour.{name}": own.title(name, lang) for name, own in behaviours.items()}
