"""One model over records: how likely, how sure, how right, and whom it contradicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from goldleaf.core.errors import NothingUsable, UsageError
from goldleaf.core.records import Comparison, Demonstration, Record, Turn
from goldleaf.workflows.asked_models import ask_all

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.generation.answer_store import AnswerStore
    from goldleaf.generation.generator import Answer, Generator, Request, Scorer

LOGPROB, RANK = "response_logprob", "response_logprob_rank"
DISAGREEMENT, MISMATCH = "sample_disagreement", "reference_mismatch"
DOUBT, CONTRADICTS = "judge_doubt", "judge_contradicts"
SIGNALS = {
    LOGPROB: "low",
    RANK: "high",
    DISAGREEMENT: "high",
    MISMATCH: "high",
    DOUBT: "high",
    CONTRADICTS: "high",
}
"""Signals, and which values mean hard, as `hard.signals` of a recipe has it."""
PARTS = ("logprob", "samples", "reference", "judge")
"""What a run may do; each asks the model in a way of its own."""
CHUNK = 64
"""Records asked about together; fixed, because the batches of a local model follow from it."""
LONGEST_SAMPLE = 512
"""Tokens of a sample."""


@dataclass
class SignalsReport:
    """What a run found.

    Attributes:
        model: its name and version.
        read: inputs.
        unreadable: inputs that are no records.
        records: records written.
        signals: records with each signal, by name.
        missing: records without one, by reason code, or by what the model did not do.
        left_out: parts that were asked for and that this model cannot do.
        lists: tasks of each list shown in the project, by its name.
    """

    model: str = ""
    read: int = 0
    unreadable: int = 0
    records: int = 0
    signals: Counter[str] = field(default_factory=Counter[str])
    missing: Counter[str] = field(default_factory=Counter[str])
    left_out: list[str] = field(default_factory=list[str])
    lists: dict[str, int] = field(default_factory=dict[str, int])


class ModelSignals:
    """One model over records, chunk by chunk."""

    def __init__(
        self,
        generator: Generator,
        parts: Sequence[str],
        samples: int,
        temperature: float,
        *,
        chosen: bool,
    ) -> None:
        self.generator, self.samples, self.temperature = generator, samples, temperature
        self.report = SignalsReport(model=generator.name)
        self.parts = set(parts)
        if "logprob" in self.parts and not hasattr(generator, "score"):
            if chosen and len(self.parts) == 1:
                raise UsageError(
                    "A server gives no log-probabilities.",
                    where="--part logprob",
                    fix="give --model FOLDER, or leave this part out",
                )
            self.parts.remove("logprob")
            self.report.left_out.append("logprob")

    def chunk(
        self, store: AnswerStore, results: Sequence[InputResult]
    ) -> Iterator[tuple[Record, dict[str, float]]]:
        """Yield each record of some inputs with its signals, in their order."""
        self.report.read += len(results)
        self.report.unreadable += sum(bool(result.reason) for result in results)
        records = [record for result in results for record in result.records]
        self.report.records += len(records)
        found: list[dict[str, float]] = [{} for _ in records]
        responses = [_response(record) for record in records]
        if "logprob" in self.parts:
            self._logprobs(records, responses, found)
        written = self._samples(store, records)
        for place, texts in written.items():
            self._of_samples(texts, responses[place], found[place])
        if "judge" in self.parts:
            self._judge(store, records, responses, written, found)
        yield from zip(records, found, strict=True)

    def finish(self, written: Sequence[dict[str, float]], source: str, *, needed: bool) -> None:
        """Count what the records got.

        Raises:
            NothingUsable: it is nothing, and something is needed.
        """
        self.report.signals.update(name for each in written for name in each)
        if needed and not self.report.signals:
            raise NothingUsable(
                "No record got a signal.",
                where=source,
                fix="give records with prompts and responses; a reason of each is in --json",
            )

    def _logprobs(
        self, records: Sequence[Record], responses: Sequence[str], found: list[dict[str, float]]
    ) -> None:
        places = [place for place, response in enumerate(responses) if response.strip()]
        self.report.missing["no_response"] += len(records) - len(places)
        asked = [(records[place].context, responses[place]) for place in places]
        for group in cast("Scorer", self.generator).score(asked):
            for number, score in group:
                if score.outcome == "answered":
                    found[places[number]][LOGPROB] = round(score.logprob, 6)
                else:
                    self.report.missing[score.outcome] += 1

    def _samples(self, store: AnswerStore, records: Sequence[Record]) -> dict[int, list[str]]:
        """Return the model's own answers to each prompt that ends with a user's turn."""
        if not self.parts & {"samples", "reference", "judge"}:
            return {}
        places = [place for place, record in enumerate(records) if _asks(record)]
        if not self.parts & {"samples", "reference"}:  # a judge of comparisons needs none
            places = [p for p in places if not isinstance(records[p], Comparison)]
        asked = [
            (place, request)
            for place in places
            for request in self._requests(records[place].context)
        ]
        answers = ask_all(store, self.generator, [request for _, request in asked])
        written: dict[int, list[str]] = {}
        for (place, _), answer in zip(asked, answers, strict=True):
            if answer.outcome == "answered":
                written.setdefault(place, []).append(answer.text)
            else:
                self.report.missing[answer.outcome] += 1
        return written

    def _requests(self, context: tuple[Turn, ...]) -> list[Request]:
        from goldleaf.generation.generator import Request, Sampling
        from goldleaf.workflows.answer_slots import seed_of

        return [
            Request(
                context,
                Sampling(self.temperature, LONGEST_SAMPLE, seed_of(0, context, number, 0)),
            )
            for number in range(self.samples)
        ]

    def _of_samples(self, texts: list[str], response: str, found: dict[str, float]) -> None:
        from goldleaf.curation.answer_checks.reference_check import agrees_with
        from goldleaf.curation.answer_checks.sample_agreement import disagreement

        if "samples" in self.parts:
            differ = disagreement(texts)
            if differ is not None:
                found[DISAGREEMENT] = differ
        if "reference" in self.parts and response.strip():
            agree = [agrees_with(text, response) for text in texts]
            if None in agree:
                self.report.missing["no_reference"] += 1
            else:
                found[MISMATCH] = round(agree.count(False) / len(agree), 6)

    def _judge(
        self,
        store: AnswerStore,
        records: Sequence[Record],
        responses: Sequence[str],
        written: dict[int, list[str]],
        found: list[dict[str, float]],
    ) -> None:
        """Add what the model as a judge says of comparisons, and of responses against its own."""
        from goldleaf.backend.judge import opinion_of, pair_requests
        from goldleaf.backend.judged_comparisons import requests_of, texts_of

        asked: list[tuple[int, tuple[int, int], tuple[Request, Request]]] = []
        for place, record in enumerate(records):
            if isinstance(record, Comparison):
                for pair, both in requests_of(record, texts_of(record)).items():
                    asked.append((place, pair, both))
            elif isinstance(record, Demonstration) and responses[place] and written.get(place):
                both = pair_requests(record.context, responses[place], written[place][0])
                asked.append((place, (0, 1), both))
        both = [request for _, _, requests in asked for request in requests]
        answers: list[Answer] = ask_all(store, self.generator, both)
        said: dict[int, list[tuple[tuple[int, int], str, str]]] = {}
        for number, (place, pair, _) in enumerate(asked):
            opinion = opinion_of(answers[2 * number], answers[2 * number + 1])
            if opinion.outcome == "unread":
                self.report.missing["unread"] += 1
                continue
            said.setdefault(place, []).append((pair, opinion.outcome, opinion.better or ""))
        for place, pairs in said.items():
            record = records[place]
            if not isinstance(record, Comparison):
                found[place][CONTRADICTS] = float(pairs[0][2] == "other")
                continue
            unsure = sum(outcome != "agreed" for _, outcome, _ in pairs)
            found[place][DOUBT] = round(unsure / len(pairs), 6)
            against = [
                (ranks[0] < ranks[1]) != (better == "one")
                for (one, other), _, better in pairs
                if better in ("one", "other")
                and None not in (ranks := _ranks(record, one, other))
                and ranks[0] != ranks[1]
            ]
            if against:
                found[place][CONTRADICTS] = round(sum(against) / len(against), 6)


def _ranks(record: Comparison, one: int, other: int) -> tuple[int, int]:
    """Return the ranks of two candidates; either may be None."""
    ranks = record.candidates[one].rank, record.candidates[other].rank
    return cast("tuple[int, int]", ranks)


def _response(record: Record) -> str:
    """Return the text that a record teaches, "" for none or one that is more than a text."""
    if isinstance(record, Comparison):
        best = [each for each in record.candidates if each.rank == 1]
        turns = best[0].turns if len(best) == 1 else ()
    else:
        turns = record.response
    return turns[0].content if len(turns) == 1 and not turns[0].tool_calls else ""


def _asks(record: Record) -> bool:
    """Return whether a model can answer a record's prompt: it ends with a user's text."""
    last = record.context[-1] if record.context else None
    return last is not None and last.role == "user" and bool(last.content.strip())
