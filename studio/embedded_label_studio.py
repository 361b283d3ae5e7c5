"""A Label Studio of our own: narrow network rules, closed sign-up, no secret on a command line."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

import httpx

from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import GoldleafError, StudioUnreachable, UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.redaction import redact, remember
from goldleaf.studio.address import anonymous_client
from goldleaf.studio.client import Studio, Unauthorized
from goldleaf.studio.embedded_settings import inherited, settings
from goldleaf.studio.empty_database import provide
from goldleaf.studio.login import personal_token
from goldleaf.studio.ports import HOST, any_free_port, is_free, port_taken

OWNER = "owner@goldleaf.invalid"
"""The account that owns the embedded Label Studio; `.invalid` is no real mailbox (RFC 2606)."""
_SECRET = "label-studio"
_GRACE = 10.0
_LOOK = 0.2
"""Seconds between two looks at a process that is waited for."""


class EmbeddedStudio:
    """One Label Studio in a child process, on loopback, with its database in the data directory.

    A context manager: the block begins when Label Studio answers and our token works, and nothing
    is left behind after it, however it ends. The account, its password and its token are made once
    and kept in a 0600 file; a second start on the same data directory uses them again.

    Args:
        data: where its database, its log and its credentials live.
        port: the port to listen on; by default the one of the last time, or any free one.
        not_port: a port that is free yet and that another server of ours is about to take.
    """

    def __init__(
        self, data: DataDir, *, port: int | None = None, not_port: int | None = None
    ) -> None:
        self.data = data
        self.email = OWNER
        self.password = ""
        self.token = ""
        self.port = port or 0
        self._asked_port, self._not_port = port, not_port
        self._process: subprocess.Popen[bytes] | None = None
        self._held = contextlib.ExitStack()
        self._studio: Studio | None = None
        self._log_start = 0

    @property
    def url(self) -> str:
        """Label Studio's address; of use once it was started, for the port may be chosen then."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The log file with everything that Label Studio prints."""
        return self.data.logs / "label-studio.log"

    @property
    def pid(self) -> int | None:
        """The id of Label Studio's process and of its process group while it runs, else None."""
        return self._process.pid if self._process else None

    @property
    def studio(self) -> Studio:
        """A client with the owner's account; closed by `stop`.

        Raises:
            GoldleafError: Label Studio does not run.
        """
        if self._studio is None:
            raise GoldleafError("The embedded Label Studio is not running.", fix="start it first")
        return self._studio

    def __enter__(self) -> EmbeddedStudio:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(
        self, progress: Callable[[float], None] | None = None, *, timeout: float = 300.0
    ) -> None:
        """Start it and wait until it lets us in; the first time takes about 50 s, later ones a few.

        The first time for a user, that is (`empty_database`), not for a data directory.

        Args:
            progress: called about twice a second with the seconds that have passed.
            timeout: seconds after which waiting makes no sense.

        Raises:
            UsageError: it is not installed, the port is taken, or the data directory is in use.
            GoldleafError: it ended or never answered; the message has the last lines of its log.
        """
        if self._studio:
            return
        self.launch()
        try:
            self.wait_ready(progress, timeout=timeout)
            self._log_in()
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Begin to start it and return at once, for who has something to do meanwhile.

        `start` then waits until it lets us in. Harmless where it runs already.

        Raises:
            UsageError: it is not installed, the port is taken, or the data directory is in use.
        """
        if self._process:
            return
        _require_installed()
        self.data.create()
        try:
            self._held.enter_context(locked(self.data.label_studio_lock))
            self._prepare()
            self._spawn()
        except BaseException:
            self.stop()
            raise

    def environment(self) -> dict[str, str]:
        """Return the whole environment of the child; its credentials are here, not in `ps`."""
        return (
            inherited()
            | settings()
            | {
                "LABEL_STUDIO_BASE_DATA_DIR": str(self.data.label_studio.resolve()),
                "LABEL_STUDIO_USERNAME": self.email,
                "LABEL_STUDIO_PASSWORD": self.password,
                # Where the plug-in finds the backend of the same data directory, and the key of its
                # annotators' pseudonyms.
                "GOLDLEAF_DATA_DIR": str(self.data.path.resolve()),
            }
        )

    def wait_ready(
        self, progress: Callable[[float], None] | None = None, *, timeout: float = 300.0
    ) -> None:
        """Wait until Label Studio answers; arguments and errors as for `start`, which calls it."""
        began = time.monotonic()
        with anonymous_client(self.url, timeout=5.0) as http:
            while True:
                self._require_running()
                # Label Studio moves to the next port when ours was taken meanwhile.
                if "Trying to start at" in self._new_log():
                    raise port_taken(self.port)
                with contextlib.suppress(httpx.TransportError):
                    if http.get("/health").is_success:
                        return
                passed = time.monotonic() - began
                if passed > timeout:
                    raise self._failed(f"Label Studio did not answer within {timeout:.0f} s.")
                if progress:
                    progress(passed)
                time.sleep(0.5)

    def wait_end(self) -> None:
        """Wait for as long as it runs; Ctrl-C comes as KeyboardInterrupt.

        Returns at once where it was not started.

        Raises:
            GoldleafError: it ended by itself; the message has the last lines of its log.
        """
        if self._process:
            while self._process.poll() is None:
                # Polars has interrupted system calls start again (SA_RESTART), all but sleep.
                time.sleep(_LOOK)
            raise self._failed("Label Studio has ended.")

    def stop(self) -> None:
        """End Label Studio and everything it started; harmless when it does not run."""
        if self._studio:
            self._studio.close()
            self._studio = None
        if self._process:
            self._end(self._process)
            self._process = None
        self._held.close()

    def _prepare(self) -> None:
        kept = self.data.secret(_SECRET)
        self.password = kept.get("password") or secrets.token_urlsafe(24)
        self.email = kept.get("email") or OWNER
        self.token = kept.get("token", "")
        remember(self.password)
        self.port = self._asked_port or kept.get("port") or 0
        if self._asked_port and not is_free(self._asked_port):
            raise port_taken(self._asked_port)
        while not self._asked_port and not self._usable(self.port):
            self.port = any_free_port()
        self._keep()

    def _usable(self, port: int) -> bool:
        return bool(port) and port != self._not_port and is_free(port)

    def _keep(self) -> None:
        kept = {"email": self.email, "password": self.password, "token": self.token}
        self.data.keep_secret(_SECRET, {**kept, "port": self.port})

    def _spawn(self) -> None:
        self.data.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data.label_studio.mkdir(mode=0o700, parents=True, exist_ok=True)
        making = provide(self.data.label_studio)
        # Safe path and a folder of its own: Label Studio's modules have names like ours (`core`).
        command = [sys.executable, "-P", "-m", "goldleaf.studio.embedded_main", "start"]
        command += ["--no-browser", "--internal-host", HOST, "-p", str(self.port)]
        with open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
            self._log_start = os.fstat(log.fileno()).st_size
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment() | making,
                cwd=self.data.label_studio,
                start_new_session=True,
            )

    def _log_in(self) -> None:
        if self.token:
            studio = Studio(self.url, self.token)
            try:
                studio.get("/api/current-user/whoami")
                self._studio = studio
                return
            except Unauthorized:  # and nothing else: a new token ends the one that scripts may hold
                studio.close()
            except BaseException:
                studio.close()
                raise
        try:
            self.token = personal_token(self.url, self.email, self.password)
        except StudioUnreachable as error:
            raise GoldleafError(
                "The kept password does not open the embedded Label Studio.",
                where=str(self.data.path),
                fix="bring back label-studio.secret.json, or use another --data-dir",
            ) from error
        self._keep()
        self._studio = Studio(self.url, self.token)

    def _require_running(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise self._failed("Label Studio ended before it was ready.")

    def _failed(self, what: str) -> GoldleafError:
        last = "\n    ".join(self._new_log().strip().splitlines()[-15:])
        return GoldleafError(
            f"{what} The end of its log:\n    {redact(last)}",
            where=str(self.log),
            fix="see the whole log; if its database is damaged, use another --data-dir",
        )

    def _new_log(self) -> str:
        with open(self.log, "rb") as file:
            file.seek(self._log_start)
            return file.read().decode("utf-8", "replace")

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what outlived the group's leader
        if process.stdin:
            process.stdin.close()


@dataclass(frozen=True, slots=True)
class KeptConnection:
    """Where the embedded Label Studio of a data directory answers, and its owner's token."""

    url: str
    token: str


def kept_connection(data: DataDir) -> KeptConnection | None:
    """Return how to reach the embedded Label Studio of a data directory.

    Whether it runs now is not checked. None where none was ever started there.

    Raises:
        UsageError: the stored secret cannot be read.
    """
    kept = data.secret(_SECRET)
    if not kept.get("token") or not kept.get("port"):
        return None
    return KeptConnection(f"http://{HOST}:{kept['port']}", kept["token"])


def _require_installed() -> None:
    if not hasattr(os, "killpg"):
        raise UsageError(
            "goldleaf cannot run Label Studio on this system.",
            where=sys.platform,
            fix="run Label Studio in Docker or WSL and name it with --url",
        )
    if find_spec("label_studio") is None:
        raise UsageError(
            "Label Studio is not installed beside goldleaf.",
            where=sys.prefix,
            fix="pip install 'goldleaf[studio]', or use a Label Studio that runs elsewhere (--url)",
        )
