"""The folder that a curation writes: made next to it, and exchanged in one step when all is there.

What row screens and stages have made is kept in a work folder next to it until then, so that a
killed run goes on where it was; only a run that ends removes it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.core import folders
from goldleaf.core.errors import NothingUsable, UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.files import file_error, read_small
from goldleaf.core.json_values import list_or_empty, object_or_empty, objects_in

MANIFEST = "manifest.json"
KIND = "goldleaf-curation/1"
_STAGED = "staged"


@dataclass(frozen=True, slots=True)
class CurationFolder:
    """`out` is what is written in the end, `work` is kept over a kill, `staged` becomes `out`."""

    out: Path
    work: Path

    @property
    def staged(self) -> Path:
        """The folder, inside `work`, in which the result is made; `publish` makes it `out`."""
        return self.work / _STAGED

    def publish(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, put the staged folder in the place of `out`, and remove `work`.

        The manifest gets `kind` and `files` (path, bytes, SHA-256 of every staged file).
        """
        from goldleaf.exporters.publishing.manifest import export_file_description, to_bytes

        names = sorted(path.name for path in self.staged.iterdir())
        files = [export_file_description(self.staged, name, None) for name in names]
        (self.staged / MANIFEST).write_bytes(to_bytes({**manifest, "kind": KIND, "files": files}))
        folders.publish(self.staged, self.out, self.work)
        folders.end_work(self.work)


def manifest_of(records: Path) -> Mapping[str, Any] | None:
    """Return the manifest of the curation that wrote a file, None where none did.

    It lies beside the file, and has it with this size: one that was edited is not the curation's.
    """
    try:
        plain = json.loads((records.parent / MANIFEST).read_bytes())
        size = records.stat().st_size
    except (OSError, ValueError, RecursionError):
        return None
    manifest = object_or_empty(plain)
    files = objects_in(list_or_empty(manifest.get("files")))
    listed = any(each.get("path") == records.name and each.get("bytes") == size for each in files)
    return manifest if manifest.get("kind") == KIND and listed else None


@contextmanager
def open_curation_folder(out: Path, *, overwrite: bool = False) -> Generator[CurationFolder]:
    """Yield the folders of a curation, locked; what a killed run has made is still there.

    Args:
        out: the folder to write; a link is followed.
        overwrite: replace a curation in which a person changed or added files.

    Raises:
        UsageError: another goldleaf process uses it, or it is not a curation's folder.
        GoldleafError: the disk is full; `out` is as it was.
    """
    out = Path(os.path.realpath(out))
    if any("\ud800" <= char <= "\udfff" for char in str(out)):  # Polars cannot open its files
        fix = "choose another --out"
        raise UsageError("This name is not UTF-8 text.", where=str(out), fix=fix)
    work = out.parent / f".{out.name}.goldleaf-curation"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with locked(out.parent / f".{out.name}.lock", removed=True):
            folders.recover(out, work)
            _refuse_foreign(out, overwrite=overwrite)
            if not folders.is_work_folder(work):
                folders.start_work(work)
            (work / folders.MARK).touch()
            found = CurationFolder(out, work)
            shutil.rmtree(found.staged, ignore_errors=True)
            found.staged.mkdir()
            try:
                yield found
            except NothingUsable:  # there is nothing to go on with
                folders.end_work(work)
                raise
    except OSError as error:
        raise file_error(error, out) from error


def _refuse_foreign(out: Path, *, overwrite: bool) -> None:
    """Raise UsageError unless `out` is absent, empty, or an unchanged curation."""
    from goldleaf.exporters.publishing.manifest import file_description

    if not os.path.lexists(out):
        return
    if not out.is_dir():
        fix = "choose another --out, or move this away"
        raise UsageError("This is a file, not a folder.", where=str(out), fix=fix)
    there = {path.name for path in out.iterdir()}
    if not there:
        return
    fix, manifest = "choose another --out, or move this away", out / MANIFEST
    if manifest.is_file() and not _readable(manifest):
        raise UsageError("The manifest is damaged.", where=str(manifest), fix=fix)
    files = _files(out)
    if files is None:
        raise UsageError("This folder was not written by goldleaf curate.", where=str(out), fix=fix)
    changed = [
        name
        for name in sorted(there - {MANIFEST})
        if not (out / name).is_file() or file_description(out / name)["sha256"] != files.get(name)
    ]
    if changed and not overwrite:
        what = "This file was changed or added after goldleaf curate wrote the folder."
        fix = "choose another --out, move it away, or give --overwrite"
        raise UsageError(what, where=str(out / changed[0]), fix=fix)


def _readable(manifest: Path) -> bool:
    """Return whether a manifest is a JSON object."""
    try:
        return isinstance(json.loads(read_small(manifest, 2**26)), dict)
    except (ValueError, UsageError):
        return False


def _files(out: Path) -> dict[str, str] | None:
    """Return name -> SHA-256 of the files of a curation; None where it is none."""
    try:
        manifest = object_or_empty(json.loads(read_small(out / MANIFEST, 2**26)))
    except (ValueError, UsageError):
        return None
    if manifest.get("kind") != KIND:
        return None
    files = manifest.get("files")
    listed = [object_or_empty(file) for file in files] if isinstance(files, list) else []
    return {str(file.get("path")): str(file.get("sha256")) for file in listed}
