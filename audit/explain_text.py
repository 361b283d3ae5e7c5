"""The text of an explanation, as `goldleaf why` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldleaf.agreement.conflict_policies import DISAGREEMENT, NEEDS_ADJUDICATION
from goldleaf.audit.edits import Edit
from goldleaf.audit.explain import Explanation, Line
from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import UsageError
from goldleaf.core.escape_invisible import escape_invisible
from goldleaf.core.translations import Translations
from goldleaf.recipes.rule_cards import card
from goldleaf.recipes.screen_actions import RECIPE

CONTRADICTED = (DISAGREEMENT, NEEDS_ADJUDICATION)
"""Reasons of what nothing replaced: the other record contradicts it."""
SHOWN = 5
"""Rows, records or inputs listed one by one; more are counted."""


def explanation_text(explanation: Explanation, words: Translations) -> list[str]:
    """Return the lines of an explanation, indented by two spaces for each level."""
    lines = [words(f"why.{explanation.kind}", key=explanation.name, id=explanation.name)]
    if explanation.kind == "answer":
        for answer in explanation.answers:
            lines += _indented(_answer(answer, explanation, words))
        for record in explanation.records[:SHOWN]:
            lines.append("  " + words("why.record", id=record["record"]))
            lines += _indented(_record(record, words, ""), 2)
        lines += _more(len(explanation.records), words)
        return [*lines, *_indented(_edits(explanation.edits, words))]
    for record in explanation.records:
        if record["record"] != explanation.name:
            lines.append("  " + words("why.record", id=record["record"]))
        lines += _indented(_record(record, words, explanation.name))
    lines.append("  " + words("why.from_inputs", count=len(explanation.answers)))
    for answer in explanation.answers[:SHOWN]:
        lines.append(f"    {answer['answer']}")
        lines += _indented(_origin(answer, explanation, words), 3)
    lines += _more(len(explanation.answers), words)
    return [*lines, *_indented(_edits(explanation.edits, words))]


def _answer(answer: Line, explanation: Explanation, words: Translations) -> Iterator[str]:
    yield from _origin(answer, explanation, words)
    fate, reason = str(answer["fate"]), str(answer.get("reason", ""))
    if fate in ("used", "held_out"):
        yield words(f"why.{fate}")
    else:
        yield words(f"why.{fate}", meaning=_meaning(reason, words), reason=reason)
        yield from _card(reason, words)
    if answer.get("detail"):
        yield words("why.detail", detail=translate_error(str(answer["detail"]), words.lang))
    if answer["records"]:
        yield words("why.gave", count=len(answer["records"]))


def _origin(answer: Line, explanation: Explanation, words: Translations) -> Iterator[str]:
    """Yield where an input came from, who annotated it and how."""
    file = str(answer["answer"]).rpartition(":")[0]
    if file in explanation.inputs:
        given = explanation.inputs[file]
        sha = str(given.get("sha256", ""))[:12]
        yield words("why.read", file=file, bytes=f"{given.get('bytes', 0):,}", sha=sha)
    for place in answer.get("from", ())[:SHOWN]:
        yield words("why.original", place=place)
    by: Mapping[str, Sequence[str]] = answer.get("by", {})
    if by:
        unstated = words("report.unstated")
        who = words.listed(by.get("annotator", ())) or unstated
        decided = [words.known(f"decided.{d}") or d for d in by.get("decided", ())]
        origins = [_text(origin, words) for origin in by.get("origin", ())]
        yield words("why.by", who=who, how=words.listed(origins))
        if decided:
            yield words("why.decided", what=words.listed(decided))
        for settled in by.get("adjudicates", ())[:SHOWN]:
            project, _, task = settled.partition("/")
            yield words("why.adjudicates", project=project, task=task)
        if by.get("drafted_by"):
            yield words("why.drafted", model=words.listed(by["drafted_by"]))
        sources = ((words.known(f"report.source_{s}") or s) for s in by.get("source", ()))
        licences = (unstated if name == "unstated" else name for name in by.get("licence", ()))
        licence = words.listed(licences) or unstated
        yield words("why.source", source=words.listed(sources) or unstated, licence=licence)


def _text(origin: str, words: Translations) -> str:
    """Return the origin of a text in words: written, edited, accepted..."""
    return words.known(f"decided.text_{origin}") or words.known(f"report.{origin}") or origin


def _edits(edits: Sequence[Edit], words: Translations) -> Iterator[str]:
    """Yield what people changed: each text that was replaced, against the edited one."""
    for edit in edits[:SHOWN]:
        found = edit.difference
        yield words(f"why.edit_{found.unit}", count=found.count, row=edit.row)
        marked = escape_invisible(found.shortened().marked())
        yield from (f"  {line}" for line in marked.splitlines())
    yield from _more(len(edits), words)


def _record(record: Line, words: Translations, row: str) -> Iterator[str]:
    """Yield what became of a record; `row` is the one that was asked for, if any."""
    fate, reason = str(record["fate"]), str(record["reason"])
    if fate == "dropped":
        yield words("why.dropped", meaning=_meaning(reason, words), reason=reason)
        yield from _instead(record, reason, words)
        yield from _to_do(reason, words)
        yield from _card(reason, words)
    else:
        yield words("why.exported" if fate == "exported" else "why.record_held_out")
    redacted: Mapping[str, Mapping[str, Any]] = record.get("redacted", {})
    for code, found in redacted.items() if fate != "dropped" else ():
        yield words("why.redacted", what=_found(code, words), count=found["places"], code=code)
        by = str(found["by"])
        yield "  " + words(
            f"why.redacted_by_{by if by == RECIPE else 'profile'}", profile=by or "?"
        )
    stages: Mapping[str, Sequence[str]] = record.get("stages", {})
    for stage in stages:
        yield words("why.stage", stage=(words.known(f"report.stage_{stage}") or stage))
    rows: Mapping[str, Sequence[str]] = record["rows"]
    for file, names in rows.items():
        yield words("why.rows", count=len(names), file=file)
        ordered = sorted(names, key=lambda name: (name != row, name))
        yield from (f"  {_row(name, words)}" for name in ordered[:SHOWN])
        yield from _more(len(names), words)
    for other, count in record["reasons"].items():
        if other != reason:
            yield words("why.left", count=count, meaning=_meaning(other, words), reason=other)
            yield from _instead(record, other, words)
            yield from _to_do(other, words)


def _found(code: str, words: Translations) -> str:
    """Return what was found, in words: `personal data: e-mail address`."""
    return words.known(f"reason.{code}") or code


def _row(name: str, words: Translations) -> str:
    original, dash, _ = name.partition("-")
    return f"{name}  {words('why.repeat_of', id=original)}" if dash else name


def _instead(record: Line, reason: str, words: Translations) -> Iterator[str]:
    other = record.get("instead", {}).get(reason)
    if other:
        key = "contradicted" if reason in CONTRADICTED else "displaced"
        yield words(f"why.{key}", id=other)


def _to_do(reason: str, words: Translations) -> Iterator[str]:
    if found := words.known(f"todo.{reason}"):
        yield found


def _card(reason: str, words: Translations) -> Iterator[str]:
    try:
        found = card(reason, words.lang)
    except UsageError:
        return
    name = f"{found.title} ({found.requirement})"
    yield words("why.card", title=name, name=found.name)


def _meaning(reason: str, words: Translations) -> str:
    return words.known(f"reason.{reason}") or reason


def _more(count: int, words: Translations) -> list[str]:
    return [f"  {words('why.and_more', count=count - SHOWN)}"] if count > SHOWN else []


def _indented(lines: Iterator[str] | list[Any], levels: int = 1) -> list[str]:
    return ["  " * levels + line for line in lines]
