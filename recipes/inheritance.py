"""A recipe's YAML, merged with the recipes that it extends.

`extends: 8b` names a shipped recipe, `extends: ../ours.yaml` a file relative to the extending one.
Mappings are merged key by key; any other value, lists too, replaces the inherited one.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias, cast

import yaml
from yaml.reader import ReaderError

try:
    from yaml import CSafeLoader as Loader  # ten times as fast, where PyYAML has libyaml
except ImportError:
    from yaml import SafeLoader as Loader

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import read_small
from goldleaf.recipes.size_rules import billions, is_size, nearest

MAX_BYTES = 64 * 1024
MAX_LEVELS = 8
"""Most recipes in a chain of `extends`."""
MAX_DEPTH = 100
"""Most lists and mappings within each other: libyaml's nodes are built by recursion without end."""

EXTENDS = "extends"
SHIPPED = files("goldleaf.recipes")

_NOT_YAML = "This recipe is not valid YAML: {}"
_CORRECT = "correct that line: what has a colon, a bracket or a quote in it goes into quotes"
_TAB = "a tab where YAML takes only spaces"
_SPACES = "use spaces instead of the tab"
_ONCE = "delete one of them, or write all that belongs to it below one"
_FILL = (
    "write what it changes, such as extends: 8b, or leave --recipe out: nothing is balanced then"
)
_QUOTE = "write a value that only looks like a date or a number in quotes"
_SAVE = "save it as UTF-8"

KeyPath: TypeAlias = tuple[str, ...]
Origins: TypeAlias = Mapping[KeyPath, str]
"""Path of a key -> the file and line of its value."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of a recipe.

    Attributes:
        name: what it is recognised by in a circle: its real path, or `shipped NAME`.
        where: what to call it in a message.
        folder: where its relative paths start, None for shipped ones.
        plain: its own values, `extends` included.
        lines: the line of each of its keys.
    """

    name: str
    where: str
    folder: Path | None
    plain: Mapping[str, Any]
    lines: Mapping[KeyPath, int]


def shipped_names() -> list[str]:
    """Return the names of the shipped recipes, as `extends` accepts them."""
    found = (file.name for file in SHIPPED.iterdir() if file.name.endswith(".yaml"))
    return sorted(name.removesuffix(".yaml") for name in found)


def merge_layers(content: bytes, where: str, path: Path | None) -> tuple[Any, Origins]:
    """Merge a recipe with all recipes that it extends, and note where each value comes from.

    Args:
        content: the text.
        where: what to call it in a message.
        path: its file, or None for a shipped one.

    Returns:
        The merged values without `extends`, and the file and line of each. Comments alone are `{}`;
        a text that is no mapping comes back as it is, without lines.

    Raises:
        UsageError: it has no content, or one is too large, not YAML, has anchors or a key twice;
            what it extends does not exist, leads back to itself, or there are more than
            `MAX_LEVELS`.
    """
    if not content.strip():  # of a file that could not be written, too
        raise UsageError("This recipe is empty.", where=where, fix=_FILL)
    plain, lines = _read(content, where)
    if not isinstance(plain, dict):
        return {} if plain is None else plain, {}
    name = os.path.realpath(path) if path else where
    own = cast("dict[str, Any]", plain)
    layers = [Layer(name, where, path.parent if path else None, own, lines)]
    while EXTENDS in layers[-1].plain:
        below = _below(layers[-1])
        chain = [*layers, below]
        if any(layer.name == below.name for layer in layers):
            names = " extends ".join(layer.where for layer in chain)
            raise UsageError(
                f"{EXTENDS}: this leads in a circle: {names}",
                where=_extends_line(layers[-1]),
                fix=f"take {EXTENDS} out of one of them, or name a shipped recipe there",
            )
        if len(chain) > MAX_LEVELS:
            fix = f"at most {MAX_LEVELS}; write some of them into one file"
            raise UsageError(
                f"{EXTENDS}: too many recipes in a chain.",
                where=_extends_line(layers[-1]),
                fix=fix,
            )
        layers = chain
    whole: dict[str, Any] = {}
    origins: dict[KeyPath, str] = {}
    for layer in reversed(layers):
        values = {key: value for key, value in layer.plain.items() if key != EXTENDS}
        whole = _merge(values, whole)
        origins |= {path: f"{layer.where}, line {line}" for path, line in layer.lines.items()}
    return whole, origins


def plain_yaml(content: bytes, where: str) -> Any:
    """Return the values of one recipe's YAML, without the recipes that it extends.

    None for an empty text; whether it is a mapping is not checked.

    Raises:
        UsageError: it is too large, nested too deeply, not YAML, has anchors or a key twice.
    """
    return _read(content, where)[0]


def _below(layer: Layer) -> Layer:
    """Return the recipe that a layer extends."""
    named = layer.plain[EXTENDS]
    if not isinstance(named, str) or not named.strip():
        fix = f"a shipped recipe ({', '.join(shipped_names())}) or a path"
        raise UsageError(
            f"{EXTENDS}: name one recipe, not {named!r}", where=_extends_line(layer), fix=fix
        )
    known = shipped_names()
    if (short := named.strip().lower()) in known:
        where = f"{short}.yaml"
        plain, lines = _read(SHIPPED.joinpath(where).read_bytes(), where)
        return Layer(f"shipped {short}", where, None, plain or {}, lines)
    near = _near(Path(short).stem, known)
    hint = f"did you mean {near!r}? " if near else ""
    hint += f"shipped are: {', '.join(known)}; a file is named by its path, such as mine.yaml"
    if layer.folder is None or not (short.endswith((".yaml", ".yml")) or "/" in short):
        raise UsageError(
            f"{EXTENDS}: there is no recipe {named!r}.", where=_extends_line(layer), fix=hint
        )
    path = layer.folder / named.strip()
    try:
        content = read_small(path, MAX_BYTES)
    except GoldleafError as error:
        raise UsageError(
            f"{EXTENDS}: {error.what}", where=f"{_extends_line(layer)}: {path}", fix=hint
        ) from error
    plain, lines = _read(content, str(path))
    if plain is not None and not isinstance(plain, dict):
        raise UsageError("the whole recipe: no keys with values.", where=str(path))
    own = cast("dict[str, Any]", plain or {})
    return Layer(os.path.realpath(path), str(path), path.parent, own, lines)


def _near(short: str, known: Sequence[str]) -> str:
    """Return the shipped recipe that a name is nearest to: of a size, the nearest size."""
    sizes = {billions(name): name for name in known if is_size(name)}
    if is_size(short):
        return sizes[nearest(billions(short), sizes)]
    return next(iter(difflib.get_close_matches(short, known, 1)), "")


def _extends_line(layer: Layer) -> str:
    return f"{layer.where}, line {layer.lines.get((EXTENDS,), 1)}"


def _merge(over: Mapping[str, Any], under: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        found[key] = (
            _merge(cast("dict[str, Any]", value), cast("dict[str, Any]", below)) if both else value
        )
    return found


def _read(content: bytes, where: str) -> tuple[Any, dict[KeyPath, int]]:
    """Return the values of a YAML text, and the line of every key."""
    if len(content) > MAX_BYTES:
        raise UsageError("This recipe is too large.", where=where, fix=f"at most {MAX_BYTES} bytes")
    lines: dict[KeyPath, int] = {}
    try:
        text = content.decode("utf-8")
        _refuse_traps(text, where)
        _note_lines(yaml.compose(text, Loader=Loader), where, (), lines)
        return yaml.load(text, Loader=Loader), lines
    except UnicodeDecodeError as error:
        line = f"{where}, line {len(content[: error.start + 1].splitlines())}"
        raise UsageError("This recipe is not UTF-8 text.", where=line, fix=_SAVE) from None
    except ReaderError as error:
        line = f"{where}, line {len(content.decode()[: error.position + 1].splitlines())}"
        raise UsageError(_NOT_YAML.format(error.reason), where=line, fix=_CORRECT) from None
    except yaml.MarkedYAMLError as error:
        tab = _is_tab(error, content.decode())
        problem = _TAB if tab else error.problem or error.context
        line, fix = _broken_line(error, content, where), _SPACES if tab else _CORRECT
        raise UsageError(_NOT_YAML.format(problem), where=line, fix=fix) from None
    except (yaml.YAMLError, ValueError) as error:  # 2026-13-45 is read as a date
        raise UsageError(_NOT_YAML.format(error), where=where, fix=_QUOTE) from None


def _broken_line(error: yaml.MarkedYAMLError, content: bytes, where: str) -> str:
    """Return the file and line of an error: where something began that the end of the text cut."""
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark]
    last = len(content.splitlines()) - 1
    line = next((mark.line for mark in marks if mark.line <= last), last)
    return f"{where}, line {line + 1}"


def _is_tab(error: yaml.MarkedYAMLError, text: str) -> bool:
    """Return whether an error is about a tab: the character at its place is one."""
    mark, lines = error.problem_mark, text.splitlines()
    return (
        mark is not None and mark.line < len(lines) and lines[mark.line][mark.column :][:1] == "\t"
    )


def _refuse_traps(text: str, where: str) -> None:
    """Refuse anchors, aliases and deep nesting, which can exhaust memory."""
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if getattr(event, "anchor", None) is not None:
            line, fix = _line(event.start_mark, where), "write the value out"
            raise UsageError("A recipe has no anchors.", where=line, fix=fix)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            line = _line(event.start_mark, where)
            raise UsageError("This recipe is nested too deeply.", where=line)


def _line(mark: Any, where: str) -> str:
    """Return the file and line of a mark of PyYAML's."""
    return f"{where}, line {mark.line + 1}" if mark else where


def _note_lines(node: Any, where: str, path: KeyPath, lines: dict[KeyPath, int]) -> None:
    """Note the line of every key; refuse one that is given twice."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in cast("list[tuple[Any, Any]]", node.value):
        at = (*path, str(key.value))
        if at in lines:
            line = _line(key.start_mark, where)
            raise UsageError(f"The key {key.value!r} is given twice.", where=line, fix=_ONCE)
        lines[at] = key.start_mark.line + 1
        _note_lines(value, where, at, lines)
