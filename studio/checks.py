"""What `goldleaf doctor` looks at: each check says what it found and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from goldleaf.core.errors import GoldleafError
from goldleaf.studio.backend_link import backend_rows, webhook_url, webhooks
from goldleaf.studio.client import Refused, Studio
from goldleaf.studio.projects import get_project, project_kind
from goldleaf.studio.sign_in import LOGIN, csrf, reachable
from goldleaf.studio.ssrf import advice, blocked_subnet

SIGN_UP = "/user/signup/"
_PROBE = "http://127.0.0.1:9090"
"""Where a backend on the same machine would be; nothing needs to listen there."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: what was looked at, the same in every run.
        ok: whether it is as it should be.
        found: what is there.
        fix: what to do, empty where all is well.
    """

    name: str
    ok: bool
    found: str
    fix: str = ""


def run_checks(
    studio: Studio, project_id: int | None = None, backend_url: str | None = None
) -> list[Check]:
    """Look at a Label Studio, and at one project and its backend where they are named.

    Nothing is changed, but for an inactive webhook that is made and deleted at once to see whether
    Label Studio may call a backend. Where nobody answers, the first check says so and is the last.
    """
    found = [check_reachable(studio)]
    if not found[0].ok:
        return found
    found += [
        _told("version", studio.require_supported),
        _told("token", lambda: _token(studio)),
        check_sign_up(studio),
        check_page_rules(studio),
    ]
    if project_id is None or not found[2].ok:
        return found
    try:
        get_project(studio, project_id)
    except GoldleafError as error:
        return [*found, _failed("project", error)]
    return [
        *found,
        _told("project", lambda: project_kind(studio, project_id).id),
        check_may_call(studio, project_id, backend_url or _PROBE),
        *check_backends(studio, project_id, backend_url),
    ]


def check_reachable(studio: Studio) -> Check:
    """Tell whether a Label Studio answers; its version needs no token."""
    try:
        with reachable(studio.url) as http:
            csrf(http, LOGIN)
    except GoldleafError as error:
        return _failed("reachable", error)
    return Check("reachable", True, studio.url)


def check_sign_up(studio: Studio) -> Check:
    """Tell whether strangers can make themselves an account, by an empty form that makes none."""
    with reachable(studio.url) as http:
        form = csrf(http, SIGN_UP)
        answer = http.post(SIGN_UP, data=form, headers={"Referer": studio.url + SIGN_UP})
    if answer.status_code == 403:
        return Check("sign-up", True, "only with an invitation link")
    return Check(
        "sign-up",
        False,
        "open: whoever reaches the address can make an account, export and delete",
        "start Label Studio with LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true",
    )


def check_page_rules(studio: Studio) -> Check:
    """Tell whether the content security policy is enforced or only reported."""
    with reachable(studio.url) as http:
        enforced = "content-security-policy" in http.get(LOGIN).headers
    if enforced:
        return Check("page rules", True, "enforced: text in tasks makes no request")
    return Check(
        "page rules",
        False,
        "only reported: an image address in a task's text is fetched by the annotator's browser",
        "start Label Studio with LS_CSP_REPORT_ONLY=false",
    )


def check_may_call(studio: Studio, project_id: int, url: str) -> Check:
    """Tell whether Label Studio may call a backend's address, by asking it to."""
    probe = {"project": project_id, "url": webhook_url(url) + "-probe", "is_active": False}
    try:
        made = studio.post("/api/webhooks/", probe)
    except Refused as error:
        subnet = blocked_subnet(error.detail)
        return Check(
            "network rules", False, f"{url}: {error.detail}", advice(subnet) if subnet else ""
        )
    studio.delete(f"/api/webhooks/{made['id']}/")
    return Check("network rules", True, f"{url} may be called")


def check_backends(studio: Studio, project_id: int, url: str | None = None) -> Iterator[Check]:
    """Compare a project's backends with its webhooks: doubled, dead, half-connected, stale."""
    try:
        rows, hooks = backend_rows(studio, project_id), webhooks(studio, project_id)
    except GoldleafError as error:
        yield _failed("backends", error)
        return
    again = "connect the backend again (goldleaf serve): that leaves one row and one webhook"
    addresses = Counter(row["url"].rstrip("/") for row in rows)
    yield _none("doubled backends", [each for each, times in addresses.items() if times > 1], again)
    dead = [row["url"] for row in rows if row["state"] != "CO"]
    yield _none("backends that do not answer", dead, "start them (goldleaf serve), or remove them")
    active = {hook["url"].rstrip("/") for hook in hooks if hook["is_active"]}
    deaf = [each for each in addresses if webhook_url(each) not in active]
    yield _none("backends without webhook", deaf, again)
    wanted = {webhook_url(each) for each in addresses}
    stale = [each for each in sorted(active) if each.endswith("/webhook") and each not in wanted]
    yield _none("webhooks without backend", stale, "delete them in the project's settings")
    if url is not None:
        there = url.rstrip("/") in addresses
        said = f"{url} is {'connected' if there else 'not connected to this project'}"
        yield Check("backend", there, said, "" if there else again)


def _token(studio: Studio) -> str:
    who = studio.get("/api/current-user/whoami")
    return f"{studio.token_kind} of {who['email']}"


def _told(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except GoldleafError as error:
        return _failed(name, error)


def _failed(name: str, error: GoldleafError) -> Check:
    return Check(name, False, error.what, error.fix)


def _none(name: str, wrong: list[str], fix: str) -> Check:
    return Check(name, not wrong, ", ".join(wrong) or "none", fix if wrong else "")
