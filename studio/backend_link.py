"""Connect an ML backend and its webhook to a project, and verify the connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.core.redaction import remember
from goldleaf.studio.address import checked_url, same_address
from goldleaf.studio.backend_proofs import prove_delivery, prove_predict
from goldleaf.studio.client import RequestRejected, Studio
from goldleaf.studio.local_backend import KnownBackend, delivery_watch
from goldleaf.studio.projects import get_project
from goldleaf.studio.response_shapes import holding, rows
from goldleaf.studio.ssrf import advice, blocked_subnet

SECRET_HEADER = "X-Goldleaf-Webhook"
"""Carries the shared secret: Label Studio sends a webhook's own headers, but no Basic auth."""
PAYLOAD_HEADER = "X-Goldleaf-Payload"
"""Where it says `ids`, Label Studio with the plug-in sends an answer's event as ids alone.

Only webhooks of goldleaf's own backend have it: label-studio-ml's servers, and the models of other
people behind them, read project, task and answer.
"""
EVENTS = (
    "ANNOTATION_CREATED",
    "ANNOTATIONS_CREATED",
    "ANNOTATION_UPDATED",
    "ANNOTATIONS_DELETED",
    "PROJECT_UPDATED",
)
"""What a backend wants to hear: what annotators say, and that the screen has changed."""
_UNAUTHORIZED = re.compile(r"(?<![\w:=./-])401(?![\w/-]|[.:]\w)")
_FIELDS = ("id", "url", "title", "state", "model_version", "auth_method", "basic_auth_user")
_ROW = holding(id=int, url=str, title=str, model_version=(str, type(None)))
_ROWS = rows(*_FIELDS)
_WEBHOOK = holding(id=int, url=str)
_WEBHOOKS = rows("id", "url", "headers", "actions", "is_active")


@dataclass(frozen=True, slots=True)
class Link:
    """A backend attached to a project, and how far that was proved.

    Label Studio itself has called `/health` and `/setup`, else there would be no link.

    Attributes:
        ml_id: Label Studio's number of the backend.
        webhook_id: its number of the webhook.
        url: the backend's address.
        model_version: what the backend called its model; also the row's title.
        predicted: it answered `/predict` for a real task; False in a project without tasks.
        delivered: a webhook arrived; None where it could not be observed.
    """

    ml_id: int
    webhook_id: int
    url: str
    model_version: str
    predicted: bool
    delivered: bool | None


def backend_rows(studio: Studio, project_id: int, url: str | None = None) -> list[dict[str, Any]]:
    """Return a project's backends as the API has them, of one address (`same_address`) or all."""
    found: list[dict[str, Any]] = studio.get("/api/ml/", {"project": project_id}, shape=_ROWS)
    return [row for row in found if url is None or same_address(row["url"], url)]


def webhooks(studio: Studio, project_id: int, url: str | None = None) -> list[dict[str, Any]]:
    """Return a project's webhooks as the API has them, of one address (`same_address`) or all."""
    found: list[dict[str, Any]] = studio.get(
        "/api/webhooks/", {"project": project_id}, shape=_WEBHOOKS
    )
    return [row for row in found if url is None or same_address(row["url"], url)]


def webhook_url(backend: str) -> str:
    """Return where Label Studio posts the events for a backend: `/webhook` below its address."""
    return backend.rstrip("/") + "/webhook"


def connect_backend(
    studio: Studio,
    project_id: int,
    url: str,
    *,
    user: str = "",
    password: str = "",
    webhook_secret: str = "",
    delivered: Callable[[], bool] | None = None,
    wait: float = 10.0,
    replaces: Collection[str] = (),
) -> Link:
    """Attach a backend: one row, one webhook, whatever was there before; then prove it.

    The webhook is made first: where Label Studio may not call the address, it refuses here, before
    a row exists; and no event is ever sent without the secret.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        url: the backend's address as Label Studio sees it.
        user: for Basic auth; empty where the backend asks for none.
        password: for Basic auth.
        webhook_secret: sent with every event in the header `X-Goldleaf-Webhook`.
        delivered: tells whether the backend has had a `PROJECT_UPDATED` event since this call
            began; Label Studio hides a failed delivery, so only the receiving end knows. Only
            goldleaf's own backend reports that, so the events that it gets are short.
        wait: seconds to wait for `delivered`.
        replaces: earlier addresses of the same backend; what was attached under them is taken over.

    Raises:
        GoldleafError: Label Studio may not call the address (the message names what to set), the
            backend does not answer as it must, or the event never arrived. What was half-connected
            by this call is removed.
    """
    url = checked_url(url)
    for secret in (password, webhook_secret):
        remember(secret)
    get_project(studio, project_id)
    addresses = (url, *replaces)
    old_rows = _at(addresses, backend_rows(studio, project_id))
    old_hooks = _at([webhook_url(each) for each in addresses], webhooks(studio, project_id))
    try:
        headers = {SECRET_HEADER: webhook_secret} if webhook_secret else {}
        if delivered is not None:
            headers[PAYLOAD_HEADER] = "ids"
        hook = _one_webhook(studio, project_id, url, headers, old_hooks)
        row = _one_row(studio, project_id, url, _login(user, password), old_rows)
        predicted = prove_predict(studio, project_id, row, url)
        arrived = prove_delivery(studio, project_id, row, hook["url"], delivered, wait)
    except GoldleafError as error:
        blocked = blocked_subnet(error.detail) if isinstance(error, RequestRejected) else ""
        _undo(studio, project_id, url, [] if blocked else old_rows, [] if blocked else old_hooks)
        if isinstance(error, RequestRejected):
            raise _explained(error, url, blocked) from None
        raise
    return Link(row["id"], hook["id"], url, row["model_version"] or "", predicted, arrived)


def connect_known(studio: Studio, project_id: int, backend: KnownBackend) -> Link:
    """Attach the backend of a data directory, in place of its earlier addresses; prove it.

    Errors as for `connect_backend`.
    """
    url = checked_url(backend.url)
    rows, hooks = backend_rows(studio, project_id), webhooks(studio, project_id)
    return connect_backend(
        studio,
        project_id,
        url,
        user=backend.user,
        password=backend.password,
        webhook_secret=backend.webhook_secret,
        delivered=delivery_watch(backend, project_id),
        replaces=[each for each in _addresses(backend, rows, hooks) if not same_address(each, url)],
    )


def linked_elsewhere(studio: Studio, project_id: int, backend: KnownBackend) -> bool:
    """Return whether a project still has a row or webhook at an earlier address of a backend."""
    rows, hooks = backend_rows(studio, project_id), webhooks(studio, project_id)
    known = [
        each for each in _addresses(backend, rows, hooks) if not same_address(each, backend.url)
    ]
    return bool(_at(known, rows) or _at([webhook_url(each) for each in known], hooks))


def _addresses(
    backend: KnownBackend, rows: list[dict[str, Any]], hooks: list[dict[str, Any]]
) -> list[str]:
    """Return every address under which a project may know a backend.

    Those of its earlier runs; those whose webhook carries its secret; and those that do not answer
    and are given its user.
    """
    named = [h["url"].rstrip("/").removesuffix("/webhook") for h in hooks if _carries(h, backend)]
    dead = [r["url"] for r in rows if r["state"] != "CO" and r["basic_auth_user"] == backend.user]
    return list(dict.fromkeys([backend.url, *backend.former, *named, *(dead * bool(backend.user))]))


def _carries(hook: dict[str, Any], backend: KnownBackend) -> bool:
    given = (hook["headers"] or {}).get(SECRET_HEADER)
    return bool(backend.webhook_secret) and given == backend.webhook_secret


def _at(addresses: Collection[str], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows or webhooks at one of the addresses, in the order of the addresses."""
    return [each for url in addresses for each in found if same_address(each["url"], url)]


def linked_versions(studio: Studio, project_id: int) -> set[str]:
    """Return the model versions that a project's backends report now; empty ones are left out."""
    return {row["model_version"] or "" for row in backend_rows(studio, project_id)} - {""}


def follow_version(studio: Studio, project_id: int, version: str) -> int:
    """Have Label Studio ask with a backend's new model version; return how many rows it concerns.

    The backends are asked, and those that answer with `version` get it as their title, which is
    what Label Studio compares (see `connect_backend`). Their login stays as it is.
    """
    rows = [r for r in backend_rows(studio, project_id) if r["model_version"] == version]
    for row in rows:
        if row["title"] != version:
            # Label Studio checks the whole row anew; an empty password means "the one you have".
            login = {"auth_method": row["auth_method"]}
            if row["auth_method"] == "BASIC_AUTH":
                login |= {"basic_auth_user": row["basic_auth_user"], "basic_auth_pass": ""}
            given = {"url": row["url"], "project": project_id, "title": version, **login}
            studio.patch(f"/api/ml/{row['id']}", given)
    if rows:
        project = get_project(studio, project_id)
        if project["model_version"] != version:
            studio.patch(f"/api/projects/{project_id}/", {"model_version": version})
    return len(rows)


def disconnect_backend(studio: Studio, project_id: int, url: str) -> int:
    """Remove a backend and its webhooks, which Label Studio would keep; return how many of both."""
    rows = backend_rows(studio, project_id, url)
    hooks = webhooks(studio, project_id, webhook_url(url))
    for row in rows:
        studio.delete(f"/api/ml/{row['id']}")
    for hook in hooks:
        studio.delete(f"/api/webhooks/{hook['id']}/")
    return len(rows) + len(hooks)


def _one_webhook(
    studio: Studio,
    project_id: int,
    url: str,
    headers: dict[str, str],
    old: list[dict[str, Any]],
) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "project": project_id,
        "url": webhook_url(url),
        "send_payload": True,
        "send_for_all_actions": False,
        "actions": list(EVENTS),
        "headers": headers,
        "is_active": True,
    }
    for extra in old[1:]:
        studio.delete(f"/api/webhooks/{extra['id']}/")
    if old:
        return studio.patch(f"/api/webhooks/{old[0]['id']}/", wanted, shape=_WEBHOOK)
    made: dict[str, Any] = studio.post("/api/webhooks/", wanted, shape=_WEBHOOK)
    for extra in webhooks(studio, project_id, wanted["url"]):
        if extra["id"] != made["id"]:
            studio.delete(f"/api/webhooks/{extra['id']}/")
    return made


def _one_row(
    studio: Studio, project_id: int, url: str, login: dict[str, str], old: list[dict[str, Any]]
) -> dict[str, Any]:
    wanted = {"url": url, "project": project_id, "title": "goldleaf", **login}
    for extra in old[1:]:
        studio.delete(f"/api/ml/{extra['id']}")
    if old:
        row = studio.patch(f"/api/ml/{old[0]['id']}", wanted, shape=_ROW)
    else:
        row = studio.post("/api/ml/", wanted, shape=_ROW)
        # Label Studio itself asks once more when its SQLite is locked, with the row made already.
        for extra in backend_rows(studio, project_id, url):
            if extra["id"] != row["id"]:
                studio.delete(f"/api/ml/{extra['id']}")
    if version := row["model_version"]:
        # The project's one field `model_version` must equal the backend's title to have it asked
        # when a task is opened, and the predictions' version to have their scores order the queue:
        # so the title is the version.
        row = studio.patch(f"/api/ml/{row['id']}", {**wanted, "title": version}, shape=_ROW)
    return row


def _login(user: str, password: str) -> dict[str, str]:
    if not user:
        return {"auth_method": "NONE"}
    return {"auth_method": "BASIC_AUTH", "basic_auth_user": user, "basic_auth_pass": password}


def _undo(
    studio: Studio,
    project_id: int,
    url: str,
    old_rows: list[dict[str, Any]],
    old_hooks: list[dict[str, Any]],
) -> None:
    """Remove what is there now and was not there before."""
    before = {row["id"] for row in old_rows}
    for row in backend_rows(studio, project_id, url):
        if row["id"] not in before:
            studio.delete(f"/api/ml/{row['id']}")
    before = {hook["id"] for hook in old_hooks}
    for hook in webhooks(studio, project_id, webhook_url(url)):
        if hook["id"] not in before:
            studio.delete(f"/api/webhooks/{hook['id']}/")


def refuses_login(detail: str) -> bool:
    """Return whether Label Studio's words on a backend say that it refuses the user and password.

    >>> refuses_login("401 Client Error: Unauthorized for url: http://127.0.0.1:9090/setup")
    True
    >>> refuses_login("Can't connect to ML backend http://127.0.0.1:40145, health check failed.")
    False
    """
    return "authentication parameters" in detail or bool(_UNAUTHORIZED.search(detail))


def _explained(error: RequestRejected, url: str, blocked: str) -> GoldleafError:
    if blocked:
        return GoldleafError(
            f"Label Studio may not call addresses in {blocked}, so it cannot reach this backend.",
            where=url,
            fix=advice(blocked) + "; then connect again",
        )
    if refuses_login(error.detail):
        return GoldleafError(
            "Label Studio cannot use this backend: it refuses the user and password.",
            where=url,
            fix="give its user and password: name the --data-dir that the backend runs on, or set "
            "GOLDLEAF_BACKEND_USER, GOLDLEAF_BACKEND_PASSWORD and GOLDLEAF_WEBHOOK_SECRET as they "
            "are for the backend; then connect again",
        )
    return GoldleafError(
        f"Label Studio cannot use this backend: {error.detail}",
        where=url,
        fix="start it (goldleaf serve), check its address, user and password; then connect again",
    )
