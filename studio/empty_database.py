"""An empty database of Label Studio, kept for the user, so that only one start has to make it.

Label Studio 1.23.2 makes its tables by 396 migrations: 30 s of CPU time, of the 35 that a first
start takes. What they give is the same each time and holds no account and no secret, so it is kept
as `$XDG_CACHE_HOME/goldleaf/label-studio-VERSION-....sqlite3` (`~/.cache` by default) and copied
into each new data directory. Label Studio itself still runs each migration that a copy lacks. The
file may be removed at any time.

    python -m goldleaf.studio.empty_database

makes it beforehand.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from contextlib import closing, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import is_own, write_atomically

KEEP_AT = "GOLDLEAF_EMPTY_DATABASE"
"""Tells the child process where to keep the database that it makes; unset for one it is given."""
_NAME = "label_studio.sqlite3"


def kept_database() -> Path | None:
    """Return where the empty database of the installed Label Studio is kept, there or not.

    None where there is no home folder, or no Label Studio.
    """
    try:
        versions = "-".join(version(name) for name in ("label-studio", "django"))
        home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    except (PackageNotFoundError, RuntimeError):
        return None
    folder = Path(home)
    return (
        folder / "goldleaf" / f"label-studio-{versions}.sqlite3" if folder.is_absolute() else None
    )


def provide(folder: Path) -> dict[str, str]:
    """Copy the kept database into Label Studio's folder, if that has none yet.

    Returns:
        The environment by which a child process keeps the database that it has to make itself;
        empty where it needs none. Nothing is raised: without a copy Label Studio makes its own.
    """
    kept, target = kept_database(), folder / _NAME
    if kept is None or os.path.lexists(target):
        return {}
    with suppress(OSError, sqlite3.Error, GoldleafError):
        # Only a whole database of our own: what another user put there is never opened.
        if is_own(kept.stat()) and _is_whole(kept):
            write_atomically(target, kept.read_bytes(), mode=0o600)
            return {}
    return {KEEP_AT: str(kept)}


def keep(database: Path, kept: Path) -> None:
    """Keep a database that holds no account yet; what fails here is left undone."""
    with (
        suppress(OSError, sqlite3.Error, GoldleafError),
        closing(sqlite3.connect(database)) as made,
    ):
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(kept, made.serialize(), mode=0o600)


def database_of(folder: Path) -> Path:
    """Return the path of Label Studio's database in its folder."""
    return folder / _NAME


def _is_whole(database: Path) -> bool:
    address = f"{database.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as opened:
        sound = opened.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        return sound and not opened.execute("SELECT COUNT(*) FROM htx_user").fetchone()[0]


def main() -> int:
    """Make the kept database, unless it is there; return an exit status."""
    from goldleaf.core.data_dir import DataDir
    from goldleaf.studio.embedded_label_studio import EmbeddedStudio

    kept = kept_database()
    if kept is not None and not kept.exists():
        with tempfile.TemporaryDirectory() as folder, EmbeddedStudio(DataDir(Path(folder))):
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
