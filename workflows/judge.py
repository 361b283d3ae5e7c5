"""A model's opinions on the answers of comparisons, asked for in both orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import NothingUsable
from goldleaf.core.files import replacing
from goldleaf.core.records import Comparison, Record
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.asked_models import ask_all
from goldleaf.workflows.open_generators import ModelChoice, OpenGenerators, open_one

if TYPE_CHECKING:
    from goldleaf.backend.judge import Opinion
    from goldleaf.core.input_results import InputResult
    from goldleaf.generation.answer_store import AnswerStore
    from goldleaf.generation.generator import Generator

CHUNK = 64
"""Comparisons judged together; fixed, because the batches of a local model follow from it."""


@dataclass
class JudgeReport:
    """What a judge said, and how far it can be relied on.

    Attributes:
        judge: its name and the version of its prompts.
        read: inputs.
        unreadable: inputs that are no records.
        records: records written.
        not_compared: records without two answers in words; they are written as they came.
        pairs: pairs of answers judged.
        agreed: pairs of which both orders say the same.
        follows_first: pairs of which the answer shown first won both times, whichever it was.
        follows_second: likewise, shown second.
        unsure: pairs of which one order alone says tie.
        unread: pairs without two verdicts that can be read.
        opinions: records with an opinion.
        preferred: pairs of unequal length, one of which both orders prefer.
        longer: of these, those whose longer answer is preferred.
        human_pairs: pairs that people ranked, one above the other, and the judge too.
        human_agreed: of these, those ranked alike.
    """

    judge: str = ""
    read: int = 0
    unreadable: int = 0
    records: int = 0
    not_compared: int = 0
    pairs: int = 0
    agreed: int = 0
    follows_first: int = 0
    follows_second: int = 0
    unsure: int = 0
    unread: int = 0
    opinions: int = 0
    preferred: int = 0
    longer: int = 0
    human_pairs: int = 0
    human_agreed: int = 0

    @property
    def position_bias(self) -> float | None:
        """The share of read pairs whose verdict follows the place of an answer; None for none."""
        read = self.pairs - self.unread
        return (self.follows_first + self.follows_second) / read if read else None

    @property
    def length_bias(self) -> float | None:
        """The share of preferred answers that are the longer one; one half is none. None for none.

        Longer answers may be better: hold it against the same figure of people.
        """
        return self.longer / self.preferred if self.preferred else None


def judge(
    source: Path | str,
    out: Path | str,
    models: ModelChoice | Generator = ModelChoice(),  # noqa: B008 - frozen
    *,
    settings: Settings | None = None,
    limit: int | None = None,
    on_hosts: Callable[[list[str]], None] = lambda hosts: None,
    progress: Callable[[float, float | None], None] = lambda done, total: None,
) -> JudgeReport:
    """Ask a model which answers are better, and write the records with its opinions.

    An opinion is a verdict of the screen `judge` on the record: importing shows it above the
    answers, and no control is filled in by it. What a judge said before is replaced where it is the
    same judge. Answers are kept in `OUT.answers`: the same call after a `kill -9` goes on.

    Args:
        source: `records.jsonl`, `project:NUMBER` or a Label Studio JSON export.
        out: the file of records, replaced when all is done.
        models: which model, or one that is open already.
        settings: a model where none is named, and where Label Studio is; read from `goldleaf.toml`
            and `GOLDLEAF_*` by default.
        limit: read this many inputs only.
        on_hosts: called with the servers that texts are sent to, before any is.
        progress: called with (verdicts there, None).

    Raises:
        UsageError: the source or the model cannot be used.
        NothingUsable: no input has two answers to compare.
        GoldleafError: the model cannot be used by anyone, or a file cannot be written.
    """
    from goldleaf.core.records_jsonl import to_line
    from goldleaf.generation.answer_store import AnswerStore
    from goldleaf.workflows.curation_sources import open_curation_source

    settings, out = settings or load(), Path(out)
    opened = open_curation_source(str(source), settings)
    with open_one(models, settings) as model:
        on_hosts(model.hosts)
        run = _Judging(model, progress)
        with AnswerStore(out.with_name(f"{out.name}.answers")) as store, replacing(out) as file:
            stream = islice(opened.readings, limit)
            while chunk := list(islice(stream, CHUNK)):
                for record in run.chunk(store, chunk):
                    file.write(to_line(record) + b"\n")
            opened.check()
            if not run.report.pairs:
                raise NothingUsable(
                    "No record has two answers to compare.",
                    where=str(source),
                    fix="give comparisons: goldleaf generate --kind preference writes them",
                )
    return run.report


class _Judging:
    """One run of a judge."""

    def __init__(
        self, model: OpenGenerators, progress: Callable[[float, float | None], None]
    ) -> None:
        from goldleaf.backend.judge import judge_version

        (self.generator,) = model.all
        self.report = JudgeReport(judge=f"{self.generator.name}:{judge_version()}")
        self._progress, self._done = progress, 0

    def chunk(self, store: AnswerStore, results: Sequence[InputResult]) -> Iterator[Record]:
        """Yield the records of some inputs, in their order, with opinions."""
        from goldleaf.backend.judge import opinion_of
        from goldleaf.backend.judged_comparisons import requests_of, texts_of

        report = self.report
        report.read += len(results)
        report.unreadable += sum(bool(result.reason) for result in results)
        records = [record for result in results for record in result.records]
        texts = {place: texts_of(record) for place, record in enumerate(records)}
        asked = [
            (place, pair, requests)
            for place, record in enumerate(records)
            if isinstance(record, Comparison) and texts[place]
            for pair, requests in requests_of(record, texts[place]).items()
        ]
        both = [request for _, _, requests in asked for request in requests]
        answers = ask_all(store, self.generator, both, self._step)
        opinions: dict[int, dict[tuple[int, int], Opinion]] = {}
        for number, (place, pair, _) in enumerate(asked):
            opinion = opinion_of(answers[2 * number], answers[2 * number + 1])
            opinions.setdefault(place, {})[pair] = opinion
        for place, record in enumerate(records):
            report.records += 1
            if place not in opinions or not isinstance(record, Comparison):
                report.not_compared += 1
                yield record
                continue
            self._count(record, texts[place], opinions[place])
            yield self._judged(record, opinions[place])

    def _step(self, answers: int) -> None:
        self._done += answers
        self._progress(self._done, None)

    def _judged(self, record: Comparison, opinions: dict[tuple[int, int], Opinion]) -> Record:
        from goldleaf.backend.judged_comparisons import verdict_on
        from goldleaf.core.screen_verdicts import JUDGE, ORDERED

        verdict = verdict_on(record, opinions, self.report.judge)
        self.report.opinions += verdict.verdict in ORDERED
        others = tuple(
            each
            for each in record.tags.verdicts
            if (each.screen, each.reason) != (JUDGE, verdict.reason)
        )
        return replace(record, tags=replace(record.tags, verdicts=(*others, verdict)))

    def _count(
        self,
        record: Comparison,
        texts: Sequence[str],
        opinions: dict[tuple[int, int], Opinion],
    ) -> None:
        """Count what was said of each pair, by place, length and people's ranks."""
        report = self.report
        for (one, other), opinion in opinions.items():
            report.pairs += 1
            setattr(report, opinion.outcome, getattr(report, opinion.outcome) + 1)
            if opinion.better not in ("one", "other"):
                continue
            better, worse = (one, other) if opinion.better == "one" else (other, one)
            if len(texts[better]) != len(texts[worse]):
                report.preferred += 1
                report.longer += len(texts[better]) > len(texts[worse])
            ranks = record.candidates[better].rank, record.candidates[worse].rank
            if ranks[0] is not None and ranks[1] is not None and ranks[0] != ranks[1]:
                report.human_pairs += 1
                report.human_agreed += ranks[0] < ranks[1]
