"""All formats there are, and which of them a file has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import cast

import goldleaf.formats as room
from goldleaf.core.errors import UsageError
from goldleaf.core.json_values import is_object, list_or_empty
from goldleaf.core.plugins import get_plugin, load_all
from goldleaf.core.records import Comparison
from goldleaf.formats import column_names
from goldleaf.formats.column_names import Wanted
from goldleaf.formats.format import Format, Row

ENTRY_POINTS = "goldleaf.formats"
"""Another package offers a format here: the value is a module with what `Format` asks for."""

LOOKED_AT = 20
"""How many rows a guess looks at."""
SHOWN = 40
"""Columns that a message names."""
_LABELS_ALONE = {"instance_id", "user_id"}
"""Columns of the labels that Potato 2.12 exports; the texts stay in its data file."""


@cache
def formats() -> dict[str, Format]:
    """Return every format by name: the files of this package, then other packages' entry points.

    Raises:
        GoldleafError: two formats have one name, or another package's cannot be loaded.
    """
    return cast("dict[str, Format]", load_all(room, "recognises", ENTRY_POINTS))


def format_named(name: str) -> Format:
    """Return the format of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    return get_plugin(formats(), name, f"format {name!r}")


def guess_format(
    rows: Sequence[Row], where: str = "", wanted: Callable[[], Wanted] = Wanted
) -> Format:
    """Return the format that recognises the most of the first `LOOKED_AT` rows.

    One row is enough if no other format recognises as many.

    Args:
        rows: of one file.
        where: names it in a message.
        wanted: returns what the rows are for, where that is known; asked on failure only.

    Raises:
        UsageError: no format, or two alike, fit; the message lists formats and columns. Or the rows
            are labels without texts.
    """
    looked_at = rows[:LOOKED_AT]
    fits = {
        name: sum(unit.recognises(row) for row in looked_at) for name, unit in formats().items()
    }
    most = max(fits.values(), default=0)
    best = [name for name, count in fits.items() if count == most]
    if most and len(best) == 1:
        return formats()[best[0]]
    if not most and looked_at and all(row.keys() >= _LABELS_ALONE for row in looked_at):
        raise UsageError(
            "These rows are Potato's labels, without the texts that were labelled.",
            where=where,
            fix="join them by instance_id with the data file that Potato was given, one row with "
            "texts and verdict each (docs/adopting.md), or import that data file alone",
        )
    if not most and len(rows) == 1 and (lists := _lists_of_rows(rows[0])):
        raise UsageError(
            f"This file is one object; its rows are lists inside it: {', '.join(lists)}.",
            where=where,
            fix=f"save a list as a file of its own, such as jq .{lists[0]} FILE > rows.json",
        )
    names = sorted({str(column) for row in looked_at for column in row})
    columns = ", ".join(_cut(name) for name in names[:SHOWN])
    columns += f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    target = Wanted() if most else wanted()
    fitting = [name for name in fits if column_names.format_can_yield(name, target)]
    choices = ", ".join(best if most else fitting)
    fix = f"name one with --format ({choices}), or rename columns with --map field=column"
    if not most:
        fix = f"{_offered(looked_at, fitting, target)}. {column_names.needs(target)}. Or {fix}"
    raise UsageError(
        "Two formats fit these rows." if most else "No format fits these rows.",
        where=f"{where + '; ' if where else ''}columns found: {columns or 'none'}",
        fix=fix,
    )


def _lists_of_rows(row: Row) -> list[str]:
    """Return the columns that hold lists of objects, `train` and `test` of a whole data set.

    Not one whose name means a part of a row, such as the `dialogue` of a file with one row.
    """
    return [
        _cut(name)
        for name, value in row.items()
        if (listed := list_or_empty(value)) and all(map(is_object, listed))
        if not column_names.meanings(name)
    ]


def _cut(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:60]}..."


def _offered(rows: Sequence[Row], fitting: Sequence[str], wanted: Wanted) -> str:
    """Return the `--map` options under which a format fits, made from the columns there are."""
    for mapping in column_names.mappings(rows):
        if not column_names.mapping_can_yield(mapping, wanted):
            continue
        renamed = [
            {key: value for key, value in row.items() if key not in mapping.values()}
            | {field: row[name] for field, name in mapping.items() if name in row}
            for row in rows
        ]
        if any(formats()[name].recognises(row) for row in renamed for name in fitting):
            return f"try {column_names.lines(mapping)}"
    missing = "two answers" if wanted.shows is Comparison else "a prompt"
    return f"no column looks like {missing}: name yours with --map field=column"
