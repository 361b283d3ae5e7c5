"""One door to Label Studio's API: JSON in, JSON out, every failure one plain message."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import httpx

from goldleaf.core.errors import GoldleafError, StudioUnreachable, UsageError
from goldleaf.core.redaction import redact
from goldleaf.studio.tokens import TokenKind, credential

SUPPORTED = (1, 23, 2)
"""The oldest Label Studio whose behaviour we measured; see the README."""
_PAUSES = (0.5, 1.0, 2.0)
"""Seconds between the attempts of a GET."""
_PASSING = {429, 502, 503, 504}
"""Statuses that say nothing about the request itself."""


class Refused(GoldleafError):
    """Label Studio understood a request and said no; `status` and `detail` are its own."""

    def __init__(self, status: int, detail: str, *, where: str) -> None:
        super().__init__(f"Label Studio refused: {detail}", where=where)
        self.status = status
        self.detail = detail


class NotLetIn(StudioUnreachable):
    """Label Studio answers and knows the token no more, or never did."""


class _Busy(httpx.TransportError):
    """A status that says nothing about the request; the message names it."""


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
        self._http = visitor(self.url, timeout=timeout)

    @property
    def token_kind(self) -> TokenKind:
        """Which kind of token this is, by its shape."""
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

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return what a path holds; tried again when Label Studio is busy or just starting.

        Raises:
            StudioUnreachable: it is down, too slow, no Label Studio, or refuses the token.
            Refused: it said no (4xx), with its own reason.
        """
        problem = ""
        for pause in (*_PAUSES, None):
            try:
                response = self._authorised("GET", path, params=params)
                if response.status_code < 500 and response.status_code not in _PASSING:
                    return self._read(response, "GET", path)
                problem = f"it answers with status {response.status_code}"
            except httpx.TransportError as error:
                problem = _why(error)
            if pause is not None:
                time.sleep(pause)
        raise self._unreachable(problem, path)

    def post(self, path: str, body: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        """Send a body once, because a second time could do it twice; errors as for `get`."""
        return self._once("POST", path, body, params)

    def patch(self, path: str, body: Any) -> Any:
        """Change fields; errors as for `get`."""
        return self._once("PATCH", path, body)

    def delete(self, path: str) -> None:
        """Delete; what is gone already counts as deleted. Errors as for `get`."""
        try:
            self._once("DELETE", path)
        except Refused as error:
            if error.status != 404:
                raise

    def version(self) -> str:
        """Return Label Studio's release, `1.23.2`.

        Raises:
            StudioUnreachable: nobody answers, or somebody who is no Label Studio.
        """
        found = self.get("/api/version")
        release = found.get("release") if isinstance(found, dict) else None
        if not isinstance(release, str):
            raise self._stranger("/api/version")
        return release

    def require_supported(self) -> str:
        """Return the release, if it is one whose behaviour is known.

        Raises:
            StudioUnreachable: it is too old; the message has the found and the needed release.
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
        """Return the e-mail address of every member of the organisation, by account id."""
        return {user["id"]: user["email"] for user in self.get("/api/users")}

    def _once(
        self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            response = self._authorised(method, path, params=params, body=body)
        except httpx.TransportError as error:
            raise self._unreachable(_why(error), path) from error
        if response.status_code in _PASSING:
            raise self._unreachable(f"it answers with status {response.status_code}", path)
        return self._read(response, method, path)

    def _authorised(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> httpx.Response:
        headers = {"Authorization": self._credential.header()}
        response = self._http.request(method, path, params=params, json=body, headers=headers)
        # A session cookie beside a token would have Label Studio ask for a CSRF token too.
        self._http.cookies.clear()
        if response.status_code == 401 and self._credential.renew():
            headers = {"Authorization": self._credential.header()}
            response = self._http.request(method, path, params=params, json=body, headers=headers)
        return response

    def _exchange(self, refresh: str) -> str:
        path = "/api/token/refresh/"
        response = self._http.post(path, json={"refresh": refresh})
        if response.status_code >= 500 or response.status_code in _PASSING:
            raise _Busy(f"it answers with status {response.status_code}")
        answer = self._read(response, "POST", path)
        access = answer.get("access") if isinstance(answer, dict) else None
        if not isinstance(access, str):
            raise self._stranger(path)
        return access

    def _read(self, response: httpx.Response, method: str, path: str) -> Any:
        status = response.status_code
        if response.is_redirect:
            to = response.headers.get("location", "")
            raise StudioUnreachable(
                f"This address leads elsewhere: {redact(to)}",
                where=self.url + path,
                fix="give the address that Label Studio itself answers at",
            )
        if status == 204 or (response.is_success and not response.content):
            return None
        try:
            answer = response.json()
        except ValueError:
            raise self._stranger(path) from None
        if response.is_success:
            return answer
        detail = _detail(answer)
        if status == 401:
            raise self._not_let_in(detail)
        raise Refused(status, detail, where=f"{method} {self.url}{path}")

    def _not_let_in(self, detail: str) -> NotLetIn:
        if "legacy token" in detail:
            return NotLetIn(
                "Legacy tokens are switched off for this organisation.",
                where=self.url,
                fix="make a personal access token (Account & Settings) and set GOLDLEAF_TOKEN to "
                "it, or have the owner switch legacy tokens on",
            )
        return NotLetIn(
            f"Label Studio does not accept the token (by its form a {self.token_kind}). "
            f"Its answer: {detail}",
            where=self.url,
            fix="set GOLDLEAF_TOKEN to a token of this Label Studio (Account & Settings)",
        )

    def _stranger(self, path: str) -> StudioUnreachable:
        return StudioUnreachable(
            "Somebody answers here, but not as Label Studio does.",
            where=self.url + path,
            fix="check the address and the port",
        )

    def _unreachable(self, problem: str, path: str) -> StudioUnreachable:
        return StudioUnreachable(
            f"Label Studio cannot be reached: {problem}.",
            where=self.url + path,
            fix="start it (goldleaf up) or check the address; then run the same command again, "
            "what is done already is not done twice",
        )


def checked_url(url: str) -> str:
    """Return the address without its last slash.

    Raises:
        UsageError: it is no http address.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError(
            "This is no address of a Label Studio.",
            where=redact(url),
            fix="give one like http://127.0.0.1:8080",
        )
    return str(parsed).rstrip("/")


def visitor(url: str, *, timeout: float = 30.0) -> httpx.Client:
    """Return an HTTP client without any account; a loopback address is never asked by a proxy."""
    return httpx.Client(
        base_url=url,
        timeout=httpx.Timeout(timeout, connect=5.0),
        trust_env=httpx.URL(url).host not in ("127.0.0.1", "localhost", "::1"),
    )


def _why(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return redact(str(error)) or type(error).__name__


def _detail(answer: Any) -> str:
    """Return Label Studio's own words: `detail`, then what is wrong with which field."""
    if not isinstance(answer, dict):
        return redact(str(answer))
    said = [str(answer.get("detail") or answer.get("error") or "")]
    for field, problems in (answer.get("validation_errors") or {}).items():
        listed = problems if isinstance(problems, list) else [problems]
        said += [f"{field}: {problem}" for problem in listed]
    text = re.sub(r"<[^>]+>", "", "; ".join(part for part in said if part))
    return redact(text) or "it gave no reason"
