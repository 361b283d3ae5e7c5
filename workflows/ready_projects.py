"""A project for every kind, linked with the local backend, and sample projects with drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import GoldleafError

if TYPE_CHECKING:
    from goldleaf.label_configs.kind import Kind
    from goldleaf.studio.client import Studio
    from goldleaf.workflows.local_stack import LocalStack


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyProject:
    """A project of a kind; `sample` is true where it holds the kind's sample tasks."""

    kind: Kind
    number: int
    url: str
    sample: bool = False


def relink_moved(stack: LocalStack, not_linked: Callable[[int, GoldleafError], None]) -> list[int]:
    """Link the projects that know an earlier address of the backend; return those linked.

    Args:
        stack: Label Studio and the backend.
        not_linked: called with a project that cannot be linked, and why.
    """
    return [number for number in stack.moved() if _linked(stack, number, not_linked)]


def ready_projects(
    stack: LocalStack,
    lang: str,
    *,
    samples: Path | None = None,
    draft: Callable[[Studio, int, Path], object] = lambda studio, project, models: None,
    not_linked: Callable[[int, GoldleafError], None] = lambda project, why: None,
) -> Iterator[ReadyProject]:
    """Yield the project of every kind, made where it is not there yet.

    Args:
        stack: Label Studio and the backend.
        lang: language of a new project, `en` or `zh`.
        samples: where to write the sample rows; with it each kind has a sample project, too.
        draft: drafts for every task of a sample project.
        not_linked: called with a project that cannot be linked, and why; the others are.
    """
    from goldleaf.label_configs.registry import kinds

    studio = stack.studio.studio

    def address(number: int) -> str:
        return f"{stack.studio.url}/projects/{number}/data"

    for kind in kinds().values():
        number = stack.project_of(kind.name, lang)
        _linked(stack, number, not_linked)
        yield ReadyProject(kind=kind, number=number, url=address(number))
        if samples is not None:
            number = stack.sample_project_of(kind.name, lang)
            _linked(stack, number, not_linked)
            stack.import_samples(kind, number, samples)
            draft(studio, number, stack.studio.data.models)
            yield ReadyProject(kind=kind, number=number, url=address(number), sample=True)


def _linked(
    stack: LocalStack, project: int, not_linked: Callable[[int, GoldleafError], None]
) -> bool:
    """Link a project; one that cannot be linked is reported and keeps no other from its backend."""
    try:
        stack.attach(project)
    except GoldleafError as error:
        not_linked(project, error)
        return False
    return True
