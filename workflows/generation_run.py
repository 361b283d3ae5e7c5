"""One run of models over a file of prompts; killed at any moment, the next one goes on.

Each answer is on the disk, in `OUT.answers`, before the next one is asked for. The records are
written beside `OUT` and renamed at the end; a run after that asks for nothing and writes the same.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import NothingUsable, RejectedRows
from goldleaf.core.files import replacing, write_atomically
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Record
from goldleaf.workflows.answer_slots import PromptAnswers, Slot, slots
from goldleaf.workflows.asked_models import answers_as_they_come
from goldleaf.workflows.generated_records import GeneratedKind, generated_kind, records_of
from goldleaf.workflows.prompt_file import Prompt, PromptFile

if TYPE_CHECKING:
    from goldleaf.generation.answer_store import AnswerStore
    from goldleaf.generation.generator import Answer, Generator, Request

CHUNK = 64
"""Prompts answered together; fixed, because the batches of a local model follow from it."""
TRIAL = 4
"""Requests of each model that are answered first, to estimate the time of all."""


@dataclass(frozen=True)
class GenerationPlan:
    """What to ask for.

    Attributes:
        kind: what the answers become, a name of `generated_records.KINDS`.
        count: answers a prompt; None for what is usual for the kind.
        temperatures: taken in turn.
        max_tokens: the longest answer.
        seed: another one gives other answers, where the model allows.
    """

    kind: str = "preference"
    count: int | None = None
    temperatures: Sequence[float] = (1.0,)
    max_tokens: int = 512
    seed: int = 0


@dataclass
class Estimate:
    """What a run will take.

    Attributes:
        prompts: prompts to be answered.
        requests: answers to be asked for, without those asked for again.
        prompt_tokens: tokens of all requests (`core.token_estimate`).
        answer_tokens: the most tokens that all answers may have.
        stored: requests whose answer is there already.
        seconds: by the time of the first few answers; None if those were there already.
    """

    prompts: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    stored: int = 0
    seconds: float | None = None


@dataclass
class Generated:
    """What a run made.

    Attributes:
        prompts: rows read.
        records: records written.
        asked: requests that were sent in this run.
        reasons: prompts without a record, by reason code.
        fewer: prompts with fewer answers than asked for, by reason code.
        alike: answers that were nearly another one and were asked for again.
        cut: answers that end where `max_tokens` was reached.
        reasoning_left_out: answers whose reasoning the kind's screen does not show.
        prompt_tokens: of the answers of this run, as the models count them.
        answer_tokens: likewise.
    """

    prompts: int = 0
    records: int = 0
    asked: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    fewer: Counter[str] = field(default_factory=Counter[str])
    alike: int = 0
    cut: int = 0
    reasoning_left_out: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0


class Generation:
    """One run: `estimate`, then `write`.

    Args:
        prompts: the file of prompts.
        generators: the models, opened.
        out: the file of records to write; answers are kept in `OUT.answers`.
        plan: what to ask for.
        on_reject: called with (row, reason code, detail) of a prompt without a record.
        progress: called with (answers there, answers wanted).

    Raises:
        UsageError: the plan is none that the kind and the models can keep.
    """

    def __init__(
        self,
        prompts: PromptFile,
        generators: Sequence[Generator],
        out: Path,
        plan: GenerationPlan,
        *,
        on_reject: Callable[[str, str, str], None] = lambda row, reason, detail: None,
        progress: Callable[[float, float], None] = lambda done, total: None,
    ) -> None:
        self.prompts, self.generators, self.out, self.plan = prompts, generators, out, plan
        self.kind, count = generated_kind(plan.kind, plan.count)
        self.slots = slots(count, len(generators), plan.temperatures)
        self.journal = out.with_name(f"{out.name}.answers")
        self.result = Generated()
        self.estimated = Estimate()
        self._on_reject, self._progress = on_reject, progress
        self._done = 0.0

    def estimate(self, store: AnswerStore) -> Estimate:
        """Return what the run will take, after asking for the first few answers.

        Raises:
            GoldleafError: the file of prompts or a model cannot be used.
        """
        from goldleaf.generation.answer_store import request_hash

        found = self.estimated = Estimate()
        first: list[list[Request]] = [[] for _ in self.generators]
        for prompt in self.prompts:
            if isinstance(prompt, Prompt):
                found.prompts += 1
                found.requests += len(self.slots)
                found.prompt_tokens += prompt.tokens * len(self.slots)
                if any(len(requests) < TRIAL for requests in first):
                    for slot, request in self._begun(prompt).requests(
                        self.plan.seed, self.plan.max_tokens
                    ):
                        first[slot.model].append(request)
        found.answer_tokens = found.requests * self.plan.max_tokens
        found.stored = len(store)
        share = found.requests / max(1, len(self.generators))
        for generator, requests in zip(self.generators, first, strict=True):
            requests = requests[:TRIAL]
            hashes = [request_hash(generator.name, request) for request in requests]
            if not requests or any(store.find(key) for key in hashes):
                continue
            generator.open()
            began = time.monotonic()
            for group in self._answered(store, generator, requests):
                del group
            spent = (time.monotonic() - began) / len(requests)
            found.seconds = (found.seconds or 0.0) + spent * share
        return found

    def write(
        self,
        store: AnswerStore,
        rejected: Path,
        check: Callable[[], None] = lambda: None,
        *,
        strict: bool = False,
    ) -> Generated:
        """Ask for what is not there yet and write the records, or leave `out` as it was.

        Args:
            store: where answers are kept.
            rejected: takes a line for every prompt without a record; removed if there is none.
            check: called before anything is published; may raise.
            strict: whether a prompt without a record is a failure.

        Raises:
            NothingUsable: no prompt has an answer.
            RejectedRows: under `strict`, a prompt has none.
            GoldleafError: a model cannot be used by anyone (no connection, no access), or a file
                cannot be written.
        """
        from goldleaf.core.records_jsonl import to_line

        listing: list[bytes] = []
        with replacing(self.out) as file:
            stream = iter(self.prompts)
            while chunk := list(islice(stream, CHUNK)):
                for record in self._chunk(store, chunk, listing):
                    file.write(to_line(record) + b"\n")
                    self.result.records += 1
            check()
            if listing:
                write_atomically(rejected, b"".join(listing))
            else:
                rejected.unlink(missing_ok=True)
            if not self.result.records:
                fix = f"see why in {rejected}" if listing else "give a file with prompts"
                raise NothingUsable(
                    "No prompt has an answer.", where=str(self.prompts.path), fix=fix
                )
            if strict and listing:
                raise RejectedRows(
                    "Some prompts have no answer.", where=str(rejected), fix="see the reasons there"
                )
        return self.result

    def _chunk(
        self, store: AnswerStore, chunk: Sequence[Prompt | InputResult], listing: list[bytes]
    ) -> Iterator[Record]:
        """Yield the records of some rows, in their order."""
        begun = {n: self._begun(row) for n, row in enumerate(chunk) if isinstance(row, Prompt)}
        self._ask(store, list(begun.values()))
        for number, row in enumerate(chunk):
            self.result.prompts += 1
            if isinstance(row, InputResult):
                self._reject(listing, row.key, row.reason, row.detail)
                continue
            found = begun[number]
            self.result.alike += found.alike
            if len(found.accepted) < self.kind.least:
                self._reject(listing, row.key, *found.why_fewer())
                continue
            if len(found.accepted) < len(self.slots):
                self.result.fewer[found.why_fewer()[0]] += 1
            answers = [found.accepted[place] for place in sorted(found.accepted)]
            self._count(self.kind, [answer for _, answer in answers])
            named = [(self.generators[slot.model].name, answer) for slot, answer in answers]
            yield from records_of(self.kind, row.record, named)

    def _begun(self, prompt: Prompt) -> PromptAnswers:
        return PromptAnswers(prompt.record.context, list(self.slots))

    def _ask(self, store: AnswerStore, prompts: Sequence[PromptAnswers]) -> None:
        """Ask for the answers of some prompts, and again for those that are alike."""
        from goldleaf.curation.near_duplicates.same_answer import same_answer

        while waiting := [prompt for prompt in prompts if prompt.open]:
            found: list[dict[int, Answer]] = [{} for _ in waiting]
            asked: list[list[tuple[int, Slot, Request]]] = [[] for _ in self.generators]
            for place, prompt in enumerate(waiting):
                for slot, request in prompt.requests(self.plan.seed, self.plan.max_tokens):
                    asked[slot.model].append((place, slot, request))
            for generator, requests in zip(self.generators, asked, strict=True):
                wanted = [request for _, _, request in requests]
                for group in self._answered(store, generator, wanted):
                    for number, answer in group:
                        place, slot, _ = requests[number]
                        found[place][slot.number] = answer
                        first = waiting[place].attempts == 0
                        self._done += first
                    self._progress(self._done, self.estimated.requests)
            for prompt, answers in zip(waiting, found, strict=True):
                prompt.take(answers, same_answer)

    def _answered(
        self, store: AnswerStore, generator: Generator, requests: Sequence[Request]
    ) -> Iterator[list[tuple[int, Answer]]]:
        """Yield answers; a server that refuses every request ends the run."""
        for new, group in answers_as_they_come(store, generator, requests):
            for _, answer in group:
                if new:
                    self.result.asked += 1
                    self.result.prompt_tokens += answer.prompt_tokens
                    self.result.answer_tokens += answer.answer_tokens
            yield group

    def _count(self, kind: GeneratedKind, answers: Sequence[Answer]) -> None:
        self.result.cut += sum(answer.cut for answer in answers)
        if not kind.reasoning:
            self.result.reasoning_left_out += sum(bool(answer.reasoning) for answer in answers)

    def _reject(self, listing: list[bytes], key: str, reason: str, detail: str) -> None:
        self.result.reasons[reason] += 1
        row = {"row": key, "reason": reason, "detail": detail}
        listing.append(json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n")
        self._on_reject(key, reason, detail)
