"""Whether an export is whole, as a result that shows itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import UsageError
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.audit.check import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult(Shown):
    """What is wrong with the export in `out`: `findings` have `code`, `where` and `detail`."""

    out: Path
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Whether the export is whole: there is no finding."""
        return not self.findings

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return the findings as `goldleaf check` prints them; one line where there is none."""
        rows = [(f.code, f.where, translate_error(f.detail, words.lang)) for f in self.findings]
        yield Section(rows=rows, text="" if rows else words("lint.whole", out=self.out))


def check(out: Path | str, *, progress: Callable[[str, float], None] | None = None) -> CheckResult:
    """Check an export: files against the manifest, the ledger's sums, every row's invariants.

    >>> check("out").whole
    True

    Args:
        out: the folder of an export.
        progress: called with a stage and how many rows it has done.

    Raises:
        UsageError: there is no such folder; one that is no export is a finding instead.
    """
    from goldleaf.audit.check import check as run

    out = Path(out)
    if not out.is_dir():
        raise UsageError("There is no such folder.", where=str(out))
    return CheckResult(out=out, findings=tuple(run(out, progress)))
