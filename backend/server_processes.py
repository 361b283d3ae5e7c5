"""Several processes that answer on one port, and one that trains; all work on one data directory.

The parent listens and forks. Its children take connections from the one socket, so that a request
that waits outlives a child that dies; a dead child is replaced. All read which model is current at
each request (`ModelStore.current`), so none answers with an older one after a publication.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from goldleaf.backend.draft_scores import DraftScore
from goldleaf.backend.log import LOG
from goldleaf.backend.shared_status import EVERY, SharedStatus
from goldleaf.backend.stop_signals import on_stop_signals, stop_signals
from goldleaf.backend.training.worker_status import continued
from goldleaf.core.errors import GoldleafError, UsageError

if TYPE_CHECKING:
    from goldleaf.backend.app import Backend
    from goldleaf.backend.training.training_worker import Worker

MOST = 64
"""Processes at most; each has a copy of the models that it was asked for."""
STARTING = 60.0
"""Seconds that children may take until they answer."""
STOPPING = 10.0
"""Seconds that children may take to end; then they are killed."""
_PAUSES = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Before a child is replaced that died within `_SOON`, by how often that came in a row. Once is no
row: where memory is short, all may die together, and nobody answers until one is replaced."""
_SOON = 10.0
TRAINER = 0
"""The slot of the process that trains; those that answer have the next ones."""


@dataclass
class _Child:
    slot: int
    pid: int
    since: float = field(default_factory=time.monotonic)
    deaths: int = 0


class ServerProcesses:
    """The processes of one server, as their parent keeps them.

    Args:
        count: how many answer.
        answer: runs one that answers, in a child, until it is told to stop.
        train: runs the one that trains; None where nothing is learned.
    """

    def __init__(
        self,
        count: int,
        answer: Callable[[ChildRole], None],
        train: Callable[[ChildRole], None] | None,
    ) -> None:
        if not hasattr(os, "fork"):
            raise UsageError(
                "This system cannot start several server processes.", fix="leave --processes out"
            )
        if not 1 <= count <= MOST:
            raise UsageError(f"{count} processes cannot be started.", fix="choose 1 to 64")
        self.status = SharedStatus(count + 1)
        self._run = {slot: answer for slot in range(1, count + 1)}
        if train:
            self._run[TRAINER] = train
        self._children: dict[int, _Child] = {}
        self._alive = os.pipe()
        self._wake = os.pipe()
        for end in self._wake:
            os.set_blocking(end, False)
        self._asked = False

    def run(self, ready: Callable[[], None]) -> None:
        """Start all, replace those that die, and end them on SIGINT, SIGTERM or SIGHUP.

        `ready` is called once all answer. It must be the main thread that calls.

        Raises:
            GoldleafError: the system starts no more processes, or they did not begin to answer in
                `STARTING` seconds; those that were started are ended.
        """

        def asked(number: int, frame: FrameType | None) -> None:
            self._asked = True

        with on_stop_signals(asked):
            try:
                for slot in self._run:
                    try:
                        self._children[slot] = _Child(slot, self._fork(slot))
                    except OSError as error:  # too many processes, or no memory
                        raise _not_started(len(self._children), len(self._run), error) from error
                if self._wait_until_all_answer():
                    ready()
                while not self._asked:
                    self._replace_dead()
                    time.sleep(0.1)
            finally:
                self._end()

    def _wait_until_all_answer(self) -> bool:
        """Return whether all answer; False if the end was asked for before."""
        end = time.monotonic() + STARTING
        while not self._asked:
            if all(self.status.read(slot) for slot in self._run):
                return True
            if time.monotonic() > end:
                raise GoldleafError(
                    "The processes of the server did not start.",
                    fix="read their messages above, or leave --processes out",
                )
            self._replace_dead()
            time.sleep(0.05)
        return False

    def _replace_dead(self) -> None:
        for slot, child in self._children.items():
            if child.pid:
                done, status = os.waitpid(child.pid, os.WNOHANG)
                if not done:
                    continue
                how = os.waitstatus_to_exitcode(status)
                LOG.warning("process %d (pid %d) ended with %d", slot, child.pid, how)
                soon = time.monotonic() - child.since < _SOON
                child.deaths = child.deaths + 1 if soon else 0
                child.pid, child.since = 0, time.monotonic()
            if time.monotonic() - child.since >= _PAUSES[min(child.deaths, len(_PAUSES) - 1)]:
                child.since = time.monotonic()
                try:
                    child.pid = self._fork(slot)
                except OSError as error:  # too many processes, or no memory: later perhaps not
                    child.deaths += 1
                    LOG.warning("process %d cannot be started: %s", slot, error)
                else:
                    LOG.info("process %d runs again (pid %d)", slot, child.pid)

    def _fork(self, slot: int) -> int:
        """Start the process of a slot; return its id.

        Who asks it to end before it has handlers of its own is heard once it has them.
        """
        ending = stop_signals()
        signal.pthread_sigmask(signal.SIG_BLOCK, ending)
        try:
            pid = os.fork()
            if not pid:
                self._be_child(slot, ending)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
        return pid

    def _be_child(self, slot: int, ending: Sequence[int]) -> NoReturn:
        """Run what the slot's process does until one of the signals `ending`, then end it."""
        code = 1
        try:
            os.close(self._alive[1])
            others = [each for each in self._run if each not in (slot, TRAINER)]
            trained = TRAINER in self._run
            role = ChildRole(slot, self.status, others, self._alive[0], self._wake, trained)
            for number in ending:
                signal.signal(number, role.stop_on_signal)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
            threading.Thread(target=role.stop_with_parent, daemon=True).start()
            self._run[slot](role)
            code = 0
        except GoldleafError as error:
            LOG.error("process %d: %s", slot, error.shown("en"))
        except BaseException as error:
            said = traceback.format_exc()
            if _no_room(error):
                said = str(error) or type(error).__name__
            LOG.error("process %d: %s", slot, said)
        finally:
            os._exit(code)  # what the parent opened is the parent's to close

    def _end(self) -> None:
        """Ask all to end; kill those that do not."""
        waiting = {child.pid for child in self._children.values() if child.pid}
        for number, seconds in ((signal.SIGTERM, STOPPING), (signal.SIGKILL, STOPPING)):
            for pid in waiting:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            end = time.monotonic() + seconds
            while waiting and time.monotonic() < end:
                waiting -= {pid for pid in waiting if os.waitpid(pid, os.WNOHANG)[0]}
                time.sleep(0.02)
        for end in (*self._alive, *self._wake):
            os.close(end)


def _no_room(error: BaseException) -> bool:
    """Return whether the system has no memory, process, thread or open file left to give."""
    if isinstance(error, OSError):
        return error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
    return isinstance(error, MemoryError) or "can't start new thread" in str(error)


def _not_started(started: int, wanted: int, error: OSError) -> GoldleafError:
    return GoldleafError(
        f"Of {wanted} processes the system started {started}: {error.strerror or error}.",
        where="--processes",
        fix="choose fewer, end other programs, or raise the limits of memory and of processes "
        "(ulimit -u; pids of a container)",
    )


@dataclass
class ChildRole:
    """What a child has of its parent: its slot, the others', and a line to the one that trains."""

    slot: int
    status: SharedStatus
    others: Sequence[int]
    alive: int
    wake_line: tuple[int, int]
    trained: bool
    stopping: threading.Event = field(default_factory=threading.Event)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def stop_on_signal(self, number: int, frame: FrameType | None) -> None:
        """Ask this process to end."""
        self.stopping.set()

    def stop_with_parent(self) -> None:
        """End with the parent, however that ended: its end of a pipe is then closed."""
        os.read(self.alive, 1)
        self.stopping.set()

    def wake_trainer(self) -> None:
        """Wake the process that trains; returns at once. One byte is enough for many events."""
        with suppress(BlockingIOError):
            os.write(self.wake_line[1], b"x")

    def join(self, backend: Backend) -> None:
        """Have the backend's answers tell of all processes, and go on with its slot's counts."""
        backend.go_on_from(self.status.read(self.slot))
        backend.others = lambda: [self.status.read(other) for other in self.others]
        backend.tell = lambda: self._write(backend.snapshot)
        if self.trained:
            begun = {"learning": {"state": "waiting"}}
            backend.learning = lambda: (self.status.read(TRAINER) or begun)["learning"]
        backend.draft_scores = self._draft_scores
        backend.wake = self.wake_trainer

    def _draft_scores(self) -> Mapping[int, Sequence[DraftScore]]:
        said = self.status.read(TRAINER).get("draft_scores", {})
        return {int(project): [DraftScore(**each) for each in said[project]] for project in said}

    def tell(self, said: Callable[[], Mapping[str, Any]]) -> None:
        """Write into the slot what is so, until the end is asked for."""
        while True:
            self._write(said)
            if self.stopping.wait(EVERY):
                return

    def _write(self, said: Callable[[], Mapping[str, Any]]) -> None:
        """Write into the slot what is so; of two threads, the later one writes what is newer."""
        with self._writing:
            if not self.status.write(self.slot, said()):
                LOG.warning("process %d has too much to tell the others", self.slot)

    def train(self, worker: Worker) -> None:
        """Run the worker until the end is asked for, woken by those that answer.

        It counts on from where the process ended that it replaces.
        """
        worker.progress = continued(self.status.read(TRAINER).get("learning", {}))
        worker.draft_scores = self._draft_scores()

        def woken() -> None:
            os.set_blocking(self.wake_line[0], True)
            while os.read(self.wake_line[0], 4096):
                worker.wake()

        threading.Thread(target=woken, daemon=True).start()
        worker.start()
        self.tell(
            lambda: {
                "learning": asdict(worker.progress),
                "draft_scores": {
                    str(project): [asdict(each) for each in scores]
                    for project, scores in worker.draft_scores.items()
                },
            }
        )
        worker.stop()
