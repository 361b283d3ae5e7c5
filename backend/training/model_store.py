"""Store of trained models: immutable files, and a pointer renamed into place.

`models/<project>/model-<version>.npz` is written first, `current.json` names it with its hash. A
kill between the two leaves the old model in force; a file that does not fit its hash is not read.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from goldleaf.backend.log import LOG
from goldleaf.backend.training.classifier_model import Model, from_bytes, version_of
from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import write_atomically

POINTER = "current.json"
_PROJECT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?")


class ModelStore:
    """The models of all projects; reading is safe from any thread and any process.

    Args:
        folder: where they lie; made when the first one is published.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._read: dict[str, tuple[object, tuple[str, Model] | None]] = {}

    def current(self, project: str) -> tuple[str, Model] | None:
        """Return version and model of a project (`<id>.<created>`), or None where there is none.

        One `stat` tells whether another process has published; the file is then read anew. A
        damaged model is logged and is None, too.

        Raises:
            ValueError: `project` is not of that form.
        """
        pointer = self._place(project) / POINTER
        try:
            status = pointer.stat()
        except OSError:
            return None
        mark = (status.st_mtime_ns, status.st_ino, status.st_size)
        with self._lock:
            known = self._read.get(project)
        if known and known[0] == mark:
            return known[1]
        model = self._load(pointer)
        with self._lock:
            self._read[project] = (mark, model)
        return model

    def publish(self, project: str, content: bytes, header: Mapping[str, Any]) -> str:
        """Make a model the current one of its project and return its version.

        The project's older files are deleted.

        Args:
            project: `<id>.<created>`; anything else is a ValueError.
            content: the file, as `classifier_model.to_bytes` returns it.
            header: its header, of the same call.

        Raises:
            GoldleafError: it is damaged, or cannot be written; the old one stays in force.
        """
        from_bytes(content, header)
        version = version_of(content, header)
        place = self._place(project)
        file = place / f"model-{version}.npz"
        write_atomically(file, content, mode=0o600)
        description = {
            "version": version,
            "file": file.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "header": dict(header),
        }
        text = json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True)
        write_atomically(place / POINTER, text.encode(), mode=0o600)
        for other in place.iterdir():
            if other.name not in (file.name, POINTER):
                with suppress(OSError):
                    other.unlink()
        return version

    def _place(self, project: str) -> Path:
        if not _PROJECT.fullmatch(project):
            raise ValueError(f"{project!r} is no project")
        return self.folder / project

    def _load(self, pointer: Path) -> tuple[str, Model] | None:
        for last in (False, True):
            try:
                described = json.loads(pointer.read_bytes())
                content = (pointer.parent / Path(described["file"]).name).read_bytes()
                if hashlib.sha256(content).hexdigest() != described["sha256"]:
                    raise GoldleafError("The file does not fit its hash.")
                if version_of(content, described["header"]) != described["version"]:
                    raise GoldleafError("The header does not fit its version.")
                return described["version"], from_bytes(content, described["header"])
            except (OSError, ValueError, KeyError, TypeError, GoldleafError) as error:
                # Between pointer and file a newer model may have come: look once more.
                if last:
                    LOG.error("the model of project %s is damaged: %s", pointer.parent.name, error)
        return None
