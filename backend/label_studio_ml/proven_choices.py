"""What a foreign model has proved on answers that it had not been given, and what it was given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from goldleaf.backend.log import LOG
from goldleaf.backend.training.thresholds import TARGET, lower_bound
from goldleaf.core.files import write_atomically
from goldleaf.core.json_values import object_or_empty
from goldleaf.label_configs.screen import pattern_of


class ProvenChoices:
    """The file of one model and one project; read anew when another process has written it.

    Args:
        file: where; it need not exist yet. A damaged one counts as empty and is logged.
        target: the share of right answers that a choice must have proved.
    """

    def __init__(self, file: Path, target: float = TARGET) -> None:
        self._file = file
        self._target = target
        self._mark: object = None
        self._given: dict[str, str] = {}
        self._judged: dict[str, dict[str, list[int]]] = {}

    def is_new(self, annotation: int, updated_at: str) -> bool:
        """Return whether this state of an annotation was not given to the model yet."""
        self._read()
        return self._given.get(str(annotation)) != updated_at

    def was_given(self, annotation: int) -> bool:
        """Return whether any state of an annotation was given to the model."""
        self._read()
        return str(annotation) in self._given

    def judge(
        self, drafted: Mapping[str, tuple[str, ...]], answered: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Count each drafted choice of an answer that the model has not seen: right or wrong."""
        for control, choices in drafted.items():
            counts = self._judged.setdefault(pattern_of(control), {})
            for choice in choices:
                count = counts.setdefault(choice, [0, 0])
                count[0] += choice in answered.get(control, ())
                count[1] += 1

    def give(self, annotation: int, updated_at: str) -> None:
        """Note that a state of an annotation was given to the model."""
        self._given[str(annotation)] = updated_at

    def save(self) -> None:
        """Write all of it, as a whole or not at all."""
        content = {"given": self._given, "judged": self._judged}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file, json.dumps(content).encode())
        self._mark = self._stat()

    def holds(self, control: str, choice: str) -> bool:
        """Return whether a choice of a control has proved itself (`thresholds.lower_bound`)."""
        self._read()
        right, of = self._judged.get(pattern_of(control), {}).get(choice, (0, 0))
        return lower_bound(right, of) >= self._target

    @property
    def version(self) -> str:
        """Another text for another set of proved choices; "" while there is none."""
        self._read()
        proved = sorted(
            f"{control}={choice}"
            for control, counts in self._judged.items()
            for choice in counts
            if self.holds(control, choice)
        )
        return hashlib.sha256("\n".join(proved).encode()).hexdigest()[:8] if proved else ""

    @property
    def count(self) -> int:
        """How many annotations the model was given."""
        self._read()
        return len(self._given)

    def _stat(self) -> object:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> None:
        mark = self._stat()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            content = object_or_empty(json.loads(self._file.read_bytes()))
            given = cast("dict[str, Any]", content["given"])
            judged = cast("dict[str, dict[str, list[Any]]]", content["judged"])
            self._given = {str(key): str(value) for key, value in given.items()}
            self._judged = {
                control: {choice: [int(right), int(of)] for choice, (right, of) in counts.items()}
                for control, counts in judged.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            LOG.warning("%s cannot be read and counts as empty: %s", self._file.name, error)
            self._given, self._judged = {}, {}
