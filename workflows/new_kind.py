"""A new kind of annotation, written as files to go on from."""

from __future__ import annotations

import keyword
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

from goldleaf.core.errors import UsageError
from goldleaf.core.files import file_error
from goldleaf.core.folders import publish

_TEMPLATE = "kind_template"
_ENDING = ".jinja"
_OF_THE_PACKAGE = ("pyproject.toml", "README.md", "test_kind.py")
"""Files of an installable package, which do not lie in the kind's own folder."""


@dataclass(frozen=True, slots=True)
class NewKind:
    """What was written: `folder` is the kind's own, `package` the one with its `pyproject.toml`.

    `package` is None where only the kind's folder was written; `entry_point` is the line that
    offers it to goldleaf then.
    """

    folder: Path
    package: Path | None
    entry_point: str


def write_kind(name: str, package: Path | None = None) -> NewKind:
    """Write a kind that works: an answer is judged good or bad, and corrected.

    Args:
        name: of the kind and of its folder; letters, digits and `_`, such as `fact_check`.
        package: a new folder for a package that can be installed; without one, the kind's folder
            alone is written where the command runs.

    Raises:
        UsageError: the name is none, is taken, or the folder is there already.
        GoldleafError: a file cannot be written.
    """
    _check(name)
    target = Path(name) if package is None else package
    if target.exists() or target.is_symlink():
        raise UsageError("This is there already.", where=str(target), fix="choose another name")
    parent = target.absolute().parent
    if not parent.is_dir():
        raise UsageError("There is no such folder.", where=str(parent), fix="make it first")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=parent) as work:
            staged = Path(work, target.name)
            for place, text in _files(name, whole=package is not None):
                file = staged / place
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            publish(staged, target.absolute(), Path(work))
    except OSError as error:
        raise file_error(error, target) from error
    folder = target if package is None else target / name
    return NewKind(folder, package, f'{name} = "{name}"')


def _check(name: str) -> None:
    from goldleaf.label_configs.registry import kinds

    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or keyword.iskeyword(name):
        raise UsageError(
            f"{name!r} cannot be the name of a kind.",
            fix="write small letters, digits and _, such as fact_check",
        )
    if name in kinds() or name == "new":
        raise UsageError(f"There is a kind {name!r} already.", fix="choose another name")
    if find_spec(name) is not None:
        raise UsageError(f"There is a Python module {name!r} already.", fix="choose another name")


def _files(name: str, *, whole: bool) -> Iterator[tuple[str, str]]:
    """Yield (path inside what is written, text) of every file."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # names of ours alone: code, XML and Markdown
    )
    values = {"name": name, "title": name.replace("_", " ").capitalize()}
    for found in sorted(_template().iterdir(), key=lambda each: each.name):
        own = found.name.removesuffix(_ENDING)
        text = environment.from_string(found.read_text("utf-8")).render(values)
        if own in _OF_THE_PACKAGE:
            if whole:
                yield (f"tests/{own}" if own.startswith("test_") else own), text
        else:
            yield (f"{name}/{own}" if whole else own), text


def _template() -> Traversable:
    return files("goldleaf.workflows").joinpath(_TEMPLATE)
