"""All kinds there are, and which of them a labeling config belongs to."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import cast

import goldleaf.label_configs as room
from goldleaf.core.errors import BadRow
from goldleaf.core.plugins import get_plugin, load_entry_points, modules, register
from goldleaf.label_configs.kind import Codec, Kind
from goldleaf.label_configs.screen import Control, parse

ENTRY_POINTS = "goldleaf.kinds"
"""Another package offers a kind here: a package laid out like a folder of this room."""


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by name: the folders of this package, then other packages' entry points.

    Raises:
        GoldleafError: two kinds have one name, or another package's cannot be loaded.
    """
    found: dict[str, Kind] = {}
    offered = [(name, module, "label_configs") for name, module in modules(room, packages=True)]
    offered += [
        (point.name, module, point.value) for point, module in load_entry_points(ENTRY_POINTS)
    ]
    for name, module, origin in offered:
        register(found, name, kind_of(name, module), origin)
    return found


def kind_of(name: str, module: ModuleType) -> Kind:
    """Return the kind that a package defines: its name, labeling configs, codec and guides.

    Only its `codec.py` is imported; nothing is checked (`kind_linter.lint_kind` does).
    """
    return Kind(name, module, cast("Codec", import_module(f"{module.__name__}.codec")))


def kind_named(name: str) -> Kind:
    """Return the kind of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    return get_plugin(kinds(), name, f"kind {name!r}")


def recognise(config: str) -> Kind | None:
    """Return the kind whose controls this labeling config has, or None.

    Controls count by name and type, choices by alias; texts, layout and added controls do not, nor
    do the choices of a control that the kind leaves open. A control that the kind itself got later,
    or has retired, may be absent: projects of older releases stay of their kind.

    Raises:
        BadRow: the config is no readable XML.
    """
    given = parse(config).controls
    for kind in kinds().values():
        if all(
            _fits(given[name], control, name in kind.extensible)
            if name in given
            else name in kind.dispensable
            for name, control in kind.screen.controls.items()
        ):
            return kind
    return None


def _fits(given: Control, control: Control, open_choices: bool) -> bool:
    if given.type != control.type:
        return False
    return open_choices or set(control.choices) <= set(given.choices)


def recognise_or_refuse(config: str) -> Kind:
    """Return the kind of a labeling config (XML), by its controls.

    Raises:
        BadRow: `unknown_kind`, `config_not_xml` or `config_too_large`.
    """
    kind = recognise(config)
    if kind is None:
        raise BadRow("unknown_kind", f"its controls fit none of: {', '.join(kinds())}")
    return kind
