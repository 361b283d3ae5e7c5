"""Our entries in Label Studio's Export dialog: the plain recipe, and one for each model's size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from goldleaf.core.errors import UsageError
from goldleaf.core.translations import LANGUAGES, Translations

PREFIX = "GOLDLEAF"
"""How the names of our formats begin; upper case, as those of Label Studio."""
TAGS = ("SFT", "DPO", "KTO")
"""Shown as small labels behind the title of the first entry."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One entry: its `name` (`exportType`), and the model's size whose recipe it uses."""

    name: str
    size: str | None = None

    @property
    def slug(self) -> str:
        """Part of a file's name: `goldleaf`, or `goldleaf-8b`."""
        return self.name.lower().replace("_", "-")

    def entry(self) -> dict[str, Any]:
        """Return what the dialog shows, in both languages: it cannot switch."""
        from goldleaf.workflows.recipes import load_recipe

        which, values = "plain", dict[str, str]()
        if self.size:
            recipe = load_recipe(self.size)
            refusal = recipe.shares.refusal  # pyright: ignore[reportAttributeAccessIssue]
            which = "size"
            values = {
                "size": self.size,
                "least": f"{recipe.total.min:,}",
                "most": f"{recipe.total.max:,}",
                "low": f"{100 * refusal.min:g}",
                "high": f"{100 * refusal.max:g}",
            }
        title, description = (
            in_both(f"dialog.{part}_{which}", values) for part in ("title", "description")
        )
        tags = {} if self.size else {"tags": list(TAGS)}
        return {"name": self.name, "title": title, "description": description, **tags}


def in_both(key: str, values: Mapping[str, object]) -> str:
    """Return a text in English and, behind it, in Chinese."""
    return " · ".join(Translations(lang)(key, **values) for lang in LANGUAGES)


@cache
def export_formats() -> Mapping[str, ExportFormat]:
    """Return our formats by name, in the order of the dialog."""
    from goldleaf.recipes.load import shipped

    sizes = [f"{size:g}B" for size in shipped()]
    every = [ExportFormat(PREFIX), *(ExportFormat(f"{PREFIX}_{size}", size) for size in sizes)]
    return {each.name: each for each in every}


def is_ours(name: str) -> bool:
    """Return whether a format's name is meant for us."""
    return name.upper().startswith(PREFIX)


def format_named(name: str, words: Translations) -> ExportFormat:
    """Return one of our formats.

    Raises:
        UsageError: there is none of that name; the message has all.
    """
    known = export_formats()
    if found := known.get(name.upper()):
        return found
    fix = words("dialog.unknown_fix", names=words.listed(known))
    raise UsageError(words("dialog.unknown", name=ascii(name[:64])), fix=fix)


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """Return the entries of a project whose answers goldleaf reads."""
    return tuple(each.entry() for each in export_formats().values())


def unreadable_entry(why: str) -> dict[str, Any]:
    """Return the one entry, which cannot be chosen, of a project that was changed too much."""
    return {
        "name": PREFIX,
        "title": in_both("dialog.title_unreadable", {}),
        "description": why,
        "disabled": True,
    }
