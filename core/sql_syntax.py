"""Can a text be parsed as SQL, and if not, where a parser stops."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any, Final, NamedTuple

DIALECTS: Final = ("", "mysql", "postgres", "tsql", "sqlite", "bigquery", "oracle", "snowflake")
"""SQL that one of these reads is right; the first reads what they have in common."""


class SqlReading(NamedTuple):
    """Whether a text parses as SQL, None where that cannot be said or it holds no statement.

    `detail` says where the parser of what all dialects have in common stops, "" if it does not.
    """

    parses: bool | None
    detail: str = ""
    statements: bool = False
    """Whether what was parsed is known statements, not words that a parser lets pass."""


@lru_cache(maxsize=256)
def read_sql(text: str) -> SqlReading:
    """Return whether one of `DIALECTS` reads a text.

    >>> read_sql("SELECT a FROM b").parses, read_sql("SELECT a FROM WHERE").detail
    (True, 'line 1, column 19: the statement cannot be read at WHERE')
    """
    import sqlglot
    from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it passes over
    detail = ""
    for dialect in DIALECTS:
        try:
            parsed: Any = sqlglot.parse(text, read=dialect, error_level=ErrorLevel.IMMEDIATE)
        except (SqlglotError, RecursionError) as error:
            if not detail:
                faults = error.errors if isinstance(error, ParseError) else []
                detail = _place(faults[0]) if faults else "the statement cannot be read"
            continue
        except Exception:  # a parser of a foreign library must not stop a run
            return SqlReading(None)
        return SqlReading(
            bool(parsed) or None, statements=bool(parsed) and all(map(_known, parsed))
        )
    return SqlReading(False, detail)


def _known(parsed: Any) -> bool:
    """Return whether a parsed text is a statement: it asks for rows, or changes rows or tables."""
    from sqlglot.expressions import DDL, DML, Alter, Drop, Query  # pyright: ignore

    return isinstance(parsed, (Query, DML, DDL, Alter, Drop))


def _place(fault: Any) -> str:
    at = str(fault.get("highlight") or "").strip()[:40]
    place = f"line {fault.get('line')}, column {fault.get('col')}"
    return f"{place}: the statement cannot be read" + (f" at {at}" if at else "")
