"""Finds the packages: every folder with an `__init__.py` in a folder of `package-dir`.

setuptools' own discovery takes a package's name from where its folder is, and the folder `x/` is
imported as `goldleaf.x`. Everything else about the build is in `pyproject.toml`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent


def packages() -> list[str]:
    """Return the name of every package, such as `goldleaf.trainers.trl`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = []
    for name, folder in settings["tool"]["setuptools"]["package-dir"].items():
        if name == "goldleaf":  # the links in it are the other folders
            found.append(name)
            continue
        for file in sorted((ROOT / folder).rglob("__init__.py")):
            inside = file.parent.relative_to(ROOT / folder).parts
            found.append(".".join((name, *inside)))
    return found


if __name__ == "__main__":
    setup(packages=packages())
