"""The capability prototypes (S16), read from `prototypes.toml`: names, titles, modes, seeds.

Curation assigns them by their seeds; the instruction screen lets a person choose one by its title.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
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
