"""The history of one row, record or input of an export, read from its ledger line by line.

A name may be the id of a row (a repeat's, too), the id of a record or its first characters, the key
of an input as the ledger has it, with or without what follows `@` or `#`, or the place where an
input was first read.
"""

from __future__ import annotations

import heapq
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, cast

import orjson

from goldleaf.audit.edits import Edit, edits_of
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.translations import Translations
from goldleaf.exporters.publishing.ledger import LEDGER, ledger_lines, parse_line
from goldleaf.exporters.publishing.manifest import load_manifest

LEAST, NEAR, MOST = 6, 3, 1_000
"""Characters of an id at the least; nearest names suggested; records that one input may have."""

Line = Mapping[str, Any]
_HEX = re.compile("[0-9a-f]{6,32}(-[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Explanation(Shown):
    """The history of one row, record or input: the lines of the ledger about it.

    `kind` is what the name means: `row`, `record` or `answer`; `name` is its full name. `answers`
    are those that the records came from (of an answer: itself), `records` what they became.
    `inputs` are the manifest's descriptions of the inputs, by file. `edits` are what people
    changed in the texts of these records, and of others from the same answers.
    """

    kind: str
    name: str
    answers: Sequence[Line] = ()
    records: Sequence[Line] = ()
    inputs: Mapping[str, Line] = field(default_factory=dict[str, Line])
    edits: Sequence[Edit] = ()

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return the history of a row as the sections that `goldleaf why` prints."""
        from goldleaf.audit.explain_text import explanation_text

        explanation: Any = self  # type checkers know this file by two paths
        yield Section(text="\n".join(explanation_text(explanation, words)))

    def plain(self) -> dict[str, Any]:
        """Return the history as JSON-able values: all but `inputs`, as `goldleaf why --json`."""
        return {
            "kind": self.kind,
            "name": self.name,
            "answers": list(self.answers),
            "records": list(self.records),
            "edits": [edit.plain() for edit in self.edits],
        }


def explain(out: Path, name: str) -> Explanation:
    """Return the history of a row, record or input of the export in `out`.

    Raises:
        UsageError: `out` is not an export, the name is unknown (the nearest are suggested), or
            several names match.
        GoldleafError: the ledger cannot be read.
    """
    manifest = load_manifest(out)
    inputs = {str(given.get("file")): given for given in manifest.get("inputs", ())}
    ledger, name = out / LEDGER, name.strip()
    found = list(_matching(ledger, name)) if name else []
    kind, full = _chosen(found, name)
    if kind == "answer":
        answers = [line for line in found if line.get("answer") == full]
        ids = [identity for line in answers for identity in line["records"]]
        wanted = set(ids[:MOST])
        records = [line for line in _holding(ledger, wanted) if line.get("record") in wanted]
        return Explanation("answer", full, answers, records, inputs, edits_of(out, records))
    if not kind:
        raise _unknown(ledger, name)
    records = [line for line in found if full == line.get("record") or full in _rows(line)]
    ids = {str(line["record"]) for line in records}
    answers = [line for line in _holding(ledger, ids) if ids.intersection(line.get("records", ()))]
    beside = {identity for line in answers for identity in line["records"][:MOST]} - ids
    others = [line for line in _holding(ledger, beside) if line.get("record") in beside]
    edits = edits_of(out, [*records, *others])
    if kind == "row":
        edits = tuple(edit for edit in edits if edit.row == full) or edits
    return Explanation(kind, full, answers, records, inputs, edits)


def _chosen(found: Sequence[Line], name: str) -> tuple[str, str]:
    """Return (kind, full name) of the one thing that a name means; empty where there is none.

    An exact match goes before a prefix.

    Raises:
        UsageError: several names have this prefix.
    """
    names = [("answer", str(line["answer"])) for line in found if "answer" in line]
    names += [("record", str(line["record"])) for line in found if "record" in line]
    rows = dict.fromkeys(row for line in found for row in _rows(line))
    names += [("row", row) for row in rows]
    exact = [each for each in names if each[1] == name]
    if exact:
        return min(exact, key=lambda each: ("answer", "row", "record").index(each[0]))
    answers = [each for each in names if each[0] == "answer"]
    if not answers:
        names = [each for each in names if each[1].startswith(name)]
        # A record's own id is that of its row too, and a repeat's begins with it: one thing.
        names = [each for each in names if each[0] == "record"] or names
        shortest = min((each[1] for each in names), key=len, default="")
        names = [each for each in names if not each[1].startswith(f"{shortest}-")]
    if len(names := answers or names) > 1:
        matches = ", ".join(each[1] for each in names[:NEAR])
        more = "write more characters of it"
        raise UsageError(f"{name!r} fits {len(names)}: {matches}", where=LEDGER, fix=more)
    return names[0] if names else ("", "")


def _matching(ledger: Path, name: str) -> Iterator[Line]:
    """Yield the lines that a name may mean."""
    needle = orjson.dumps(name)[1:-1]
    is_id = _HEX.fullmatch(name) is not None
    for line in _lines(ledger, lambda raw: needle in raw):
        if "answer" in line:
            key = str(line["answer"])
            if (
                key == name
                or key.startswith((f"{name}@", f"{name}#"))
                or name in line.get("from", ())
            ):
                yield line
        elif is_id and (
            str(line["record"]).startswith(name) or any(row.startswith(name) for row in _rows(line))
        ):
            yield line


def _holding(ledger: Path, ids: Iterable[str]) -> Iterator[Line]:
    """Yield the lines that name one of some records."""
    wanted = list(ids)
    if wanted:
        needles = re.compile("|".join(map(re.escape, wanted)).encode())
        yield from _lines(ledger, lambda raw: needles.search(raw) is not None)


def _lines(ledger: Path, may: Callable[[bytes], bool]) -> Iterator[Line]:
    """Yield the lines of a ledger whose bytes pass `may`; only these are parsed."""
    try:
        for raw in ledger_lines(ledger.parent):
            if may(raw):
                yield parse_line(raw)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        fix = "goldleaf check lists what is wrong with this folder"
        raise GoldleafError(
            f"The ledger cannot be read: {error}", where=str(ledger), fix=fix
        ) from None


def _rows(line: Line) -> Iterator[str]:
    for names in cast("Mapping[str, Sequence[str]]", line.get("rows", {})).values():
        yield from names


def _unknown(ledger: Path, name: str) -> UsageError:
    """Return the error for an unknown name, with the names that share the longest prefix."""

    def names() -> Iterator[str]:
        for line in _lines(ledger, lambda raw: True):
            yield str(line.get("answer") or line.get("record"))

    def alike(other: str) -> int:
        pairs = zip(name, other, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    near = heapq.nlargest(NEAR, names(), key=lambda other: (alike(other), -len(other)))
    nearest = ", ".join(other for other in near if alike(other) >= min(3, len(name)))
    fix = (
        f"did you mean {nearest}?"
        if nearest
        else (f"give a row's id, a record's id or its first {LEAST} characters, or an input's key")
    )
    return UsageError(f"Nothing here is called {name!r}.", where=str(ledger), fix=fix)
