"""What an import found, printed: the first rejected and flagged rows, then the counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from goldleaf.cli.output import print_json, print_note, print_result
from goldleaf.core.error_translation import translate_error
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.curation.texts.text_flags import Flag
    from goldleaf.workflows.import_findings import ImportFindings

SHOWN = 10
"""Rejected rows shown one by one, and flagged ones; the rest are counted."""


class FirstRows:
    """Prints the first rejected and the first flagged rows with their place."""

    def __init__(self, words: Translations) -> None:
        self.words = words
        self.rejected = self.flagged = 0

    def show_rejected(self, key: str, reason: str, detail: str) -> None:
        """Count a rejected row, and print it if it is among the first `SHOWN`."""
        self.rejected += 1
        if self.rejected <= SHOWN:
            shown = translate_error(detail, self.words.lang)
            form = "import.rejected_because" if shown else "import.rejected_at"
            print_note(self.words(form, row=key, reason=reason, detail=shown))

    def show_flagged(self, key: str, flag: Flag) -> None:
        """Count a flag of a row, and print it if it is among the first `SHOWN`."""
        self.flagged += 1
        if self.flagged <= SHOWN:
            about = {"row": key, "reason": flag.reason, "field": flag.field}
            print_note(self.words("import.flagged_at", **about, found=flag.found, place=flag.place))


def report(
    findings: ImportFindings, outcome: Mapping[str, int], words: Translations, *, as_json: bool
) -> None:
    """Print what became of the rows of an import, as lines or as one JSON value.

    `outcome` has records or tasks by what became of them, such as `{"created": 10}`.
    """
    if as_json:
        return print_json(findings.plain(outcome))
    counts = findings.counts(outcome)
    print_result(
        words.listed(f"{words(f'import.{name}')} {count}" for name, count in counts.items())
    )
    for reason, count in sorted(findings.reasons.items()):
        meaning = words.known(f"reason.{reason}")
        key = "import.explained" if meaning else "import.reason"
        print_result(words(key, count=count, reason=reason, meaning=meaning))
    for reason, count in sorted(findings.flagged.items()):
        meaning = words.known(f"reason.{reason}")
        print_result(words("import.flagged", count=count, reason=reason, meaning=meaning))
