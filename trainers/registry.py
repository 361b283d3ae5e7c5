"""All trainers, each a folder, and all formats that an export can be written in."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import goldleaf.trainers as room
from goldleaf.core.errors import UsageError
from goldleaf.core.plugins import get_plugin, load_entry_points, modules, register
from goldleaf.formats.format import Writer
from goldleaf.formats.format_registry import formats
from goldleaf.trainers.trainer import About, Configuration, Pages

ENTRY_POINTS = "goldleaf.trainers"
"""Another package offers a trainer here: the value is its package, as `trainer.py` describes."""

LOADER = "loader"


@dataclass(frozen=True, slots=True)
class Trainer:
    """A trainer's folder: what it is, and its parts, None where it has none.

    `loader` is the file that runs in the trainer's environment; it is never imported here.
    """

    about: About
    configuration: Configuration | None
    page: Pages | None
    loader: Path | None
    writers: tuple[Writer, ...]

    @property
    def name(self) -> str:
        """Return the trainer's name, as `goldleaf check --with` takes it."""
        return self.about.NAME

    def methods(self, table: str) -> tuple[str, ...]:
        """Return what can be trained with a table: by its name, or by the first part of it.

        () for a table that the trainer cannot use; `dpo_tools` is `dpo` for most (see
        `About.METHODS`).
        """
        known = self.about.METHODS
        if any("_" in name for name in known):
            return known.get(table, ())
        return known.get(table.split("_")[0], ())

    def config_of(self, file: str, method: str) -> str:
        """Return the path of the settings for a training file, both inside OUT.

        "" for a trainer without configuration files. Whether the file exists is not checked.

        Args:
            file: `FORMAT/TABLE/train.jsonl` or `FORMAT/TABLE/STAGE/train.jsonl`.
            method: one of `methods`.
        """
        if self.configuration is None:
            return ""
        format, *within, _ = Path(file).parts
        return f"{format}/{self.configuration.config_name('_'.join(within), method)}"


@cache
def trainers() -> dict[str, Trainer]:
    """Return every trainer by name: the folders here, then other packages' entry points.

    Raises:
        GoldleafError: two trainers have one name, or another package's cannot be loaded.
    """
    found: dict[str, Trainer] = {}
    offered = [(package, package.__name__) for _, package in modules(room, packages=True)]
    offered += [(package, point.value) for point, package in load_entry_points(ENTRY_POINTS)]
    for package, origin in offered:
        register(found, package.NAME, _assembled(package), origin)
    return found


def trainer_named(name: str) -> Trainer:
    """Return the trainer of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    return get_plugin(trainers(), name, f"trainer {name!r} to check with")


@cache
def writers() -> dict[str, Writer]:
    """Return name -> writer of all formats that an export can be written in, sorted by name.

    They are the rows of trainers, and the formats of `goldleaf.formats` that also write.
    """
    found: dict[str, Writer] = {}
    for trainer in trainers().values():
        for writer in trainer.writers:
            register(found, writer.NAME, writer, trainer.name)
    for name, format in formats().items():
        if isinstance(format, Writer):
            register(found, name, format, name)
    return dict(sorted(found.items()))


def writer_named(name: str) -> Writer:
    """Return the format of that name, which an export can be written in.

    Raises:
        UsageError: there is none, or it is only read.
    """
    if name not in writers() and name in formats():
        known = ", ".join(writers())
        raise UsageError(
            f"The format {name!r} is read, not exported.", fix=f"choose one of: {known}"
        )
    return get_plugin(writers(), name, f"format {name!r}")


def _assembled(package: ModuleType) -> Trainer:
    loader = find_spec(f"{package.__name__}.{LOADER}")
    return Trainer(
        cast("About", package),
        _part(package, "configuration"),
        _part(package, "page"),
        Path(loader.origin) if loader and loader.origin else None,
        tuple(_writers(package)),
    )


def _part(package: ModuleType, name: str) -> Any:
    """Return a module of a trainer's package, or None where it has none of that name."""
    full = f"{package.__name__}.{name}"
    return import_module(full) if find_spec(full) else None


def _writers(package: ModuleType) -> Iterator[Writer]:
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if found.name == LOADER:
            continue
        module = import_module(f"{package.__name__}.{found.name}")
        if isinstance(module, Writer):
            yield module
