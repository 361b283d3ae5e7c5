"""A recipe from its file, or a shipped one; a mistake is named with the path of its key."""

from __future__ import annotations

import difflib
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ValidationError

from goldleaf.core.errors import UsageError
from goldleaf.core.files import explained
from goldleaf.exporters.recipe import Recipe
from goldleaf.exporters.sizes import RANGES, billions, in_table, nearest

MAX_BYTES = 64 * 1024
DEFAULT = "plain.yaml"

_SHIPPED = files("goldleaf.exporters").joinpath("recipes")


def shipped() -> dict[float, str]:
    """Return the sizes that have a recipe, in billions of parameters, with its file's name."""
    names = (file.name for file in _SHIPPED.iterdir() if file.name.endswith("b.yaml"))
    return dict(sorted((billions(name.removesuffix(".yaml")), name) for name in names))


def for_model(model: str) -> tuple[Recipe, list[str]]:
    """Return the shipped recipe for a model size, and what its user should know.

    Args:
        model: such as `8B`. A size without a recipe gets the nearest one, by ratio.

    Raises:
        UsageError: it names no size.
    """
    size, known = billions(model), shipped()
    taken = nearest(size, known)
    remarks: list[str] = []
    if taken != size:
        remarks.append(f"There is no recipe for {model}: this is the one for {taken:g}B.")
    if not in_table(taken):
        span = f"{min(RANGES):g}B to {max(RANGES):g}B"
        remarks.append(f"The rule for sizes (S7) speaks of {span}; beyond, it is drawn out.")
    name = known[taken]
    return parse(_SHIPPED.joinpath(name).read_bytes(), name), remarks


def load(path: Path | None = None) -> Recipe:
    """Read a recipe, or the shipped one that balances nothing.

    Raises:
        UsageError: the file cannot be read, or what `parse` raises.
    """
    if path is None:
        return parse(_SHIPPED.joinpath(DEFAULT).read_bytes(), DEFAULT)
    try:
        with open(path, "rb") as file:
            return parse(file.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        raise explained(error, path) from error


def parse(content: bytes, where: str) -> Recipe:
    """Read a recipe from its text.

    Raises:
        UsageError: too large, no YAML, anchors, a key twice, an unknown key or an impossible value;
            the message names the path of the key.
    """
    if len(content) > MAX_BYTES:
        raise UsageError("This recipe is too large.", where=where, fix=f"at most {MAX_BYTES} bytes")
    try:
        text = content.decode("utf-8")
        _refuse_tricks(text, where)
        plain = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"This recipe is no YAML: {error}", where=where) from None
    try:
        return Recipe.model_validate({} if plain is None else plain)
    except ValidationError as error:
        raise _explained(error, where) from None


def _refuse_tricks(text: str, where: str) -> None:
    """Refuse anchors and aliases (they can unfold without end) and a key given twice."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if getattr(event, "anchor", None) is not None:
            mark = event.start_mark
            line = f"{where}, line {mark.line + 1}" if mark else where
            raise UsageError("A recipe has no anchors.", where=line, fix="write the value out")
    _refuse_doubles(yaml.compose(text, Loader=yaml.SafeLoader), where)


def _refuse_doubles(node: Any, where: str) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    seen = set[str]()
    for key, value in cast("list[tuple[Any, Any]]", node.value):
        if str(key.value) in seen:
            line = f"{where}, line {key.start_mark.line + 1}"
            raise UsageError(f"The key {key.value!r} is given twice.", where=line)
        seen.add(str(key.value))
        _refuse_doubles(value, where)


def _explained(error: ValidationError, where: str) -> UsageError:
    first = error.errors()[0]
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":  # of a whole part: the message names what clashes
        path = ".".join(str(part) for part in first["loc"])
        told = f"{path}: {said}" if path else said
        return UsageError(told, where=where, fix="see the shipped recipes")
    path = ".".join(str(part) for part in first["loc"]) or "the whole recipe"
    if first["type"] != "extra_forbidden":
        given = f", not {first['input']!r}" if first["loc"] else ""
        return UsageError(f"{path}: {said}{given}", where=where, fix="see the shipped recipes")
    *parents, key = (str(part) for part in first["loc"])
    known = _keys(parents)
    near = difflib.get_close_matches(key, known, 1)
    fix = f"did you mean {near[0]!r}?" if near else f"its keys are: {', '.join(known)}"
    return UsageError(f"{path}: there is no such key.", where=where, fix=fix)


def _keys(parents: list[str]) -> list[str]:
    model: type[BaseModel] = Recipe
    for name in parents:
        model = _part(model.model_fields[name].annotation)
    return list(model.model_fields)


def _part(annotation: Any) -> type[BaseModel]:
    """Return the class of a key that may also be left out (`Core | None`)."""
    choices = getattr(annotation, "__args__", (annotation,))
    return cast("type[BaseModel]", choices[0])
