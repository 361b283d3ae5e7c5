"""Differences between two exports, from their manifests and ledgers.

Both ledgers are sorted by record, so they are read in step and only what differs is held, as 64-bit
hashes.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, cast

import xxhash

from goldleaf.core.errors import GoldleafError
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.translations import Translations
from goldleaf.exporters.publishing.ledger import LEDGER, read_ledger
from goldleaf.exporters.publishing.manifest import MANIFEST, load_manifest
from goldleaf.recipes.inheritance import plain_yaml

EXAMPLES = 5
"""Ids kept of each way in which rows differ."""

Change = tuple[Any, Any]
"""A value in the old and in the new export; None where there is none."""

Where = Mapping[tuple[str, str], str]
"""(format, row id) -> file."""


@dataclass
class RowChanges:
    """Rows by what became of them: counts by file, or by file and file, and a few ids."""

    added: Counter[str] = field(default_factory=Counter[str])
    removed: Counter[str] = field(default_factory=Counter[str])
    moved: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @property
    def sides(self) -> int:
        """Return how many of the moved rows went from train to test or back."""
        return sum(n for files, n in self.moved.items() if _side(files[0]) != _side(files[1]))

    def move(self, old: str, new: str, name: str) -> None:
        """Count a row (id `name`) of both exports as moved if its files `old` and `new` differ."""
        if old != new:
            self.moved[old, new] += 1
            self.note("moved", name)

    def note(self, what: str, name: str) -> None:
        """Keep the id of a changed row as an example, up to `EXAMPLES` of each kind of change.

        `what` is `added`, `removed` or `moved`; the row is not counted.
        """
        kept = self.examples.setdefault(what, [])
        if len(kept) < EXAMPLES:
            kept.append(name)

    def plain(self) -> dict[str, Any]:
        """Return the changes of rows as JSON-able values: counts by file, `sides`, a few ids."""
        moved = [{"from": a, "to": b, "rows": n} for (a, b), n in sorted(self.moved.items())]
        return {
            "added": dict(sorted(self.added.items())),
            "removed": dict(sorted(self.removed.items())),
            "moved": moved,
            "sides": self.sides,
            "examples": self.examples,
        }


@dataclass
class Difference(Shown):
    """The differences between two exports; a part without differences is empty.

    `recipe`, `versions`, `answers`, `records`, `rejected`, `dropped`, `behaviours` and `shortfalls`
    map a name to its values in both; `behaviours` hold rows to train on and their share.
    """

    recipe: dict[str, Change]
    versions: dict[str, Change]
    inputs: dict[str, list[str]]
    answers: dict[str, Change]
    records: dict[str, Change]
    rejected: dict[str, Change]
    dropped: dict[str, Change]
    behaviours: dict[str, Change]
    shortfalls: dict[str, Change]
    conflicts: dict[str, list[str]]
    files: dict[str, Change]
    rows: RowChanges

    @property
    def same(self) -> bool:
        """Return whether nothing differs: recipe, versions, inputs, counts, files of rows, rows.

        Other library versions alone make it false; cards, reports and their language do not count.
        """
        parts = [getattr(self, part.name) for part in fields(self) if part.name != "rows"]
        return not any([*parts, self.rows.added, self.rows.removed, self.rows.moved])

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return the sections of the comparison that `goldleaf diff` prints."""
        from goldleaf.audit.compare_text import difference_sections

        found: Any = self  # type checkers know this file by two paths
        return difference_sections(found, words)

    def plain(self) -> dict[str, Any]:
        """Return the difference as JSON-able values."""
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        return {"same": self.same, **parts, "rows": self.rows.plain()}


def difference(old: Path, new: Path) -> Difference:
    """Return the differences between the exports in two folders.

    Raises:
        UsageError: one of the folders is not an export.
        GoldleafError: a ledger cannot be read.
    """
    was, now = load_manifest(old), load_manifest(new)
    return Difference(
        recipe=_changes(
            _flat(_recipe(was, old)),
            _flat(_recipe(now, new)),
        ),
        versions=_changes(was["versions"], now["versions"]),
        inputs=_came_and_went(map(_input, was["inputs"]), map(_input, now["inputs"])),
        answers=_changes(was["answers"], now["answers"]),
        records=_changes(was["records"], now["records"]),
        rejected=_changes(was["reasons"]["rejected"], now["reasons"]["rejected"]),
        dropped=_changes(was["reasons"]["dropped"], now["reasons"]["dropped"]),
        behaviours=_changes(_behaviours(was), _behaviours(now)),
        shortfalls=_changes(_shortfalls(was), _shortfalls(now)),
        conflicts=_came_and_went(_conflicts(was), _conflicts(now)),
        files=_changes(_files(was), _files(now)),
        rows=_rows(old, new),
    )


def _recipe(manifest: Mapping[str, Any], out: Path) -> Any:
    """Return the recipe of a manifest as plain values; it may be another version's."""
    return plain_yaml(manifest["recipe"]["text"].encode(), f"{out / MANIFEST}: recipe")


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Change]:
    names = sorted(was.keys() | now.keys())
    return {n: (was.get(n), now.get(n)) for n in names if was.get(n) != now.get(n)}


def _came_and_went(was: Iterable[str], now: Iterable[str]) -> dict[str, list[str]]:
    old, new = set(was), set(now)
    found = {"added": sorted(new - old), "removed": sorted(old - new)}
    return {name: values for name, values in found.items() if values}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return path -> value of every key of a recipe; a list is one value."""
    if not isinstance(value, dict):
        return {path: value}
    parts = cast("dict[str, Any]", value)
    found = (_flat(inner, f"{path}.{name}" if path else name) for name, inner in parts.items())
    return {name: inner for part in found for name, inner in part.items()}


def _input(given: Mapping[str, Any]) -> str:
    """Return an input as one line: its name and a hash of its content."""
    name = given.get("file") or f"project:{given.get('project')}"
    digest = str(given.get("sha256") or given.get("config_hash") or "")[:12]
    return f"{name} {digest}".strip()


def _behaviours(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{count['use']} {count['behaviour']}".strip(): {
            "rows": count["train"],
            "share": count["share"],
        }
        for count in manifest["behaviours"]
    }


def _shortfalls(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {
        short["key"]: {"wanted": short["wanted"], "got": short["got"]}
        for short in manifest["shortfalls"]
    }


def _conflicts(manifest: Mapping[str, Any]) -> list[str]:
    return [" + ".join(conflict["members"]) for conflict in manifest.get("conflicts", ())]


def _files(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return number of rows and hash of every file with rows."""
    return {
        file["path"]: {"rows": file["rows"], "sha256": file["sha256"][:12]}
        for file in manifest["files"]
        if file["rows"] is not None
    }


def _rows(old: Path, new: Path) -> RowChanges:
    """Return what became of rows: the records of both ledgers in step.

    A row may have gone over to another record (of two duplicates the other one stays), so what one
    record lost and another gained is set against each other at the end.
    """
    found = RowChanges()
    lost: dict[int, tuple[str, str]] = {}
    gained: dict[int, tuple[str, str]] = {}
    for was, now in _in_step(_records(old), _records(new)):
        for key in sorted(was.keys() | now.keys()):
            before, after = was.get(key), now.get(key)
            if before and after:
                found.move(before, after, key[1])
            elif before:
                lost[_hash(key)] = before, key[1]
            elif after:
                gained[_hash(key)] = after, key[1]
    for code in lost.keys() & gained.keys():
        (before, name), (after, _) = lost.pop(code), gained.pop(code)
        found.move(before, after, name)
    for what, counted, rows in (("removed", found.removed, lost), ("added", found.added, gained)):
        for file, name in rows.values():
            counted[file] += 1
            found.note(what, name)
    return found


def _hash(key: tuple[str, str]) -> int:
    return xxhash.xxh3_64_intdigest("\n".join(key).encode())


def _records(out: Path) -> Iterator[tuple[str, Where]]:
    """Yield (record, where its rows are), sorted by record."""
    try:
        for line in read_ledger(out):
            if "record" in line:
                rows = cast("Mapping[str, Sequence[str]]", line["rows"])
                where = {
                    (f.partition("/")[0], name): f for f, names in rows.items() for name in names
                }
                yield str(line["record"]), where
    except (OSError, EOFError, zlib.error, ValueError, KeyError) as error:
        fix = "goldleaf check lists what is wrong with this folder"
        raise GoldleafError(
            f"The ledger cannot be read: {error}", where=str(out / LEDGER), fix=fix
        ) from None


def _in_step(
    old: Iterator[tuple[str, Where]], new: Iterator[tuple[str, Where]]
) -> Iterator[tuple[Where, Where]]:
    """Yield the rows of every record in the old and the new export; empty where it is missing."""
    nothing: Where = {}
    was, now = next(old, None), next(new, None)
    while was or now:
        first = min(each[0] for each in (was, now) if each)
        one = was[1] if was and was[0] == first else nothing
        other = now[1] if now and now[0] == first else nothing
        if was and was[0] == first:
            was = next(old, None)
        if now and now[0] == first:
            now = next(new, None)
        yield one, other


def _side(file: str) -> str:
    return PurePosixPath(file).stem
