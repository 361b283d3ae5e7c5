"""`goldleaf project overlap`, `adjudicate` and `gold`: several annotators on one project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import (
    counting,
    print_hint,
    print_json,
    print_note,
    print_result,
    sections_text,
)
from goldleaf.cli.project import ADAPTIVE, SEED, SHARE, NumberArgument
from goldleaf.cli.recipes import ModelOption, RecipeOption, chosen
from goldleaf.core.translations import Translations


def overlap(
    number: NumberArgument,
    people: Annotated[
        int | None, typer.Option("--overlap", min=1, help="How many people answer a shared task.")
    ] = None,
    share: Annotated[float | None, SHARE] = None,
    seed: Annotated[int | None, SEED] = None,
    adaptive: Annotated[int | None, ADAPTIVE] = None,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have several people answer a share of a project's tasks.

    What is given is kept with the project; what is not given stays as it is. Without any option
    the same is done again: for tasks that came by other ways than goldleaf import, and for answers
    that came since.
    """
    from dataclasses import asdict

    from goldleaf.workflows.project_overlap import share_tasks

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    with counting("tasks") as step:
        found = share_tasks(
            *(number, people),
            share=share,
            seed=seed,
            adaptive=adaptive,
            settings=settings,
            progress=step,
        )
    if as_json:
        return print_json(asdict(found))
    counts = {"shared": found.shared, "tasks": found.tasks, "people": found.people}
    print_result(words("overlap.shared", raised=found.raised, **counts))
    for name, count in found.behaviours.items():
        print_result(f"  {name}: {count}" if name else words("overlap.no_behaviour", count=count))
    if found.at_most:
        print_result(words("overlap.disagree", count=found.disputed, raised=found.asked_again))
    if found.members < max(found.people, found.at_most):
        print_hint(words("overlap.too_few", members=found.members, people=found.people))


def adjudicate(
    numbers: Annotated[
        list[int],
        typer.Argument(help="Projects whose answers contradict each other, by number."),
    ],
    recipe: RecipeOption = None,
    model: ModelOption = None,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make tasks of contradictory answers, for an adjudicator.

    They stand side by side, without names, in a project of their own. The adjudicator's word
    settles the task in every later export.
    """
    from dataclasses import asdict

    from goldleaf.workflows.adjudicate import adjudicate as run

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    wanted = chosen(recipe, model, words)
    found = run(numbers, recipe=wanted, settings=settings, notify=print_note)
    if as_json:
        return print_json([asdict(each) for each in found])
    for each in found:
        said = asdict(each)
        if each.settled_in is None and not each.elsewhere:
            print_result(words("adjudicate.none", **said))
            continue
        print_result(words("adjudicate.settled", **said))
        if each.settled_in is not None:
            print_result(words("adjudicate.at", **said))
            print_result(words("adjudicate.state", **said))
        for name in ("twice", "gone", "elsewhere"):
            if said[name]:
                print_hint(words(f"adjudicate.{name}", count=said[name]))


def gold(
    number: NumberArgument,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Rows as they are imported (.jsonl), each with `expected`: the control and its "
            "value."
        ),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(help="Of all tasks that are to be gold questions; 0.05 at first."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Draws them out of the file.")] = None,
    annotator: Annotated[
        str, typer.Option(help="Show this account alone, with what it missed.")
    ] = "",
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mix in rows with a known answer; show who is right.

    What is expected stays in the data directory; nothing in a task says that it is one.
    """
    from dataclasses import asdict

    from goldleaf.workflows.gold_questions import gold_questions

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    found = gold_questions(
        number, file, share=share, seed=seed, annotator=annotator, settings=settings
    )
    if as_json:
        return print_json(asdict(found))
    print_result(sections_text(found.sections(words)))
