"""`goldleaf up`: a workshop for people, until Ctrl-C."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.options import DataDirOption, LangOption, settings_of
from goldleaf.cli.output import hint, note, say, starting
from goldleaf.core.errors import GoldleafError
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.workflows.local_stack import LocalStack


def up(
    port: Annotated[int | None, typer.Option(help="Label Studio's port.")] = None,
    backend_port: Annotated[int | None, typer.Option(help="The backend's port.")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Make projects of sample tasks with drafts.")
    ] = False,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Run Label Studio and the backend until Ctrl-C.

    Every kind has a project; the next run goes on where this one stopped. Sample tasks are put
    into projects of their own.
    """
    from goldleaf.cli import prelabel
    from goldleaf.label_configs.registry import kinds
    from goldleaf.workflows.local_stack import running

    settings = settings_of(data_dir, lang=lang)
    words = Translations(settings.language)
    with running(
        settings.state,
        port=port,
        backend_port=backend_port,
        poll_interval=settings.poll_interval,
        waiting=partial(starting, words),
    ) as stack:
        studio = stack.studio
        say(words("up.address", url=studio.url))
        say(words("up.login", user=studio.email, password=studio.password))
        for number in stack.moved():
            if _linked(stack, number, words):
                say(words("up.linked_again", project=number))
        for kind in kinds().values():
            number = stack.project_of(kind.name, settings.language)
            _linked(stack, number, words)
            title = kind.title(settings.language)
            say(f"  {kind.name} ({title}): {studio.url}/projects/{number}/data")
            hint(words("up.rows", project=number))
            if sample:
                samples = stack.sample_project_of(kind.name, settings.language)
                _linked(stack, samples, words)
                stack.import_samples(kind, samples, settings.state.path / "samples")
                prelabel.draft(studio.studio, samples, settings.state.models)
                title = words("up.samples", title=title)
                say(f"  {kind.name} ({title}): {studio.url}/projects/{samples}/data")
        hint(words("up.ends"))
        stack.wait()


def _linked(stack: LocalStack, project: int, words: Translations) -> bool:
    """Link a project; one that cannot be linked is reported and keeps no other from its backend."""
    try:
        stack.attach(project)
    except GoldleafError as error:
        note(words("up.not_linked", project=project, problem=error.shown(words.lang)))
        return False
    return True
