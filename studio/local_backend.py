"""The backend of a data directory: its address and login in a 0600 file, and what it reports."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from goldleaf.core.data_dir import DataDir
from goldleaf.core.json_values import is_object, object_or_empty
from goldleaf.core.redaction import remember
from goldleaf.studio.address import anonymous_client, same_address

_SECRET = "running-backend"
_FORMER = 20
"""How many earlier addresses are kept: links in Label Studio still name them."""
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class KnownBackend:
    """A backend and what its callers must know.

    Attributes:
        url: its address, as Label Studio on this machine sees it.
        user: for Basic auth; empty where none is asked for.
        password: for Basic auth.
        webhook_secret: what events must carry.
        instance: names the data directory it runs on; empty where that is not known.
        former: addresses of the same backend in earlier runs.
    """

    url: str
    user: str = ""
    password: str = ""
    webhook_secret: str = ""
    instance: str = ""
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BackendHealth:
    """What a backend reports of itself.

    Attributes:
        answers: something answers HTTP there.
        accepted: it took the login that was sent along.
        ours: it is a backend of goldleaf that reports what arrived.
        instance: names its data directory.
        updates: `PROJECT_UPDATED` events that arrived for the project, since its start.
        refused: events that it refused because of a wrong or missing secret.
    """

    answers: bool = False
    accepted: bool = False
    ours: bool = False
    instance: str = ""
    updates: int = 0
    refused: int = 0


def instance_of(data: DataDir) -> str:
    """Return the random name of a data directory that identifies its backend: 16 hex digits.

    Made and stored on first use.
    """
    kept = data.secret(_SECRET)
    if not kept.get("instance"):
        kept = {**kept, "instance": secrets.token_hex(8)}
        data.keep_secret(_SECRET, kept)
    return str(kept["instance"])


def keep_backend(data: DataDir, backend: KnownBackend) -> KnownBackend:
    """Store what a backend that now runs on the data directory asks of its callers.

    Returns what was stored: with the instance of the directory, and the addresses of earlier runs.
    """
    before = kept_backend(data)
    former = (before.url, *before.former) if before else ()
    kept = KnownBackend(
        backend.url,
        backend.user,
        backend.password,
        backend.webhook_secret,
        instance_of(data),
        tuple(dict.fromkeys(url for url in former if not same_address(url, backend.url)))[:_FORMER],
    )
    stored = {name: getattr(kept, name) for name in KnownBackend.__slots__}
    data.keep_secret(_SECRET, {**stored, "former": list(kept.former)})
    return kept


def kept_backend(data: DataDir) -> KnownBackend | None:
    """Return the backend that runs, or ran last, on a data directory; None if none ever did."""
    kept = data.secret(_SECRET)
    if not kept.get("url"):
        return None
    texts = {name: str(kept.get(name) or "") for name in KnownBackend.__slots__ if name != "former"}
    for secret in (texts["password"], texts["webhook_secret"]):
        remember(secret)
    return KnownBackend(**texts, former=tuple(map(str, kept.get("former") or ())))


def running_backend(data: DataDir) -> KnownBackend | None:
    """Return the backend that runs on a data directory now: it answers, and names it.

    None where none does, or another program has its port.
    """
    kept = kept_backend(data)
    if kept is None:
        return None
    health = backend_health(kept.url)
    return kept if health.ours and health.instance == kept.instance else None


def backend_health(
    url: str, *, user: str = "", password: str = "", project: int | None = None
) -> BackendHealth:
    """Ask a backend how it is; nothing that it answers is an error.

    Args:
        url: its address.
        user: for Basic auth; with it the answer counts the events of `project`.
        password: for Basic auth.
        project: of which project to count; all events where the backend keeps that to itself.
    """
    login = httpx.BasicAuth(user, password) if user else None
    try:
        with anonymous_client(url, timeout=_PATIENCE) as http:
            answer = http.get("/health", auth=login)
    except httpx.HTTPError:
        return BackendHealth()
    if answer.status_code == 401:
        return BackendHealth(answers=True)
    try:
        body: Any = answer.json()
    except ValueError:
        body = None
    if not answer.is_success or not is_object(body) or "events_refused" not in body:
        return BackendHealth(answers=True, accepted=answer.is_success)
    seen = int(object_or_empty(body.get("events_seen")).get("PROJECT_UPDATED") or 0)
    by_project = body.get("projects_updated")
    if is_object(by_project) and project is not None:
        seen = int(object_or_empty(by_project).get(str(project)) or 0)
    refused = int(body["events_refused"])
    return BackendHealth(True, True, True, str(body.get("instance") or ""), seen, refused)


def delivery_watch(backend: KnownBackend, project: int) -> Callable[[], bool] | None:
    """Return a function that tells whether an event of the project arrived since this call.

    The backend is asked now, and at each call of the function. None where it does not answer, or
    does not report what arrived.
    """

    def now() -> BackendHealth:
        return backend_health(
            backend.url, user=backend.user, password=backend.password, project=project
        )

    before = now()
    return (lambda: now().updates > before.updates) if before.ours else None
