"""Find the closest kind of an unrecognised labeling config, and the differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldleaf.core.translations import Translations
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.screen import Control, parse

_ENOUGH = 0.5
"""Share of a kind's controls that a config must have by name to be called almost of that kind."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One control that is not as its kind needs it.

    Attributes:
        control: its name.
        problem: it is absent, of another type, or lacks choices.
        needed: the type, or the choices that are lacking.
        found: the type, or the choices that the kind does not know.
    """

    control: str
    problem: Literal["absent", "type", "choices"]
    needed: tuple[str, ...]
    found: tuple[str, ...] = ()

    def text(self, words: Translations) -> str:
        """Return the difference as a sentence in the language of `words`."""
        known = f"screen_{self.problem}" + ("_instead" if self.found else "")
        return words(
            f"doctor.{known}",
            control=self.control,
            needed=words.listed(self.needed),
            found=words.listed(self.found),
        )


def nearest_kind(config: str) -> tuple[Kind, tuple[Difference, ...]] | None:
    """Return the kind that a config is closest to, and what differs; None if it is close to none.

    Close means that the config has half of the kind's controls or more, by name; the kind with the
    largest share is taken. The differences are empty where the config is of that kind. Controls
    that the kind does not have are no difference.

    Raises:
        BadRow: the config is no readable XML.
    """
    given = parse(config).controls
    best: tuple[float, Kind] | None = None
    for kind in kinds().values():
        names = kind.screen.controls
        share = sum(name in given for name in names) / len(names)
        if share >= _ENOUGH and (best is None or share > best[0]):
            best = share, kind
    if best is None:
        return None
    kind = best[1]
    found = (
        _difference(control, given.get(name), name in kind.extensible)
        for name, control in kind.screen.controls.items()
        if name in given or name not in kind.dispensable
    )
    return kind, tuple(each for each in found if each)


def _difference(needed: Control, given: Control | None, open_choices: bool) -> Difference | None:
    if given is None:
        return Difference(needed.name, "absent", (needed.type,))
    if given.type != needed.type:
        return Difference(needed.name, "type", (needed.type,), (given.type,))
    lacking = tuple(each for each in needed.choices if each not in given.choices)
    if lacking and not open_choices:
        strange = tuple(each for each in given.choices if each not in needed.choices)
        return Difference(needed.name, "choices", lacking, strange)
    return None
