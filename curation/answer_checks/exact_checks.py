"""Numbers that a program can check: signals of a record, not verdicts.

| name | value | where |
|---|---|---|
| `math_correct` | 1: the answer ends on the reference's number | a `reference` with a number |
| `json_valid` | 1: the JSON parses | the answer is JSON, or holds a block of it |
| `schema_valid` | share of calls whose arguments fit their schema | `tools`, and calls |
| `sql_parses` | 1: the SQL parses in some dialect | the answer is SQL, or holds a block of it |
| `code_compiles` | 1: the Python parses | the answer is Python, or holds a block of it |
| `answer_inconsistency` | share of others that disagree | more closed answers to a prompt |

Where it is not 1, such a value is 0; where nothing can be checked, it is left out, never invented.
`answer_inconsistency` compares records with each other: give it a whole set, not a part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import orjson
import polars as pl

from goldleaf.core.json_depth import loads
from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.curation.answer_checks.final_answers import closed_answer, final_number, same_number
from goldleaf.curation.answer_checks.flaw_candidates import may_be_parsed
from goldleaf.curation.answer_checks.parsed_answers import json_valid, python_compiles, sql_parses
from goldleaf.curation.answer_checks.tool_schemas import valid_calls
from goldleaf.curation.screens.screen import SIGNALS

MATH_CORRECT: Final = "math_correct"
JSON_VALID: Final = "json_valid"
SCHEMA_VALID: Final = "schema_valid"
SQL_PARSES: Final = "sql_parses"
CODE_COMPILES: Final = "code_compiles"
ANSWER_INCONSISTENCY: Final = "answer_inconsistency"

_SIX_WORDS = r"(?s)(?:[A-Za-z]+[ ,.;:!?]+){5}[A-Za-z]|(?:[\x{4e00}-\x{9fff}].*?){6}"
"""What a closed answer does not hold."""
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
    rows.extend((record, ANSWER_INCONSISTENCY, value) for record, value in _inconsistent(records))
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


def _inconsistent(records: pl.DataFrame) -> Iterator[tuple[str, float]]:
    """Yield for each closed answer whose prompt has others the share of them that disagree."""
    groups: dict[str, list[tuple[str, str]]] = {}
    answer = pl.col("answer")
    short = (answer.str.len_chars() <= 200) & ~answer.str.contains(_SIX_WORDS)
    marked = answer.str.contains_any(["####", "\\boxed"])
    repeated = records.select("record", "prompt", "answer").filter(short | marked)
    for record, prompt, answer in repeated.iter_rows():
        if prompt and answer and (closed := _closed(answer)) is not None:
            groups.setdefault(normalize_prompt(prompt), []).append((record, closed))
    for group in groups.values():
        counts = Counter(closed for _, closed in group)
        for record, closed in group if len(group) > 1 else ():
            yield record, 1 - (counts[closed] - 1) / (len(group) - 1)


def _closed(answer: str) -> str | None:
    """Return what an answer comes to, where only one can be right: words, or a marked number."""
    if (words := closed_answer(answer)) is not None:
        number = final_number(answer) if len(words.split()) <= 3 else None
        return f"= {number}" if number is not None and not words.isalpha() else words
    if "####" in answer or "\\boxed" in answer:
        number = final_number(answer)
        return f"= {number}" if number is not None else None
    return None
