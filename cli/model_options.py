"""Options that name models which write text; `generate` takes several, the others one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.output import print_note
from goldleaf.workflows.open_generators import ModelChoice

ModelOption = Annotated[
    Path | None, typer.Option(help="Folder of a model that drafts texts, on this machine.")
]
EndpointOption = Annotated[
    str | None,
    typer.Option(help="OpenAI-compatible server of a model that drafts texts, ending in /v1."),
]
ModelNameOption = Annotated[str | None, typer.Option(help="What the server calls the model.")]


def one_model(model: Path | None, endpoint: str | None, name: str | None) -> ModelChoice:
    """Return the model that a command's options name; it may be none."""
    return ModelChoice(
        [model] if model is not None else (),
        [endpoint] if endpoint else (),
        [name] if name else (),
    )


def note_hosts(hosts: list[str]) -> None:
    """Report which servers get texts; printed by every run that sends any."""
    for host in hosts:
        print_note(f"Texts are sent to {host}")
