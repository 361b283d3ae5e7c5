"""Where a row of an export came from, and how two exports differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.audit.compare import Difference
    from goldleaf.audit.explain import Explanation


def why(out: Path | str, name: str) -> Explanation:
    """Return where a row, record or input of an export came from, or why it is not there.

    >>> why("out", "rows.jsonl:1").kind
    'answer'

    Args:
        out: the folder of an export.
        name: a row's id, a record's id (six characters are enough), or an input:
            `project:3/task:12/annotation:40` or `file.jsonl:17`.

    Raises:
        UsageError: `out` is no export, or nothing in it has that name, or several things have.
        GoldleafError: its ledger cannot be read.
    """
    from goldleaf.audit.explain import explain

    return explain(Path(out), name)


def diff(old: Path | str, new: Path | str) -> Difference:
    """Return what differs between two exports: recipe, inputs, rows, shares, reasons.

    >>> diff("out", "out").same
    True

    Args:
        old: the folder of an export.
        new: the folder of another.

    Raises:
        UsageError: one of them is not an export.
        GoldleafError: a ledger cannot be read.
    """
    from goldleaf.audit.compare import difference

    return difference(Path(old), Path(new))
