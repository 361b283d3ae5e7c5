"""What an import found: rows counted, rejected or flagged; as lines, JSON and exit code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from goldleaf.cli.output import note, say, say_json
from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError, NothingUsable, RejectedRows
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult

SHOWN = 10
"""Rejected rows shown one by one; the rest are counted."""
LISTED = 1_000
"""Places of flagged rows that `--json` lists."""


class Findings:
    """Counts the rows that pass, and shows the first rejected ones with their place.

    `beside` counts records that are left out of rows that are not rejected; `listing` takes every
    rejected row as a line of JSON.
    """

    def __init__(self, listing: BinaryIO | None, words: Translations) -> None:
        self.words = words
        self.listing = listing
        self.rows = 0
        self.reasons: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()
        self.flagged: Counter[str] = Counter()
        self.places: list[dict[str, str | int]] = []

    def watch(self, readings: Iterator[InputResult]) -> Iterator[InputResult]:
        """Yield the usable rows, and count and flag all."""
        for reading in readings:
            self.rows += 1
            if reading.reason:
                self.reject(reading.key, reading.reason, reading.detail)
            else:
                self.flag(reading)
                yield reading

    def flag(self, reading: InputResult) -> None:
        """Report what a template would obey or nobody sees; the row is read all the same."""
        from goldleaf.curation.text_flags import flags

        found = {flag.reason: flag for record in reading.records for flag in flags(record)}
        for reason, flag in found.items():
            self.flagged[reason] += 1
            if len(self.places) < LISTED:
                place: dict[str, str | int] = {"row": reading.key, "reason": reason}
                self.places.append(
                    {**place, "field": flag.field, "found": flag.found, "character": flag.place}
                )
            if self.flagged.total() <= SHOWN:
                about = {"row": reading.key, "reason": reason, "field": flag.field}
                note(self.words("import.flagged_at", **about, found=flag.found, place=flag.place))

    def reject(self, key: str, reason: str, detail: str) -> None:
        """Count a rejected row, list it, and show it if it is among the first."""
        self.reasons[reason] += 1
        if self.listing is not None:
            row = {"row": key, "reason": reason, "detail": detail}
            self.listing.write(json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n")
        if self.reasons.total() <= SHOWN:
            shown = translate_error(detail, self.words.lang)
            note(f"  {key}: {reason}" + (f" ({shown})" if shown else ""))

    def failure(
        self, usable: int, file: Path, *, strict: bool, kept: Path | None = None
    ) -> GoldleafError | None:
        """Return why a run failed, if it did; `kept` is the file that therefore was not replaced.

        Args:
            usable: rows, records or tasks that came out of the file.
            file: the file that was read.
            strict: whether a rejected row is a failure.
            kept: the file that is left as it was if this is a failure.
        """
        fix = f"{kept} was not written" if kept is not None else ""
        if not usable and not +self.beside and (self.rows or kept is not None):
            return NothingUsable("No row of this file could be used.", where=str(file), fix=fix)
        if strict and self.reasons:
            return RejectedRows("Some rows were rejected.", where=str(file), fix=fix)
        return None

    def report(self, outcome: Mapping[str, int], *, as_json: bool) -> None:
        """Print what became of the rows; `outcome` has the records or tasks by their fate."""
        from goldleaf.core.input_results import UNREAD

        words = self.words
        counts = {"rows": self.rows, **outcome, **+self.beside, "rejected": self.reasons.total()}
        if as_json:
            read_to_end = UNREAD.isdisjoint(self.reasons)
            say_json(
                {**counts, "reasons": dict(sorted(self.reasons.items())), "whole": read_to_end}
                | {"flagged": dict(sorted(self.flagged.items())), "flagged_places": self.places}
            )
            return
        say(words.listed(f"{words(f'import.{name}')} {count}" for name, count in counts.items()))
        for reason, count in sorted(self.reasons.items()):
            meaning = words.known(f"reason.{reason}")
            key = "import.explained" if meaning else "import.reason"
            say(words(key, count=count, reason=reason, meaning=meaning))
        for reason, count in sorted(self.flagged.items()):
            meaning = words.known(f"reason.{reason}")
            say(words("import.flagged", count=count, reason=reason, meaning=meaning))
