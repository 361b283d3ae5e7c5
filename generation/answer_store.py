"""Answers on disk by the hash of their request: what was answered is never asked for again.

One line of JSON for each group of answers that came together, written at once and synced: a run
that is killed leaves whole lines, or a last one that is cut off and then removed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import orjson

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.file_lock import try_lock
from goldleaf.core.files import file_error
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.generation.generator import FINAL, OUTCOMES, Answer, Generator, Request

_FIELDS = frozenset(field.name for field in fields(Answer))


_START = b'[{"request":"'


def request_hash(generator: str, request: Request) -> bytes:
    """Return 16 bytes that name a request to one generator: name, turns, sampling, schema."""
    turns = [[turn.role, turn.content] for turn in request.turns]
    what: list[object] = [generator, turns, asdict(request.sampling)]
    what += [] if request.schema is None else [dict(request.schema)]
    content = json.dumps(what, sort_keys=True).encode()
    return hashlib.sha256(content).digest()[:16]


class AnswerStore:
    """A file of answers, open while they are read and added; one process at a time.

    Answers whose outcome is not final (`generator.FINAL`) are kept for the record and asked for
    again by a later run.

    Args:
        path: the file; it is made if absent.

    Raises:
        GoldleafError: it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[bytes, tuple[int, int]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise file_error(error, path) from error
        with ExitStack() as undo:
            self._file: BinaryIO = undo.enter_context(os.fdopen(handle, "r+b"))
            self._lock()
            try:
                self._end = self._read_places()
                self._file.truncate(self._end)
            except OSError as error:
                raise file_error(error, path) from error
            undo.pop_all()

    def _lock(self) -> None:
        """Keep other processes out, until this one ends."""
        if not try_lock(self._file.fileno()):
            raise UsageError(
                "Another goldleaf process is running here.",
                where=str(self.path),
                fix="wait for it to end, or choose another place",
            )

    def __len__(self) -> int:
        """Return how many requests have a final answer."""
        return len(self._places)

    def find(self, key: bytes) -> Answer | None:
        """Return the final answer to a request, by its `request_hash`; None if there is none."""
        place = self._places.get(key)
        if place is None:
            return None
        self._file.seek(place[0])
        line = self._file.readline()
        found = _answers(line)
        return None if found is None else found[place[1]][1]

    def add(self, answers: Sequence[tuple[bytes, Answer]]) -> None:
        """Store answers that came together; they are on the disk when this returns.

        Raises:
            GoldleafError: they cannot be written.
        """
        rows = [{"request": key.hex(), **_plain(answer)} for key, answer in answers]
        try:
            line = orjson.dumps(rows) + b"\n"
        except (TypeError, ValueError) as error:
            raise GoldleafError(f"An answer cannot be stored: {error}") from None
        try:
            self._file.seek(self._end)
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(self._end)
            raise file_error(error, self.path) from error
        self._note(self._end, answers)
        self._end += len(line)

    def answer(
        self, generator: Generator, requests: Sequence[Request]
    ) -> Iterator[tuple[bool, list[tuple[int, Answer]]]]:
        """Yield (whether it is new, (place, answer) of some requests) until each had its answer.

        Stored ones come first, then new ones as they are ready.

        Equal requests are asked once. New answers are on the disk before they are yielded.

        Raises:
            GoldleafError: as the generator, or the file cannot be written.
        """
        places: dict[bytes, list[int]] = {}
        for place, request in enumerate(requests):
            places.setdefault(request_hash(generator.name, request), []).append(place)
        missing: list[bytes] = []
        for key, equal in places.items():
            stored = self.find(key)
            if stored is None:
                missing.append(key)
            else:
                yield False, [(place, stored) for place in equal]
        if not missing:
            return
        for group in generator.answer([requests[places[key][0]] for key in missing]):
            self.add([(missing[place], answer) for place, answer in group])
            found = [(each, answer) for place, answer in group for each in places[missing[place]]]
            yield True, found

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> AnswerStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read_places(self) -> int:
        """Note where every answer is; return where the last whole line ends, in bytes.

        A line that is damaged is passed over: its requests are asked again.

        Raises:
            UsageError: the file holds something else.
        """
        start = self._file.read(len(_START))
        if not _START.startswith(start):
            fix = "give --out another name, or remove this file"
            raise UsageError("This file holds something else.", where=str(self.path), fix=fix)
        self._file.seek(0)
        offset = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            self._note(offset, _answers(line) or ())
            offset += len(line)
        return offset

    def _note(self, offset: int, answers: Sequence[tuple[bytes, Answer]]) -> None:
        for number, (key, answer) in enumerate(answers):
            if answer.outcome in FINAL:
                self._places[key] = (offset, number)


def _plain(answer: Answer) -> dict[str, Any]:
    """Return an answer without the fields that have their default."""
    return {name: value for name, value in asdict(answer).items() if value}


def _answers(line: bytes) -> list[tuple[bytes, Answer]] | None:
    """Return the answers of a line; None if it is damaged."""
    try:
        rows = list_or_empty(orjson.loads(line))
        found: list[tuple[bytes, Answer]] = []
        for row in map(object_or_empty, rows):
            given = {name: value for name, value in row.items() if name in _FIELDS}
            if given["outcome"] not in OUTCOMES:
                return None
            found.append((bytes.fromhex(row["request"]), Answer(**given)))
        return found
    except (ValueError, KeyError, TypeError):
        return None
