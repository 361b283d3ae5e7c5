"""`goldleaf signals`: what a model makes of records, for hard examples and labels to check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.model_options import (
    EndpointOption,
    ModelNameOption,
    ModelOption,
    note_hosts,
    one_model,
)
from goldleaf.cli.options import (
    DataDirOption,
    JsonOption,
    LangOption,
    LimitOption,
    OverwriteOption,
    SourceArgument,
    UrlOption,
    settings_of,
)
from goldleaf.cli.output import counting, print_json, print_note, print_result
from goldleaf.cli.replaceable import keep_apart
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.workflows.model_signals import SignalsReport


def signals(
    source: SourceArgument,
    out: Annotated[Path, typer.Option("--out", help="Write records to this file.")],
    model: ModelOption = None,
    endpoint: EndpointOption = None,
    model_name: ModelNameOption = None,
    part: Annotated[
        list[str] | None,
        typer.Option(help="logprob, samples, reference or judge; all that the model can do."),
    ] = None,
    samples: Annotated[
        int, typer.Option(min=1, max=8, help="Answers of the model to each prompt.")
    ] = 3,
    temperature: Annotated[
        float, typer.Option(min=0, max=5, help="Temperature of these answers.")
    ] = 1.0,
    lists: Annotated[
        bool,
        typer.Option(
            "--lists", help="Show two lists in the project: labels to check, what is hard."
        ),
    ] = False,
    limit: LimitOption = None,
    overwrite: OverwriteOption = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have a model read records, and note how sure it is.

    How likely it finds the response, how far its own answers differ, whether they come to the same,
    and whether it as a judge is in doubt: signals that a recipe names under hard.signals.
    """
    from goldleaf.workflows.signals import signals as run

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    keep_apart(Path(source), ("--out", out), ("--rejected", None), overwrite=overwrite)
    with counting("records") as step:
        found = run(
            *(source, out, one_model(model, endpoint, model_name)),
            parts=part or (),
            samples=samples,
            temperature=temperature,
            settings=settings,
            limit=limit,
            lists=lists,
            on_hosts=note_hosts,
            progress=step,
        )
    if as_json:
        return print_json(vars(found))
    _print(found, words)


def _print(found: SignalsReport, words: Translations) -> None:
    from goldleaf.workflows.model_signals import SIGNALS

    for part in found.left_out:
        print_note(words(f"signals.left_out_{part}"))
    print_result(words("signals.read", **vars(found)))
    for name in SIGNALS:
        if count := found.signals[name]:
            print_result(
                words("signals.have", count=count, name=name, what=words(f"signals.{name}"))
            )
    for reason, count in sorted(found.missing.items()):
        if count:
            meaning = words.known(f"outcome.{reason}") or words(f"signals.missing_{reason}")
            print_result(words("signals.without", count=count, meaning=meaning))
    for name, count in found.lists.items():
        print_result(words("signals.listed", title=words(f"signals.list_{name}"), count=count))
    named = ", ".join(f"{name}: {way}" for name, way in SIGNALS.items() if found.signals[name])
    if named:
        print_result(words("signals.recipe", named=named))
