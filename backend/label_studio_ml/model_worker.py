"""The process of a model that was written for label-studio-ml: loads its class, answers in turn.

    python -m goldleaf.backend.label_studio_ml.model_worker

Reads frames on standard input: the class first, then orders; writes one frame for each on what was
standard output (a model that prints does so on standard error). It ends with its parent.
"""

from __future__ import annotations

import inspect
import math
import os
import queue
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, BinaryIO

from goldleaf.backend.label_studio_ml.load_model_class import load_model_class, one_line
from goldleaf.backend.label_studio_ml.model_answers import predictions_of
from goldleaf.core.errors import UsageError
from goldleaf.generation.frames import read_frame, write_frame

KEPT = 8
"""Objects kept in memory, the latest used: one for a project and its labeling config."""


def main() -> None:
    """Entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, with which it ends
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, orders), daemon=True).start()
    first = orders.get()
    sys.path[:] = [*first["sys_path"], *(p for p in sys.path if p not in first["sys_path"])]
    try:
        models = Models(load_model_class(first["path"]))
    except UsageError as error:
        write_frame(output, {"error": error.what, "fix": error.fix})
        return
    write_frame(output, {"initial": models.initial})
    while True:
        order = orders.get()
        write_frame(output, {"number": order["number"], **models.answered(order)})


def _read(pipe: BinaryIO, orders: queue.Queue[dict[str, Any]]) -> None:
    """Hand on what the parent sends; end at once, in the middle of a call too, if it is gone."""
    while order := read_frame(pipe):
        orders.put(order)
    os._exit(0)


class Models:
    """The objects of one class."""

    def __init__(self, model_class: type[Any]) -> None:
        self._class = model_class
        self._open: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self.initial = str(getattr(model_class, "INITIAL_MODEL_VERSION", "1"))

    def answered(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Return the reply to an order, `{"error"}` whatever the model raises."""
        try:
            model = self._model(order["project"], order["config"])
            found = self._predict(model, order) if order["do"] == "predict" else {}
            if order["do"] == "fit":
                fit(model, order["event"], order["data"])
            version = getattr(model, "model_version", None)
        except Exception as error:
            return {"error": one_line(error)}
        return {**found, "version": None if version is None else str(version)}

    def _model(self, project: str, config: str) -> Any:
        key = (project, config)
        if key not in self._open:
            self._open[key] = new_model(self._class, project, config)
        self._open.move_to_end(key)
        while len(self._open) > KEPT:
            self._open.popitem(last=False)
        return self._open[key]

    def _predict(self, model: Any, order: Mapping[str, Any]) -> dict[str, Any]:
        tasks = order["tasks"]
        count = len(tasks)
        answer = model.predict(tasks, **context_for(model, order["context"]))
        return {"predictions": [_plain(each) for each in predictions_of(answer, count)]}


def new_model(model_class: type[Any], project: str, config: str) -> Any:
    """Return an object of the class; 2.x knows its project, 1.x does not."""
    knows = {"project_id": project} if hasattr(model_class, "use_label_config") else {}
    return model_class(label_config=config, **knows)


def context_for(model: Any, context: Any) -> dict[str, Any]:
    """Return `context` as an argument, where the model's `predict` takes one."""
    takes = inspect.signature(model.predict).parameters
    every = any(each.kind is each.VAR_KEYWORD for each in takes.values())
    return {"context": context} if every or "context" in takes else {}


def fit(model: Any, event: str, data: Any) -> None:
    """Give an event to the model, as its own server would.

    Raises:
        Exception: whatever the model raises.
    """
    own = getattr(model, "fit", None)
    if own is None:
        return
    if hasattr(model, "use_label_config"):
        own(event, data)
    else:  # 1.x
        own((), event=event, data=data)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers of numpy as numbers, none that are not finite."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    item = getattr(value, "item", None)
    return _plain(item()) if item else str(value)


if __name__ == "__main__":
    main()
