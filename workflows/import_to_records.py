"""Rows of a file written as `records.jsonl`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import GoldleafError, NothingUsable, RejectedRows

if TYPE_CHECKING:
    from goldleaf.sources.read_file import SourceFile
    from goldleaf.workflows.import_findings import ImportFindings


def import_to_records(
    rows: SourceFile,
    records: Path,
    findings: ImportFindings,
    *,
    kind: str | None = None,
    limit: int | None = None,
    strict: bool = False,
    progress: Callable[[float], None] = lambda records: None,
) -> tuple[dict[str, int], GoldleafError | None]:
    """Write the records of a file's rows; where the run fails, the file is left as it was.

    Args:
        rows: the file, opened by `open_rows`.
        records: the file to write.
        findings: counts the rows.
        kind: write the records alone that this kind can show; a row without any is rejected.
        limit: read this many rows only.
        strict: whether a rejected row is a failure.
        progress: called with how many records are written.

    Returns:
        `{"written": n}`, and why the run failed (`ImportFindings.failure`; it is not raised), or
        None. After a failure `n` is 0.
    """
    from goldleaf.core.files import replacing
    from goldleaf.core.records_jsonl import to_line
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.workflows.fitting_records import fitting_records

    codec = kind_named(kind).codec if kind else None
    written = 0
    try:
        with replacing(records) as output:
            for result in findings.usable(islice(rows, limit)):
                kept = result.records
                if codec is not None:
                    fits = fitting_records(result.key, kept, codec, findings)
                    kept = tuple(record for record, _ in fits)
                for record in kept:
                    output.write(to_line(record) + b"\n")
                    written += 1
                    progress(written)
            if failure := findings.failure(written, rows.path, strict=strict, kept=records):
                raise failure
    except (NothingUsable, RejectedRows) as failed:
        return {"written": 0}, failed
    return {"written": written}, None
