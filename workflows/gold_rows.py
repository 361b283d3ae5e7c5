"""Rows of a file with what is expected of their answers, as gold questions."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.core.settings import Settings
from goldleaf.workflows.gold_key import GoldQuestion

if TYPE_CHECKING:
    from goldleaf.label_configs.kind import Kind

EXPECTED = "expected"
"""The field of a row that holds what is expected: control -> value. A list holds all choices of a
control that takes several, and for any other control each value that is right."""


def read_gold_rows(file: Path, kind: Kind, settings: Settings) -> dict[str, GoldQuestion]:
    """Return the gold questions of a file of rows, by identity.

    Args:
        file: rows as they are imported (`.jsonl`), each with `expected`.
        kind: of the project that asks them.
        settings: hold the key of the pseudonyms.

    Raises:
        UsageError: the file cannot be read, a row does not fit the kind, or expects what its screen
            cannot say.
    """
    from goldleaf.core.json_depth import loads
    from goldleaf.studio.task_identity import parents_of, task_hash
    from goldleaf.workflows.import_rows import open_rows
    from goldleaf.workflows.input_file import InputFile

    InputFile(file)  # says what is wrong with a path
    expected: dict[int, dict[str, tuple[str, ...]]] = {}
    plain: list[str] = []
    for line, text in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        if not text.strip():
            plain.append("")
            continue
        try:
            row = dict(object_or_empty(loads(text)))
        except ValueError as error:
            raise UsageError(f"This is no JSON: {error}", where=f"{file}:{line}") from None
        expected[line] = _expected(row.pop(EXPECTED, None), kind, f"{file}:{line}")
        plain.append(json.dumps(row, ensure_ascii=False))
    found: dict[str, GoldQuestion] = {}
    with tempfile.TemporaryDirectory(prefix="goldleaf-gold-") as folder:
        copy = Path(folder) / file.name
        copy.write_text("\n".join(plain), "utf-8")
        for result in open_rows(copy, kind=kind.name, settings=settings):
            line = int(result.key.rpartition(":")[2])
            try:
                if result.reason:
                    raise BadRow(result.reason, result.detail)
                tasks = [kind.codec.to_task(record) for record in result.records]
            except BadRow as bad:
                raise UsageError(
                    f"This row is no gold question: {bad.detail}", where=f"{file}:{line}"
                ) from None
            for data in tasks:
                right = _as_shown(expected[line], data)
                question = GoldQuestion(data, right, tuple(parents_of(data)))
                found[task_hash(data)] = question
    return found


def _as_shown(
    expected: Mapping[str, tuple[str, ...]], data: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """Return what is expected of answers in the order of the row for that of the screen.

    A screen that compares answers shuffles them. Their places (`rank_0`) move with them, and of two
    so do the letters in names and values (`good_a`, `a_much`).
    """
    order = [int(str(n)) for n in list_or_empty(object_or_empty(data.get("goldleaf")).get("order"))]

    def turned(word: str) -> str:
        parts = ({"a": "b", "b": "a"}.get(part, part) for part in word.split("_"))
        return "_".join(parts)

    moved: dict[str, tuple[str, ...]] = {}
    for name, values in expected.items():
        stem, _, number = name.rpartition("_")
        if order and number.isdigit() and int(number) in order:
            moved[f"{stem}_{order.index(int(number))}"] = values
        elif order == [1, 0]:
            moved[turned(name)] = tuple(map(turned, values))
        else:
            moved[name] = values
    return moved


def _expected(given: object, kind: Kind, where: str) -> dict[str, tuple[str, ...]]:
    """Return the right values of a row, as the table of control answers has values.

    Raises:
        UsageError: it names no control, or a choice that the control does not have.
    """
    from goldleaf.core.json_values import one_or_many
    from goldleaf.label_configs.control_values import SEPARATOR

    fix = "name controls of the screen and their right values under `expected`: docs/teams.md"
    expected: dict[str, tuple[str, ...]] = {}
    for name, value in object_or_empty(given).items():
        control = kind.screen.control(str(name))
        if control is None:
            raise UsageError(f"{name!r} is no control of {kind.name}.", where=where, fix=fix)
        values = [str(each) for each in one_or_many(value)]
        unknown = [each for each in values if each not in control.choices]
        if control.type == "choices" and unknown and control.name not in kind.extensible:
            known = ", ".join(control.choices)
            raise UsageError(
                f"{name} has no choice {unknown[0]!r}.", where=where, fix=f"known: {known}"
            )
        several = control.multiple
        expected[str(name)] = (SEPARATOR.join(sorted(values)),) if several else tuple(values)
    if not expected:
        raise UsageError("This row does not say what is expected.", where=where, fix=fix)
    return expected
