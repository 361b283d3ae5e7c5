"""`goldleaf self-instruct`: new tasks after seed tasks, of which people check a share."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.help_page import Command, Group
from goldleaf.cli.model_options import (
    EndpointOption,
    ModelNameOption,
    ModelOption,
    note_hosts,
    one_model,
)
from goldleaf.cli.options import (
    DataDirOption,
    FormatOption,
    JsonOption,
    LangOption,
    LicenceOption,
    MapOption,
    OverwriteOption,
    UrlOption,
    columns_of,
    settings_of,
)
from goldleaf.cli.output import counting, print_hint, print_json, print_note, print_result
from goldleaf.cli.replaceable import keep_apart
from goldleaf.core.errors import RejectedRows, UsageError
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.workflows.self_instruct import SelfInstructed
    from goldleaf.workflows.spot_check import SpotCheck

self_instruct = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write new tasks like seed tasks; check a batch.",
)


@self_instruct.command("new", cls=Command)
def new(
    seeds: Annotated[
        Path, typer.Argument(help="Seed tasks, with answers or without, in any shape imported.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Write records to this file.")],
    count: Annotated[
        int, typer.Option(min=1, help="New tasks; a greater number continues a batch.")
    ] = 100,
    model: ModelOption = None,
    endpoint: EndpointOption = None,
    model_name: ModelNameOption = None,
    prototype: Annotated[
        list[str] | None, typer.Option(help="An ability that tasks ask for; several in turn.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(help="Ask for what is short: the output of goldleaf plan SOURCE --json."),
    ] = None,
    spot_check: Annotated[float, typer.Option(help="The share that people check.")] = 0.1,
    project: Annotated[
        int | None,
        typer.Option("--project", "-p", help="Import the records to be checked into this project."),
    ] = None,
    temperature: Annotated[
        float, typer.Option(min=0.01, max=5, help="Temperature of tasks and answers.")
    ] = 1.0,
    max_tokens: Annotated[
        int, typer.Option(min=1, help="The longest answer, reasoning included, in tokens.")
    ] = 512,
    seed: Annotated[int, typer.Option(help="Another seed gives other tasks.")] = 0,
    format: FormatOption = None,
    map: MapOption = None,
    licence: LicenceOption = "",
    overwrite: OverwriteOption = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have a model write tasks like the seed tasks, and answer them.

    Nearly equal tasks are left out as they come. A run that was killed goes on: run the same
    command again. What was answered is kept in OUT.answers.
    """
    from goldleaf.workflows.self_instruct import SelfInstructPlan, short_prototypes
    from goldleaf.workflows.self_instruct import self_instruct as run

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    keep_apart(seeds, ("--out", out), ("--rejected", None), overwrite=overwrite)
    wanted = list(prototype or ())
    if plan is not None:
        wanted += [name for name in short_prototypes(_plan(plan)) if name not in wanted]
    with counting("tasks") as step:
        found = run(
            *(seeds, out, one_model(model, endpoint, model_name)),
            SelfInstructPlan(
                count, wanted, spot_check, temperature, max_tokens, seed, licence=licence
            ),
            settings=settings,
            options={"format": format, "columns": columns_of(map or [])},
            on_hosts=note_hosts,
            progress=step,
        )
    counts = _imported(out, project, settings) if project is not None else {}
    if as_json:
        return print_json({**vars(found), **counts})
    _print_new(found, words)
    for name, number in counts.items():
        print_result(f"{words(f'import.{name}')} {number}")
    if found.to_check:
        print_hint(
            words("self_instruct.next", out=out, project=project or words("self_instruct.n"))
        )


@self_instruct.command("check", cls=Command)
def check(
    batch: Annotated[Path, typer.Argument(help="The file that new wrote.")],
    project: Annotated[
        int, typer.Option("--project", "-p", help="The project in which people checked the share.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write an accepted batch here.", show_default="BATCH.accepted"),
    ] = None,
    max_error: Annotated[
        float, typer.Option(help="The highest error rate of a batch that is accepted.")
    ] = 0.1,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 unless the batch is accepted.")
    ] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accept a batch, or send it back, by what people found in the share they checked.

    It is accepted where even the upper end of the error rate's 95 % interval is within --max-error,
    sent back where even the lower end is above it.
    """
    from goldleaf.workflows.spot_check import spot_check

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    accepted = out or batch.with_name(f"{batch.name}.accepted")
    found = spot_check(
        *(batch, project, accepted), most=max_error, settings=settings, notify=print_note
    )
    if as_json:
        print_json({**asdict(found), "errors": found.errors})
    else:
        _print_check(found, words, accepted, project)
    if strict and found.decision != "accepted":
        raise RejectedRows(
            "The batch is not accepted.", where=str(batch), fix="see the error rate above"
        )


def _plan(path: Path) -> dict[str, object]:
    from goldleaf.core.files import file_error
    from goldleaf.core.json_depth import loads

    try:
        return dict(object_or_empty(loads(path.read_bytes())))
    except OSError as error:
        raise file_error(error, path) from error
    except ValueError:
        fix = "write it with goldleaf plan SOURCE --json"
        raise UsageError("This file holds no JSON.", where=str(path), fix=fix) from None


def _imported(out: Path, project: int, settings: Settings) -> dict[str, int]:
    """Import the records to be checked; return how many tasks were created or there already."""
    from goldleaf.workflows.spot_check import import_drawn

    return import_drawn(out, project, settings=settings, notify=print_note)


def _print_new(found: SelfInstructed, words: Translations) -> None:
    shown = {name: value for name, value in vars(found).items() if isinstance(value, int | str)}
    print_result(words("self_instruct.made", **shown))
    print_result(words("self_instruct.repeated", **shown))
    if found.unread:
        print_result(words("self_instruct.unread", count=found.unread))
    for reason, count in sorted(found.unanswered.items()):
        meaning = words.known(f"outcome.{reason}") or reason
        print_result(words("self_instruct.unanswered", count=count, meaning=meaning))
    if found.stopped:
        print_result(words("self_instruct.stopped"))


def _print_check(found: SpotCheck, words: Translations, accepted: Path, project: int) -> None:
    from goldleaf.workflows.spot_check import still_to_check

    shown = {**asdict(found), "errors": found.errors, "rate": f"{found.errors / found.checked:.1%}"}
    shown |= {"low": f"{found.low:.1%}", "high": f"{found.high:.1%}", "most": f"{found.most:.1%}"}
    print_result(words("self_instruct.rate", **shown))
    print_result(words(f"self_instruct.{found.decision}", **shown))
    if found.decision == "accepted":
        print_hint(words("self_instruct.export", out=accepted, project=project))
    elif found.decision == "undecided":
        more = still_to_check(found.errors, found.checked, found.most)
        if more is not None:
            print_result(words("self_instruct.more", count=more))
