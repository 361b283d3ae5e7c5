"""`goldleaf doctor`: problems of a Label Studio, its projects and their backends, with fixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.model_options import EndpointOption, ModelNameOption, ModelOption, one_model
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import print_json, print_result, table
from goldleaf.cli.suggestions import complete_commands
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.studio.doctor_findings import Check


def doctor(
    project: Annotated[
        int | None, typer.Option("--project", "-p", help="Only this project; all by default.")
    ] = None,
    backend: Annotated[str | None, typer.Option(help="The backend's address.")] = None,
    model: ModelOption = None,
    endpoint: EndpointOption = None,
    model_name: ModelNameOption = None,
    url: UrlOption = None,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Diagnose the setup and suggest fixes.

    Looks at Label Studio, its network rules, every project of goldleaf with its backend, and the
    model that writes texts, if one is named.
    """
    from goldleaf.workflows.diagnosis import diagnose

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    models = one_model(model, endpoint, model_name)
    checks = diagnose(settings, project, backend, words, models)
    if as_json:
        print_json([{**asdict(check), "fix": complete_commands(check.fix)} for check in checks])
    else:
        _print(checks, words)
    if checks[0].name == "reachable" and not checks[0].ok:
        raise typer.Exit(5)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _print(checks: Sequence[Check], words: Translations) -> None:
    def named(check: Check) -> str:
        key = "check." + check.name.replace(" ", "_").replace("-", "_").replace("'", "")
        return words.known(key) or check.name

    rows = [
        (
            words("doctor.ok" if check.ok else "doctor.fault"),
            "" if check.project is None else check.project,
            named(check),
            check.found,
        )
        for check in checks
    ]
    print_result(table(rows))
    for check in checks:
        if not check.ok and check.fix:
            where = "" if check.project is None else f" ({words('check.project')} {check.project})"
            print_result(f"\n{named(check)}{where}: {complete_commands(check.fix)}")
    if all(check.ok for check in checks):
        print_result(words("doctor.all_good"))
