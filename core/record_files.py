"""Files of records (`records.jsonl`), read one by one and written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.core.files import check_readable, file_error, replacing
from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import from_line, to_line


def read_records(path: Path | str) -> Iterator[Record]:
    """Yield the records of a `records.jsonl`; empty lines are skipped.

    The file is read while they are iterated, so errors come then.

    >>> [record.context[0].content for record in read_records("records.jsonl")]
    ['What is gold leaf?', 'What is size?']

    Raises:
        UsageError: the file cannot be read, or a line is not a record; the message has its number.
    """
    path = Path(path)
    try:
        with open(check_readable(path), "rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield from_line(line)
                    except BadRow as bad:
                        fix = "correct this line, or remove it"
                        raise UsageError(
                            f"This line is not a record: {bad.detail}",
                            where=f"{path}:{number}",
                            fix=fix,
                        ) from None
    except OSError as error:
        raise file_error(error, path) from error


def write_records(path: Path | str, records: Iterable[Record]) -> int:
    """Write records to a file, which is replaced only when all are written; return how many.

    >>> write_records("copy.jsonl", read_records("records.jsonl"))
    2

    Raises:
        GoldleafError: the file cannot be written; it is as it was.
        BadRow: a record cannot be written as JSON (`records_jsonl.to_line`); the file is as it was.
    """
    written = 0
    with replacing(Path(path)) as file:
        for record in records:
            file.write(to_line(record) + b"\n")
            written += 1
    return written
