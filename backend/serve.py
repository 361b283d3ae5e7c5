"""Serving until a signal, in the foreground: from this process, or from several."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.event_store import EventStore
from goldleaf.backend.listening_socket import bound_socket
from goldleaf.backend.log import log_to_stderr
from goldleaf.backend.predictors.predictor import Predictor
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.server import RunningBackend, allowed_address
from goldleaf.backend.stop_signals import on_stop_signals

if TYPE_CHECKING:
    from goldleaf.backend.server_processes import ChildRole
    from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
    from goldleaf.studio.client import Studio


def serve(
    host: str,
    port: int,
    *,
    events: Path,
    predictor: str | Predictor = "rules",
    credentials: Credentials | None = None,
    models: Path | None = None,
    studio: Callable[[], Studio] | None = None,
    schedule: RetrainingSchedule | None = None,
    instance: str = "",
    processes: int = 1,
    announce: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; must run in the main thread.

    Args:
        host: the address to listen on.
        port: the port; 0 takes a free one.
        events: the file of the event store.
        predictor: a predictor or the name of one.
        credentials: what callers must know.
        models: the folder of what was learned; next to the events if not given.
        studio: opens the Label Studio to learn from, as for `RunningBackend`.
        schedule: how soon is learned.
        instance: names the data directory in `/health`.
        processes: how many answer. With more than one another one trains, and the predictor must
            be a name.
        announce: called with the address once it answers.

    Raises:
        UsageError: as `RunningBackend.start`, or several processes cannot be had.
        GoldleafError: the event store cannot be opened.
    """
    new_backend = partial(
        RunningBackend,
        events,
        host=host,
        predictor=predictor,
        credentials=credentials,
        models=models,
        schedule=schedule,
        instance=instance,
    )
    if processes != 1:
        return _serve_from_several(
            processes,
            new_backend,
            allowed_address(host, port, credentials or Credentials()),
            port,
            _trainer(events, models, predictor, studio, schedule) if studio else None,
            announce,
        )
    backend = new_backend(port=port, studio=studio)

    def asked(number: int, frame: FrameType | None) -> None:
        backend.request_stop()

    log_to_stderr()
    with backend, on_stop_signals(asked):
        announce(backend.url)
        backend.wait()


def _trainer(
    events: Path,
    models: Path | None,
    predictor: str | Predictor,
    studio: Callable[[], Studio],
    schedule: RetrainingSchedule | None,
) -> Callable[[ChildRole], None]:
    """Return what the process does that trains."""

    def train(role: ChildRole) -> None:
        from goldleaf.backend.training.model_store import ModelStore
        from goldleaf.backend.training.training_worker import Worker

        folder = models or events.parent / "models"
        drafter = open_predictor(predictor, folder) if isinstance(predictor, str) else predictor
        store = EventStore(events)
        role.train(Worker(store, ModelStore(folder), drafter, studio, schedule=schedule))
        store.close()

    return train


def _serve_from_several(
    count: int,
    new_backend: Callable[..., RunningBackend],
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    port: int,
    train: Callable[[ChildRole], None] | None,
    announce: Callable[[str], None],
) -> None:
    """Serve from several processes (`server_processes`); this one only keeps them."""
    from goldleaf.backend.server_processes import ServerProcesses

    # Found faulty here, it is said once, and no child is started.
    log_to_stderr()
    probe = new_backend(port=0)
    with bound_socket(address, port) as listener:
        listener.listen(1024)
        # All processes share its mode, and `dup` gives the copy that of this object: from one that
        # blocks, each child that starts would have the others wait for connections, not answer.
        listener.setblocking(False)
        port = int(listener.getsockname()[1])
        probe.check()

        def answer(role: ChildRole) -> None:
            with new_backend(port=port, listener=listener.dup(), before=role.join) as backend:
                role.tell(backend.backend.snapshot)

        probe.port = port
        ServerProcesses(count, answer, train).run(lambda: announce(probe.url))
