"""A Compose file as Compose reads it, as far as ours go: variables, environments, secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?:(?P<how>:[-?])(?P<rest>[^}]*))?\}")


class Unset(Exception):
    """A variable that must be set; the message is what Compose would show."""


def read_compose(file: Path, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of a Compose file with its variables replaced.

    Raises:
        Unset: a variable is not in `values` and the file asks for it with `:?`.
    """
    return _replaced(yaml.safe_load(file.read_text("utf-8")), values)


def _replaced(content: Any, values: Mapping[str, str]) -> Any:
    if isinstance(content, dict):
        return {name: _replaced(value, values) for name, value in content.items()}
    if isinstance(content, list):
        return [_replaced(value, values) for value in content]
    if isinstance(content, str):
        return _VARIABLE.sub(lambda found: _value(found, values), content)
    return content


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    value = values.get(found["name"], "")
    if value or found["how"] is None:
        return value
    if found["how"] == ":?":
        raise Unset(f"{found['name']}: {found['rest']}")
    return found["rest"]


def dotenv(file: Path) -> dict[str, str]:
    """Return the variables of an `.env` file of plain `NAME=value` lines."""
    lines = file.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
