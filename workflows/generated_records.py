"""Answers of models as records of a kind, that `goldleaf import` takes for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from goldleaf.core.errors import UsageError
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Provenance,
    Record,
    Turn,
)
from goldleaf.generation.generator import Answer


@dataclass(frozen=True, slots=True)
class GeneratedKind:
    """How many answers a kind takes.

    Attributes:
        compares: whether they become one comparison; else each is a demonstration.
        least: fewer are no record.
        most: more do not fit on its screen.
        usual: how many, if the user does not say.
        reasoning: whether its screen takes reasoning.
    """

    compares: bool
    least: int
    most: int
    usual: int
    reasoning: bool


KINDS = {
    "preference": GeneratedKind(True, 2, 2, 2, True),
    "ranking": GeneratedKind(True, 3, 8, 4, True),
    "instruction": GeneratedKind(False, 1, 8, 1, False),
    "refusal": GeneratedKind(False, 1, 8, 1, False),
}
"""The kinds that answers of a model can be written for."""


def generated_kind(name: str, count: int | None) -> tuple[GeneratedKind, int]:
    """Return a kind and how many answers each prompt gets.

    Raises:
        UsageError: there is no such kind, or it takes another number of answers.
    """
    kind = KINDS.get(name)
    if kind is None:
        fix = f"use one of: {', '.join(KINDS)}"
        raise UsageError(f"Answers are not written for the kind {name!r}.", where="--kind", fix=fix)
    wanted = kind.usual if count is None else count
    if not kind.least <= wanted <= kind.most:
        fix = f"give a number from {kind.least} to {kind.most}"
        if name == "preference":
            fix = "leave out --n, or use --kind ranking for more than two answers"
        raise UsageError(f"The kind {name} does not take {wanted} answers.", where="--n", fix=fix)
    return kind, wanted


def records_of(
    kind: GeneratedKind, prompt: Demonstration, answers: Sequence[tuple[str, Answer]]
) -> list[Record]:
    """Return the records of one prompt's answers.

    Args:
        kind: what they become.
        prompt: the prompt, a demonstration without a response.
        answers: (name of the model, answer), enough of them for the kind.
    """
    from goldleaf.sources.refusal_tags import add_refusal_tags
    from goldleaf.sources.structural_tags import add_structural_tags

    made: list[Record] = []
    if kind.compares:
        candidates = tuple(
            Candidate((_turn(answer, kind),), drafted_by=name) for name, answer in answers
        )
        writers = {name for name, _ in answers}
        parents = _parents(prompt, writers.pop() if len(writers) == 1 else "")
        made.append(
            Comparison(prompt.context, candidates, prompt.tools, tags=prompt.tags, parents=parents)
        )
    else:
        made += [_demonstration(kind, prompt, name, answer) for name, answer in answers]
    return [add_refusal_tags(add_structural_tags(record)) for record in made]


def _demonstration(
    kind: GeneratedKind, prompt: Demonstration, name: str, answer: Answer
) -> Demonstration:
    tags: Any = prompt.tags
    if answer.cut and "truncated" not in tags.issues:
        tags = replace(tags, issues=(*tags.issues, "truncated"))
    return replace(
        prompt, response=(_turn(answer, kind),), tags=tags, parents=_parents(prompt, name)
    )


def _turn(answer: Answer, kind: GeneratedKind) -> Turn:
    return Turn("assistant", answer.text, answer.reasoning if kind.reasoning else "")


def _parents(prompt: Demonstration, name: str) -> tuple[Provenance, ...]:
    return tuple(replace(parent, drafted_by=name) for parent in prompt.parents)
