"""`shares:` of a recipe: a key for each built-in behaviour that may have one, and the user's own.

The keys follow from `core/behaviours.toml`; those of the user's own behaviours are checked against
the recipe's `behaviours:` (`goldleaf.recipes.names`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field, create_model, model_validator

from goldleaf.core.behaviours import BUILT_IN, ShareSetting
from goldleaf.recipes.sections import Fine, RecipeSection


class Share(RecipeSection):
    """Bounds of a behaviour's rows over all rows, repeats counted; 0 and 1 are no bounds."""

    min: Fine = Field(default=0.0, ge=0, lt=1)
    """Least share; met by repeating, and never by leaving natural rows out."""

    max: Fine = Field(default=1.0, gt=0, le=1)
    """Greatest share; what is above is left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Share:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


def _share_class(name: str, setting: ShareSetting) -> type[Share]:
    """Return the class of a built-in behaviour's share: with a contrast, it has a key more."""
    if setting.contrast is None:
        return Share
    ratio = Field(default=0.0, ge=0, le=10, description=setting.contrast.says)
    title = "".join(part.capitalize() for part in name.split("_"))
    keys: dict[str, Any] = {setting.contrast.key: (Fine, ratio)}
    made = create_model(f"{title}Share", __base__=Share, __doc__=setting.about, **keys)
    made.__module__ = __name__
    return made


SHARE_CLASSES: Mapping[str, type[Share]] = {
    name: _share_class(name, behaviour.share)
    for name, behaviour in BUILT_IN.items()
    if behaviour.share is not None
}
"""Built-in behaviour -> the class of its share, from `core/behaviours.toml`."""


def __getattr__(name: str) -> Any:
    """Return a class of `SHARE_CLASSES` by its name, as pickle asks for it."""
    for made in SHARE_CLASSES.values():
        if made.__name__ == name:
            return made
    raise AttributeError(name)


if TYPE_CHECKING:

    class _BuiltInShares(RecipeSection):
        """The keys come from a file, which a type checker does not read."""

        def __getattr__(self, name: str) -> Any: ...
else:
    _BuiltInShares = create_model(
        "_BuiltInShares",
        __base__=RecipeSection,
        **{
            name: (made, Field(default=made(), description=BUILT_IN[name].share.says))
            for name, made in SHARE_CLASSES.items()
        },
    )


class Shares(_BuiltInShares):
    """Behaviours with a share of their own; any other is left as it comes."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, Share] = Field(init=False)  # pyright: ignore

    if TYPE_CHECKING:

        def __init__(self, **shares: Share) -> None: ...

    def each(self) -> dict[str, Share]:
        """Return name -> bounds: all built-in behaviours, bounded or not, then the recipe's own."""
        built_in = {name: getattr(self, name) for name in type(self).model_fields}
        return built_in | (self.__pydantic_extra__ or {})

    @model_validator(mode="after")
    def _can_hold(self) -> Shares:
        least = sum(Fraction(str(share.min)) for share in self.each().values())
        if least >= 1:
            raise ValueError(f"the least shares come to {float(least)}, which leaves no room")
        return self
