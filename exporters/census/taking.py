"""One pass over some readings: what was said, the records' lines, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from goldleaf.core.errors import BadRow
from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import to_line
from goldleaf.exporters.census.columns import Codes, Columns, recoded
from goldleaf.exporters.census.made import Made, moved
from goldleaf.exporters.census.made import joined as joined_made
from goldleaf.exporters.census.making import Job, Making, making
from goldleaf.exporters.census.provenance import Hand, hand_of, places_of
from goldleaf.exporters.census.spools import LINES, first_offset, spool_file
from goldleaf.exporters.settlement.votes import annotation_hash, stamp_of

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Taken:
    """What a pass left.

    `answers`: answer (index), key, reason, detail, hand (code in `hands`), places, and of a
    rejected annotation its name and stamp (as votes have them, else 0 and null); `lines`: arrival,
    answer, record, offset and length (in the spool of lines) of every record.
    """

    answers: pl.DataFrame
    lines: pl.DataFrame
    made: Made
    hands: Sequence[Hand]


@contextmanager
def taking(job: Job, number: int) -> Generator[Taking]:
    """Open the spools of a pass, each a file of that number."""
    with spool_file(job.folder, LINES, number) as file, making(job, number) as made:
        yield Taking(made, file, first_offset(number))


class Taking:
    """Columns and spools that fill reading by reading."""

    def __init__(self, making: Making, file: BinaryIO, start: int) -> None:
        import polars as pl

        small, text = pl.UInt32, pl.String
        self._making, self._file, self._end = making, file, start
        self._answers = Columns(
            {
                **{"answer": small, "key": text, "reason": text, "detail": text},
                **{"hand": small, "places": text},
                **{"annotation": pl.UInt64, "stamp": pl.Int64},
            }
        )
        place = {"offset": pl.UInt64, "length": small}
        self._lines = Columns({"arrival": small, "answer": small, "record": text, **place})
        self._hands: dict[Hand, int] = {}
        self._answer = self._arrival = 0

    def read(self, readings: Iterable[InputResult], told: Callable[[], None]) -> None:
        """Read some readings; `told` is called after each."""
        hands, make, write = self._hands, self._making.make, self._file.write
        for reading in readings:
            made, reason, detail = _lines(reading)
            kept = reading.records if made else ()  # of unwritable ones nothing is kept
            hand = hands.setdefault(hand_of(kept), len(hands))
            places = places_of(kept, reading.key)
            said = (self._answer, reading.key, reason, detail, hand, places)
            self._answers.add(*said, *_rejected_state(reading))
            for identity, line, record in made:
                write(line)
                self._lines.add(self._arrival, self._answer, identity, self._end, len(line))
                self._end += len(line)
                make(self._arrival, identity, record)
                self._arrival += 1
            self._answer += 1
            told()

    def done(self) -> Taken:
        """Return what was taken; the spools are complete."""
        self._file.flush()
        made = self._making.done()
        return Taken(self._answers.frame(), self._lines.frame(), made, tuple(self._hands))


def joined(several: Sequence[Taken]) -> Taken:
    """Return what several passes left as one: their numbers follow each other, codes are shared."""
    import polars as pl

    hands = Codes[Hand]()
    answers: list[pl.DataFrame] = []
    lines: list[pl.DataFrame] = []
    made: list[tuple[int, Made]] = []
    answer = arrival = 0
    for one in several:
        said = moved(one.answers, "answer", answer)
        answers.append(recoded(said, "hand", hands.of(one.hands)))
        lines.append(moved(moved(one.lines, "answer", answer), "arrival", arrival))
        made.append((arrival, one.made))
        answer, arrival = answer + one.answers.height, arrival + one.lines.height
    return Taken(pl.concat(answers), pl.concat(lines), joined_made(made), hands.all)


def _lines(reading: InputResult) -> tuple[list[tuple[str, bytes, Record]], str, str]:
    """Return (id, line, record) of all records, and why there is none; a text may be unwritable.

    A line as it was read is as good as a canonical one until two must be compared, which is rare.
    """
    if reading.line:
        (record,) = reading.records
        return [(record_id(record), reading.line, record)], "", ""
    try:
        lines = [(to_line(record), record) for record in reading.records]
    except BadRow as error:
        return [], error.reason, _readable(error.detail)
    made = [(record_id(record), line, record) for line, record in lines]
    return made, reading.reason, _readable(reading.detail)


def _rejected_state(reading: InputResult) -> tuple[int, int | None]:
    """Return name and stamp of a rejected annotation, so that no older state of it is used."""
    if reading.parent is None or not reading.group:
        return 0, None
    return annotation_hash(reading.parent, reading.group), stamp_of(reading.parent.updated_at)


def _readable(detail: str) -> str:
    return detail.encode("utf-8", "replace").decode()
