"""Pages of trainers: a Jinja template beside the trainer's code, filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.core.translations import Translations


def render(package: str, name: str, values: Mapping[str, Any], words: Translations) -> str:
    """Return the template `NAME.md.jinja` of a trainer's package, filled with `values`.

    Args:
        package: the trainer's package, such as `goldleaf.trainers.trl`.
        name: of the template.
        values: what it names; a name that is missing is an error.
        words: translations, which the template calls `w`.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package, ""),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown of our own names and numbers; no text of the data comes here
    )
    return environment.get_template(f"{name}.md.jinja").render(values, w=words)
