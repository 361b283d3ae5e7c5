"""Plugin registry: modules or folders of a package of ours, and entry points of other packages.

Built-in and third-party plugins are registered alike; each package defines what a plugin offers.
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
    """Yield (name, module) of each subpackage (`packages` true) or module of a package, sorted.

    Each is imported when its turn comes; what its import raises passes through. `name` is without
    that of the package `room`.
    """
    for found in sorted(pkgutil.iter_modules(room.__path__), key=lambda module: module.name):
        if found.ispkg == packages:
            yield found.name, import_module(f"{room.__name__}.{found.name}")


def load_entry_points(group: str, mark: str = "") -> Iterator[tuple[EntryPoint, ModuleType]]:
    """Yield (entry point, module) of each plugin that other installed packages offer in `group`.

    Args:
        group: the entry point group, such as `goldleaf.formats`.
        mark: an attribute that each of them must have; "" to accept any.

    Raises:
        GoldleafError: a plugin cannot be imported or lacks the attribute; its package is named.
    """
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        package = point.dist.name if point.dist else "?"
        try:
            unit = point.load()
        except Exception as error:
            raise GoldleafError(
                f"The unit {point.name!r} of the package {package} cannot be loaded: {error}",
                where=f"entry point {group}",
                fix=f"update or uninstall {package}",
            ) from error
        if mark and not hasattr(unit, mark):
            raise GoldleafError(
                f"The unit {point.name!r} of the package {package} has no {mark}.",
                where=f"entry point {group}",
                fix=f"update or uninstall {package}",
            )
        yield point, unit


def register(units: dict[str, Unit], name: str, unit: Unit, origin: str) -> None:
    """Add a plugin to `units` under its name, in place.

    Args:
        units: plugins by name.
        name: what users call it.
        unit: the plugin.
        origin: where it is from, for the error: a module or an entry point's value.

    Raises:
        GoldleafError: the name is taken.
    """
    if name in units:
        raise GoldleafError(
            f"Two units are called {name!r}.",
            where=origin,
            fix="uninstall or rename one of them",
        )
    units[name] = unit


def load_all(room: ModuleType, mark: str, group: str = "") -> dict[str, ModuleType]:
    """Return plugins by NAME: a package's modules with the attribute `mark`, then entry points.

    Modules without `mark` are passed over, of this package and of others.

    Args:
        room: the package to search.
        mark: the attribute that only plugins have.
        group: the entry point group under which other packages offer plugins; none if empty.

    Raises:
        GoldleafError: two plugins have one name, or another package's cannot be loaded.
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
    """Return the plugin of that name; `what` names it in the error, such as `format 'x'`.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    try:
        return units[name]
    except KeyError:
        known = ", ".join(units)
        raise UsageError(f"There is no {what}.", fix=f"choose one of: {known}") from None
