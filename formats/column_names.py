"""Guess what columns mean: `--map` options to suggest where no format fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from types import UnionType
from typing import NamedTuple

from goldleaf.core.records import Comparison, Demonstration, Record
from goldleaf.formats.format import Row

_MEANINGS: dict[str, frozenset[str]] = {
    "prompt": frozenset(
        "prompt instruction instructions question query ask asked user human request task "
        "指令 问题 提示 提示词 提问 题目 用户 问 请求".split()
    ),
    "input": frozenset("input inputs context 输入 上下文 背景".split()),
    "response": frozenset(
        "response responses output outputs answer answers completion completions reply replies "
        "assistant bot gpt model_answer solution target 回答 答案 输出 回复 答 助手 响应".split()
    ),
    "chosen": frozenset("chosen preferred better winner win accepted 选中 较好 更好 优选".split()),
    "rejected": frozenset("rejected dispreferred worse loser lose 拒绝 较差 更差 落选".split()),
    "messages": frozenset("messages conversation conversations dialogue dialog chat 对话".split()),
}
_SIDES = (("a", "b"), ("1", "2"), ("0", "1"), ("one", "two"), ("left", "right"))
_LONGEST = 100
"""Characters of a column's name that is offered."""
_MOST = 3
"""Columns tried for one field."""

_ONE = "instruction and output (or prompt and response), or messages; a prompt alone too"
_TWO = "prompt with answer_a and answer_b, with responses, or with chosen and rejected"
COMPARED = frozenset(
    "answers alpaca argilla chat_logs hh judged_pairs kiln llamafactory oasst openai parquet "
    "records scored_answers swift trl".split()
)
"""Formats that hold comparisons; another package's may hold them too."""
COMPARED_ALONE = frozenset({"answers", "hh", "judged_pairs", "scored_answers"})


class Wanted(NamedTuple):
    """What rows are read for: a kind of annotation, "" for none, and the records it shows."""

    kind: str = ""
    shows: type[Record] | UnionType | None = None


def needs(wanted: Wanted) -> str:
    """Return a sentence for an error: the fields that rows need, for no kind those of all."""
    if wanted.shows is Comparison:
        return f"Fields needed for the kind {wanted.kind}: {_TWO}"
    if wanted.shows is Demonstration:
        return f"Fields needed for the kind {wanted.kind}: {_ONE}"
    return (
        f"Fields needed: one answer: {_ONE}. Comparisons: {_TWO}. "
        "Verdicts: prompt, completion and label"
    )


def format_can_yield(format: str, wanted: Wanted) -> bool:
    """Return whether a format of ours, by its name, can yield the wanted records.

    Comparisons: those in `COMPARED`. Demonstrations: all but those in `COMPARED_ALONE`. No or
    another type wanted: all.
    """
    if wanted.shows is Comparison:
        return format in COMPARED
    return wanted.shows is not Demonstration or format not in COMPARED_ALONE


def mapping_can_yield(mapping: Mapping[str, str], wanted: Wanted) -> bool:
    """Return whether a column mapping (field -> column) can yield the wanted records.

    Only for comparisons can it not: where it maps neither `chosen`, `answer_a` nor `messages`.
    """
    compares = not mapping.keys().isdisjoint(("chosen", "answer_a", "messages"))
    return wanted.shows is not Comparison or compares


def meanings(column: str) -> frozenset[str]:
    """Return what a column may be, by its name: `prompt`, `input`, `response`, `chosen`...

    >>> sorted(meanings("modelAnswer")), sorted(meanings("用户问题")), sorted(meanings("id"))
    (['response'], ['prompt'], [])
    """
    words = _words(column)
    return frozenset(
        meaning
        for meaning, names in _MEANINGS.items()
        if not words.isdisjoint(names)
        or any(not name.isascii() and name in column for name in names if len(name) > 1)
    )


def _words(column: str) -> frozenset[str]:
    text = unicodedata.normalize("NFKC", column)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])", "_", text).lower()
    return frozenset(part for part in re.split(r"[\W_]+", text) if part) | {text}


def mappings(rows: Sequence[Row]) -> Iterator[dict[str, str]]:
    """Yield each mapping (field -> column) that would make the rows readable, comparisons first.

    Only columns that hold a text in some row count (for `messages` a list). Whether a format takes
    them is not checked. Nothing is yielded where no name is known.
    """
    columns = list(dict.fromkeys(str(column) for row in rows for column in row))
    columns = [name for name in columns if len(name) <= _LONGEST]
    held = [name for name in columns if any(isinstance(row.get(name), str) for row in rows)]
    listed = [name for name in columns if any(isinstance(row.get(name), list) for row in rows)]
    by: dict[str, list[str]] = {
        meaning: [name for name in held if meaning in meanings(name)][:_MOST]
        for meaning in _MEANINGS
    }
    asked, answers = by["prompt"], by["response"]
    below = {"input": by["input"][0]} if by["input"] else {}
    for prompt, chosen, rejected in product(asked, by["chosen"], by["rejected"]):
        yield {"prompt": prompt, "chosen": chosen, "rejected": rejected}
    for prompt, (one, other) in product(asked, _pairs(held)):
        yield {"prompt": prompt, "answer_a": one, "answer_b": other}
    for prompt, answer in product(asked, answers):
        yield {"instruction": prompt, **below, "output": answer}
    if by["input"] and not asked:
        for answer in answers:
            yield {"prompt": by["input"][0], "response": answer}
    for name in listed:
        if "messages" in meanings(name):
            yield {"messages": name}
    for prompt in asked:
        yield {"prompt": prompt}


def _pairs(columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield columns of answers that differ in their side alone: answer_1, answer_2."""
    for one, other in _SIDES:
        for name in columns:
            words = _words(name)
            if "response" in meanings(name) and one in words:
                twin = re.sub(rf"{one}(?![a-z0-9])(?!.*{one})", other, name, flags=re.IGNORECASE)
                if twin != name and twin in columns:
                    yield name, twin


def lines(mapping: Mapping[str, str]) -> str:
    """Return `--map` options for a mapping, quoted for a shell, in one line.

    Columns that have the field's name already are left out; "" if none is left.
    """
    asked = ((field, name) for field, name in mapping.items() if field != name)
    return " ".join(f"--map {_quoted(f'{field}={name}')}" for field, name in asked)


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w=.\-]+", text) else "'" + text.replace("'", "'\\''") + "'"
