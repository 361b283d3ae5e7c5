"""`goldleaf serve`: the ML backend alone, for a Label Studio that runs elsewhere."""

from __future__ import annotations

from typing import Annotated

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
    LangOption,
    PredictorOption,
    UrlOption,
    settings_of,
)
from goldleaf.cli.output import print_note


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 9090,
    processes: Annotated[int, typer.Option(help="How many processes answer; one more trains.")] = 1,
    predictor: PredictorOption = None,
    model: ModelOption = None,
    endpoint: EndpointOption = None,
    model_name: ModelNameOption = None,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Serve drafts to a Label Studio that runs elsewhere.

    The backend learns from its annotations if it is named with --url.
    Beyond this machine only with GOLDLEAF_BACKEND_USER and GOLDLEAF_BACKEND_PASSWORD.
    """
    from goldleaf.workflows.drafting_model import drafting_predictor
    from goldleaf.workflows.serve import serve_backend

    def announce(url: str, other: str) -> None:
        print_note(f"goldleaf answers at {url} (Ctrl-C ends it)")
        if other:
            print_note(f"New projects are linked with the backend that runs already: {other}")

    settings = settings_of(data_dir, url, lang)
    chosen = one_model(model, endpoint, model_name)
    with drafting_predictor(settings, chosen, predictor, on_hosts=note_hosts) as drafter:
        serve_backend(
            settings,
            host=host,
            port=port,
            predictor=drafter,
            processes=processes,
            on_ready=announce,
            on_no_learning=lambda error: print_note(f"No drafts are learned: {error.what}"),
        )
