"""Lists of choices kept in TOML files, such as `risks.toml`, and put into labeling configs.

A kind's folder may hold `risks.toml`; where its config says `<!-- risks.toml -->`, the choices of
that file stand, titled in the config's language. One entry:

    [self_harm]
    en = "Self-harm and suicide"
    zh = "自残与自杀"

Where a config says `<!-- behaviours -->`, the built-in behaviours stand (`core/behaviours.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from itertools import chain, repeat
from string import ascii_lowercase, digits
from typing import TypeAlias
from xml.sax.saxutils import quoteattr

from goldleaf.core.behaviours import BUILT_IN

ChoiceList: TypeAlias = Mapping[str, Mapping[str, str]]
"""Names that data carries, in the order of the screen, with their title in each language."""

_PLACE = re.compile(r"<!-- (\w+\.toml) -->")
_BEHAVIOURS = "<!-- behaviours -->"
_KEYS = [f"ctrl+alt+shift+{key}" for key in ascii_lowercase + digits]
"""Label Studio gives every choice without a key the next free letter, and a drop-down list shows
none of them: a slip of the finger would change the answer unseen. These keys are safe."""


def load_choices(folder: Traversable, name: str) -> ChoiceList:
    """Return the choices of a TOML file in a kind's folder: name -> title in each language."""
    return tomllib.loads(folder.joinpath(name).read_text("utf-8"))


def with_choices(config: str, folder: Traversable, lang: str) -> str:
    """Return a labeling config with its list placeholders replaced by `<Choice>` tags.

    The placeholders are `<!-- NAME.toml -->`, read from `folder`, and `<!-- behaviours -->`; other
    comments stay.
    """

    def choices(place: re.Match[str]) -> str:
        entries = load_choices(folder, place[1]).items()
        return "\n".join(
            f"<Choice alias={quoteattr(alias)} value={quoteattr(titles[lang])}"
            + (f" hotkey={quoteattr(key)}/>" if key else "/>")
            for (alias, titles), key in zip(entries, chain(_KEYS, repeat("")), strict=False)
        )

    return _PLACE.sub(choices, config).replace(_BEHAVIOURS, _behaviours(lang))


def _behaviours(lang: str) -> str:
    """Return the choices of the behaviours that a person decides on, in the order of the file."""
    return "\n".join(
        f"<Choice alias={quoteattr(name)} value={quoteattr(_capital(known.titles[lang]))}/>"
        for name, known in BUILT_IN.items()
        if known.group != "unsettled"
    )


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
