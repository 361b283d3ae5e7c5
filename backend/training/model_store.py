"""Store of trained models: immutable files, and a pointer renamed into place.

`models/<project>/model-<version>.npz` and `.json` are written first, then `current.json`, a copy of
the latter with the hash of the file. A kill between leaves the old model in force; a file that does
not fit its hash is not read.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.backend.log import LOG
from goldleaf.backend.training.classifier_model import Model
from goldleaf.backend.training.model_file import from_bytes, of_another_release, version_of
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import write_atomically
from goldleaf.core.json_values import object_or_empty

POINTER = "current.json"
KEPT = 5
"""Versions of a project's model that are kept, to go back to."""
_PROJECT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A kept version: `number` counts a project's publications, `served` is the current one."""

    version: str
    number: int
    served: bool
    header: Mapping[str, Any]


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

        The project's last `KEPT` versions stay, older files are deleted.

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
            "number": 1 + max((each.number for each in self._all_versions(project)), default=0),
            "file": file.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "header": dict(header),
        }
        _write(file.with_suffix(".json"), description)
        _write(place / POINTER, description)
        kept = {each.version for each in self.versions(project)[-KEPT:]} | {version}
        names = {f"model-{each}{end}" for each in kept for end in (".npz", ".json")}
        # Descriptions first: a kill between leaves no version without its file.
        for other in sorted(place.iterdir(), key=lambda file: file.suffix != ".json"):
            if other.name not in names | {POINTER}:
                with suppress(OSError):
                    other.unlink()
        return version

    def versions(self, project: str) -> list[StoredVersion]:
        """Return the kept versions of a project, the oldest first.

        Damaged ones are left out, and those of another release, which cannot be served.

        Raises:
            ValueError: `project` is not of the form `<id>.<created>`.
        """
        return [each for each in self._all_versions(project) if not of_another_release(each.header)]

    def _all_versions(self, project: str) -> list[StoredVersion]:
        place, found = self._place(project), list[StoredVersion]()
        served = _described(place / POINTER).get("version")
        for file in sorted(place.glob("model-*.json")):
            described = _described(file)
            try:
                version, number = str(described["version"]), int(described["number"])
                header = described["header"]
                found.append(StoredVersion(version, number, version == served, header))
            except (KeyError, TypeError, ValueError):
                LOG.warning("a version of project %s is damaged: %s", project, file.name)
        return sorted(found, key=lambda each: each.number)

    def roll_back(self, project: str, version: str = "") -> str:
        """Serve an earlier version of a project again, from one request to the next; return which.

        It stays until there are other answers to learn from than those of the version left.

        Args:
            project: `<id>.<created>`.
            version: which; by default the one before the served one.

        Raises:
            UsageError: there is no such version, none before the served one, or it is damaged;
                nothing is changed then.
        """
        kept = self.versions(project)
        served = next((each for each in kept if each.served), None)
        if version:
            chosen = next((each for each in kept if each.version == version), None)
        else:
            earlier = [each for each in kept if served and each.number < served.number]
            chosen = earlier[-1] if earlier else None
        if chosen is None:
            names = ", ".join(each.version for each in kept) or "none"
            if version:
                raise UsageError(
                    f"There is no version {version} of this model; kept are: {names}.",
                    fix="run goldleaf model list",
                )
            raise UsageError(
                f"There is no earlier version of this model; kept are: {names}.",
                fix="run goldleaf model list",
            )
        place = self._place(project)
        described = _described(place / f"model-{chosen.version}.json")
        if self._load(place / f"model-{chosen.version}.json") is None:
            raise UsageError(
                f"Version {chosen.version} is damaged.",
                fix="choose another one: run goldleaf model list",
            )
        left = str(served.header.get("examples", "")) if served else ""
        _write(place / POINTER, {**described, "left": left})
        return chosen.version

    def knows(self, project: str, examples: str) -> bool:
        """Return whether the served model, or the one left for it, learned from these examples."""
        current = self.current(project)
        if current is None:
            return False
        left = _described(self._place(project) / POINTER).get("left")
        return examples in (current[1].examples, left)

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
                if of_another_release(described["header"]):
                    LOG.warning(
                        "the model of project %s is of another release of goldleaf: it is learned"
                        " again from the annotations",
                        pointer.parent.name,
                    )
                    return None
                return described["version"], from_bytes(content, described["header"])
            except (OSError, ValueError, KeyError, TypeError, GoldleafError) as error:
                # Between pointer and file a newer model may have come: look once more.
                if last:
                    LOG.error("the model of project %s is damaged: %s", pointer.parent.name, error)
        return None


def _write(file: Path, description: Mapping[str, Any]) -> None:
    text = json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(file, text.encode(), mode=0o600)


def _described(file: Path) -> Mapping[str, Any]:
    """Return a version's description, {} for a file that is missing or damaged."""
    try:
        return object_or_empty(json.loads(file.read_bytes()))
    except (OSError, ValueError):
        return {}
