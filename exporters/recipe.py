"""The recipe: what the finished set must contain, in YAML, checked to the last key."""

from __future__ import annotations

import difflib
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from goldleaf.core.errors import UsageError
from goldleaf.core.files import explained

MAX_BYTES = 64 * 1024
DEFAULT = "preference.yaml"

Policy: TypeAlias = Literal["best_worst", "adjacent", "all"]
MinStrength: TypeAlias = Literal["tie", "slight", "strong"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Pairs(_Part):
    """Which pairs a comparison gives."""

    policy: Policy = "best_worst"
    """`goldleaf.exporters.pairs` says what each means."""

    ties: Literal["drop"] = "drop"
    """Equal ranks make no pair."""

    min_strength: MinStrength = "slight"
    """Pairs judged weaker are left out; an unknown strength counts as slight."""

    edits: bool = True
    """Whether what a person edited or wrote is used as an answer."""

    per_prompt: int = Field(default=4, ge=1, le=10_000)
    """Most pairs of one prompt."""


class Split(_Part):
    """What is held out."""

    test: float = Field(default=0.05, ge=0, le=0.5)
    """Share of prompts held out, by hash of the prompt."""


class Recipe(_Part):
    """A whole recipe; `Recipe()` is the shipped `preference.yaml`."""

    pairs: Pairs = Pairs()
    split: Split = Split()
    seed: int = Field(default=7, ge=0, le=2**63 - 1)

    def text(self) -> str:
        """Return the recipe as YAML with every key spelled out: as it goes into the manifest."""
        return yaml.safe_dump(self.model_dump(), sort_keys=True)

    def sha256(self) -> str:
        """Return the hash of `text`."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def load(path: Path | None = None) -> Recipe:
    """Read a recipe, or the shipped one.

    Raises:
        UsageError: the file cannot be read, or what `parse` raises.
    """
    if path is None:
        return parse(files("goldleaf.exporters").joinpath("recipes", DEFAULT).read_bytes(), DEFAULT)
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
    path = ".".join(str(part) for part in first["loc"]) or "the whole recipe"
    if first["type"] != "extra_forbidden":
        said = f", not {first['input']!r}" if first["loc"] else ""
        return UsageError(
            f"{path}: {first['msg']}{said}", where=where, fix="see the shipped recipe"
        )
    *parents, key = (str(part) for part in first["loc"])
    known = _keys(parents)
    near = difflib.get_close_matches(key, known, 1)
    fix = f"did you mean {near[0]!r}?" if near else f"its keys are: {', '.join(known)}"
    return UsageError(f"{path}: there is no such key.", where=where, fix=fix)


def _keys(parents: list[str]) -> list[str]:
    model: type[BaseModel] = Recipe
    for name in parents:
        model = cast("type[BaseModel]", model.model_fields[name].annotation)
    return list(model.model_fields)
