"""Which records of a row a kind can show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import BadRow

if TYPE_CHECKING:
    from goldleaf.core.records import Record
    from goldleaf.label_configs.kind import Codec
    from goldleaf.workflows.import_findings import ImportFindings


def fitting_records(
    key: str, records: Iterable[Record], codec: Codec, findings: ImportFindings
) -> list[tuple[Record, dict[str, Any]]]:
    """Return the records of a row that fit a kind, each with the data of its task.

    Args:
        key: names the row in messages.
        records: what the row became.
        codec: of the kind.
        findings: reject the row if none of its records fits, with the first reason; else they
            count those that do not.
    """
    found: list[tuple[Record, dict[str, Any]]] = []
    unfit: list[BadRow] = []
    for record in records:
        try:
            found.append((record, codec.to_task(record)))
        except BadRow as bad:
            unfit.append(bad)
    if unfit and not found:
        findings.reject(key, unfit[0].reason, unfit[0].detail)
    else:
        findings.left_out["unfit_records"] += len(unfit)
    return found
