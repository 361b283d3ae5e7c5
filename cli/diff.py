"""`goldleaf diff`: what differs between two exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.options import JsonOption, LangOption
from goldleaf.cli.output import say, say_json, table

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.history.difference import Change, Difference

MOST = 30
"""Lines of one part; more are counted."""


def diff(
    old: Annotated[Path, typer.Argument(help="The folder of an export.")],
    new: Annotated[Path, typer.Argument(help="The folder of another.")],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what differs between two exports.

    Recipe, versions, inputs, rows added, removed and moved, shares, shortfalls and reasons.
    """
    from goldleaf.cli.connection import settings_of
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.history.difference import difference

    found = difference(old, new)
    if as_json:
        say_json(found.plain())
    else:
        words = Translations(settings_of(None, None, lang).language)
        say(
            "\n\n".join(
                [words("diff.same" if found.same else "diff.differs"), *_parts(found, words)]
            )
        )


def _parts(found: Difference, words: Translations) -> Iterator[str]:
    """Yield each part that differs, as a table under its name."""
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


def _shown(name: str, lines: Sequence[Sequence[str]], words: Translations) -> Iterator[str]:
    if lines:
        more = [words("why.and_more", count=len(lines) - MOST)] if len(lines) > MOST else []
        yield "\n".join([f"{words(f'diff.{name}')}:", table(lines[:MOST]), *more])


def _value(value: Any) -> str:
    """Return a value for a person: numbers with their separators, a share as a percentage."""
    from goldleaf.exporters.rules.target_result import percent

    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(
            percent(inner) if name == "share" else f"{name} {_value(inner)}"
            for name, inner in value.items()
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}"
