"""Which model answers which prompt how often: slots, seeds, and answers that must differ."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from goldleaf.core.errors import UsageError
from goldleaf.core.records import Turn
from goldleaf.generation.generator import Answer, Request, Sampling

AGAIN = 2
"""Times that an answer which is nearly another one is asked for again."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the answers that every prompt gets."""

    number: int
    model: int
    temperature: float


def slots(count: int, models: int, temperatures: Sequence[float]) -> list[Slot]:
    """Return who gives each of `count` answers: models in turn, each time another temperature.

    All models answer before one answers twice, and in the end each does at every temperature.

    Raises:
        UsageError: a model would be asked twice at temperature 0, where it says the same.
    """
    found = [
        Slot(number, number % models, temperatures[(number // models + number % models) % kinds])
        for kinds in (len(temperatures),)
        for number in range(count)
    ]
    greedy = [slot.model for slot in found if slot.temperature == 0]
    if len(set(greedy)) < len(greedy):
        raise UsageError(
            "At temperature 0 a model gives the same answer each time.",
            where="--temperature, --n",
            fix="give a temperature above 0, or another model",
        )
    return found


def seed_of(seed: int, turns: Sequence[Turn], slot: int, attempt: int) -> int:
    """Return the seed of one request, 31 bits: another one for each prompt, slot and attempt."""
    what = "\0".join([str(seed), str(slot), str(attempt), *(turn.content for turn in turns)])
    digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1


@dataclass
class PromptAnswers:
    """The answers of one prompt, as they come in.

    Attributes:
        turns: the conversation that is answered.
        open: slots without an answer that differs from the others.
        accepted: the answers that stay, by slot.
        alike: answers that were nearly another one.
        failed: the last answer without a text, by slot.
        attempts: how often the open slots were asked.
    """

    turns: tuple[Turn, ...]
    open: list[Slot]
    accepted: dict[int, tuple[Slot, Answer]] = field(default_factory=dict[int, tuple[Slot, Answer]])
    alike: int = 0
    failed: dict[int, Answer] = field(default_factory=dict[int, Answer])
    attempts: int = 0

    def requests(self, seed: int, max_tokens: int) -> list[tuple[Slot, Request]]:
        """Return what to ask now, by slot."""
        return [
            (
                slot,
                Request(
                    self.turns,
                    Sampling(
                        slot.temperature,
                        max_tokens,
                        seed_of(seed, self.turns, slot.number, self.attempts),
                    ),
                ),
            )
            for slot in self.open
        ]

    def take(self, answers: dict[int, Answer], same_answer: Callable[[str, str], bool]) -> None:
        """Take in the answers to `requests`, by slot; afterwards `open` is what to ask again.

        Asked again is what is nearly an answer that stays, or empty, unless nothing was left to
        chance; at most `AGAIN` times.
        """
        self.attempts += 1
        again: list[Slot] = []
        for slot in self.open:
            answer = answers[slot.number]
            if answer.outcome == "answered":
                kept = (other.text for _, other in self.accepted.values())
                if not any(same_answer(answer.text, text) for text in kept):
                    self.accepted[slot.number] = (slot, answer)
                    continue
                self.alike += 1
                self.failed[slot.number] = replace(answer, text="", reasoning="")
            else:
                self.failed[slot.number] = answer
            if answer.outcome in ("answered", "empty") and slot.temperature > 0:
                again.append(slot)
        self.open = again if self.attempts <= AGAIN else []

    def why_fewer(self) -> tuple[str, str]:
        """Return (reason code, detail) of the first answer that is missing."""
        number = min(slot for slot in self.failed if slot not in self.accepted)
        answer = self.failed[number]
        if answer.outcome != "answered":
            return answer.outcome, answer.detail
        return (
            "answers_alike",
            f"{len(self.accepted)} different answers after {self.attempts} tries",
        )
