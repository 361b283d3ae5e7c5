"""What `goldleaf doctor` looks at in a project and its backend: each fault under its own name."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from goldleaf.core.errors import StudioUnreachable
from goldleaf.core.translations import Translations
from goldleaf.studio.address import same_address
from goldleaf.studio.backend_link import (
    EVENTS,
    SECRET_HEADER,
    backend_rows,
    refuses_login,
    webhook_url,
    webhooks,
)
from goldleaf.studio.client import RequestRejected, Studio
from goldleaf.studio.doctor_findings import Check, Finder
from goldleaf.studio.local_backend import (
    BackendHealth,
    KnownBackend,
    backend_health,
)
from goldleaf.studio.projects import get_project
from goldleaf.studio.response_shapes import holding
from goldleaf.studio.ssrf import advice, blocked_subnet

_PROBE = "http://127.0.0.1:9090"
"""Where a backend on the same machine could be; nothing needs to listen there."""
_WAIT = 3.0
"""Seconds for an event; Label Studio sends it before it answers, and gives up after one."""

Row = dict[str, Any]


@dataclass
class _Linked:
    """One address that is linked as a backend: Label Studio's row, its webhooks, its own report."""

    url: str
    row: Row
    hooks: list[Row]
    health: BackendHealth
    known: KnownBackend
    blocked: str = ""
    faults: set[str] = field(default_factory=set[str])


def check_backends(
    studio: Studio,
    project_id: int,
    words: Translations,
    *,
    url: str = "",
    known: KnownBackend | None = None,
) -> Iterator[Check]:
    """Compare a project's backends with its webhooks, with themselves and with the data directory.

    Yields a finding for each thing looked at, good ones too, always in the same order. To see
    whether Label Studio may call a backend, an inactive webhook is made and deleted; to see an
    event arrive, the project's title is set to what it is.

    Args:
        studio: where.
        project_id: which project.
        words: the language of the findings.
        url: the backend that should be linked, if the user names one.
        known: the backend of the data directory and its secrets, if there is one.

    Raises:
        GoldleafError: Label Studio cannot be asked; see `Studio.get`.
    """
    rows, hooks = backend_rows(studio, project_id), webhooks(studio, project_id)
    addresses = Counter(row["url"].rstrip("/") for row in rows)
    linked = [_linked(each, rows, hooks, project_id, known) for each in addresses]
    wanted = url or (known.url if known else "")
    attach = f"goldleaf project attach {project_id}"
    if url or not known:
        attach += f" {url or (linked[0].url if linked else 'ADDRESS')}"
    find = Finder(words, attach=attach, project=project_id)
    yield from _network(studio, project_id, find, linked, wanted)
    yield _presence(find, linked, url, known)
    yield _several(find, linked, known)
    yield find.none("doubled backends", [each for each, n in addresses.items() if n > 1])
    yield from _answering(find, linked)
    yield from _hooked(find, linked, hooks)
    yield _secret(find, linked)
    yield _same_home(find, linked)
    yield _version(find, linked, get_project(studio, project_id)["model_version"] or "")
    yield _events(studio, project_id, find, linked)


def _linked(
    url: str, rows: list[Row], hooks: list[Row], project_id: int, known: KnownBackend | None
) -> _Linked:
    row = next(row for row in rows if same_address(row["url"], url))
    own = known if known and same_address(known.url, url) else KnownBackend(url)
    mine = [hook for hook in hooks if same_address(hook["url"], webhook_url(url))]
    health = backend_health(url, user=own.user, password=own.password, project=project_id)
    return _Linked(url, row, mine, health, own)


def _network(
    studio: Studio, project_id: int, find: Finder, linked: Sequence[_Linked], wanted: str
) -> Iterator[Check]:
    """Have Label Studio say whether it may call each address, by an inactive webhook."""
    wrong: list[str] = []
    fixes: list[str] = []
    addresses = [each.url for each in linked]
    if wanted and not any(same_address(wanted, each) for each in addresses):
        addresses.append(wanted)
    for url in addresses:
        blocked, problem = may_call(studio, project_id, url)
        for each in linked:
            each.blocked = blocked if each.url == url else each.blocked
        if problem:
            wrong.append(f"{url}: {problem}")
            fixes += [advice(blocked)] if blocked else []
    if not linked and not wanted:
        blocked, problem = may_call(studio, project_id, _PROBE)
        if problem:
            wrong, fixes = [problem], [advice(blocked)] if blocked else []
    if wrong:
        yield Check("network rules", False, "; ".join(wrong), "; ".join(dict.fromkeys(fixes)))
    else:
        yield find.good("network rules", "may_call")


def may_call(studio: Studio, project_id: int, url: str) -> tuple[str, str]:
    """Return why Label Studio may not call an address: its banned subnet, and its error message.

    Both are empty if it may; the subnet is, where the reason is another. Tried with an inactive
    webhook that is created and deleted at once.

    Raises:
        StudioUnreachable: Label Studio cannot be asked, or its answer was lost.
    """
    probe = {"project": project_id, "url": webhook_url(url) + "-probe", "is_active": False}
    try:
        made = studio.post("/api/webhooks/", probe, shape=holding(id=int))
    except RequestRejected as error:
        return blocked_subnet(error.detail), error.detail
    except StudioUnreachable:
        # The answer is lost, and the webhook may have been made all the same.
        for left in webhooks(studio, project_id, probe["url"]):
            studio.delete(f"/api/webhooks/{left['id']}/")
        raise
    studio.delete(f"/api/webhooks/{made['id']}/")
    return "", ""


def _presence(
    find: Finder, linked: Sequence[_Linked], url: str, known: KnownBackend | None
) -> Check:
    if url and not any(same_address(each.url, url) for each in linked):
        return find.bad("backend", "not_linked", "attach_fix", url=url)
    if not linked:
        return find.bad("backend", "none_linked", "attach_fix" if known else "none_linked_fix")
    return find.good("backend", "linked", urls=find.words.listed(each.url for each in linked))


def _several(find: Finder, linked: Sequence[_Linked], known: KnownBackend | None) -> Check:
    if len(linked) < 2:
        return find.none("several backends", [])
    kept = [each for each in linked if known and same_address(each.url, known.url)] or linked[:1]
    extra = [each.url for each in linked if each is not kept[0]]
    commands = [f"goldleaf project detach {find.project} {each}" for each in extra]
    found = find.words.listed(each.url for each in linked)
    return find.bad("several backends", "", "several_fix", found, commands="; ".join(commands))


def _answering(find: Finder, linked: Sequence[_Linked]) -> Iterator[Check]:
    """Yield a check of backends that are down, refuse Label Studio's login or the project."""
    down: list[str] = []
    locked: list[str] = []
    failing: list[str] = []
    for each in linked:
        if each.row["state"] == "CO" or each.blocked:
            continue
        error = str(each.row.get("error_message") or "")
        if not each.health.answers and not error:
            down.append(each.url)
        elif (each.row["state"] == "DI" and each.health.answers) or refuses_login(error):
            locked.append(each.url)
        elif not each.health.answers:
            down.append(each.url)
        else:
            failing.append(f"{each.url}: {error}")
        each.faults.add("silent")
    yield find.none("backends that do not answer", down, "start_fix")
    yield find.none("backend login", locked, "login_fix")
    yield find.none("backends that refuse the project", failing, "failing_fix")


def _hooked(find: Finder, linked: Sequence[_Linked], hooks: list[Row]) -> Iterator[Check]:
    lacking = [each.url for each in linked if not each.hooks]
    asleep = [
        each.url
        for each in linked
        if each.hooks and not any(hook["is_active"] for hook in each.hooks)
    ]
    partial: list[str] = []
    for each in linked:
        active = [hook for hook in each.hooks if hook["is_active"]]
        if active and not any(_whole(hook) for hook in active):
            partial.append(each.url)
        if not active:
            each.faults.add("deaf")
    ours = {webhook_url(each.url) for each in linked}
    stale = sorted(
        hook["url"]
        for hook in hooks
        if not any(same_address(hook["url"], url) for url in ours) and _like_ours(hook)
    )
    yield find.none("backends without webhook", lacking)
    yield find.none("inactive webhooks", asleep)
    yield find.none("webhooks that send too little", partial)
    yield find.none("webhooks without backend", stale, "stale_fix")


def _whole(hook: Row) -> bool:
    return hook["send_payload"] and (
        hook["send_for_all_actions"] or set(EVENTS) <= set(hook["actions"])
    )


def _like_ours(hook: Row) -> bool:
    return hook["url"].rstrip("/").endswith("/webhook") or SECRET_HEADER in (hook["headers"] or {})


def _secret(find: Finder, linked: Sequence[_Linked]) -> Check:
    missing: list[str] = []
    wrong: list[str] = []
    for each in linked:
        needed = each.known.webhook_secret
        for hook in each.hooks if needed else []:
            given = (hook["headers"] or {}).get(SECRET_HEADER)
            if given != needed:
                (wrong if given else missing).append(each.url)
                each.faults.add("secret")
                break
    if missing:
        return find.bad("webhook secret", "secret_missing", "attach_fix", url=missing[0])
    if wrong:
        return find.bad("webhook secret", "secret_wrong", "attach_fix", url=wrong[0])
    return find.good("webhook secret", "secret_fine" if linked else "none")


def _same_home(find: Finder, linked: Sequence[_Linked]) -> Check:
    for each in linked:
        expected, found = each.known.instance, each.health.instance
        if expected and each.health.ours and found != expected:
            return find.bad(
                "backend's data directory", "other_home", "other_home_fix", url=each.url
            )
    return find.good("backend's data directory", "same_home" if linked else "none")


def _version(find: Finder, linked: Sequence[_Linked], shown: str) -> Check:
    """Label Studio asks a backend only where the project's version equals the backend's title."""
    for each in linked:
        if each.row["state"] != "CO" or each.blocked or len(linked) > 1:
            continue
        now, title = each.row["model_version"] or "", each.row["title"]
        if now and not now == title == shown:
            asked = (title if shown == now else shown) or "-"
            return find.bad("backend version", "stale_version", "attach_fix", asked=asked, now=now)
    return find.good("backend version", "version_fine" if linked else "none")


def _events(studio: Studio, project_id: int, find: Finder, linked: Sequence[_Linked]) -> Check:
    """Cause one event, by setting the project's title to what it is, and see it arrive."""
    watched = [each for each in linked if each.health.ours and not each.blocked]
    if not watched:
        return find.good("events", "events_unknown" if linked else "none")
    before = {each.url: _reported(each, project_id) for each in watched}
    title = get_project(studio, project_id)["title"]
    studio.patch(f"/api/projects/{project_id}/", {"title": title})
    waiting, until = list(watched), time.monotonic() + _WAIT
    while True:
        now = {each.url: _reported(each, project_id) for each in waiting}
        waiting = [each for each in waiting if now[each.url].updates <= before[each.url].updates]
        refused = [e for e in waiting if now[e.url].refused > before[e.url].refused]
        late = time.monotonic() > until
        if not waiting or late or refused or all("deaf" in each.faults for each in waiting):
            break
        time.sleep(0.2)
    if not waiting:
        return find.good("events", "events_fine")
    if refused:
        return find.bad("events", "events_refused", "attach_fix", url=refused[0].url)
    return find.bad("events", "events_lost", "events_fix", url=waiting[0].url)


def _reported(each: _Linked, project_id: int) -> BackendHealth:
    known = each.known
    return backend_health(each.url, user=known.user, password=known.password, project=project_id)
