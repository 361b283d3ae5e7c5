"""The JSON Schema of recipes, for editors: key completion and validation.

A recipe that opens with `# yaml-language-server: $schema=PATH` is read against it by the YAML
extensions of VS Code, Neovim, Emacs and the JetBrains editors. The shipped file is made from
`goldleaf.recipes.recipe` (`python -m goldleaf.recipes.json_schema` writes it anew),
and a test holds that it is current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from goldleaf.recipes.inheritance import EXTENDS, MAX_LEVELS, SHIPPED, shipped_names
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.rule_settings import settings_classes
from goldleaf.recipes.shares import SHARE_CLASSES

SCHEMA = "recipe.schema.json"
DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that YAML editors support best; the schema needs no later one."""


OWN_SHARES = {
    "additionalProperties": False,
    "patternProperties": {
        f"^(?!(?:{'|'.join(SHARE_CLASSES)})$)[a-z][a-z0-9_]*$": {"$ref": "#/$defs/Share"}
    },
}
"""A share may also be of a behaviour that the recipe describes itself."""


def schema(*, foreign: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a recipe, made from its classes, `extends` and the rules' settings.

    Args:
        foreign: whether to include rules of other installed packages.
    """
    made = cast("dict[str, Any]", _tidied(Recipe.model_json_schema()))
    extends = {
        "type": "string",
        "description": f"A shipped recipe ({', '.join(shipped_names())}) or the path of a file, "
        f"from this one; up to {MAX_LEVELS} in a chain. This file is merged over it: "
        "mappings key by key, any other value replaces the inherited one.",
        "examples": shipped_names(),
    }
    made["$defs"]["Shares"] |= OWN_SHARES
    made["properties"]["rules"] = _rules(made["properties"]["rules"], foreign=foreign)
    made["properties"] = {EXTENDS: extends, **made["properties"]}
    return {"$schema": DIALECT, "title": "A goldleaf recipe", **made}


def schema_text(*, foreign: bool = False) -> str:
    """Return the JSON Schema of recipes as JSON text, as in the shipped `recipe.schema.json`.

    With `foreign` it also has the settings of other installed packages' rules.
    """
    return json.dumps(schema(foreign=foreign), ensure_ascii=False, indent=1) + "\n"


def shipped_schema() -> str:
    """Return the text of the shipped `recipe.schema.json`."""
    return SHIPPED.joinpath(SCHEMA).read_text("utf-8")


def _rules(described: dict[str, Any], *, foreign: bool) -> dict[str, Any]:
    """Return the schema of `rules`: one key for each rule that has settings."""
    found = settings_classes(foreign=foreign).items()
    keys = {name: _tidied(model.model_json_schema()) for name, model in found}
    return {
        "type": "object",
        "description": described["description"],
        "properties": keys,
        "default": {},
    }


def _tidied(node: Any) -> Any:
    """Drop titles that only repeat a key; make one line of every description."""
    if isinstance(node, list):
        return [_tidied(part) for part in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", node).items():
        if key == "title" and isinstance(value, str):
            continue
        text = key == "description" and isinstance(value, str)
        found[key] = " ".join(value.split()) if text else _tidied(value)
    return found


if __name__ == "__main__":
    (Path(__file__).parent / SCHEMA).write_text(schema_text(), encoding="utf-8")
