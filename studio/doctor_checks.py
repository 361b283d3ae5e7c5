"""What `goldleaf doctor` looks at: each check says what it found and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import BadRow, GoldleafError
from goldleaf.core.translations import Translations
from goldleaf.label_configs.config_mismatch import nearest_kind
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import recognise
from goldleaf.studio.client import Studio
from goldleaf.studio.doctor_backend_checks import check_backends
from goldleaf.studio.doctor_findings import Check, Finder
from goldleaf.studio.doctor_task_checks import check_tasks
from goldleaf.studio.local_backend import KnownBackend, backend_health
from goldleaf.studio.login import LOGIN, checked_response, csrf_fields, reachable_client
from goldleaf.studio.projects import Project, get_project, list_projects, screen_fault
from goldleaf.studio.response_shapes import holding

ENGLISH = Translations("en")
SIGN_UP = "/user/signup/"


def run_checks(
    studio: Studio,
    project_id: int | None = None,
    backend_url: str | None = None,
    *,
    words: Translations = ENGLISH,
    known: KnownBackend | None = None,
) -> list[Check]:
    """Look at a Label Studio, and at one project and its backend where they are named.

    Nothing is changed, but for an inactive webhook that is made and deleted at once to see whether
    Label Studio may call a backend, and one event `PROJECT_UPDATED` that is sent to see it arrive.
    Where no server answers, the first check says so and is the last.

    Args:
        studio: where.
        project_id: one project to look at.
        backend_url: the backend that should be linked with it.
        words: the language of the findings.
        known: the backend of the data directory.
    """
    find = Finder(words)
    found = [check_reachable(studio, find)]
    if not found[0].ok:
        return found
    found += [
        _look(find, "version", studio.require_supported),
        _look(find, "token", lambda: _token(studio, words)),
        check_sign_up(studio, find),
        check_page_rules(studio, find),
    ]
    if project_id is None or not found[2].ok:
        return found
    return [
        *found,
        *check_project(
            studio, project_id, words, backend_url=backend_url or "", known=known, tasks=True
        ),
    ]


def check_project(
    studio: Studio,
    project_id: int,
    words: Translations,
    *,
    backend_url: str = "",
    known: KnownBackend | None = None,
    tasks: bool = False,
) -> Iterator[Check]:
    """Yield findings on one project: its screen, its backend, its events; with `tasks` each task.

    An error of Label Studio is the last finding (`project`), not raised.
    """
    find = Finder(words, project=project_id)
    try:
        described = get_project(studio, project_id)
        yield _screen(described, find)
        kind = _kind_of(described)
        if tasks and kind:
            yield check_tasks(studio, project_id, kind, find)
        yield from check_backends(studio, project_id, words, url=backend_url, known=known)
    except GoldleafError as error:
        yield find.failed("project", error)


def check_local_backend(known: KnownBackend, words: Translations) -> Check:
    """Return a finding: whether the backend that a data directory had last runs there now."""
    health = backend_health(known.url)
    if health.ours and health.instance == known.instance:
        return Finder(words).good("local backend", "backend_runs", url=known.url)
    return Finder(words).bad("local backend", "backend_ended", "backend_ended_fix", url=known.url)


def projects_of_goldleaf(studio: Studio) -> list[int]:
    """Return the ids of projects whose screen is of a kind, or close to one (`nearest_kind`)."""
    found: list[int] = []
    for project in list_projects(studio):
        try:
            if recognise(project["label_config"]) or nearest_kind(project["label_config"]):
                found.append(int(project["id"]))
        except BadRow:
            continue
    return found


def _screen(project: Project, find: Finder) -> Check:
    config, kind = project["label_config"], _kind_of(project)
    if kind:
        return Check("project", True, kind.id, project=find.project)
    what, fix = screen_fault(config, find.words)
    return Check("project", False, what, fix, find.project)


def _kind_of(project: Project) -> Kind | None:
    try:
        return recognise(project["label_config"])
    except BadRow:
        return None


def check_reachable(studio: Studio, find: Finder) -> Check:
    """Return a finding: whether a Label Studio answers; its login page needs no token."""
    try:
        with reachable_client(studio.url) as http:
            csrf_fields(http, LOGIN)
    except GoldleafError as error:
        return find.failed("reachable", error)
    return Check("reachable", True, studio.url)


def check_sign_up(studio: Studio, find: Finder) -> Check:
    """Return a finding: whether sign-up is open to anyone.

    Found by posting an empty form that creates nothing.
    """
    try:
        with reachable_client(studio.url) as http:
            form = csrf_fields(http, SIGN_UP)
            headers = {"Referer": studio.url + SIGN_UP}
            answer = checked_response(http.post(SIGN_UP, data=form, headers=headers))
    except GoldleafError as error:
        return find.failed("sign-up", error)
    if answer.status_code == 403:
        return find.good("sign-up", "sign_up_closed")
    return find.bad("sign-up", "sign_up_open", "sign_up_fix")


def check_page_rules(studio: Studio, find: Finder) -> Check:
    """Return a finding: whether the content security policy is enforced or only reported."""
    try:
        with reachable_client(studio.url) as http:
            enforced = "content-security-policy" in checked_response(http.get(LOGIN)).headers
    except GoldleafError as error:
        return find.failed("page rules", error)
    if enforced:
        return find.good("page rules", "page_rules_fine")
    return find.bad("page rules", "page_rules_reported", "page_rules_fix")


def _token(studio: Studio, words: Translations) -> str:
    who = studio.get("/api/current-user/whoami", shape=holding(email=str))
    kind = translate_error(studio.token_kind, words.lang)
    return words("doctor.token_of", kind=kind, email=who["email"])


def _look(find: Finder, name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except GoldleafError as error:
        return find.failed(name, error)
