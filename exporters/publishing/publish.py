"""Publish an export atomically: a staging folder next to it, a lock, one exchange at the end."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goldleaf.core import folders
from goldleaf.core.errors import UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.files import file_error
from goldleaf.core.safe_paths import files_inside
from goldleaf.exporters.publishing.manifest import MANIFEST, file_description, read_manifest

FIX = "choose another --out, move this away, or give --overwrite"


@dataclass(frozen=True, slots=True)
class Staging:
    """The folders where an export is made: `spool` is temporary, `staged` replaces `out`."""

    out: Path
    spool: Path
    staged: Path

    def publish(self) -> None:
        """Replace the folder `out` with the staged one, in one step where the system can."""
        folders.publish(self.staged, self.out, self.staged.parent)

    def holds_rows(self) -> bool:
        """Return whether `out` is an export with rows, which one without rows must not replace."""
        manifest = read_manifest(self.out)
        return manifest is not None and any(file["rows"] for file in manifest["files"])


@contextmanager
def open_staging(out: Path, *, overwrite: bool = False) -> Generator[Staging]:
    """Yield a clean, locked staging folder next to `out`; leftovers of a killed run are removed.

    Args:
        out: the folder to write; a link is followed.
        overwrite: replace an export of ours even if a person changed it, or this one has no rows.

    Raises:
        UsageError: another goldleaf process uses it, or `out` is not an export of goldleaf.
        GoldleafError: the disk is full; `out` is as it was.
    """
    out = Path(os.path.realpath(out))
    work = out.parent / f".{out.name}.goldleaf-work"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with locked(out.parent / f".{out.name}.lock", removed=True):
            folders.recover(out, work)
            refuse_foreign(out, overwrite=overwrite)
            folders.start_work(work)
            try:
                staging = Staging(out, work / "spool", work / "staged")
                staging.spool.mkdir()
                staging.staged.mkdir()
                yield staging
            finally:
                folders.end_work(work)
    except OSError as error:
        raise file_error(error, out) from error


def refuse_foreign(out: Path, *, overwrite: bool = False) -> None:
    """Raise unless `out` is absent, empty, or an unchanged export of goldleaf.

    Args:
        out: a path without links.
        overwrite: allow an export of goldleaf with changed or added files.

    Raises:
        UsageError: `out` is a file, has no manifest of ours, holds a file that no manifest names,
            or one that was changed since.
        OSError: it cannot be read.
    """
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        os.stat(out)  # a loop of links is reported as one
        fix = "choose another --out, or move this away"
        raise UsageError("This is a file, not a folder.", where=str(out), fix=fix)
    found = dict(files_inside(out))
    if not found:
        return
    manifest = read_manifest(out)
    if manifest is None:
        fix = "choose another --out, or move this away"
        raise UsageError("This folder is not an export of goldleaf.", where=str(out), fix=fix)
    if overwrite:
        return
    written = {file["path"]: file for file in manifest["files"]}
    for name in sorted(found.keys() - {MANIFEST}):
        what = ""
        if name not in written or not found[name]:
            what = "This export holds a file that goldleaf did not write."
        elif file_description(out / name)["sha256"] != written[name]["sha256"]:
            what = "This export holds a file that was changed after it was written."
        if what:
            raise UsageError(what, where=str(out / name), fix=FIX)
