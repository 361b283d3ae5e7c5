"""`goldleaf prelabel`: drafts for the tasks of a project, in bulk."""

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
    PredictorOption,
    UrlOption,
    settings_of,
)
from goldleaf.cli.output import (
    print_hint,
    print_json,
    print_note,
    print_result,
    progressing,
)
from goldleaf.cli.suggestions import language
from goldleaf.cli.undrafted import undrafted_lines
from goldleaf.core.error_translation import translate_error
from goldleaf.core.translations import Translations
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.backend.predictors.predictor import Predictor
    from goldleaf.core.errors import BadRow
    from goldleaf.studio.client import Studio
    from goldleaf.workflows.prelabel import Undrafted


def prelabel(
    project: Annotated[int, typer.Argument(help="The project's number.")],
    predictor: PredictorOption = None,
    model: ModelOption = None,
    endpoint: EndpointOption = None,
    model_name: ModelNameOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft answers for every task of a project.

    Drafts are stored in Label Studio in bulk; repeating it adds nothing twice.
    """
    settings = settings_of(data_dir, url, lang)
    from goldleaf.workflows.drafting_model import drafting_predictor
    from goldleaf.workflows.prelabel import Undrafted

    undrafted = Undrafted()
    chosen = one_model(model, endpoint, model_name)
    with (
        drafting_predictor(
            settings, chosen, predictor, patient=True, on_hosts=note_hosts
        ) as drafter,
        open_studio(settings) as studio,
    ):
        counts = draft(studio, project, settings.state.models, drafter, undrafted)
    if as_json:
        print_json(counts | {"reasons": undrafted.reasons, "learned_from": undrafted.learned_from})
        return
    words = Translations(settings.language)
    print_result(words.listed(f"{_outcome(name, words)} {count}" for name, count in counts.items()))
    for line in undrafted_lines(undrafted, words):
        print_hint(line)


def _outcome(name: str, words: Translations) -> str:
    """Return what became of tasks, in words; what a codec refuses has its reason."""
    return words.known(f"drafted.{name}") or words.known(f"reason.{name}") or name


def draft(
    studio: Studio,
    project: int,
    models: Path,
    predictor: str | Predictor = "auto",
    undrafted: Undrafted | None = None,
) -> dict[str, int]:
    """Draft for every task of a project, print progress and problems, and return the counts.

    Arguments, counts and errors are those of `goldleaf.workflows.prelabel.prelabel`.
    """
    from goldleaf.workflows import prelabel as workflow

    words = Translations(language())

    def refused(task: int, bad: BadRow) -> None:
        reason, detail = _outcome(bad.reason, words), translate_error(bad.detail, words.lang)
        print_note(words("drafted.refused", task=task, reason=reason, detail=detail))

    with progressing(words, "drafted.progress") as step:
        return workflow.prelabel(
            studio,
            project,
            models,
            predictor,
            undrafted,
            progress=step,
            unreadable=lambda task: print_note(f"  {task}"),
            refused=refused,
        )
