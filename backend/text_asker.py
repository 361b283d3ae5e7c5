"""Asks a model for texts within a time: what comes later is there for the next request.

One thread asks, so that a slow or dead model holds up no request of Label Studio's longer than it
may wait, and `/health` never. A model that cannot be used is left alone for a while.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait

from goldleaf.backend.log import LOG
from goldleaf.core.errors import GoldleafError
from goldleaf.generation.answer_store import request_hash
from goldleaf.generation.generator import STOPPING, Answer, Generator, Outcome, Request

WAIT = 30.0
"""Seconds that a request of Label Studio's waits for texts; it gives up after 100."""
PAUSE = 30.0
"""Seconds for which a model that nobody can use is not asked."""
QUEUED = 4
"""Askings that may wait for the one under way; more are declined at once."""
KEPT = 10_000
"""Answers in memory; drafts are asked for again whenever another answer was learned from."""
FINAL: frozenset[Outcome] = frozenset(("answered", "empty", "too_long"))
"""What became of a request that would come out the same again."""
_REASONS: Mapping[Outcome, str] = {
    "empty": "model_empty",
    "too_long": "model_too_long",
    "timed_out": "model_too_slow",
    "busy": "model_too_slow",
    **dict.fromkeys(STOPPING, "model_unreachable"),
}


def reason_of(answer: Answer | None) -> str:
    """Return why there is no text, as a code of `undrafted`; None is an answer still to come."""
    if answer is None:
        return "model_too_slow"
    return _REASONS.get(answer.outcome, "model_failed")


class TextAsker:
    """A model, asked in a thread of its own; several threads may call.

    Args:
        generator: the model; closed with this.
        seconds: how long a call waits; None waits for every answer.
    """

    def __init__(self, generator: Generator, seconds: float | None = WAIT) -> None:
        self.generator, self.seconds = generator, seconds
        self._answers: OrderedDict[bytes, Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[tuple[list[Request], Future[None]]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="goldleaf-drafts", daemon=True)
        self._under_way: dict[bytes, Future[None]] = {}
        self._not_before = 0.0

    def warm(self) -> None:
        """Begin to load the model now; what goes wrong is logged."""
        self._submit([])

    def ask(self, requests: Sequence[Request]) -> list[Answer | None]:
        """Return the answer to each request, None where it did not come in time."""
        keys = [request_hash(self.generator.name, request) for request in requests]
        known = self._known(keys)
        missing = {
            key: request
            for key, request, answer in zip(keys, requests, known, strict=True)
            if answer is None or answer.outcome != "answered"
        }
        if missing:
            wait(self._jobs_for(missing), self.seconds)
        return self._known(keys)

    def known(self, request: Request) -> Answer | None:
        """Return the last answer to a request, without asking."""
        return self._known([request_hash(self.generator.name, request)])[0]

    def close(self) -> None:
        """End the model, and what waits for it."""
        self._not_before = float("inf")
        self.generator.close()

    def _submit(self, requests: list[Request]) -> Future[None]:
        job: Future[None] = Future()
        self._jobs.put((requests, job))
        if self._thread.ident is None:
            self._thread.start()
        return job

    def _work(self) -> None:
        """Do one asking after the other; a daemon, so that an end waits for no answer."""
        while True:
            requests, job = self._jobs.get()
            self._guarded(requests)
            job.set_result(None)

    def _jobs_for(self, missing: Mapping[bytes, Request]) -> set[Future[None]]:
        """Return what to wait for: askings under way, and a new one for the rest, if it may be."""
        with self._lock:
            jobs = {self._under_way[key] for key in missing if key in self._under_way}
            new = [key for key in missing if key not in self._under_way]
            full = self.seconds is not None and len(set(self._under_way.values())) >= QUEUED
            if new and not full and time.monotonic() >= self._not_before:
                job = self._submit([missing[key] for key in new])
                self._under_way |= dict.fromkeys(new, job)
                jobs.add(job)
            return jobs

    def _guarded(self, requests: list[Request]) -> None:
        """Ask, and keep what comes; nothing is raised."""
        try:
            if time.monotonic() >= self._not_before:
                self._ask(requests)
        except GoldleafError as error:
            LOG.warning("the drafting model cannot be used: %s", error.shown("en"))
            self._fail(requests, Answer("unreachable"))
        except Exception as error:  # a generator may be third-party code
            LOG.warning("the drafting model failed: %s", type(error).__name__)
            self._fail(requests, Answer("server_error"))
        finally:
            with self._lock:
                for request in requests:
                    self._under_way.pop(request_hash(self.generator.name, request), None)

    def _ask(self, requests: list[Request]) -> None:
        self.generator.open()
        keys = [request_hash(self.generator.name, request) for request in requests]
        for group in self.generator.answer(requests):
            for place, answer in group:
                self._keep(keys[place], answer)
                if answer.outcome in STOPPING:
                    self._not_before = max(self._not_before, time.monotonic() + PAUSE)

    def _fail(self, requests: Sequence[Request], answer: Answer) -> None:
        for request in requests:
            self._keep(request_hash(self.generator.name, request), answer)
        self._not_before = max(self._not_before, time.monotonic() + PAUSE)

    def _keep(self, key: bytes, answer: Answer) -> None:
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)

    def _known(self, keys: Sequence[bytes]) -> list[Answer | None]:
        with self._lock:
            return [self._answers.get(key) for key in keys]
