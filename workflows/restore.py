"""A data directory from its backup: checked as a whole, then put in place by one rename."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.files import check_readable, file_error
from goldleaf.core.folders import end_work, publish, recover, start_work
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.schema_version import VERSION_FILE, check_not_newer, upgrade
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.backup import FOLDER, FORMAT, MANIFEST

_BLOCK = 1024 * 1024
_LARGEST_MANIFEST = 64 * _BLOCK
_WRONG = {"Not": "it is not a gzip file"} | dict.fromkeys(("CRC", "Inc"), "its checksum is wrong")
"""By how the messages of Python's gzip begin; an incorrect length stands beside the checksum."""
_CUT = ("unexpected end of data", "truncated header", "empty file")
"""What `tarfile` says of an archive that ends too early."""
_KEPT = {VERSION_FILE, "locks", "logs", "label-studio.lock"}
"""What a directory may hold and still count as empty."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the directory, how many files, whether they were upgraded."""

    data_dir: Path
    files: int
    upgraded: bool


def restore(
    file: Path,
    *,
    settings: Settings | None = None,
    force: bool = False,
    step: Callable[[float], None] = lambda done: None,
) -> Restored:
    """Make a data directory what it was when `file` was written by `back_up`.

    Everything is unpacked beside the directory and compared with the archive's checksums before
    anything is replaced. Then the two change places in one step; killed at any moment, the
    directory is the old one or the new one. The backend gets a new name of its own, so that a copy
    is not taken for the original.

    Args:
        file: the archive.
        settings: which data directory; as `load` returns them by default.
        force: replace a directory that holds something; what it holds is lost.
        step: called with the bytes that were unpacked so far.

    Raises:
        UsageError: the archive is damaged, not a backup, or of a newer goldleaf; or the directory
            is in use, or holds something and `force` is false.
        GoldleafError: the disk is full, or a folder cannot be renamed.
    """
    # The real folder, so that a link to it stays what it is.
    final = Path(os.path.realpath((settings or load()).state.path))
    work = final.parent / f".{final.name[:100]}.goldleaf-restore"
    with ExitStack() as held:
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(work.with_suffix(".lock"), removed=True))
        except OSError as error:
            raise file_error(error, final.parent) from error
        recover(final, work)
        if final.is_dir():
            held.enter_context(_unused(DataDir(final)))
            _check_replaceable(final, force=force)
        elif os.path.lexists(final):
            raise UsageError(
                "This is not a folder.", where=str(final), fix="name another one with --data-dir"
            )
        start_work(work)
        try:
            work.chmod(0o700)
            staged = work / "staged"
            staged.mkdir(mode=0o700)  # what Label Studio writes into it is not all closed itself
            files = _unpack(file, staged, step)
            upgraded = upgrade(staged)
            _rename_backend(DataDir(staged))
            publish(staged, final, work)
        finally:
            end_work(work)
    return Restored(final, files, upgraded)


@contextmanager
def _unused(data: DataDir) -> Generator[None]:
    """Hold every lock of a data directory; UsageError where a process works on it."""
    others = sorted((data.path / "locks").glob("import-*"))
    with ExitStack() as held:
        try:
            for lock in (data.use_lock, data.label_studio_lock, *others):
                if lock == data.use_lock or lock.exists():
                    held.enter_context(locked(lock))
        except UsageError as error:
            fix = "end goldleaf up, serve and other commands that run on it, then restore"
            what = "This data directory is in use."
            raise UsageError(what, where=str(data.path), fix=fix) from error
        yield


def _check_replaceable(final: Path, *, force: bool) -> None:
    if not force and any(entry.name not in _KEPT for entry in final.iterdir()):
        fix = "name another one with --data-dir, or replace all that it holds with --force"
        raise UsageError("This data directory is not empty.", where=str(final), fix=fix)


def _unpack(file: Path, staged: Path, step: Callable[[float], None]) -> int:
    """Unpack an archive and hold its files against its manifest; return how many there are."""
    found: dict[str, tuple[str, int]] = {}
    manifest: Mapping[str, object] = {}
    done = 0
    try:
        with (
            gzip.open(check_readable(file)) as packed,
            tarfile.open(fileobj=packed, mode="r|") as archive,
        ):
            for member in archive:
                if manifest or not member.isreg() or member.issparse():
                    raise _damaged(file, "it has a member that no backup has")
                content = archive.extractfile(member)
                assert content is not None  # a plain file
                if member.name == MANIFEST:
                    manifest = _manifest(file, content, member.size)
                    continue
                name = _inside(file, member.name)
                found[name] = _write(staged / name, content, member.mode), member.size
                done += member.size
                step(done)
            while packed.read(_BLOCK):  # to its end, where its checksum is
                pass
    except EOFError as error:
        raise _damaged(file, "it is cut off") from error
    except (tarfile.TarError, zlib.error) as error:
        cut = isinstance(error, tarfile.ReadError) and str(error) in _CUT
        why = "it is cut off" if cut else "it cannot be unpacked"
        raise _damaged(file, why) from error
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise _damaged(file, _WRONG.get(str(error)[:3], "it cannot be unpacked")) from error
        raise file_error(error, staged if found else file) from error
    _check_sums(file, found, manifest)
    return len(found)


def _check_sums(
    file: Path, found: Mapping[str, tuple[str, int]], manifest: Mapping[str, object]
) -> None:
    if not manifest:
        raise _damaged(file, "its manifest is missing")
    listed = object_or_empty(manifest.get("files"))
    for name in sorted({*found, *listed}):
        told = object_or_empty(listed.get(name))
        if found.get(name) != (told.get("sha256"), told.get("bytes")):
            raise _damaged(file, f"{name} does not fit its checksum")


def _manifest(file: Path, content: IO[bytes], size: int) -> Mapping[str, Any]:
    try:
        manifest = object_or_empty(json.loads(content.read(min(size, _LARGEST_MANIFEST))))
        form, schema = int(manifest["format"]), int(manifest["schema"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(file, "its manifest cannot be read") from None
    check_not_newer(schema, file)
    if form != FORMAT:
        raise _damaged(file, f"its format is {form}")
    return manifest


def _inside(file: Path, name: str) -> str:
    """Return the path of a member below the data directory."""
    parts = PurePosixPath(name).parts
    if len(parts) < 2 or parts[0] != FOLDER or ".." in parts or "\0" in name or "\\" in name:
        raise _damaged(file, "it has a member that no backup has")
    return "/".join(parts[1:])


def _write(target: Path, content: IO[bytes], mode: int) -> str:
    """Write a file that nobody else may read before it is whole; return its SHA-256."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle = os.open(
        target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
    )
    with os.fdopen(handle, "wb") as out:
        while block := content.read(_BLOCK):
            digest.update(block)
            out.write(block)
    # Of a member's mode only what is not dangerous: no set-uid, nobody else may write.
    os.chmod(target, mode & 0o755 | 0o600)
    return digest.hexdigest()


def _rename_backend(data: DataDir) -> None:
    """Have the restored directory's backend be another one than the original's."""
    name = "running-backend"
    if kept := data.secret(name):
        kept.pop("instance", None)
        data.keep_secret(name, kept)


def _damaged(file: Path, why: str) -> UsageError:
    fix = "use another backup; nothing was changed"
    return UsageError(f"This is not a whole backup of goldleaf: {why}.", where=str(file), fix=fix)
