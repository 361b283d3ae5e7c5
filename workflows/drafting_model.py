"""A model that drafts texts, beside rules and what was learned."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings
from goldleaf.workflows.open_generators import ModelChoice, open_generators

if TYPE_CHECKING:
    from goldleaf.backend.predictors.predictor import Predictor

_SECONDS = 300.0
"""For one batch of a local model, or one answer of a server."""


@contextmanager
def drafting_predictor(
    settings: Settings,
    choice: ModelChoice,
    predictor: str | None = None,
    *,
    patient: bool = False,
    on_hosts: Callable[[list[str]], None] = lambda hosts: None,
) -> Generator[str | Predictor]:
    """Yield who drafts: the predictor's name, or, where a model is named, it and the model's texts.

    The model is loaded in the background, and ended with the block.

    Args:
        settings: hold the folder of what was learned, and a model where none is chosen.
        choice: the model.
        predictor: name of the predictor that drafts choices; that of the settings by default.
        patient: whether to wait for every text; else what does not come in time has no draft.
        on_hosts: called with the servers that texts are sent to.

    Raises:
        UsageError: the model cannot be used, several are named, or there is no such predictor.
        GoldleafError: there is not enough memory.
    """
    choice, predictor = choice.or_settings(settings), predictor or settings.predictor
    if choice.is_empty:
        yield predictor
        return
    from goldleaf.backend.predictors.generated import Generated
    from goldleaf.backend.predictors.predictor_registry import open_predictor
    from goldleaf.backend.text_asker import WAIT, TextAsker

    other = open_predictor(predictor, settings.state.models, apart=True, patient=patient)
    with open_generators(choice, seconds=_SECONDS, attempts=2) as opened:
        if len(opened.all) > 1:
            raise UsageError("Drafts come from one model.", fix="name one model")
        on_hosts(opened.hosts)
        asker = TextAsker(opened.all[0], None if patient else WAIT)
        asker.warm()
        try:
            yield Generated(other, asker)
        finally:
            asker.close()
