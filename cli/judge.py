"""`goldleaf judge`: a model's opinion on the answers of comparisons, asked for in both orders."""

from __future__ import annotations

from dataclasses import asdict
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
from goldleaf.cli.output import counting, print_hint, print_json, print_result
from goldleaf.cli.replaceable import keep_apart
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.workflows.judge import JudgeReport


def judge(
    source: SourceArgument,
    out: Annotated[Path, typer.Option("--out", help="Write records to this file.")],
    model: ModelOption = None,
    endpoint: EndpointOption = None,
    model_name: ModelNameOption = None,
    limit: LimitOption = None,
    overwrite: OverwriteOption = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a model which answers are better.

    Each pair is asked for in both orders; only what both agree on is an opinion. It is shown above
    the answers and decides nothing. The report says how far the model can be relied on. What was
    answered is kept in OUT.answers.
    """
    from goldleaf.workflows.judge import judge as run

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    keep_apart(Path(source), ("--out", out), ("--rejected", None), overwrite=overwrite)
    with counting("verdicts") as step:
        found = run(
            *(source, out, one_model(model, endpoint, model_name)),
            settings=settings,
            limit=limit,
            on_hosts=note_hosts,
            progress=lambda done, total: step(done),
        )
    if as_json:
        shares = {"position_bias": found.position_bias, "length_bias": found.length_bias}
        return print_json({**asdict(found), **shares})
    for line in report_lines(found, words):
        print_result(line)
    if found.opinions:
        print_hint(words("judge.import", out=out))


def report_lines(found: JudgeReport, words: Translations) -> list[str]:
    """Return a judge's report as lines for people."""
    counts = asdict(found)
    lines = [words("judge.read", **counts), words("judge.pairs", **counts)]
    if found.position_bias is not None:
        share = f"{found.position_bias:.0%}"
        lines.append(words("judge.position", share=share, **counts))
    if found.length_bias is not None:
        lines.append(words("judge.length", share=f"{found.length_bias:.0%}", **counts))
    if found.human_pairs:
        share = f"{found.human_agreed / found.human_pairs:.0%}"
        lines.append(words("judge.people", share=share, **counts))
    if found.unread:
        lines.append(words("judge.unread", count=found.unread))
    return lines
