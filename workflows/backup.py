"""A data directory as one archive, consistent while servers run on it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.files import file_error, replacing
from goldleaf.core.folders import end_work, start_work
from goldleaf.core.safe_paths import files_inside
from goldleaf.core.schema_version import check_not_newer, schema_version
from goldleaf.core.settings import Settings, load

FOLDER = "goldleaf-backup"
"""The folder of an archive that everything is in."""
MANIFEST = f"{FOLDER}/manifest.json"
"""The last member of an archive: without it, it is not whole."""
FORMAT = 1
_SQLITE = b"SQLite format 3\0"
_LEFT_OUT = ("logs/", "locks/", "demo-model-")
"""What a run makes anew, by the start of its path."""
_ENDINGS = (".lock", ".goldleaf-tmp", "-wal", "-shm", "-journal")
"""Locks, unfinished files, and what belongs to an open database: its copy needs none of them."""
LOGIN = "login.secret.json"
"""A token of a Label Studio that runs elsewhere: it stays valid there and `goldleaf login` gets
another, so it does not travel."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Backup:
    """What was backed up: the archive, how many files, and their bytes."""

    out: Path
    files: int
    bytes: int


def back_up(
    out: Path,
    *,
    settings: Settings | None = None,
    overwrite: bool = False,
    step: Callable[[float], None] = lambda done: None,
) -> Backup:
    """Write a data directory into a `.tar.gz` file, mode 0600; it holds secrets.

    Servers may go on: databases are copied by SQLite's own backup, other files are only ever
    replaced as a whole. Logs, locks, temporary files and the token of `goldleaf login` are left
    out. Killed in between, `out` is as it was.

    Args:
        out: the archive; outside the data directory.
        settings: whose data directory; as `load` returns them by default.
        overwrite: replace `out` if it is there.
        step: called with the bytes that were read so far.

    Raises:
        UsageError: there is no data directory, it has a link in it, `out` is inside it, is there
            already, or is being written by another backup; or the directory is being restored.
        GoldleafError: the disk is full, or a database cannot be copied.
    """
    data = (settings or load()).state
    folder = data.path
    if not folder.is_dir() or not any(_belonging(folder)):
        fix = "name the one that goldleaf up or goldleaf serve uses with --data-dir"
        raise UsageError("There is no data directory to back up.", where=str(folder), fix=fix)
    target = Path(os.path.realpath(out))
    if target.is_relative_to(folder.resolve()):
        fix = "name a file outside of it"
        raise UsageError("A backup cannot be inside the data directory.", where=str(out), fix=fix)
    if not overwrite and out.is_file() and out.stat().st_size:
        fix = "choose another name, or replace it with --overwrite"
        raise UsageError("This file exists already.", where=str(out), fix=fix)
    check_not_newer(schema_version(folder), folder)
    with (
        locked(data.use_lock, shared=True),  # a restore would put another state in its place
        replacing(out, mode=0o600) as file,
        _work(target) as work,
        # No name and no time in its header: equal states are equal archives.
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        written = _write(archive, folder, work, step)
    return Backup(out, len(written), sum(each["bytes"] for each in written.values()))


def _write(
    archive: tarfile.TarFile, folder: Path, work: Path, step: Callable[[float], None]
) -> dict[str, dict[str, Any]]:
    """Write all files and then the manifest; return what the manifest says of each."""
    found: dict[str, dict[str, Any]] = {}
    done = 0
    for name, source in _sources(folder, work):
        try:
            with source as (content, mode):
                size = os.fstat(content.fileno()).st_size
                hashed = _Hashed(content, size)
                archive.addfile(_member(f"{FOLDER}/{name}", size, mode), hashed)
        except FileNotFoundError as error:
            if os.path.lexists(folder / name):
                raise file_error(error, work) from error
            continue  # removed since it was listed, as old models are
        except EOFError:
            fix = "run the same command again"
            where = str(folder / name)
            raise GoldleafError(
                "This file changed while it was read.", where=where, fix=fix
            ) from None
        except OSError as error:
            raise file_error(error, folder / name) from error
        found[name] = {"sha256": hashed.digest.hexdigest(), "bytes": size, "mode": mode}
        done += size
        step(done)
    manifest = {
        "format": FORMAT,
        "schema": schema_version(folder),
        "goldleaf": version("goldleaf"),
        "label_studio": _installed("label-studio"),
        "files": found,
    }
    # In ASCII, because a file's name may be no UTF-8.
    content = json.dumps(manifest, indent=1, sort_keys=True).encode("ascii")
    archive.addfile(_member(MANIFEST, len(content), 0o600), io.BytesIO(content))
    return found


def _belonging(folder: Path) -> Iterator[str]:
    """Yield the paths of the files that belong into a backup, the same order each time.

    Raises:
        UsageError: there is a link among them, such as to a folder on another disk: what is behind
            it would be missing.
    """
    for name, plain in sorted(files_inside(folder)):
        if name.startswith(_LEFT_OUT) or name.endswith(_ENDINGS) or name == LOGIN:
            continue
        if (folder / name).is_symlink():
            fix = "copy the folder with what its links point to: cp -rL"
            raise UsageError("A link is not followed here.", where=str(folder / name), fix=fix)
        if plain:
            yield name


def _sources(folder: Path, work: Path) -> Iterator[tuple[str, Any]]:
    """Yield (path, context that opens it with its mode) of every file that belongs.

    The files of one learned model's project are taken at one moment, because a pointer among them
    names another.
    """
    names = list(_belonging(folder))
    projects = sorted({str(Path(name).parent) for name in names if name.startswith("models/")})
    for project in projects:
        copied = _copy_unchanged(folder / project, work / "models" / Path(project).name)
        yield from ((f"{project}/{each.name}", _opened(each)) for each in copied)
    for name in names:
        if name.startswith("models/"):
            continue
        file = folder / name
        yield name, _copied_database(file, work) if _is_database(file) else _opened(file)


def _copy_unchanged(source: Path, target: Path) -> list[Path]:
    """Copy the files of a folder so that none was added, replaced or removed meanwhile."""
    for _ in range(_TRIES):
        before = _state_of(source)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        with suppress(FileNotFoundError):
            for name in before:
                shutil.copy2(source / name, target / name)
            if _state_of(source) == before:
                return sorted(target.iterdir())
    raise GoldleafError(
        "This folder changes all the time.", where=str(source), fix="run the same command again"
    )


def _state_of(folder: Path) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for file in sorted(folder.iterdir()):
        with suppress(FileNotFoundError):
            status = file.stat()
            if stat.S_ISREG(status.st_mode) and not file.name.endswith(_ENDINGS):
                found[file.name] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return found


def _is_database(file: Path) -> bool:
    with suppress(OSError), open(file, "rb") as content:
        return content.read(len(_SQLITE)) == _SQLITE
    return False


@contextmanager
def _opened(file: Path) -> Generator[tuple[IO[bytes], int]]:
    """Open a file; a rename over it later changes nothing of what is read here."""
    with open(file, "rb") as content:
        yield content, stat.S_IMODE(os.fstat(content.fileno()).st_mode)


@contextmanager
def _copied_database(file: Path, work: Path) -> Generator[tuple[IO[bytes], int]]:
    """Copy a database as of one moment, beside all that write to it, and open the copy."""
    copy = work / "database"
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    except sqlite3.Error as error:
        fix = "see whether it is damaged: sqlite3 FILE 'PRAGMA integrity_check'"
        what = f"This database cannot be copied: {error}"
        raise GoldleafError(what, where=str(file), fix=fix) from error
    with open(copy, "rb") as content:
        yield content, stat.S_IMODE(file.stat().st_mode)
    copy.unlink()


@contextmanager
def _work(target: Path) -> Generator[Path]:
    """Yield a work folder beside the archive, closed to others and removed at the end."""
    work = target.parent / f".{target.name[:100]}.goldleaf-work"
    lock = work.with_suffix(".lock")
    with locked(lock, removed=True):
        try:
            start_work(work)
            work.chmod(0o700)
            yield work
        finally:
            end_work(work)


class _Hashed(io.RawIOBase):
    """Reads a file's first `size` bytes and hashes them on the way."""

    def __init__(self, content: IO[bytes], size: int) -> None:
        self.digest = hashlib.sha256()
        self._content = content
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; EOFError where the file ends too early."""
        wanted = self._left if size < 0 else min(size, self._left)
        block = self._content.read(wanted)
        if len(block) < wanted:
            raise EOFError
        self._left -= len(block)
        self.digest.update(block)
        return block


def _member(name: str, size: int, mode: int) -> tarfile.TarInfo:
    """Return the header of a member; it has no owner and no time, so equal states are equal."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, mode
    return member


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
