"""Serving the application with waitress: in the foreground, or in a thread of a process."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from goldleaf.backend.app import Backend, create_app
from goldleaf.backend.credentials import Credentials
from goldleaf.backend.draft_loading import load_for_drafts
from goldleaf.backend.event_store import EventStore
from goldleaf.backend.listening_socket import bound_socket, resolve_address
from goldleaf.backend.log import LOG
from goldleaf.backend.predictors.predictor import Predictor
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.team_route import TeamPage, add_team_route
from goldleaf.core.errors import UsageError
from goldleaf.core.redaction import remember

if TYPE_CHECKING:
    from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
    from goldleaf.backend.training.training_worker import Worker
    from goldleaf.studio.client import Studio

THREADS = 8
CONNECTIONS = 512
"""Open at once in a process, others wait: fewer where half of the open files a process may have
are fewer."""
_FROM_MEMORY = frozenset({"/", "/health", "/setup", "/versions"})
SHORT_BYTES = 32 * 1024
"""Bodies up to which a request is answered by the loop: about ten tasks, some milliseconds."""


class RunningBackend:
    """The backend on a port of this machine, from `with` to the end of its block.

    >>> with RunningBackend(Path("events.sqlite")) as backend:  # doctest: +SKIP
    ...     print(backend.url)
    """

    def __init__(
        self,
        events: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        predictor: str | Predictor = "rules",
        credentials: Credentials | None = None,
        threads: int = THREADS,
        models: Path | None = None,
        studio: Callable[[], Studio] | None = None,
        schedule: RetrainingSchedule | None = None,
        instance: str = "",
        team_page: TeamPage | None = None,
        listener: socket.socket | None = None,
        before: Callable[[Backend], None] = lambda backend: None,
    ) -> None:
        """Say what to serve; nothing listens before `start`.

        Args:
            events: the file of the event store (`DataDir.events`).
            host: the address to listen on.
            port: 0 takes a free one.
            predictor: a predictor or the name of one.
            credentials: what callers must know; without a password only loopback is allowed.
            threads: requests answered at once, of those that wait for something; drafts of a
                predictor that is `QUICK` are made in turn.
            models: the folder of what was learned; next to the events if not given.
            studio: opens the Label Studio to learn from, each time anew; it is called in another
                thread, and whatever GoldleafError it raises means "try again later". Without it
                events are kept and nothing is learned.
            schedule: how soon is learned.
            instance: names the data directory in `/health`.
            team_page: makes the page of `/team`; without it there is none.
            listener: a socket to take connections from, bound to `host` and `port`; it is
                another's, which must see to the password.
            before: called with the application's state before the first request is answered.
        """
        self.host = host
        self.port = port
        self._events = events
        self._predictor = predictor
        self._credentials = credentials or Credentials()
        self._threads = threads
        self._models = models or events.parent / "models"
        self._studio = studio
        self._schedule = schedule
        self._instance = instance
        self._team_page = team_page
        self._listener = listener
        self._before = before
        self._worker: Worker | None = None
        self._asked = threading.Event()
        self._stopping = threading.Event()
        self._exits = ExitStack()
        self._loop: threading.Thread | None = None
        self._server: Any = None
        self._backend: Backend | None = None

    @property
    def url(self) -> str:
        """Where the backend answers on this machine, without a slash at the end.

        Bound to all interfaces, it is named by the loopback address.
        """
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def backend(self) -> Backend:
        """The application's state; RuntimeError before `start`."""
        if self._backend is None:
            raise RuntimeError("the backend was not started")
        return self._backend

    def seen(self, action: str) -> int:
        """Return how many webhook events of this action have come in since the start.

        Actions that the protocol does not name are counted as "other". RuntimeError before `start`.
        """
        return self.backend.seen[action]

    def start(self) -> RunningBackend:
        """Open the port and answer from now on.

        Raises:
            UsageError: the port is taken, the address is not ours, or it is reachable from outside
                and no password is set; or there is no predictor of that name.
            GoldleafError: the event store cannot be opened.
        """
        from waitress import wasyncore

        from goldleaf.backend.http_channel import Dispatcher
        from goldleaf.backend.http_server import Server
        from goldleaf.backend.request_parser import DISCARDED_BYTES

        address = allowed_address(self.host, self.port, self._credentials)
        given = self._predictor
        own = isinstance(given, str)
        predictor = open_predictor(given, self._models, apart=True) if own else given
        load_for_drafts(predictor)
        for secret in (self._credentials.password, self._credentials.webhook_secret):
            remember(secret)
        with ExitStack() as undo:
            if own:
                undo.callback(getattr(predictor, "close", lambda: None))
            listener = self._listener or bound_socket(address, self.port)
            undo.callback(listener.close)
            store = EventStore(self._events)
            undo.callback(store.close)
            app = create_app(
                store,
                predictor=predictor,
                credentials=self._credentials,
                instance=self._instance,
            )
            add_team_route(app, self._team_page)
            backend = cast("Backend", app.extensions["goldleaf"])
            self._backend = backend
            self._before(backend)
            if self._studio:
                self._prepare_learning(self._studio, predictor)
            sockets: dict[int, Any] = {}
            quick = {"/predict"} if getattr(predictor, "QUICK", False) else set[str]()
            slow = {"/setup"} if hasattr(predictor, "for_config") else set[str]()
            short = partial(_short, paths=_FROM_MEMORY - slow | quick)
            dispatcher = Dispatcher(self._threads, short, partial(_computes, paths=quick))
            server = cast("Any", Server)(
                app,
                map=sockets,
                _sock=listener,
                sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
                bind_socket=False,
                dispatcher=dispatcher,
                threads=self._threads,
                connection_limit=most_connections(),
                max_request_body_size=DISCARDED_BYTES,
                recv_bytes=65_536,
                ident="goldleaf",
                clear_untrusted_proxy_headers=True,
            )
            undo.callback(wasyncore.close_all, sockets)
            self.host, self.port = str(address), int(server.effective_port)
            self._server = server
            self._exits = undo.pop_all()
        self._asked.clear()
        self._stopping.clear()

        def loop() -> None:
            dispatcher.loop_is_here()
            while not self._stopping.is_set():
                wasyncore.loop(timeout=server.round_seconds, map=sockets, use_poll=True, count=1)

        self._loop = threading.Thread(target=loop, name="goldleaf-backend", daemon=True)
        self._loop.start()
        LOG.info("listening on %s", self.url)
        if self._worker:  # Label Studio is going to ask the port back
            self._worker.start()
        return self

    def check(self) -> None:
        """Find out whether it could start, and load what it needs; nothing listens yet.

        Raises:
            UsageError: there is no such predictor.
            GoldleafError: the event store cannot be opened.
        """
        import goldleaf.backend.http_server  # noqa: F401
        import goldleaf.backend.training.feature_lookup  # noqa: F401

        if isinstance(self._predictor, str):
            load_for_drafts(open_predictor(self._predictor, self._models))
        EventStore(self._events).close()

    def _prepare_learning(self, studio: Callable[[], Studio], predictor: Predictor) -> None:
        """Make the worker that trains; it is started once the port is open."""
        from goldleaf.backend.training.model_store import ModelStore
        from goldleaf.backend.training.training_worker import Worker

        worker = Worker(
            self.backend.events,
            ModelStore(self._models),
            predictor,
            studio,
            schedule=self._schedule,
        )
        self._worker = worker
        self.backend.wake = worker.wake
        self.backend.learning = lambda: asdict(worker.progress)
        self.backend.draft_scores = lambda: worker.draft_scores

    def stop_learning(self) -> None:
        """End the worker that trains; drafts and webhooks go on.

        A training that is under way is given up; it is done when a worker starts again.
        """
        if self._worker:
            self._worker.stop()
            self._worker = None

    def wait(self) -> None:
        """Block until another thread or a signal has called `request_stop`; nothing is stopped."""
        while not self._asked.wait(0.5):
            pass

    def request_stop(self) -> None:
        """Make `wait` return; safe inside a signal handler."""
        self._asked.set()

    def stop(self) -> None:
        """Finish what is being answered (5 s at most), then close the port and the store.

        It may be called again, and before `start`.
        """
        self._asked.set()
        self.stop_learning()
        if self._loop:
            self._server.accepting = False
            self._server.task_dispatcher.shutdown(True, 5)
            self._stopping.set()
            self._server.pull_trigger()
            self._loop.join()
            self._loop = None
        self._exits.close()

    def __enter__(self) -> RunningBackend:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def allowed_address(
    host: str, port: int, credentials: Credentials
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address to listen on.

    Raises:
        UsageError: it is none, or is reachable from outside and no password is set.
    """
    address = resolve_address(host, port)
    if not credentials.required and not address.is_loopback:
        raise UsageError(
            "The backend does not listen beyond this machine without a password.",
            where=host,
            fix="set GOLDLEAF_BACKEND_USER and GOLDLEAF_BACKEND_PASSWORD, or use 127.0.0.1",
        )
    return address


def most_connections() -> int:
    """Return how many connections may be open at once: each is an open file of the process."""
    try:
        import resource
    except ImportError:  # no such limit
        return CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, max(1, soft // 2))


def _computes(request: Any, *, paths: set[str]) -> bool:
    """Return whether a request that waitress could read asks for drafts that are computed here."""
    return not request.error and request.path in paths


def _short(request: Any, *, paths: frozenset[str]) -> bool:
    """Return whether a request is answered in milliseconds, from memory alone."""
    if request.error or max(request.content_length, request.body_bytes_received) > SHORT_BYTES:
        return False
    return request.path in paths
