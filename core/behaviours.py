"""The built-in behaviours, read from `behaviours.toml`: names, titles, groups, share settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

Group: TypeAlias = Literal["safety", "long_tail", "natural", "unsettled"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """A second setting of a share: rows of `behaviour` for every distinct example of the share.

    `key` is the setting's name in the recipe, such as `benign_twins`; `says` describes it in the
    recipe's schema.
    """

    key: str
    behaviour: str
    says: str


@dataclass(frozen=True, slots=True)
class ShareSetting:
    """The key that a recipe's `shares:` has for a behaviour; `behaviours.toml` explains each.

    `order`: targets are set in this order, lowest first; `requirement`: the rule behind it (`S12`);
    `counts`: the behaviours whose rows count; `says` and `about`: texts of the recipe's schema.
    """

    order: int
    requirement: str
    counts: tuple[str, ...]
    says: str
    about: str
    contrast: Contrast | None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One built-in behaviour: `titles` by language; `share` is None where no share may name it."""

    name: str
    group: Group
    detected: Literal["structure", "tag"]
    titles: Mapping[str, str]
    share: ShareSetting | None


def _behaviour(name: str, entry: Mapping[str, Any]) -> Behaviour:
    share = entry.get("share")
    return Behaviour(
        name,
        entry["group"],
        entry["detected"],
        entry["titles"],
        None if share is None else _share(name, share),
    )


def _share(name: str, entry: Mapping[str, Any]) -> ShareSetting:
    contrast = entry.get("contrast")
    return ShareSetting(
        entry["order"],
        entry["requirement"],
        tuple(entry.get("counts", (name,))),
        entry["says"],
        entry.get("about", ""),
        None if contrast is None else Contrast(**contrast),
    )


def _built_in() -> dict[str, Behaviour]:
    text = files("goldleaf.core").joinpath("behaviours.toml").read_text("utf-8")
    return {name: _behaviour(name, entry) for name, entry in tomllib.loads(text).items()}


BUILT_IN: Mapping[str, Behaviour] = MappingProxyType(_built_in())
"""Name -> behaviour, in the order of the file."""


def in_group(group: Group) -> tuple[str, ...]:
    """Return the built-in behaviours of one group by name, in the order of `behaviours.toml`."""
    return tuple(name for name, behaviour in BUILT_IN.items() if behaviour.group == group)
