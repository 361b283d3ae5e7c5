"""What a plan finds short, as needs that an annotated task can serve."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from goldleaf.core.translations import Translations
from goldleaf.exporters.dry_run import DryRun
from goldleaf.exporters.rules import minimum_coverage

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


def needs(found: DryRun) -> tuple[Need, ...]:
    """Return what is short of behaviours, prototypes, risk classes and languages, by key.

    Before the first row a share is of nothing; each with a minimum is then short of one.
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
    if not found.rows:
        for want in found.wants:
            if want.behaviours and want.unit == "share" and want.low:
                key = f"{want.key}.min"
                short.setdefault(key, Need("behaviour", want.behaviours, 1, key))
    return tuple(short[key] for key in sorted(short))


def sizes_short(found: DryRun) -> tuple[str, ...]:
    """Return the bounds that are missed and that any answer helps to meet: `total.min`."""
    served = {need.key for need in needs(found)}
    missed = {r.key for r in found.shortfalls if r.least and r.annotations and not r.behaviours}
    return tuple(sorted(missed - served))
