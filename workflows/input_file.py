"""An input file with its hash for the manifest; the export stops if the file changes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import check_readable, file_error
from goldleaf.exporters.publishing.manifest import file_description

_TICK = 2 * 10**9
"""Nanoseconds after a change in which another one may carry the same time stamp."""


@dataclass(frozen=True)
class InputFile:
    """An input file, hashed before it is read; `description` goes into the manifest.

    Raises:
        UsageError: it is missing, may not be read, or is a pipe or a device.
    """

    path: Path
    description: dict[str, Any] = field(init=False)
    _signature: tuple[int, ...] = field(init=False)
    _at: int = field(init=False)

    def __post_init__(self) -> None:
        """Hash the file."""
        try:
            signature = self._now()
            object.__setattr__(self, "_at", time.time_ns())
            object.__setattr__(self, "description", file_description(check_readable(self.path)))
        except OSError as error:
            raise file_error(error, self.path) from error
        object.__setattr__(self, "_signature", signature)

    def check(self) -> None:
        """Check, after reading, that the file has not changed since it was hashed.

        It is hashed again only where its size, inode or time stamps changed, or where it was so new
        that they prove nothing; so this costs nothing on a file that does not change.

        Raises:
            GoldleafError: it changed.
        """
        try:
            same = self._now() == self._signature
            old = self._at - max(self._signature[-2:]) > _TICK
            if (same and old) or file_description(check_readable(self.path)) == self.description:
                return
        except OSError:
            pass
        raise GoldleafError(
            "This file changed while it was read.",
            where=str(self.path),
            fix="run the command again when no other program writes to it; nothing was published",
        )

    def _now(self) -> tuple[int, ...]:
        found = os.stat(self.path)
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
