"""One object of a class that was written for label-studio-ml, which lives in another process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from goldleaf.backend.label_studio_ml.model_process import PATIENCE, ModelProcess, ModelSlow

FIRST = 2.0
"""Seconds that are waited for an object's own version; Label Studio waits 3 s for `/setup`."""


class RemoteModel:
    """One object of the class, for a project and its labeling config; it is made when first asked.

    It has what `foreign_model` uses of a model in its own process.
    """

    def __init__(self, process: ModelProcess, project: str, config: str) -> None:
        self._process = process
        self._which = {"project": project, "config": config}
        self._version: str | None = None
        self._first: Future[Mapping[str, Any]] | None = None

    @property
    def model_version(self) -> str | None:
        """What the object called its version last; None while it is made, after `FIRST` seconds."""
        if self._version is None:
            try:
                self._first = self._first or self._process.send({"do": "version", **self._which})
                self._version = self._process.result(self._first, FIRST)["version"]
            except ModelSlow:
                pass
            except RuntimeError:  # asked anew next time
                self._first = None
        return self._version

    def predict(
        self,
        tasks: Sequence[Mapping[str, Any]],
        context: Mapping[str, Any] | None = None,
        *,
        patient: bool = False,
    ) -> list[Mapping[str, Any]]:
        """Return one prediction a task; raises as `ModelProcess.predict`."""
        return self._process.predict(self._which, tasks, context, patient=patient)

    def fit(self, event: str, data: Mapping[str, Any]) -> None:
        """Give it an event.

        Raises:
            ModelSlow, RuntimeError: as `ModelProcess.result`.
        """
        order = {"do": "fit", **self._which, "event": event, "data": data}
        said = self._process.result(self._process.send(order), PATIENCE)
        self._version = said["version"]
        self._process.clear_late()
