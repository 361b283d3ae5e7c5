"""OUT, whole or not at all: a work folder beside it, a lock, and one rename at the end."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goldleaf.core import files
from goldleaf.core.errors import UsageError
from goldleaf.exporters.publishing.manifest import MANIFEST, read_manifest


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where an export is made: `spool` for what goes away, `staged` for what becomes OUT."""

    out: Path
    spool: Path
    staged: Path

    def publish(self) -> None:
        """Put what is staged in the place of OUT."""
        files.publish(self.staged, self.out)


@contextmanager
def workshop(out: Path) -> Generator[Workshop]:
    """Yield a clean workshop beside `out`, alone; what a killed run left is cleared away.

    Raises:
        UsageError: another goldleaf is at work there, or `out` holds what is not ours.
        GoldleafError: the disk is full; `out` is as it was.
    """
    out = out.resolve()
    work = out.parent / f".{out.name}.work"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with files.locked(out.parent / f".{out.name}.lock"):
            files.recover(out)
            refuse_strangers(out)
            shutil.rmtree(work, ignore_errors=True)
            try:
                shop = Workshop(out, work / "spool", work / out.name)
                shop.spool.mkdir(parents=True)
                shop.staged.mkdir()
                yield shop
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise files.explained(error, out) from error


def refuse_strangers(out: Path) -> None:
    """Refuse to replace a folder that holds anything but an export of ours.

    Raises:
        UsageError: `out` is a file, has no manifest of ours, or holds a file no manifest names.
    """
    fix = "choose another --out, or move this away"
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError("This is a file, not a folder.", where=str(out), fix=fix)
    found = {str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir()}
    if not found:
        return
    manifest = read_manifest(out)
    if manifest is None:
        raise UsageError("This folder is not an export of ours.", where=str(out), fix=fix)
    strange = sorted(found - {MANIFEST} - {file["path"] for file in manifest["files"]})
    if strange:
        raise UsageError(
            "This export holds a file that goldleaf did not write.",
            where=str(out / strange[0]),
            fix=fix,
        )
