"""Lists of choices kept in TOML files, such as `risks.toml`, and put into labeling configs.

A kind's folder may hold `risks.toml`; where its config says `<!-- risks.toml -->`, the choices of
that file stand, titled in the config's language. One entry:

    [self_harm]
    en = "Self-harm and suicide"
    zh = "自残与自杀"
    key = "s"           # where the list is shown open; else no key sets it that anyone presses

Where a config says `<!-- behaviours -->`, the built-in behaviours stand (`core/behaviours.toml`),
for `<!-- prototypes -->` the capability prototypes (`core/prototypes.toml`).
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
from goldleaf.core.prototypes import prototypes

ChoiceList: TypeAlias = Mapping[str, Mapping[str, str]]
"""Names that data carries, in the order of the screen, each with a title a language, and `key`."""

_PLACE = re.compile(r"<!-- (\w+\.toml) -->")
_BEHAVIOURS = "<!-- behaviours -->"
_PROTOTYPES = "<!-- prototypes -->"
_NAMES = [*ascii_lowercase, *digits, *(f"f{number}" for number in range(1, 20)), *",./;'[]-=`"]
_KEYS = [f"ctrl+alt+shift+{key}" for key in _NAMES]
"""Label Studio gives every choice without a key the next free letter, and a drop-down list shows
none of them: a slip of the finger would change the answer unseen. With these nobody presses any."""


def load_choices(folder: Traversable, name: str) -> ChoiceList:
    """Return the choices of a TOML file in a kind's folder: name -> title in each language."""
    return tomllib.loads(folder.joinpath(name).read_text("utf-8"))


def with_choices(config: str, folder: Traversable, lang: str) -> str:
    """Return a labeling config with its list placeholders replaced by `<Choice>` tags.

    The placeholders are `<!-- NAME.toml -->`, read from `folder`, `<!-- behaviours -->` and
    `<!-- prototypes -->`; other comments stay.
    """
    config = _PLACE.sub(lambda place: _choices(load_choices(folder, place[1]), lang), config)
    config = config.replace(_BEHAVIOURS, _behaviours(lang))
    if _PROTOTYPES not in config:
        return config
    titles = {
        name: {tongue: _capital(title) for tongue, title in each.titles.items()}
        for name, each in prototypes().items()
    }
    return config.replace(_PROTOTYPES, _choices(titles, lang))


def _choices(entries: ChoiceList, lang: str) -> str:
    return "\n".join(
        f"<Choice alias={quoteattr(alias)} value={quoteattr(titles[lang])}"
        + (f" hotkey={quoteattr(key)}/>" if key else "/>")
        for (alias, titles), free in zip(entries.items(), chain(_KEYS, repeat("")), strict=False)
        for key in (titles.get("key", free),)
    )


def _behaviours(lang: str) -> str:
    """Return the choices of the behaviours that a person decides on, in the order of the file."""
    return "\n".join(
        f"<Choice alias={quoteattr(name)} value={quoteattr(_capital(known.titles[lang]))}/>"
        for name, known in BUILT_IN.items()
        if known.group != "unsettled"
    )


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
