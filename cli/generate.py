"""`goldleaf generate`: answers of models to prompts, as records."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.import_findings import FirstRows
from goldleaf.cli.model_options import note_hosts
from goldleaf.cli.options import (
    DataDirOption,
    EncodingOption,
    FormatOption,
    JsonOption,
    LangOption,
    LicenceOption,
    LimitOption,
    MapOption,
    SeparatorOption,
    StrictOption,
    UrlOption,
    columns_of,
    settings_of,
)
from goldleaf.cli.output import (
    duration,
    print_hint,
    print_json,
    print_note,
    print_result,
    progressing,
)
from goldleaf.cli.replaceable import keep_apart
from goldleaf.core.errors import UsageError
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.workflows.generation_run import Estimate, Generated


def generate(
    prompts: Annotated[
        Path,
        typer.Argument(help="Prompts: .txt (one a line), .csv, .tsv, .jsonl, .json or .parquet."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Write records to this file.")],
    model: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a model on this machine; may be given several times."),
    ] = None,
    endpoint: Annotated[
        list[str] | None,
        typer.Option(
            help="OpenAI-compatible server, ending in /v1; its key is in GOLDLEAF_ENDPOINT_KEY."
        ),
    ] = None,
    model_name: Annotated[
        list[str] | None,
        typer.Option(help="What the server calls the model; once for each --endpoint."),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="preference, ranking, instruction or refusal.")
    ] = "preference",
    project: Annotated[
        int | None,
        typer.Option("--project", "-p", help="Import the records into this project, too."),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, max=8, help="Answers a prompt; what is usual for the kind."),
    ] = None,
    temperature: Annotated[
        str, typer.Option(help="Temperatures, taken in turn, such as 0.7,1.0.")
    ] = "1.0",
    max_tokens: Annotated[
        int, typer.Option(min=1, help="The longest answer, reasoning included, in tokens.")
    ] = 512,
    system: Annotated[
        str, typer.Option(help="System prompt for conversations that have none.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Another seed gives other answers.")] = 0,
    adapter: Annotated[
        Path | None, typer.Option(help="Folder of a LoRA adapter for the one --model (peft).")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 or mps, for --model.")] = "auto",
    dtype: Annotated[str, typer.Option(help="float32, float16 or bfloat16, for --model.")] = "auto",
    format: FormatOption = None,
    map: MapOption = None,
    encoding: EncodingOption = "",
    separator: SeparatorOption = "",
    licence: LicenceOption = "",
    rejected: Annotated[
        Path | None,
        typer.Option(
            help="Write the prompts without a record to this file.", show_default="OUT.rejected"
        ),
    ] = None,
    limit: LimitOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Estimate tokens and time, and stop.")
    ] = False,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace the files of --out and --rejected whatever they hold.")
    ] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have models answer prompts, as records.

    Answers that are nearly the same are asked for again. A run that was killed goes on: run the
    same command again. What was answered is kept in OUT.answers.
    """
    from goldleaf.workflows.generate import generate as run
    from goldleaf.workflows.generation_run import GenerationPlan
    from goldleaf.workflows.open_generators import ModelChoice

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    rejected = rejected or out.with_name(f"{out.name}.rejected")
    keep_apart(prompts, ("--out", out), ("--rejected", rejected), overwrite=overwrite)
    options = {"format": format, "columns": columns_of(map or []), "encoding": encoding}
    options |= {"separator": separator, "licence": licence}
    first = FirstRows(words)
    with progressing(words, "generate.progress") as step:
        estimate, found = run(
            *(prompts, out, rejected),
            ModelChoice(model or (), endpoint or (), model_name or (), adapter, device, dtype),
            GenerationPlan(kind, n, _temperatures(temperature), max_tokens, seed),
            settings=settings,
            system=system,
            options=options,
            limit=limit,
            dry_run=dry_run,
            strict=strict,
            on_hosts=note_hosts,
            on_estimate=lambda each: None if dry_run else print_note(_estimate(each, words)),
            on_reject=first.show_rejected,
            progress=step,
        )
    if found is None:
        return print_json(asdict(estimate)) if as_json else print_result(_estimate(estimate, words))
    counts = _imported(out, project, kind, settings) if project is not None else {}
    if as_json:
        return print_json({**vars(found), "estimate": asdict(estimate), **counts})
    _print(found, words, rejected)
    for name, count in counts.items():
        print_result(f"{words(f'import.{name}')} {count}")
    if project is None:
        print_hint(words("generate.import", out=out))


def _temperatures(text: str) -> tuple[float, ...]:
    """Return the temperatures of a list with commas.

    Raises:
        UsageError: one is no number from 0 to 5.
    """
    try:
        found = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        found = ()
    if not found or not all(0 <= each <= 5 for each in found):
        raise UsageError(
            f"{text!r} is not a list of temperatures.",
            where="--temperature",
            fix="give numbers from 0 to 5, such as 0.7,1.0",
        )
    return found


def _estimate(found: Estimate, words: Translations) -> str:
    """Return what a run will take, in words."""
    text = words(
        "generate.estimate",
        **{name: f"{value:,}" for name, value in asdict(found).items() if isinstance(value, int)},
    )
    if found.stored:
        text += words("generate.stored", count=f"{found.stored:,}")
    if found.seconds is not None:
        text += words("generate.about", time=duration(found.seconds, words))
    return text


def _imported(out: Path, project: int, kind: str, settings: Settings) -> dict[str, int]:
    """Import the records into a project; return how many tasks were created or there already."""
    from goldleaf.workflows.import_rows import open_rows
    from goldleaf.workflows.import_to_project import import_to_project

    rows = open_rows(out, "self_instruct", format="records", settings=settings)
    return import_to_project(rows, project, settings=settings, kind=kind, notify=print_note)


def _print(found: Generated, words: Translations, rejected: Path) -> None:
    """Print what a run made, and why prompts have no record or fewer answers."""
    counts = {"prompts": found.prompts, "records": found.records, "asked": found.asked}
    parts = [f"{words(f'generate.{name}')} {count:,}" for name, count in counts.items()]
    print_result(words.listed(parts))
    for name in ("alike", "cut", "reasoning_left_out"):
        if count := getattr(found, name):
            print_result(words(f"generate.{name}", count=count))
    for section in ("fewer", "reasons"):
        for reason, count in sorted(getattr(found, section).items()):
            meaning = words.known(f"outcome.{reason}") or words.known(f"reason.{reason}")
            about = {"count": count, "reason": reason, "meaning": meaning or reason}
            print_result(words(f"generate.{section}", **about))
    if found.reasons:
        print_result(words("generate.listed", file=rejected))
