"""Units of a room: a module or folder found in the room, or an entry point of another package.

Built-ins and strangers come through the same door: what a unit must offer is the room's business.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeVar

from goldleaf.core.errors import GoldleafError, UsageError

Unit = TypeVar("Unit")


def modules(room: ModuleType, *, packages: bool) -> Iterator[tuple[str, ModuleType]]:
    """Yield (name, module) of each folder (`packages` true) or each file of a room, by name."""
    for found in sorted(pkgutil.iter_modules(room.__path__), key=lambda module: module.name):
        if found.ispkg == packages:
            yield found.name, import_module(f"{room.__name__}.{found.name}")


def load_entry_points(group: str) -> Iterator[tuple[EntryPoint, ModuleType]]:
    """Yield (entry point, module) of each unit that other installed packages offer under `group`.

    Raises:
        GoldleafError: a unit cannot be imported; the message names its package.
    """
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            yield point, point.load()
        except Exception as error:
            package = point.dist.name if point.dist else "?"
            raise GoldleafError(
                f"The unit {point.name!r} of the package {package} cannot be loaded: {error}",
                where=f"entry point {group}",
                fix=f"mend or uninstall {package}",
            ) from error


def register(units: dict[str, Unit], name: str, unit: Unit, origin: str) -> None:
    """Add a unit under its name; two units of one name are an error, never a silent choice."""
    if name in units:
        raise GoldleafError(
            f"Two units are called {name!r}.",
            where=origin,
            fix="uninstall or rename one of them",
        )
    units[name] = unit


def load_all(room: ModuleType, mark: str, group: str = "") -> dict[str, ModuleType]:
    """Return, by its NAME, every file of a room that has the attribute `mark`; then every stranger.

    Args:
        room: the package to look in.
        mark: what tells a unit from the room's machinery.
        group: the entry point under which other packages offer units; none if empty.

    Raises:
        GoldleafError: two units have one name, or another package's cannot be loaded.
    """
    found: dict[str, ModuleType] = {}
    offered = [(module, module.__name__) for _, module in modules(room, packages=False)]
    if group:
        offered += [(module, point.value) for point, module in load_entry_points(group)]
    for module, origin in offered:
        if hasattr(module, mark):
            register(found, module.NAME, module, origin)
    return found


def get_plugin(units: Mapping[str, Unit], name: str, what: str) -> Unit:
    """Return the unit of that name; `what` says what it would have been, such as `format 'x'`.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    try:
        return units[name]
    except KeyError:
        known = ", ".join(units)
        raise UsageError(f"There is no {what}.", fix=f"choose one of: {known}") from None
