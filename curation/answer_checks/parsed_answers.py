"""Is the code, JSON or SQL of an answer read by a parser: true, false, or None where there is none.

Only what is fenced as such is judged, and a whole answer that is nothing else where the question
asks for it: a parser that is shown prose finds an error in every row.

| form | parser | not judged |
|---|---|---|
| Python | `ast` of the running Python | Python 2, doctests, shell lines, what "..." stands in |
| JSON | the standard library | a list of words in brackets, JavaScript |
| SQL | sqlglot, in each of `core.sql_syntax.DIALECTS` | procedures, client commands |
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import Final

from goldleaf.core.json_depth import loads
from goldleaf.core.sql_syntax import read_sql

READ: Final = 100_000
"""Longer answers are not parsed."""

_FENCED = re.compile(
    r"^[ \t]*```[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE
)
_PYTHON_2 = re.compile(
    r"^[ \t]*(?:print [\"'\w]|exec [\"'])|\bexcept \w+, \w+:|\braw_input\(|\bxrange\(", re.M
)
_SHELL = re.compile(
    r"^[ \t]*(?:[!%$]\s?\w|pip3? install|python3? \S+\.py|>>>|\.\.\. )", re.MULTILINE
)
_ELIDED = re.compile(r"^[ \t]*(?:\.{3,}|…)|<[a-z][a-z _-]+>|\.\.\.[ \t]*$", re.MULTILINE)
_CODE_LINE = re.compile(
    r"[ \t]*(?:#|@\w|(?:def|class|if|elif|for|while|with|try|except|from|import|return|async) ?\b"
    r"|(?:else|finally|try)[ \t]*:|[\w.\[\], ]{1,80}(?:[-+*/%|&]|//)?=[^=]|[\w.]{1,60}\(.*"
    r"|[)\]}\"'].*"
    r"|(?:print|pass|break|continue|raise|yield|global|assert|del)\b|\"\"\"|'''|[ \t]{2,}\S)"
)
_STATEMENT = re.compile(
    r"\s*(?:SELECT\b|INSERT\s+INTO\b|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\b|WITH\s+\w+|CREATE\s+(?:OR\s+"
    r"REPLACE\s+)?(?:TABLE|VIEW)\b|ALTER\s+TABLE\b|DROP\s+TABLE\b)",
    re.IGNORECASE,
)
_IN_CAPITALS = re.compile(
    r"(?:SELECT .{1,400} FROM|INSERT INTO|DELETE FROM|CREATE TABLE) ", re.DOTALL
)
_PROCEDURE = re.compile(
    r"\b(?:DELIMITER|DECLARE|BEGIN|PROCEDURE|FUNCTION|TRIGGER|GO|EXEC|LOOP|CURSOR|SHOW|DESCRIBE)\b"
    r"|\{\{|\$\{|<[\w ]{1,40}>|\[\w+ \w+|\.\.\.",
    re.IGNORECASE,
)


def python_compiles(answer: str, question: str = "") -> bool | None:
    r"""Return whether the Python of an answer parses.

    >>> python_compiles("```python\nprint(1)\n```"), python_compiles("print(1", "In Python?")
    (True, False)
    >>> python_compiles("It prints one.") is None
    True
    """
    return _all(map(_python, _python_parts(answer, question)))


def json_valid(answer: str, question: str = "") -> bool | None:
    r"""Return whether the JSON of an answer parses.

    >>> json_valid('{"a": 1}', "As JSON."), json_valid('```json\n{"a": 1,}\n```')
    (True, False)
    """
    return _all(map(_json, _json_parts(answer, question)))


def sql_parses(answer: str, question: str = "") -> bool | None:
    """Return whether the SQL of an answer parses in one of `core.sql_syntax.DIALECTS`.

    >>> sql_parses("SELECT a FROM b", "Write SQL."), sql_parses("SELECT a FROM WHERE", "SQL?")
    (True, False)
    """
    return _all(map(_sql, _sql_parts(answer, question)))


def _all(results: Iterator[bool | None]) -> bool | None:
    """Return whether all parts that were judged are right, None where none was."""
    judged = [result for result in results if result is not None]
    return all(judged) if judged else None


def _fenced(answer: str, names: frozenset[str]) -> list[str]:
    if "```" not in answer or len(answer) > READ:
        return []
    return [body for name, body in _FENCED.findall(answer) if name.casefold() in names]


def _python_parts(answer: str, question: str) -> list[str]:
    if parts := _fenced(answer, frozenset({"python", "py", "python3"})):
        return parts
    if "```" in answer or len(answer) > READ or "python" not in question.casefold():
        return []
    lines = [line for line in answer.split("\n") if line.strip()]
    if not lines or not re.match(
        r"(?:def|class|import|from|#|print|\w+ ?=|for|while|if)\b", lines[0]
    ):
        return []
    whole = all(map(_CODE_LINE.match, lines))
    return [answer] if whole and re.search(r"[(=:]", answer) else []


def _python(code: str) -> bool | None:
    lines = [line for line in code.split("\n") if not _SHELL.match(line)]
    code = textwrap.dedent("\n".join(lines)).strip("\n")
    if not code.strip() or _PYTHON_2.search(code):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except SyntaxError:
        return None if _ELIDED.search(code) else False
    except (RecursionError, MemoryError, ValueError):
        return None
    return True


def _json_parts(answer: str, question: str) -> list[str]:
    if parts := _fenced(answer, frozenset({"json"})):
        return parts
    body = answer.strip()
    if body[:1] not in ("{", "[") or len(body) > READ:
        return []
    if re.match(r"\[?\s*\{\s*\"[^\"\n]{1,80}\"\s*:", body):
        return [body]  # nothing else begins so
    if "json" not in question.casefold():
        return []
    return [body] if re.match(r"\{\s*[\"'}\w]|\[\s*[\[{\"'\]\d-]", body) else []


def _json(text: str) -> bool | None:
    try:
        loads(text)
    except ValueError:
        if not text.strip() or re.search(r"\bfunction\b|=>|\bvar\b|\bconst\b|^\s*\w+\(", text):
            return None
        lines = text.strip().split("\n")
        return len(lines) > 1 and all(map(_reads, filter(str.strip, lines)))
    return True


def _reads(line: str) -> bool:
    """Return whether a line is JSON by itself, as in JSON lines."""
    try:
        loads(line)
    except ValueError:
        return False
    return True


def _sql_parts(answer: str, question: str) -> list[str]:
    parts = _fenced(answer, frozenset({"sql", "mysql", "postgresql", "sqlite", "tsql"}))
    if parts or "```" in answer or len(answer) > READ:
        return parts
    body = answer.strip()
    asks = re.search(
        r"\bsql\b|\bquer(?:y|ies)\b|\bdatabase\b|\btables?\b|查询|数据库|语句", question, re.I
    )
    if not _STATEMENT.match(body) or not (asks or _IN_CAPITALS.match(body)):
        return []
    if not re.search(r"\b(?:FROM|INTO|SET|TABLE|VIEW|SELECT \S+;)\b", body):
        return []
    return (
        [] if re.search(r";\s*\n\s*(?!--)[A-Z]?[a-z]+ |\n\s*\n\s*[A-Z][a-z]+[ :]", body) else [body]
    )


def _sql(text: str) -> bool | None:
    text = text.strip()
    if not _STATEMENT.match(re.sub(r"\A(?:\s*(?:--[^\n]*|/\*.*?\*/)\s*)+", "", text, flags=re.S)):
        return None
    parses = read_sql(text).parses
    return None if parses is False and _PROCEDURE.search(text) else parses
