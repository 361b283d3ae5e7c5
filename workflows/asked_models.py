"""Questions to a model, with what was answered before kept: a run that was killed goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from goldleaf.core.errors import GoldleafError

if TYPE_CHECKING:
    from goldleaf.generation.answer_store import AnswerStore
    from goldleaf.generation.generator import Answer, Generator, Request


def answers_as_they_come(
    store: AnswerStore, generator: Generator, requests: Sequence[Request]
) -> Iterator[tuple[bool, list[tuple[int, Answer]]]]:
    """Yield (whether it is new, (place, answer) of some requests) until each had its answer.

    Raises:
        GoldleafError: the model cannot be used by any request: no connection, no access.
    """
    from goldleaf.generation.generator import STOPPING

    for new, group in store.answer(generator, requests):
        for _, answer in group:
            if answer.outcome in STOPPING:
                raise _stopped(answer, generator.name)
        yield new, group


def ask_all(
    store: AnswerStore,
    generator: Generator,
    requests: Sequence[Request],
    progress: Callable[[int], None] = lambda answers: None,
) -> list[Answer]:
    """Return the answer to each request, in their order.

    Args:
        store: where answers are kept.
        generator: the model.
        requests: what to ask.
        progress: called with how many more answers are there.

    Raises:
        GoldleafError: as `answers_as_they_come`.
    """
    found: dict[int, Answer] = {}
    for _, group in answers_as_they_come(store, generator, requests):
        found |= dict(group)
        progress(len(group))
    return [found[place] for place in range(len(requests))]


def _stopped(answer: Answer, name: str) -> GoldleafError:
    """Return why no further request is made, as an error for people."""
    what, fix = {
        "unauthorized": (
            "The server does not admit this key",
            "set GOLDLEAF_ENDPOINT_KEY to a key of this server",
        ),
        "not_found": (
            "The server has no such model or address",
            "check --endpoint (it often ends in /v1) and --model-name",
        ),
        "redirected": (
            "The server sends requests elsewhere, which is not followed",
            "give the address that it leads to with --endpoint",
        ),
    }.get(
        answer.outcome,
        ("The server cannot be reached", "see that it runs, and check --endpoint"),
    )
    fix += "; answers so far are kept, and the same command goes on"
    return GoldleafError(f"{what}: {answer.detail}", where=name, fix=fix)
