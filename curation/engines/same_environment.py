"""What must be the same on all machines that compute a part of one result, or bytes may differ."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from goldleaf.core.errors import UsageError

LIBRARIES = ("polars", "xxhash", "numpy", "rapidfuzz")
"""Whose versions are part of a stage's key: another one may hash or compare otherwise."""
_TRAVELS = ("distributed",)
"""Whose versions must be the same for two machines to understand each other."""
HASHED = (".py", ".json", ".toml", ".npy")
"""Endings of the files that a kernel may run or read: texts are folded by tables of characters."""


def library_versions(names: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Return name -> version of libraries, empty for one that is not installed."""
    return {library: _version(library) for library in names}


@cache
def environment() -> Mapping[str, str]:
    """Return name -> version of what kernels are and use, in this process.

    Of goldleaf it is a hash of the code that kernels may run and of the data that they may read,
    because two working copies have the same version. Python's is there for its characters' tables.
    """
    python = ".".join(platform.python_version_tuple()[:2])
    others = {name: _version(name) for name in _TRAVELS}
    return {"goldleaf": _code_version(), "Python": python, **library_versions(), **others}


def require_same_environment(expected: Mapping[str, str], where: str = "") -> None:
    """Raise UsageError unless this process has what another one has.

    Args:
        expected: what `environment` returned there.
        where: names this process; its machine by default.
    """
    require_equal(environment(), expected, where or platform.node())


def require_equal(found: Mapping[str, str], expected: Mapping[str, str], where: str) -> None:
    """Raise UsageError unless the environment `found` at the place `where` is the expected one."""
    for name, own in expected.items():
        there = found.get(name, "")
        if there != own:
            what = f"A part of the cluster has {name} {there or '-'}, and {own} is needed."
            fix = "install the same on the scheduler and on all workers, and start them again"
            raise UsageError(what, where=where, fix=fix)


@cache
def _code_version() -> str:
    """Return the version of goldleaf with a hash of the files of two of its packages."""
    import goldleaf.core
    import goldleaf.curation

    packages = (goldleaf.core, goldleaf.curation)
    found = packages_hash(Path(package.__path__[0]) for package in packages)
    return f"{_version('goldleaf')} ({found})"


def packages_hash(folders: Iterable[Path]) -> str:
    """Return 16 digits of a hash: names and bytes of all files whose ending is in `HASHED`."""
    from xxhash import xxh3_64

    digest = xxh3_64()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in HASHED):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


@cache
def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
