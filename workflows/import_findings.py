"""What an import finds: rows counted, rejected or flagged, and whether it failed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from goldleaf.core.errors import GoldleafError, NothingUsable, RejectedRows
from goldleaf.core.input_results import UNREAD

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.curation.texts.text_flags import Flag

LISTED = 1_000
"""Places of flagged rows that are kept; all are counted."""


class ImportFindings:
    """Counts the rows of an import, good and bad.

    Attributes:
        rows: rows read.
        reasons: rejected rows by reason code.
        left_out: records left out of rows that are not rejected, by what became of them.
        merged: records that a curation merged with an equal one before they came here.
        flagged: rows with text that a template would obey or that is not seen, by reason code.
        places: where the first flagged texts are.
    """

    def __init__(
        self,
        listing: BinaryIO | None = None,
        *,
        on_reject: Callable[[str, str, str], None] = lambda key, reason, detail: None,
        on_flag: Callable[[str, Flag], None] = lambda key, flag: None,
    ) -> None:
        """Start with no rows.

        Args:
            listing: takes every rejected row as a line of JSON.
            on_reject: called with a rejected row's key, reason code and detail.
            on_flag: called with a flagged row's key and what was found in it.
        """
        self.listing, self.on_reject, self.on_flag = listing, on_reject, on_flag
        self.rows = self.merged = 0
        self._counts_rows = True
        self.reasons: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.flagged: Counter[str] = Counter()
        self.places: list[dict[str, str | int]] = []

    def usable(self, results: Iterator[InputResult]) -> Iterator[InputResult]:
        """Yield the results without a reason (flagged ones too); count and flag as they pass.

        A result with a reason is rejected. Nothing is counted before it is iterated.
        """
        for result in results:
            self.rows += self._counts_rows
            if result.reason:
                self.reject(result.key, result.reason, result.detail)
            else:
                self.flag(result)
                yield result

    def flag(self, result: InputResult) -> None:
        """Count and list what in a row's texts a template would obey or a reader not see.

        The row is kept. Each reason counts once a row; `on_flag` is called for each.
        """
        from goldleaf.curation.texts.text_flags import flags

        found = {flag.reason: flag for record in result.records for flag in flags(record)}
        for reason, flag in found.items():
            self.flagged[reason] += 1
            if len(self.places) < LISTED:
                place: dict[str, str | int] = {"row": result.key, "reason": reason}
                self.places.append(
                    {**place, "field": flag.field, "found": flag.found, "character": flag.place}
                )
            self.on_flag(result.key, flag)

    def reject(self, key: str, reason: str, detail: str) -> None:
        """Count a rejected row by its reason code, list it and call `on_reject`.

        `rows` does not change: a row may also be rejected after it was yielded.
        """
        self.reasons[reason] += 1
        if self.listing is not None:
            row = {"row": key, "reason": reason, "detail": detail}
            self.listing.write(json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n")
        self.on_reject(key, reason, detail)

    def add_screened(self, rows: int, merged: int, listed: Path) -> None:
        """Count the rows that a curation read; those that come from its records are among them.

        Args:
            rows: those of the file, also the rejected ones.
            merged: records that are equal to another one, and are not read here again.
            listed: its `rejected.jsonl`.
        """
        self.rows, self.merged, self._counts_rows = rows, merged, False
        with open(listed, "rb") as lines:
            for row in map(json.loads, lines):
                self.reject(row["key"], row["reason"], row["detail"])

    def failure(
        self, usable: int, file: Path, *, strict: bool, kept: Path | None = None
    ) -> GoldleafError | None:
        """Return why a run failed, None if it did not; `kept` is the file then not replaced.

        `NothingUsable` where nothing came out and nothing was left out on purpose (a file without
        rows only with `kept`); with `strict`, `RejectedRows` where a row was rejected.

        Args:
            usable: rows, records or tasks that came out of the file.
            file: the file that was read.
            strict: whether a rejected row is a failure.
            kept: the file that is left as it was if this is a failure.
        """
        fix = f"{kept} was not written" if kept is not None else ""
        if not usable and not +self.left_out and (self.rows or kept is not None):
            return NothingUsable("No row of this file could be used.", where=str(file), fix=fix)
        if strict and self.reasons:
            return RejectedRows("Some rows were rejected.", where=str(file), fix=fix)
        return None

    def counts(self, outcome: Mapping[str, int]) -> dict[str, int]:
        """Return every count by name: `rows`, those of `outcome` and `left_out`, `rejected`.

        `outcome` has records or tasks by what became of them, such as `{"created": 10}`; `merged`
        is there where records were.
        """
        left_out = {**+self.left_out, **({"merged": self.merged} if self.merged else {})}
        return {"rows": self.rows, **outcome, **left_out, "rejected": self.reasons.total()}

    def plain(self, outcome: Mapping[str, int]) -> dict[str, Any]:
        """Return the counts and what was found as JSON values, as `goldleaf import --json` prints.

        The keys of `counts(outcome)`, with those of `outcome` at the top level, and `reasons`,
        `whole` (whether the file was read to its end), `flagged`, `flagged_places`.
        """
        return {
            **self.counts(outcome),
            "reasons": dict(sorted(self.reasons.items())),
            "whole": UNREAD.isdisjoint(self.reasons),
            "flagged": dict(sorted(self.flagged.items())),
            "flagged_places": self.places,
        }
