"""The capability prototypes (S16), read from `prototypes.toml`: names, titles, modes, seeds.

Curation assigns them by their seeds; the instruction screen lets a person choose one by its title.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Prototype:
    """A capability: its name, titles (en, zh), the mode it mostly asks for, and its seeds."""

    name: str
    titles: Mapping[str, str]
    mode: str
    seeds: tuple[str, ...]


@cache
def prototypes() -> dict[str, Prototype]:
    """Return every prototype by name, in the file's order."""
    read = tomllib.loads(files("goldleaf.core").joinpath("prototypes.toml").read_text("utf-8"))
    return {
        name: Prototype(name, table["titles"], table["mode"], (*table["en"], *table["zh"]))
        for name, table in read.items()
    }


def prototype_title(name: str, lang: str) -> str:
    """Return the title of a prototype; one of the user's own has its name alone."""
    known = prototypes().get(name)
    return known.titles.get(lang, name) if known else name


def titles_listed(names: Iterable[str], lang: str) -> str:
    """Return the titles of prototypes as a list; titles may hold commas."""
    return ("；" if lang == "zh" else "; ").join(prototype_title(name, lang) for name in names)


def without_example(names: Iterable[str]) -> tuple[str, ...]:
    """Return the prototypes of the taxonomy that are not among some names, in the file's order.

    None where all names are the user's own, and so the taxonomy is not what examples are told by.
    """
    there = {*names}
    missing = tuple(name for name in prototypes() if name not in there)
    return missing if len(missing) < len(prototypes()) else ()
