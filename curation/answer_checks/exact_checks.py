"""Numbers that a program can check: signals of a record, not verdicts.

| name | value | where |
|---|---|---|
| `math_correct` | 1: the answer ends on the reference's number | a `reference` with a number |
| `json_valid` | 1: the JSON parses | the answer is JSON, or holds a block of it |
| `schema_valid` | share of calls whose arguments fit their schema | `tools`, and calls |
| `sql_parses` | 1: the SQL parses in some dialect | the answer is SQL, or holds a block of it |
| `code_compiles` | 1: the Python parses | the answer is Python, or holds a block of it |

Where it is not 1, such a value is 0; where nothing can be checked, it is left out, never invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson
import polars as pl

from goldleaf.core.json_depth import loads
from goldleaf.curation.answer_checks.final_answers import final_number, same_number
from goldleaf.curation.answer_checks.flaw_candidates import may_be_parsed
from goldleaf.curation.answer_checks.parsed_answers import json_valid, python_compiles, sql_parses
from goldleaf.curation.answer_checks.tool_schemas import valid_calls
from goldleaf.curation.screens.screen import SIGNALS

MATH_CORRECT: Final = "math_correct"
JSON_VALID: Final = "json_valid"
SCHEMA_VALID: Final = "schema_valid"
SQL_PARSES: Final = "sql_parses"
CODE_COMPILES: Final = "code_compiles"

_ASKED_FOR = ("prompt", "question", "answer")


def signals(records: pl.DataFrame) -> pl.DataFrame:
    """Return what can be checked of each record (`SIGNALS`), by record and name.

    Args:
        records: columns `record`, `prompt`, `question`, `answer` of `RECORDS`; optional `reference`
            (the known answer or solution) and `tools` (the declared tools, a JSON list).
    """
    for name in ("reference", "tools"):
        if name not in records.columns:
            records = records.with_columns(pl.lit(None, pl.String).alias(name))
    rows: list[tuple[str, str, float]] = []
    columns = ("record", *_ASKED_FOR, "reference", "tools")
    texts = records.select(pl.col(columns).fill_null("")).filter(
        (pl.col("reference") != "")
        | pl.col("answer").str.contains('[{"arguments":', literal=True)
        | may_be_parsed()
    )
    for record, _, question, answer, reference, tools in texts.iter_rows():
        for name, value in _of_one(question, answer, reference, tools):
            rows.append((record, name, value))
    return pl.DataFrame(rows, schema=SIGNALS, orient="row").sort("record", "name")


def _of_one(question: str, answer: str, reference: str, tools: str) -> Iterator[tuple[str, float]]:
    if reference and (right := final_number(reference)) is not None:
        given = final_number(answer)
        yield MATH_CORRECT, float(given is not None and same_number(right, given))
    calls = _calls(answer)
    if calls is None:
        for name, judge in (
            (JSON_VALID, json_valid),
            (SQL_PARSES, sql_parses),
            (CODE_COMPILES, python_compiles),
        ):
            if (result := judge(answer, question)) is not None:
                yield name, float(result)
    elif tools and (share := valid_calls(calls, _declared(tools))) is not None:
        yield SCHEMA_VALID, share


def _calls(answer: str) -> list[dict[str, Any]] | None:
    """Return the tool calls of an answer, as `record_frames` writes them; None without any."""
    line = answer.rsplit("\n", 1)[-1]
    if not line.startswith('[{"arguments":'):
        return None
    try:
        value: Any = orjson.loads(line)
    except ValueError:
        return None
    calls = [each for each in value if isinstance(each, dict) and "name" in each]
    return calls if len(calls) == len(value) else None


def _declared(tools: str) -> list[Any]:
    try:
        value: Any = loads(tools)
    except ValueError:
        return []
    return value if isinstance(value, list) else [value]
