"""`goldleaf up`: Label Studio and the backend, until Ctrl-C."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.model_options import (
    EndpointOption,
    ModelNameOption,
    ModelOption,
    note_hosts,
    one_model,
)
from goldleaf.cli.options import DataDirOption, LangOption, PredictorOption, settings_of
from goldleaf.cli.output import print_hint, print_note, print_result, starting
from goldleaf.cli.suggestions import use_settings
from goldleaf.core.errors import GoldleafError
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.workflows.steer import Steered


def up(
    port: Annotated[int | None, typer.Option(help="Label Studio's port.")] = None,
    backend_port: Annotated[int | None, typer.Option(help="The backend's port.")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Make projects of sample tasks with drafts.")
    ] = False,
    predictor: PredictorOption = None,
    model: ModelOption = None,
    endpoint: EndpointOption = None,
    model_name: ModelNameOption = None,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Run Label Studio and the backend until Ctrl-C.

    Every kind has a project; the next run goes on where this one stopped. Sample tasks are put
    into projects of their own.
    """
    from goldleaf.cli.prelabel import draft
    from goldleaf.workflows.drafting_model import drafting_predictor
    from goldleaf.workflows.keep_overlap import keep_overlap
    from goldleaf.workflows.keep_steering import keep_steering
    from goldleaf.workflows.local_stack import running
    from goldleaf.workflows.ready_projects import ready_projects, relink_moved

    settings = settings_of(data_dir, lang=lang)
    words = Translations(settings.language)

    def not_linked(project: int, error: GoldleafError) -> None:
        print_note(words("up.not_linked", project=project, problem=error.shown(words.lang)))

    def ended(done: Steered) -> None:
        problem = done.problem.shown(words.lang) if done.problem else ""
        print_note(words(f"steer.{done.status}", project=done.project, problem=problem))

    def not_steered(project: int | None, error: GoldleafError) -> None:
        problem = error.shown(words.lang)
        print_note(words("steer.failed", project=project, problem=problem) if project else problem)

    chosen = one_model(model, endpoint, model_name)
    with (
        drafting_predictor(settings, chosen, predictor, on_hosts=note_hosts) as drafter,
        running(
            settings.state,
            port=port,
            backend_port=backend_port,
            poll_interval=settings.poll_interval,
            predictor=drafter,
            waiting=partial(starting, words),
        ) as stack,
        keep_overlap(
            replace(settings, url=stack.studio.url, token=stack.studio.token),
            lambda error: print_note(error.shown(words.lang)),
        ),
    ):
        studio = stack.studio
        if settings.url:  # the commands that are printed are for this Label Studio
            use_settings(replace(settings, url=studio.url))
        print_result(words("up.address", url=studio.url))
        print_result(words("up.login", user=studio.email, password=studio.password))
        for number in relink_moved(stack, not_linked):
            print_result(words("up.linked_again", project=number))
        samples = settings.state.path / "samples" if sample else None
        drafting = partial(draft, predictor=drafter)
        for project in ready_projects(
            stack, words.lang, samples=samples, draft=drafting, not_linked=not_linked
        ):
            title = project.kind.title(words.lang)
            if project.sample:
                title = words("up.samples", title=title)
            print_result(f"  {project.kind.name} ({title}): {project.url}")
            if not project.sample:
                print_hint(words("up.rows", project=project.number))
        address = f"{stack.known.url}/team?lang={words.lang}"
        login = {"user": stack.known.user, "file": settings.state.path / "backend.secret.json"}
        print_result(words("team.live", url=address, **login))
        print_hint(words("up.ends"))
        here = replace(settings, url=studio.url, token=studio.token)
        with keep_steering(here, ended, not_steered):
            stack.wait()
