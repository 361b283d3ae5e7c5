"""Checks of the models that write text, for `goldleaf doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError
from goldleaf.core.translations import Translations
from goldleaf.workflows.open_generators import ModelChoice, open_generators

if TYPE_CHECKING:
    from goldleaf.generation.endpoint import EndpointGenerator
    from goldleaf.studio.doctor_findings import Check, Finder

_SECONDS = 30.0


def check_models(choice: ModelChoice, words: Translations) -> list[Check]:
    """Return a finding for each model: a server is asked four short questions, no model is loaded.

    Args:
        choice: which ones; it may be empty.
        words: language of what is found and how to fix it.
    """
    from goldleaf.generation.endpoint import EndpointGenerator
    from goldleaf.studio.doctor_findings import Finder

    if choice.is_empty:
        return []
    find = Finder(words)
    try:
        with open_generators(choice, seconds=_SECONDS, attempts=1) as opened:
            return [
                _server(each, find)
                if isinstance(each, EndpointGenerator)
                else find.good("model folder", "model_folder", called=each.name)
                for each in opened.all
            ]
    except GoldleafError as error:
        return [find.failed("model", error)]


def _server(generator: EndpointGenerator, find: Finder) -> Check:
    """Return what a server does with a request."""
    from goldleaf.generation.probe import probe

    facts, words = probe(generator), find.words
    about = {"host": generator.address.host, "model": generator.model}
    if facts.answer.outcome not in ("answered", "empty"):
        listed = words.listed(facts.models) or words("doctor.none")
        reason = words(f"outcome.{facts.answer.outcome}")
        detail = translate_error(facts.answer.detail, words.lang)
        more = {"reason": reason, "detail": detail, "models": listed}
        return find.bad("model server", "server_fails", "server_fix", **about, **more)
    yes_no = {True: words("doctor.heeded"), False: words("doctor.ignored")}
    able = {"several": yes_no[facts.several], "structured": yes_no[facts.structured]}
    return find.good("model server", "server_answers", **about, **able)
