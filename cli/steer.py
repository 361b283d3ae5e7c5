"""`goldleaf steer`: the queue of Label Studio follows what a recipe is short of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import print_hint, print_json, print_note, print_result
from goldleaf.cli.recipes import ModelOption, RecipeOption, chosen
from goldleaf.core.errors import UsageError
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.workflows.steer import Steered

SHOWN = 5
"""Tasks of the head that are printed; `--json` has all."""


def steer(
    project: Annotated[int, typer.Argument(help="The project's number.")],
    recipe: RecipeOption = None,
    model: ModelOption = None,
    also: Annotated[
        list[str] | None,
        typer.Option(help="What the set holds already: sources as for plan. Repeatable."),
    ] = None,
    hard: Annotated[
        bool, typer.Option(help="Prefer hard tasks among those that give the same.")
    ] = True,
    stop: Annotated[
        bool, typer.Option("--stop", help="End it, and give the queue its former order back.")
    ] = False,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve first the tasks that give what a recipe is short of.

    What plan finds missing becomes the order of Label Studio's queue, until the plan is met.
    goldleaf up goes on with it as answers come in.
    """
    from goldleaf.workflows import steer as workflow

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    if stop:
        if recipe or model:
            raise UsageError("--stop takes no recipe.", fix="give --stop alone")
        done = workflow.stop_steering(project, settings=settings)
    else:
        wanted = chosen(recipe, model, words) if recipe or model else None
        words = wanted.translations(settings.language) if wanted else words
        done = workflow.steer(
            *(project, wanted), also=also or (), hard=hard, settings=settings, notify=print_note
        )
    if as_json:
        print_json(done.plain())
    else:
        show(done, words)


def show(done: Steered, words: Translations) -> None:
    """Print what a pass did: what is missing, what comes next, and what to do."""
    problem = done.problem.shown(words.lang) if done.problem else ""
    print_result(words(f"steer.{done.status}", project=done.project, problem=problem))
    if done.needs:
        print_result(words("steer.short"))
        for need in done.needs:
            print_result(f"  {need.key}: {need.text(words)}")
    if done.sizes:
        print_result(words("steer.rows", keys=words.listed(done.sizes)))
    if done.unfillable:
        titles = words.listed(need.title(words) for need in done.unfillable)
        print_hint(words("steer.unfilled", needs=titles))
    if done.first:
        print_result(words("steer.next", tasks=done.tasks))
        for each in done.first[:SHOWN]:
            print_result(words("steer.line", task=each.task, why=each.why))
    if done.active:
        print_hint(words("steer.again"))
    if done.active and not done.linked:
        print_hint(words("steer.not_linked", project=done.project))
