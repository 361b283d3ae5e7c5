"""What a plan finds short, as needs that an annotated task can serve."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, Literal, TypeAlias

from goldleaf.core.translations import Translations
from goldleaf.exporters.dry_run import DryRun
from goldleaf.exporters.rules import minimum_coverage
from goldleaf.exporters.rules.target_result import exact
from goldleaf.recipes.recipe import Recipe

Facet: TypeAlias = Literal["behaviour", "prototype", "risk", "language"]
_FACETS: dict[str, Facet] = {"prototypes": "prototype", "risks": "risk", "languages": "language"}


@dataclass(frozen=True, slots=True)
class Need:
    """One bound of the recipe that is missed: `missing` more distinct examples would meet it.

    Any of `names` counts; `key` is the bound's path in the recipe.
    """

    facet: Facet
    names: tuple[str, ...]
    missing: int
    key: str

    def text(self, words: Translations) -> str:
        """Return what is needed in a few words: `refusal, safe completion (12)`."""
        return words("steer.need", what=self.title(words), count=self.missing)

    def title(self, words: Translations) -> str:
        """Return the titles of what is needed, without the number."""
        if self.facet != "behaviour":
            return words(f"steer.{self.facet}", name=self.names[0])
        return words.listed(words.known(f"behaviour.{name}") or name for name in self.names)

    def plain(self) -> dict[str, Any]:
        """Return the need as JSON-able values."""
        return asdict(self)


def needs(found: DryRun, recipe: Recipe) -> tuple[Need, ...]:
    """Return what is short of behaviours, prototypes, risk classes and languages, by key.

    A share is counted against the least number of rows that the recipe allows while there are fewer
    (`total.min`), because rows that come later would lower it again. Without such a number, and
    before the first row, each share with a minimum is short of one.
    """
    short: dict[str, Need] = {}
    for result in found.shortfalls:
        if not result.least or not result.annotations:
            continue
        setting, _, name = result.key.removeprefix(f"{minimum_coverage.KEY}.").partition(".")
        if result.behaviours:
            short[result.key] = Need("behaviour", result.behaviours, result.annotations, result.key)
        elif result.key.startswith(minimum_coverage.KEY) and name:
            short[result.key] = Need(_FACETS[setting], (name,), result.annotations, result.key)
    total = next((want for want in found.wants if want.key == "total"), None)
    least = int(total.low or 0) if total and total.got < (total.low or 0) else 0
    cap = recipe.repeat.max
    for want in found.wants:
        if not want.behaviours or want.unit != "share" or not want.low:
            continue
        key = f"{want.key}.min"
        missing = ceil((ceil(exact(want.low) * least) - want.examples * cap) / cap)
        missing = max(missing, 0 if found.rows else 1, short[key].missing if key in short else 0)
        if missing:
            short[key] = Need("behaviour", want.behaviours, missing, key)
    return tuple(short[key] for key in sorted(short))


def sizes_short(found: DryRun, recipe: Recipe) -> tuple[str, ...]:
    """Return the bounds that are missed and that any answer helps to meet: `total.min`."""
    served = {need.key for need in needs(found, recipe)}
    missed = {r.key for r in found.shortfalls if r.least and r.annotations and not r.behaviours}
    return tuple(sorted(missed - served))
