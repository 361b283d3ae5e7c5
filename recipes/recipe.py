"""The recipe: what the finished set must contain. Every key does something; none is ignored.

Sizes and shares speak of the rows to imitate (SFT) that are written for training; pairs and
verdicts are counted separately and never repeated.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import yaml
from pydantic import Field, field_validator, model_validator

from goldleaf.core import records
from goldleaf.core.behaviours import in_group
from goldleaf.core.errors import UsageError
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.translations import Translations
from goldleaf.recipes.names import check_names
from goldleaf.recipes.own_behaviour import MOST, OwnBehaviour, titles_of
from goldleaf.recipes.rule_settings import Settings, resolved
from goldleaf.recipes.screen_actions import ScreenAction, check_screens
from goldleaf.recipes.sections import (
    Conflicts,
    Core,
    Diverse,
    Hard,
    Order,
    Pairs,
    Prototypes,
    Quality,
    RecipeSection,
    Repeat,
    Review,
    Sources,
    Split,
    Texts,
    Total,
    in_order,
)
from goldleaf.recipes.shares import Shares
from goldleaf.recipes.size_rules import CORE_LEAST, CORE_STEP, billions, core_size, sft_range

NATURAL = in_group("natural")
"""S14: behaviours that are never forced into balance."""


OPTIONAL = ("behaviours", "rules", "screens")
"""Keys that `text` leaves out where nothing is in them."""


class Recipe(RecipeSection):
    """A whole recipe; `Recipe()` is the shipped `plain.yaml`, which balances nothing."""

    model: str | None = None
    """The size to train, such as `8B`: what `auto` is computed from."""

    core: Core | None = None
    """The rows of high quality (S8); nothing asks for any without."""

    diverse: Diverse = Diverse()
    """The rows that are not core (S9)."""

    total: Total = Total()
    """How many SFT rows (S7)."""

    shares: Shares = Shares()
    """Which behaviours have a share of their own (S12, S13, S15)."""

    behaviours: Annotated[dict[str, OwnBehaviour], Field(max_length=MOST)] = Field(default={})
    """Behaviours of the user's own (S11), by name: titles, and how each is detected."""

    natural: list[str] = Field(default=list(NATURAL))
    """Behaviours that no share may name; reports show their mix."""

    sources: Sources = Sources()
    """The largest share of one source (S14)."""

    quality: Quality = Quality()
    """Which examples are good enough (S10)."""

    texts: Texts = Texts()
    """Which texts are refused: special tokens of chat templates, hidden characters."""

    screens: dict[str, ScreenAction] = Field(default={})
    """What follows from the verdicts of `goldleaf curate` (S1, S3), by `screen` or
    `screen.verdict`; `all` is for the rest. `profile` does what the profile of a source says."""

    prototypes: Prototypes = Prototypes()
    """Capability prototypes (S16)."""

    hard: Hard = Hard()
    """Hard examples first (S17)."""

    repeat: Repeat = Repeat()
    """How often one example may be written (S12, S15)."""

    order: Order = Order()
    """In which order rows are trained on (S18)."""

    rules: dict[str, dict[str, Any]] = Field(default={})
    """Settings of single rules, by the rule's name; `goldleaf rules` lists them."""

    pairs: Pairs = Pairs()
    """Which pairs are made from a comparison."""

    conflicts: Conflicts = Conflicts()
    """Which answer counts where annotators of one task contradict each other (S5)."""

    review: Review = Review()
    """What a person should look at before a model learns it (S12, S13)."""

    split: Split = Split()
    """Which rows are held out for testing."""

    seed: int = Field(default=7, ge=0, le=2**63 - 1)
    """Another seed draws another test set, and other examples where some are left out."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Recipe:
        try:
            size = billions(self.model) if self.model is not None else None
        except UsageError as error:
            raise ValueError(f"model: {error.what} {error.fix}") from None
        if size is None and self.core is not None and self.core.size == "auto":
            raise ValueError("core.size: auto needs a model")
        check_names(self.behaviours, self.shares.each())
        if strange := sorted(set(self.natural) - set(records.BEHAVIOURS) - set(self.behaviours)):
            raise ValueError(f"natural: no such behaviour: {', '.join(strange)}")
        for name, share in self.shares.each().items():
            if name in self.natural and share != type(share)():
                raise ValueError(f"natural: {name} has a share, so it is not left alone")
        least, most = self.rows_wanted()
        in_order("total: min", least, "max", most)
        if self.core is not None:
            in_order("core: size", self.core_rows(), "max", self.core.max)
        return self

    @model_validator(mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        """Refuse unknown names before their values are checked."""
        plain = object_or_empty(given)
        check_names(object_or_empty(plain.get("behaviours")), object_or_empty(plain.get("shares")))
        check_screens(object_or_empty(plain.get("screens")))
        return given

    @field_validator("rules")
    @classmethod
    def _rules(cls, rules: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return resolved(rules)

    def rule_settings(self, name: str, model: type[Settings]) -> Settings:
        """Return the settings of one rule: those under `rules` in the recipe, else its defaults.

        Args:
            name: of the rule: its file here, its entry point in another package.
            model: its class of settings.
        """
        return model.model_validate(self.rules.get(name, {}))

    def core_rows(self) -> int | None:
        """Return how many core rows the recipe asks for, or None if it has no `core`.

        `size: auto` is S8's formula (`core_size`) for the recipe's `model`.
        """
        if self.core is None or self.core.size != "auto":
            return self.core.size if self.core and self.core.size != "auto" else None
        return core_size(billions(self.model or ""))

    def core_is_clamped(self) -> bool:
        """Return whether S8's formula gives less than `CORE_LEAST`; False for a given size."""
        auto = self.core is not None and self.core.size == "auto"
        return auto and billions(self.model or "") < 2 ** (CORE_LEAST / CORE_STEP)

    def rows_wanted(self) -> tuple[int | None, int | None]:
        """Return the least and the most SFT rows that the recipe asks for; None is no bound.

        `auto` is S7's range for the recipe's `model` (`sft_range`), None where it names no model.
        """
        least, most = sft_range(billions(self.model)) if self.model else (None, None)
        given = self.total
        return (
            least if given.min == "auto" else given.min,
            most if given.max == "auto" else given.max,
        )

    def text(self) -> str:
        """Return the recipe as YAML with every key spelled out: as it goes into the manifest.

        What it extended is merged in; keys in `OPTIONAL` are left out where they are empty.
        """
        plain = self.model_dump()
        for key in OPTIONAL:
            if not plain[key]:
                del plain[key]
        return yaml.safe_dump(plain, sort_keys=True)

    def translations(self, lang: str) -> Translations:
        """Return the translations of a language, with the titles of the recipe's own behaviours.

        `lang` is `en` or `zh`; another one fails only when a text is asked for.
        """
        return Translations(lang, titles_of(self.behaviours, lang))

    def sha256(self) -> str:
        """Return the SHA-256 of the recipe's YAML (`text`), as the manifest has it."""
        return hashlib.sha256(self.text().encode()).hexdigest()
