"""HTTP client for Label Studio's API: JSON in, JSON out, retries, failures as one message."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from goldleaf.core.errors import GoldleafError, StudioUnreachable
from goldleaf.core.json_depth import loads
from goldleaf.core.redaction import redact
from goldleaf.studio.address import anonymous_client, checked_url, http_timeout, json_body
from goldleaf.studio.response_shapes import Shape, anything, asked_pause, holding, reason_of, rows
from goldleaf.studio.sdk_client import address_and_token, sdk_client
from goldleaf.studio.tokens import TokenKind, credential

if TYPE_CHECKING:
    from label_studio_sdk import LabelStudio

SUPPORTED = (1, 23, 2)
"""The oldest Label Studio whose behaviour we measured; see the README."""
_PAUSES = (0.5, 1.0, 2.0)
"""Seconds between the attempts of what may be repeated."""
_PASSING = {429, 502, 503, 504}
"""Statuses that say nothing about the request itself."""


class RequestRejected(GoldleafError):
    """Label Studio understood a request and rejected it; `status` and `detail` are its own."""

    def __init__(self, status: int, detail: str, *, where: str) -> None:
        super().__init__(f"Label Studio refused: {detail}", where=where)
        self.status = status
        self.detail = detail


class Unauthorized(StudioUnreachable):
    """Label Studio rejected the token (401)."""


class ServerFault(StudioUnreachable):
    """Label Studio answered with an internal error or an unreadable response.

    What was asked may have been done all the same. `problem` is short, `status` 0 for an answer
    that is cut off, garbage or of the wrong shape.
    """

    def __init__(self, what: str, *, where: str, fix: str, problem: str, status: int = 0) -> None:
        super().__init__(what, where=where, fix=fix)
        self.problem = problem
        self.status = status


class _Busy(httpx.TransportError):
    """No access token could be had just now, so nothing was asked yet."""


_UNSENT = (_Busy, httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures before anything was sent."""


class Studio:
    """One Label Studio, seen through one account. Not for use by several threads at once.

    Args:
        url: its address, `http://127.0.0.1:8080`.
        token: a personal access token, or a legacy token where those are switched on.
        timeout: seconds to wait for one answer; connecting may take 5.

    Raises:
        UsageError: the address is none.
        StudioUnreachable: the text is no token.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 100.0) -> None:
        self.url = checked_url(url)
        self.token = token
        self._credential = credential(token, self._exchange)
        self._http = anonymous_client(self.url, timeout=timeout)

    @classmethod
    def from_sdk(cls, client: LabelStudio, *, timeout: float = 100.0) -> Studio:
        """Return our client of the Label Studio that a client of label-studio-sdk is for.

        Address and token are taken over; headers and an HTTP client of its own are not.

        Raises:
            UsageError: it is no such client.
        """
        return cls(*address_and_token(client), timeout=timeout)

    def to_sdk(self, **options: Any) -> LabelStudio:
        """Return label-studio-sdk's client of this Label Studio, with this token.

        The SDK repeats a failed POST twice by default; `max_retries=0` has it repeat none. Other
        `options` of its `LabelStudio` may be given, too.

        Raises:
            UsageError: label-studio-sdk is not installed.
        """
        return sdk_client(self.url, self.token, **options)

    @property
    def token_kind(self) -> TokenKind:
        """Which kind of token the client was given, by its shape."""
        return self._credential.kind

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        shape: Shape = anything,
        pauses: Sequence[float] | None = None,
    ) -> Any:
        """Return what a path holds; tried again when Label Studio is busy, failing or starting.

        Args:
            path: `/api/...`.
            params: the query.
            shape: what the answer must look like; one that does not is as good as none.
            pauses: seconds between the attempts, where not the usual ones; () to try once.

        Returns:
            The parsed JSON, None for an empty answer.

        Raises:
            ServerFault: it answers, but with an error of its own or with something unreadable.
            StudioUnreachable: it is down, too slow, no Label Studio, or refuses the token.
            RequestRejected: it rejected the request (4xx), with its own reason.
        """
        return self._ask("GET", path, params=params, shape=shape, again=True, pauses=pauses)

    def post(
        self,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        shape: Shape = anything,
        timeout: float | None = None,
    ) -> Any:
        """Send a body (bytes are JSON already) once: twice could do it twice; errors as for `get`.

        It is sent again only where it cannot have been acted on: no connection came about, or Label
        Studio asked to wait (429). After any other failure the caller must look what was done.
        `timeout` is how many seconds to wait for the answer, where the usual ones are too few.
        """
        return self._ask(
            "POST", path, params=params, body=body, shape=shape, again=False, timeout=timeout
        )

    def patch(self, path: str, body: Any, *, shape: Shape = anything) -> Any:
        """Change the fields of `body` and return the answer; tried again, since twice is as once.

        Errors as for `get`.
        """
        return self._ask("PATCH", path, body=body, shape=shape, again=True)

    def delete(self, path: str) -> None:
        """Delete what `path` holds; what is gone already counts as deleted. Errors as for `get`."""
        try:
            self._ask("DELETE", path, again=True)
        except RequestRejected as error:
            if error.status != 404:
                raise

    def version(self) -> str:
        """Return Label Studio's release, `1.23.2`.

        Raises:
            StudioUnreachable: no server answers, or one that is not Label Studio.
        """
        return str(self.get("/api/version", shape=holding(release=str))["release"])

    def require_supported(self) -> str:
        """Return Label Studio's release, if it is `SUPPORTED` or later.

        Raises:
            StudioUnreachable: it is too old (the message has both releases), or as for `version`.
        """
        release = self.version()
        if tuple(int(part) for part in re.findall(r"\d+", release)[:3]) < SUPPORTED:
            needed = ".".join(map(str, SUPPORTED))
            raise StudioUnreachable(
                f"This Label Studio is too old: {release}; {needed} or later is needed.",
                where=self.url,
                fix="upgrade it: pip install --upgrade label-studio",
            )
        return release

    def accounts(self) -> dict[int, str]:
        """Return the e-mail addresses by account; removed ones (`Deleted`) are left out."""
        users = self.get("/api/users/", shape=rows("id", "email"))
        return {user["id"]: user["email"] for user in users if "@" in str(user["email"])}

    def _ask(
        self,
        method: str,
        path: str,
        *,
        again: bool,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        shape: Shape = anything,
        pauses: Sequence[float] | None = None,
        timeout: float | None = None,
    ) -> Any:
        for pause in (*(_PAUSES if pauses is None else pauses), None):
            wait = pause or 0.0
            try:
                response = self._authorised(method, path, params, body, timeout)
            except httpx.RequestError as error:
                trouble, safe = self._unreachable(_why(error), path), isinstance(error, _UNSENT)
            else:
                try:
                    return self._read(response, method, path, shape)
                except ServerFault as error:
                    trouble, safe = error, response.status_code == 429
                    wait = max(wait, asked_pause(response.headers))
            if pause is None or not (again or safe):
                raise trouble
            time.sleep(wait)
        raise AssertionError("the last attempt raises")

    def _authorised(
        self, verb: str, path: str, params: Mapping[str, Any] | None, body: Any, wait: float | None
    ) -> httpx.Response:
        request = self._http.build_request(
            *(verb, path),
            params=params,
            **json_body(body),
            timeout=http_timeout(wait) if wait else httpx.USE_CLIENT_DEFAULT,
        )
        response = self._sent(request)
        # A session cookie beside a token would have Label Studio ask for a CSRF token too.
        self._http.cookies.clear()
        if response.status_code == 401 and self._credential.renew():
            response = self._sent(request)
        return response

    def _sent(self, request: httpx.Request) -> httpx.Response:
        request.headers["Authorization"] = self._credential.header()
        return self._http.send(request)

    def _exchange(self, refresh: str) -> str:
        path = "/api/token/refresh/"
        try:
            response = self._http.post(path, json={"refresh": refresh})
            return str(self._read(response, "POST", path, holding(access=str))["access"])
        except (httpx.RequestError, ServerFault) as error:
            # Nothing was asked yet that must not be asked twice.
            raise _Busy(error.problem if isinstance(error, ServerFault) else _why(error)) from error

    def _read(self, response: httpx.Response, method: str, path: str, shape: Shape) -> Any:
        status = response.status_code
        if response.is_redirect:
            to = response.headers.get("location", "")
            raise StudioUnreachable(
                f"This address leads elsewhere: {redact(to)}",
                where=self.url + path,
                fix="give the address that Label Studio itself answers at",
            )
        if status >= 500 or status in _PASSING:
            raise self._faulty(f"it answers with status {status}", path, status)
        try:
            answer = loads(response.content) if response.content else None
        except ValueError:
            raise self._not_label_studio(f"status {status} and no JSON", path) from None
        if response.is_success:
            if status != 204 and not shape(answer):
                raise self._not_label_studio("the JSON is of another shape", path)
            return answer
        detail = reason_of(answer)
        if status == 401:
            raise self._unauthorized(detail)
        raise RequestRejected(status, detail, where=f"{method} {self.url}{path}")

    def _unauthorized(self, detail: str) -> Unauthorized:
        if "legacy token" in detail:
            return Unauthorized(
                "Legacy tokens are switched off for this organisation.",
                where=self.url,
                fix="make a personal access token (Account & Settings) and set GOLDLEAF_TOKEN to "
                "it, or have the owner switch legacy tokens on",
            )
        return Unauthorized(
            f"Label Studio does not accept the token (by its form a {self.token_kind}). "
            f"Its answer: {detail}",
            where=self.url,
            fix="set GOLDLEAF_TOKEN to a token of this Label Studio (Account & Settings)",
        )

    def _not_label_studio(self, problem: str, path: str) -> ServerFault:
        return ServerFault(
            f"The answer is not as Label Studio gives it: {problem}.",
            where=self.url + path,
            fix="run the same command again; if it stays so, check the address and the port",
            problem=problem,
        )

    def _faulty(self, problem: str, path: str, status: int) -> ServerFault:
        return ServerFault(
            f"Label Studio fails on this request: {problem}.",
            where=self.url + path,
            fix="see its log; then run the same command again, what is done already is not done "
            "twice",
            problem=problem,
            status=status,
        )

    def _unreachable(self, problem: str, path: str) -> StudioUnreachable:
        return StudioUnreachable(
            f"Label Studio cannot be reached: {problem}.",
            where=self.url + path,
            fix="start it (goldleaf up) or check the address; then run the same command again, "
            "what is done already is not done twice",
        )


def _why(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return redact(str(error)) or type(error).__name__
