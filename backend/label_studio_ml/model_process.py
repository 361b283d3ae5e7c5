"""A model that was written for label-studio-ml in a process of its own: asked in turn, in time.

A slow or large model then holds up neither `/health` nor a webhook, and one that crashes takes
nothing with it. Few askings wait; what comes too late is kept for when it is asked for again.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
import xxhash

from goldleaf.backend.log import LOG
from goldleaf.core.errors import UsageError
from goldleaf.generation.frames import read_frame, write_frame

WAIT = 30.0
"""Seconds that a request of Label Studio's waits for drafts; it gives up after 100."""
PATIENCE = 1_800.0
"""Seconds for one call of the model; then its process is ended."""
QUEUED = 4
"""Askings that may wait for the one under way; more are declined at once."""
KEPT = 10_000
"""Predictions that came too late and are kept."""
PAUSE = 30.0
"""Seconds for which a process that died is not started again; askings meanwhile fail at once."""

TOO_SLOW = "model_too_slow"


class ModelSlow(Exception):
    """There is no answer in time; it may be there when it is asked for again."""


class ModelProcess:
    """The process of one class; several threads may ask, and it answers one after the other.

    Args:
        path: `package.module:Class`.
        seconds: how long a prediction is waited for; None waits `PATIENCE`.

    Raises:
        UsageError: the class cannot be loaded.
    """

    def __init__(self, path: str, seconds: float | None = WAIT) -> None:
        self.path, self.seconds = path, seconds
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._numbers = itertools.count()
        self._asked: OrderedDict[int, Future[Mapping[str, Any]]] = OrderedDict()
        self._late: OrderedDict[bytes, Mapping[str, Any]] = OrderedDict()
        self._under_way: dict[bytes, Future[Mapping[str, Any]]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._busy_since = 0.0
        self._inside = 0
        self._reader: threading.Thread | None = None
        self.facts = self._start()

    def predict(
        self,
        model: Mapping[str, str],
        tasks: Sequence[Mapping[str, Any]],
        context: Mapping[str, Any] | None,
        *,
        patient: bool = False,
    ) -> list[Mapping[str, Any]]:
        """Return one prediction a task, of those that came late before and of a new asking.

        Args:
            model: `project` and `config`: which object of the class.
            tasks: Label Studio's task objects.
            context: of an interactive request.
            patient: wait `PATIENCE`.

        Raises:
            ModelSlow, RuntimeError: as `send` and `result`.
        """
        limited = not patient and self.seconds is not None
        with self._guard:
            if limited and self._inside > QUEUED:
                raise ModelSlow
            self._inside += limited
        try:
            return self._predict(model, tasks, context, patient=patient)
        finally:
            with self._guard:
                self._inside -= limited

    def _predict(
        self,
        model: Mapping[str, str],
        tasks: Sequence[Mapping[str, Any]],
        context: Mapping[str, Any] | None,
        *,
        patient: bool,
    ) -> list[Mapping[str, Any]]:
        keys = [_key(model, task, context) for task in tasks]
        end = time.monotonic() + (PATIENCE if patient or self.seconds is None else self.seconds)
        while True:
            with self._guard:
                known = [self._late.pop(key, None) for key in keys]
                missing = [place for place, one in enumerate(known) if one is None]
                under_way = [f for p in missing if (f := self._under_way.get(keys[p])) is not None]
            if not under_way:
                break
            self._give_back(keys, known)
            self.result(under_way[0], max(0.0, end - time.monotonic()))
        if missing:
            order = {"do": "predict", **model, "context": context}
            asked = self.send(
                {**order, "tasks": [tasks[place] for place in missing]},
                limited=not patient and self.seconds is not None,
            )
            new = [keys[place] for place in missing]
            with self._guard:
                self._under_way |= dict.fromkeys(new, asked)
            try:
                said = self.result(asked, max(0.0, end - time.monotonic()))
            except ModelSlow:
                asked.add_done_callback(lambda reply: self._keep(new, reply))
                self._give_back(keys, known)
                raise
            except RuntimeError:
                self._forget(new)
                raise
            self._forget(new)
            for place, one in zip(missing, said["predictions"], strict=True):
                known[place] = one
        return [one or {} for one in known]

    def close(self) -> None:
        """End the process; what waits for it fails."""
        process, self._not_before = self._process, float("inf")
        if process:
            process.kill()
            process.wait()
            if self._reader:
                self._reader.join(5)

    def _start(self) -> Mapping[str, Any]:
        """Start the process and load the class.

        Raises:
            UsageError: it cannot be loaded.
        """
        process = self._launch()
        reply = read_frame(cast("BinaryIO", process.stdout))
        if reply is None or "error" in reply:
            process.kill()
            process.communicate()
            self._process = None
            reply = reply or {"error": f"The process of {self.path} ended.", "fix": ""}
            raise UsageError(str(reply["error"]), fix=str(reply["fix"]))
        self._read_in_thread(process, loaded=True)
        return reply

    def _launch(self) -> subprocess.Popen[bytes]:
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "goldleaf.backend.label_studio_ml.model_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        known = [str(Path(entry).absolute()) for entry in sys.path]
        with suppress(OSError):
            write_frame(cast("BinaryIO", process.stdin), {"path": self.path, "sys_path": known})
        return process

    def _read_in_thread(self, process: subprocess.Popen[bytes], *, loaded: bool) -> None:
        self._reader = threading.Thread(target=self._read, args=(process, loaded), daemon=True)
        self._reader.start()

    def send(self, order: Mapping[str, Any], *, limited: bool = False) -> Future[Mapping[str, Any]]:
        """Hand over an order and return its reply to come.

        A process that ended is started again for it; its class is loaded meanwhile.

        Raises:
            ModelSlow: `limited`, and too many wait already.
            RuntimeError: the process ended a short while ago.
        """
        with self._guard:
            self._end_if_stuck()
            if limited and len(self._asked) > QUEUED:
                raise ModelSlow
            if self._process is None:
                if time.monotonic() < self._not_before:
                    raise RuntimeError("its process ended; it is started again in a while")
                self._not_before = time.monotonic() + PAUSE
                self._read_in_thread(self._launch(), loaded=False)
            number = next(self._numbers)
            reply: Future[Mapping[str, Any]] = Future()
            if not self._asked:
                self._busy_since = time.monotonic()
            self._asked[number] = reply
            pipe = self._process.stdin if self._process else None
        assert pipe
        try:
            with self._writing:
                write_frame(cast("BinaryIO", pipe), {**order, "number": number})
        except OSError:
            pass  # the reader finds it ended, and says so to all that wait
        return reply

    def result(self, reply: Future[Mapping[str, Any]], seconds: float) -> Mapping[str, Any]:
        """Wait for a reply; a call that takes `PATIENCE` ends the process.

        Raises:
            ModelSlow: it did not come in time.
            RuntimeError: the model raised, or its process ended; the message says what.
        """
        try:
            said = reply.result(seconds)
        except TooLate:
            with self._guard:
                self._end_if_stuck()
            raise ModelSlow from None
        if "error" in said:
            raise RuntimeError(said["error"])
        return said

    def _end_if_stuck(self) -> None:
        """End the process if its one call takes `PATIENCE`, whoever asked for it; under guard."""
        if self._asked and self._process and time.monotonic() - self._busy_since >= PATIENCE:
            self._process.kill()

    def _read(self, process: subprocess.Popen[bytes], loaded: bool) -> None:
        """Hand out the replies; once the process has ended, fail what still waits."""
        first = {} if loaded else _frame(process) or {}
        while said := _frame(process):
            with self._guard:
                reply = self._asked.pop(int(said["number"]), None)
                self._busy_since = time.monotonic()
            if reply:
                reply.set_result(said)
        status = process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast("BinaryIO", pipe).close()
        with self._guard:
            waiting, self._asked = list(self._asked.values()), OrderedDict()
            if self._process is process:
                self._process = None
        why = first.get("error", f"its process ended with {status}")
        if waiting:
            LOG.warning("the process of %s ended: %s", self.path, why)
        for reply in waiting:
            reply.set_result({"error": why})

    def _keep(self, keys: Sequence[bytes], reply: Future[Mapping[str, Any]]) -> None:
        self._forget(keys)
        found = reply.result().get("predictions")
        with self._guard:
            for key, one in zip(keys, found or (), strict=False):
                self._late[key] = one
            while len(self._late) > KEPT:
                self._late.popitem(last=False)

    def _give_back(self, keys: Sequence[bytes], known: Sequence[Mapping[str, Any] | None]) -> None:
        with self._guard:
            self._late |= {k: one for k, one in zip(keys, known, strict=True) if one is not None}

    def _forget(self, keys: Sequence[bytes]) -> None:
        with self._guard:
            for key in keys:
                self._under_way.pop(key, None)

    def clear_late(self) -> None:
        """Forget predictions of before the model was given more to learn from."""
        with self._guard:
            self._late.clear()


def _frame(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    try:
        return read_frame(cast("BinaryIO", process.stdout))
    except (OSError, ValueError):
        process.kill()
        return None


def _key(
    model: Mapping[str, str], task: Mapping[str, Any], context: Mapping[str, Any] | None
) -> bytes:
    try:
        told = orjson.dumps([model, task, context], option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, a number beyond 64 bits
        told = repr((model, task, context)).encode("utf-8", "backslashreplace")
    return xxhash.xxh3_128_digest(told)
