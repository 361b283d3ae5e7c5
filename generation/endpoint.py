"""A model behind an OpenAI-compatible server: chat completions over HTTP.

Texts go to the one address that the user named, and nowhere else: redirects are not followed. The
key comes from the environment alone and is in no message.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from goldleaf.core.records import Turn
from goldleaf.core.redaction import remember
from goldleaf.generation.chat_completion import answer_of_body, refusal_of, request_body
from goldleaf.generation.endpoint_address import EndpointAddress
from goldleaf.generation.generator import STOPPING, Answer, Request, Sampling
from goldleaf.generation.retry_pauses import pause_before
from goldleaf.generation.structured_output import TRIED, keeps_tried, with_schema

MAX_ANSWER = 10 * 2**20
"""Longest body of an answer that is read, in bytes."""
CONNECT, READ = 5.0, 300.0
"""Seconds to wait for a connection, and for the whole of an answer."""
ATTEMPTS = 4
CONCURRENT = 4
_PASSING = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
"""Statuses that may be another one a moment later."""


class Response(NamedTuple):
    """What a server answered: `kind` is its content type, `pause` its `Retry-After`."""

    status: int
    kind: str
    pause: str
    content: bytes


class EndpointGenerator:
    """A model of a server; several requests at once.

    Args:
        address: the server with its key.
        model: what the server calls the model.
        concurrent: requests at once.
        read: seconds to wait for an answer.
        attempts: how often a request is sent, at most, where the server is busy or failing.
        connect: seconds to wait for a connection.
    """

    def __init__(
        self,
        address: EndpointAddress,
        model: str,
        *,
        concurrent: int = CONCURRENT,
        read: float = READ,
        attempts: int = ATTEMPTS,
        connect: float = CONNECT,
    ) -> None:
        import httpx

        self.address, self.model = address, model
        self.concurrent, self.attempts, self.read = concurrent, attempts, read
        # A server does not say which version a model is: its address stands for it.
        what = hashlib.sha256(f"{address.url}\0{model}".encode()).hexdigest()[:12]
        self.name = f"{model}@{what}"
        remember(address.key)
        headers = {"Authorization": f"Bearer {address.key}"} if address.key else {}
        self._http = httpx.Client(
            headers={**headers, "Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(read, connect=connect),
            limits=httpx.Limits(max_connections=concurrent),
            follow_redirects=False,
            trust_env=not address.is_loopback,  # a proxy does not know our loopback
        )
        self._closed = threading.Event()
        self._honours: bool | None = None
        self._probing = threading.Lock()

    def open(self) -> None:
        """Do nothing: a connection is made by the first request."""

    def answer(self, requests: Sequence[Request]) -> Iterator[list[tuple[int, Answer]]]:
        """Yield answers one by one, as they come; `concurrent` requests are open at once.

        Where an outcome is one of `STOPPING`, no further request is sent: they all get it.
        """
        waiting = list(enumerate(requests))[::-1]
        ready: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
        running = 0
        stopped: Answer | None = None
        while waiting or running:
            while waiting and running < self.concurrent:
                # Daemons: whoever gives up (Ctrl-C) does not wait for answers under way.
                job = threading.Thread(target=self._into, args=(ready, *waiting.pop()), daemon=True)
                job.start()
                running += 1
            place, answer = ready.get()
            running -= 1
            yield [(place, answer)]
            if answer.outcome in STOPPING and stopped is None:
                stopped = answer
                yield [(place, stopped) for place, _ in waiting]
                waiting = []

    def _into(
        self, ready: queue.SimpleQueue[tuple[int, Answer]], place: int, request: Request
    ) -> None:
        """Put the answer to a request into a queue, whatever happens."""
        try:
            answer = self.one(request)
        except Exception as error:
            answer = Answer("server_error", detail=type(error).__name__)
        ready.put((place, answer))

    def one(self, request: Request) -> Answer:
        """Return the answer to one request, sent again where that may help."""
        body = request_body(self.model, request)
        if request.schema is not None and self.honours_schema():
            body = with_schema(body, request.schema)
        return self._answer_to(body)

    def honours_schema(self) -> bool:
        """Return whether the server keeps to a JSON Schema; asked once, False while unknown."""
        with self._probing:
            if self._honours is None:
                asked = Request((Turn("user", "Say hello."),), Sampling(0.0, 24, 1))
                answer = self._answer_to(with_schema(request_body(self.model, asked), TRIED))
                # A server that refuses the request may still take it without a schema.
                if answer.outcome in ("answered", "empty", "unparseable", "refused_by_server"):
                    self._honours = keeps_tried(answer.text)
            return bool(self._honours)

    def _answer_to(self, body: dict[str, Any]) -> Answer:
        """Return the answer to the body of a request, sent again where that may help."""
        attempt = 0
        while True:
            attempt += 1
            answer, asked = self._attempt(body)
            if asked is None or attempt >= self.attempts or self._closed.is_set():
                return answer
            pause = pause_before(attempt, asked)
            if pause is None or self._closed.wait(pause):
                return answer

    def post(self, body: dict[str, Any]) -> Response:
        """Send one request for a completion, once.

        Raises:
            httpx.HTTPError: there is no answer, or it breaks off.
            TooLarge: the answer is over `MAX_ANSWER`.
        """
        return self._sent("POST", self.address.completions, body)

    def get(self, path: str) -> Response:
        """Ask for a path of the server (`models`), once; errors as `post`."""
        return self._sent("GET", f"{self.address.url}/{path}", None)

    def _sent(self, method: str, url: str, body: dict[str, Any] | None) -> Response:
        import httpx

        end = time.monotonic() + self.read
        with self._http.stream(method, url, json=body) as response:
            parts: list[bytes] = []
            size = 0
            for part in response.iter_raw():
                size += len(part)
                if size > MAX_ANSWER:
                    raise TooLarge
                if time.monotonic() > end:  # one byte a second is no answer either
                    raise httpx.ReadTimeout("the answer takes too long")
                parts.append(part)
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            pause = response.headers.get("Retry-After", "")
            if self._closed.is_set():  # a pool that is closed forgets what was just connecting
                response.extensions["network_stream"].close()
            return Response(response.status_code, kind, pause, b"".join(parts))

    def _attempt(self, body: dict[str, Any]) -> tuple[Answer, str | None]:
        """Return an answer, and what the server asked to wait; None if that is the last word."""
        import httpx

        where = self.address.host
        try:
            found = self.post(body)
        except TooLarge:
            return Answer("too_large", detail=f"over {MAX_ANSWER // 2**20} MB"), None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Answer("unreachable", detail=f"{where}: {_why(error)}"), ""
        except httpx.TimeoutException:
            return Answer("timed_out", detail=f"no answer within {self.read:g} s"), ""
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer("unparseable", detail=f"the answer breaks off: {_why(error)}"), ""
        if found.status == 200:
            return answer_of_body(found.kind, found.content), None
        answer = refusal_of(found.status, found.kind, found.content)
        return answer, found.pause if found.status in _PASSING else None

    def close(self) -> None:
        """Close the connections; requests that wait to be sent again are not."""
        self._closed.set()
        self._http.close()


class TooLarge(Exception):
    """An answer is longer than `MAX_ANSWER`."""


def _why(error: Exception) -> str:
    """Return what went wrong with a connection, in a few words and without the address."""
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:200]
