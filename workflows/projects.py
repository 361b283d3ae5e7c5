"""Projects of Label Studio: made, listed, linked with a backend, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from goldleaf.core.errors import BadRow, GoldleafError, UsageError
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.label_studio_connection import backend_at, local_backend, open_studio

if TYPE_CHECKING:
    from goldleaf.studio.backend_link import Link
    from goldleaf.studio.client import Studio
    from goldleaf.studio.project_progress import Progress

Unlinked = Literal["", "none_runs", "elsewhere", "failed"]
"""Why a new project has no backend: none runs here, Label Studio is elsewhere, linking failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """A project that was made; `link` is its backend, else `unlinked` and `error` say why none."""

    number: int
    kind: str
    url: str
    link: Link | None = None
    unlinked: Unlinked = ""
    error: GoldleafError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProject:
    """A project of Label Studio; `kind` is "" where goldleaf does not know its interface.

    Of one of Label Studio's own templates it is that template: `label_studio_llm_ranker/1`.
    """

    number: int
    kind: str
    title: str


def create_project(
    kind: str,
    *,
    title: str = "",
    overlap: int = 1,
    share: float = 1.0,
    seed: int = 0,
    adaptive: int = 0,
    backend: str = "",
    settings: Settings | None = None,
) -> NewProject:
    """Make a project of a kind, with its labeling interface and guide, and link a backend.

    Args:
        kind: name of a kind.
        title: 3 to 50 characters; the kind's own by default.
        overlap: how many people answer each task, or each of a share of them.
        share: of the tasks that so many people answer; the rest one person answers.
        seed: draws the tasks of that share.
        adaptive: where answers disagree further people are asked, until so many have answered.
        backend: the address of the backend to link, or `"none"`; by default the one that runs on
            the data directory. Where a named one cannot be linked, no project is made.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.

    Raises:
        UsageError: there is no such kind, a number is out of range, or no Label Studio is
            configured.
        GoldleafError: the backend that was named cannot be linked.
    """
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio import projects
    from goldleaf.studio.backend_link import connect_known
    from goldleaf.studio.overlap import Overlap, keep_overlap

    settings = settings or load()
    chosen = kind_named(kind)
    wanted = Overlap(overlap, share, seed, adaptive)
    with open_studio(settings) as studio:
        studio.require_supported()
        lang = settings.language
        number = projects.create_project(
            *(studio, chosen), title=title, lang=lang, overlap=overlap if share == 1 else 1
        )
        link: Link | None = None
        unlinked: Unlinked = ""
        error: GoldleafError | None = None
        try:
            if backend and backend != "none":
                link = connect_known(studio, number, backend_at(settings, backend))
            elif not backend:
                link, unlinked, error = _link_running(studio, number, settings)
            if wanted != Overlap(overlap):
                keep_overlap(studio, number, wanted)
        except BaseException:
            studio.delete(f"/api/projects/{number}/")
            raise
        address = f"{studio.url}/projects/{number}/data"
    return NewProject(
        number=number, kind=chosen.id, url=address, link=link, unlinked=unlinked, error=error
    )


def _link_running(
    studio: Studio, number: int, settings: Settings
) -> tuple[Link | None, Unlinked, GoldleafError | None]:
    """Link the data directory's backend; return the link, or why there is none.

    A backend that cannot be linked is no reason to lose the project: people can work in it, and
    `attach_backend` links it later.
    """
    from goldleaf.studio.backend_link import connect_known
    from goldleaf.studio.local_backend import running_backend
    from goldleaf.studio.ports import on_this_machine

    backend = running_backend(settings.state)
    if backend is None:
        return None, "none_runs", None
    # One that listens on this machine alone is out of reach for a Label Studio elsewhere.
    if on_this_machine(backend.url) and not on_this_machine(studio.url):
        return None, "elsewhere", None
    try:
        return connect_known(studio, number, backend), "", None
    except GoldleafError as error:
        return None, "failed", error


def attach_backend(number: int, backend: str = "", settings: Settings | None = None) -> str:
    """Link a backend and its webhook to a project, test both, and return its address.

    Args:
        number: the project's.
        backend: the backend's address; that of the data directory by default.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.

    Raises:
        UsageError: none is named and none runs.
        GoldleafError: it cannot be linked.
    """
    from goldleaf.studio.backend_link import connect_known

    settings = settings or load()
    with open_studio(settings) as studio:
        chosen = backend_at(settings, backend) if backend else local_backend(settings)
        connect_known(studio, number, chosen)
    return chosen.url


def detach_backend(number: int, backend: str, settings: Settings | None = None) -> None:
    """Remove a backend, named by its address, and its webhook from a project; the drafts stay.

    Addresses are equal by `studio.address.same_address`.

    Raises:
        UsageError: the project has no such backend.
    """
    from goldleaf.studio.backend_link import disconnect_backend

    with open_studio(settings or load()) as studio:
        gone = disconnect_backend(studio, number, backend)
    if not gone:
        fix = "see goldleaf doctor for what is attached"
        raise UsageError(f"Project {number} has no such backend.", where=backend, fix=fix)


def list_projects(settings: Settings | None = None) -> list[ListedProject]:
    """Return every project that the token may see, also those that are not of goldleaf.

    Raises:
        UsageError: no Label Studio is configured.
    """
    from goldleaf.adoption.registry import recognised
    from goldleaf.label_configs.registry import recognise
    from goldleaf.studio import projects

    found: list[ListedProject] = []
    with open_studio(settings or load()) as studio:
        for project in projects.list_projects(studio):
            try:
                known = recognise(project["label_config"]) or recognised(project["label_config"])
            except BadRow:
                known = None
            kind = known.id if known else ""
            found.append(
                ListedProject(number=project["id"], kind=kind, title=str(project["title"]))
            )
    return found


def invitation_url(settings: Settings | None = None) -> str:
    """Return the address where colleagues make their accounts; who has it can join.

    Raises:
        UsageError: no Label Studio is configured.
    """
    from goldleaf.studio.accounts import invitation

    with open_studio(settings or load()) as studio:
        return invitation(studio)


def project_progress(number: int, settings: Settings | None = None) -> Progress:
    """Return how many tasks of a project are finished and drafted, and each annotator's count.

    Raises:
        UsageError: there is no such project, or no Label Studio is configured.
    """
    from goldleaf.studio.project_progress import progress_of

    with open_studio(settings or load()) as studio:
        return progress_of(studio, number)
