"""What differs between two exports, as sections: for the terminal and for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.core.json_values import is_object, object_or_empty
from goldleaf.core.notebook import Section
from goldleaf.core.translations import Translations
from goldleaf.exporters.rules.target_result import percent

if TYPE_CHECKING:
    from goldleaf.audit.compare import Change, Difference

MOST = 30
"""Lines of one part; more are counted."""


def difference_sections(found: Difference, words: Translations) -> Iterator[Section]:
    """Yield whether two exports differ, then a titled table for each part that does."""
    yield Section(text=words("diff.same" if found.same else "diff.differs"))
    changed: tuple[tuple[str, Mapping[str, Change]], ...] = (
        ("recipe", found.recipe),
        ("versions", found.versions),
        ("answers", found.answers),
        ("records", found.records),
        ("rejected", found.rejected),
        ("dropped", found.dropped),
        ("shares", found.behaviours),
        ("shortfalls", found.shortfalls),
        ("files", found.files),
    )
    rows = [
        *((words("diff.added"), file, f"{n:,}") for file, n in sorted(found.rows.added.items())),
        *(
            (words("diff.removed"), file, f"{n:,}")
            for file, n in sorted(found.rows.removed.items())
        ),
        *(
            (words("diff.moved"), f"{one} -> {other}", f"{n:,}")
            for (one, other), n in sorted(found.rows.moved.items())
        ),
    ]
    if found.rows.sides:
        rows.append((words("diff.sides"), "", f"{found.rows.sides:,}"))
    for name, part in (("inputs", found.inputs), ("conflicts", found.conflicts)):
        yield from _shown(
            name, [(words(f"diff.{way}"), each) for way in part for each in part[way]], words
        )
    yield from _shown("rows", rows, words)
    for name, part in changed:
        lines = [(key, _value(was), "->", _value(now)) for key, (was, now) in part.items()]
        yield from _shown(name, lines, words)


def _shown(name: str, lines: Sequence[Sequence[str]], words: Translations) -> Iterator[Section]:
    if lines:
        more = words("why.and_more", count=len(lines) - MOST) if len(lines) > MOST else ""
        yield Section(
            title=words("diff.title", name=words(f"diff.{name}")), rows=lines[:MOST], text=more
        )


def _value(value: Any) -> str:
    """Return a value for a person: numbers with their separators, a share as a percentage."""
    if value is None:
        return "-"
    if is_object(value):
        return ", ".join(
            percent(inner) if name == "share" else f"{name} {_value(inner)}"
            for name, inner in object_or_empty(value).items()
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}"
