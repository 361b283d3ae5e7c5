"""Which fields of a row are asked for while it is read: a `--map` of another has no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class AskedRow(dict[str, Any]):
    """A row that notes the names it is asked for in `asked`.

    >>> row = AskedRow({"prompt": "Why?", "colour": "red"})
    >>> row.get("prompt"), "output" in row, sorted(row.asked)
    ('Why?', False, ['output', 'prompt'])
    """

    def __init__(self, row: Mapping[str, Any], *, whole: bool = True) -> None:
        """Hold a copy of a row; `whole`: who goes through the row asks for all its fields."""
        super().__init__(row)
        self.asked: set[str] = set()
        self._through = frozenset(row) if whole else frozenset[str]()

    def __getitem__(self, name: str) -> Any:
        """Return a field, and note it."""
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a field, and note it."""
        self.asked.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field or the default, and note it."""
        self.asked.add(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        """Yield all names."""
        self.asked |= self._through
        return super().__iter__()

    def keys(self) -> Any:
        """Return all names."""
        self.asked |= self._through
        return super().keys()

    def items(self) -> Any:
        """Return all fields."""
        self.asked |= self._through
        return super().items()

    def values(self) -> Any:
        """Return all values."""
        self.asked |= self._through
        return super().values()
