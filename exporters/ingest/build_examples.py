"""Examples and rows built record by record: one table row each, and a line in a spill file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Hashable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import polars as pl

from goldleaf.agreement.decisions import text_origin
from goldleaf.agreement.review import suspicion
from goldleaf.agreement.votes import claim_schema, claims_of, vote_schema, votes_of
from goldleaf.core.errors import BadRow
from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.record_hash import group_id, group_id_of, normalized_turns, record_id
from goldleaf.core.records import Comparison, Judgement, Record
from goldleaf.core.text_hash import answer_hash, prompt_hash
from goldleaf.core.token_estimate import estimated_tokens, tool_tokens
from goldleaf.curation.pair_audit.choices import choice_schema, choices_of
from goldleaf.curation.pair_audit.pair_columns import pair_columns, pair_schema
from goldleaf.curation.private_data.redact_text import private_spans, redacted_record
from goldleaf.curation.texts.text_spans import Span
from goldleaf.exporters.ingest.behaviours import OwnBehaviours, shown
from goldleaf.exporters.ingest.column_builder import ColumnBuilder
from goldleaf.exporters.ingest.draft_outcomes import draft_outcomes, draft_schema
from goldleaf.exporters.ingest.example_tables import ExampleTables, Facts
from goldleaf.exporters.ingest.examples import USES, examples_of, use_of
from goldleaf.exporters.ingest.pairs import STRENGTHS
from goldleaf.exporters.ingest.row_hash import row_shape, sample_key
from goldleaf.exporters.ingest.spill_files import first_offset, open_spill_file, table_file
from goldleaf.exporters.ingest.split import held_out, root
from goldleaf.exporters.ingest.text_filter import text_risk
from goldleaf.formats.format import Writer
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.screen_actions import decide
from goldleaf.trainers.registry import writer_named

FactKey = tuple[str, *tuple[tuple[str, str, str, str], ...]]
"""The language of a record; source, licence, annotator, origin of each of its parents."""


@dataclass(frozen=True)
class IngestConfig:
    """Settings of an ingest: recipe, formats by name, folder of the spill files.

    It is sent to other processes, so formats are names and not writers.
    """

    recipe: Recipe
    formats: tuple[str, ...]
    folder: Path

    @property
    def writers(self) -> list[Writer]:
        """The writers of the configured formats, in their order."""
        return [writer_named(name) for name in self.formats]


@contextmanager
def open_builder(job: IngestConfig, number: int) -> Generator[ExampleBuilder]:
    """Open a spill file with that number for each format, and a builder that writes to them."""
    with ExitStack() as stack:
        files = [stack.enter_context(open_spill_file(job.folder, f, number)) for f in job.formats]
        yield ExampleBuilder(job, files, number)


class ExampleBuilder:
    """Builds the tables and spill files of examples and rows, record by record."""

    def __init__(self, job: IngestConfig, files: Sequence[BinaryIO], number: int) -> None:
        text, small, large, few = pl.String, pl.UInt32, pl.UInt64, pl.Categorical
        recipe, writers, start = job.recipe, job.writers, first_offset(number)

        def table(name: str, schema: Mapping[str, Any]) -> ColumnBuilder:
            return ColumnBuilder(schema, table_file(job.folder, name, number))

        self.recipe, self.seed, self.test = recipe, recipe.seed, recipe.split.test
        self.signals = tuple(recipe.hard.used)
        self.writers = list(zip(writers, files, range(len(writers)), strict=True))
        self.ends = [start] * len(writers)
        place = {"arrival": small, "place": pl.UInt16}
        self.examples = table(
            "examples",
            {
                **place,
                **{"id": pl.Binary, "use": pl.Enum(USES), "test": pl.Boolean},
                **{"group": large, "prompt": large, "answer": large, "other": large},
                **{"good": pl.Boolean, "strength": pl.UInt8, "behaviours": small},
                **{"source": few, "tokens": small, "sample_key": large},
                **{"prototype": few, "quality": pl.Int8, "risk": pl.Boolean, "language": few},
                "risk_class": few,
                **{"suspicion": pl.UInt8, "duplicate_of": text, "template": few},
                **{f"signal {name}": pl.Float64 for name in recipe.hard.used},
            },
        )
        formats = pl.Enum([writer.NAME for writer in writers])
        self.rows = table(
            "rows",
            {
                **place,
                **{"format": formats, "table": few, "shape": small},
                **{"offset": large, "length": small, "tokens": small},
            },
        )
        self.own = OwnBehaviours(recipe.behaviours)
        self.own_file = table_file(job.folder, "examples with own behaviours", number)
        arrival = {"arrival": small}
        self.why = table("why", {**arrival, "reason": few, "times": large})
        self.refused = table("refused", {**arrival, "format": formats, "reason": text})
        self.facts = table("facts", {**arrival, "code": small})
        self.votes = table("votes", vote_schema())
        self.claims = table("claims", claim_schema())
        redacted = {**arrival, "code": text, "by": text, "places": small}
        self.redacted = table("redacted", redacted)
        self.pairs = table("pairs", {**place, **pair_schema()})
        self.choices = table("choices", {**arrival, **choice_schema()})
        self.drafts = table("drafts", {**arrival, **draft_schema()})
        self.codes: dict[FactKey, int] = {}
        self.shapes: dict[Hashable, int] = {}

    def build(self, arrival: int, identity: str, record: Record) -> None:
        """Build the examples and rows of one record.

        Args:
            arrival: its number, used once.
            identity: its id (`record_id`), taken as given.
            record: with all its parents; what the recipe redacts is replaced here.
        """
        self.facts.add(arrival, self.codes.setdefault(_fact_key(record), len(self.codes)))
        decision = decide(record, self.recipe.screens)
        if decision.redacted:
            identity, record = self._redact(arrival, identity, record, decision.redacted)
        found, reasons = self._examples(record, decision.reason)
        context, tags = record.context, record.tags
        keys = normalized_turns(context)
        group, prompt = group_id_of(context, keys), prompt_hash(context, record.tools)
        test = held_out(self.seed, _first_question(record, keys), self.test)
        source = record.parents[0].source if record.parents else ""
        self._judgements(arrival, record, found, prompt, keys)
        signals = [_known(tags.signals.get(name)) for name in self.signals]
        place, risk = 0, text_risk(record, self.recipe.texts)
        for example in found:
            if risk and (reason := text_risk(example, self.recipe.texts)):
                reasons = Counter(reasons) + Counter([reason])
                continue
            name = identity if _is_whole(example, record) else record_id(example)
            if example.context is not context:
                group, prompt = group_id(example), prompt_hash(example.context, example.tools)
            tokens, answer, other, good, strength = _columns(example)
            refusals = self._write(arrival, place, example, name, group, tokens)
            if len(refusals) == len(self.writers):
                reasons = Counter(reasons) + Counter([refusals[0][1]])
                continue
            for format, reason in refusals:
                self.refused.add(arrival, format, reason)
            self.examples.add(
                *(arrival, place, bytes.fromhex(name), use_of(example), test),
                *(int(group[:16], 16), prompt, answer, other),
                *(good, strength, shown(example), source, tokens, sample_key(self.seed, name)),
                *(tags.prototype, _small(tags.quality), bool(tags.risk), tags.language),
                tags.risk,
                *(suspicion(example), decision.duplicate_of, decision.template),
                *signals,
            )
            if isinstance(example, Comparison):
                self.pairs.add(arrival, place, *pair_columns(example))
            self.own.add(example)
            place += 1
        for reason, times in reasons.items():
            self.why.add(arrival, reason, times)

    def _judgements(
        self,
        arrival: int,
        record: Record,
        found: Sequence[Record],
        prompt: int,
        keys: Sequence[str],
    ) -> None:
        """Keep what annotators said of a record, and what they made of drafts."""
        for vote in votes_of(arrival, record, prompt, keys):
            self.votes.add(*vote)
        for claim in claims_of(arrival, record, found):
            self.claims.add(*claim)
        for choice in choices_of(record):
            self.choices.add(arrival, *choice)
        for draft in draft_outcomes(record):
            self.drafts.add(arrival, *draft)

    def _redact(
        self, arrival: int, identity: str, record: Record, verdicts: Mapping[str, tuple[str, str]]
    ) -> tuple[str, Record]:
        """Return a record with placeholders and its id; keep how many places were replaced."""
        identity, record, places = _redacted(identity, record, verdicts)
        for (code, by), count in sorted(places.items()):
            self.redacted.add(arrival, code, by, count)
        return identity, record

    def _examples(
        self, record: Record, left_out: str
    ) -> tuple[Sequence[Record], Mapping[str, int]]:
        """Return the examples of a record, none if it is left out, and reason -> how many lack."""
        found, reasons = examples_of(record, self.recipe)
        if left_out:
            return (), {**reasons, left_out: max(1, len(found))}
        return found, reasons

    def _write(
        self, arrival: int, place: int, example: Record, name: str, group: str, tokens: int
    ) -> list[tuple[str, str]]:
        """Write the rows of an example in every format; return (format, reason) of refusals."""
        refusals: list[tuple[str, str]] = []
        for writer, file, at in self.writers:
            try:
                rows = writer.write(example).items()
                lines = [(table, row, _line(writer, row, name, group)) for table, row in rows]
            except BadRow as error:
                refusals.append((writer.NAME, error.reason))
                continue
            except TypeError:
                refusals.append((writer.NAME, "unwritable"))
                continue
            for table, row, line in lines:
                code = self.shapes.setdefault(row_shape(row), len(self.shapes))
                spot = (self.ends[at], len(line), tokens)
                self.rows.add(arrival, place, writer.NAME, table, code, *spot)
                self.ends[at] += len(line)
                file.write(line)
        return refusals

    def done(self) -> ExampleTables:
        """Return the tables of all examples built; the spill files are complete."""
        for _, file, _ in self.writers:
            file.flush()
        examples = self.own.added_to(self.examples.table(), self.own_file)
        return ExampleTables(
            examples,
            self.rows.table(),
            self.why.table(),
            self.refused.table(),
            self.facts.table(),
            self.votes.table(),
            self.claims.table(),
            self.redacted.table(),
            self.pairs.table(),
            self.choices.table(),
            self.drafts.table(),
            tuple(map(_facts, self.codes)),
            tuple(self.shapes),
        )


def _line(writer: Writer, row: dict[str, Any], name: str, group: str) -> bytes:
    if writer.ADDS_IDS:
        row = {**row, "id": name, "group_id": group, "repeat_of": ""}
    return orjson.dumps(row, option=_AS_LINE)


_AS_LINE = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def _first_question(record: Record, keys: Sequence[str]) -> str:
    """Return what decides the side of a record: its cluster of prompts, or its first question."""
    if record.tags.prompt_cluster:
        return record.tags.prompt_cluster
    grown = [normalize_prompt(parent.grown_from) for parent in record.parents if parent.grown_from]
    return min(grown) if grown else root(record.context, keys)


def _redacted(
    identity: str, record: Record, verdicts: Mapping[str, tuple[str, str]]
) -> tuple[str, Record, Counter[tuple[str, str]]]:
    """Return the id of a record and the record with placeholders for what must not be learned.

    And how many places were replaced, by what was found and who decided so.
    """
    places = Counter[tuple[str, str]]()

    def find(text: str) -> list[Span]:
        spans = [span for span in private_spans(text) if span.verdict in verdicts]
        places.update(verdicts[span.verdict] for span in spans)
        return spans

    redacted = redacted_record(record, find)
    name = identity if redacted is record else record_id(redacted)
    return name, redacted, places


def _is_whole(example: Record, record: Record) -> bool:
    """Return whether an example has all content of its record, so that both have one id."""
    if isinstance(example, Comparison) and isinstance(record, Comparison):
        same = example.candidates in (record.candidates, record.candidates[::-1])
        return same and example.strength == record.strength
    return example is record


def _columns(example: Record) -> tuple[int, int, int, bool | None, int]:
    """Return tokens, answer, other, good, strength."""
    asked = estimated_tokens(example.context) + tool_tokens(example.tools)
    if isinstance(example, Comparison):
        chosen, rejected = (candidate.turns for candidate in example.candidates)
        tokens = asked + max(estimated_tokens(chosen), estimated_tokens(rejected))
        strength = STRENGTHS[example.strength]
        return tokens, answer_hash(chosen), answer_hash(rejected), None, strength
    good = example.good if isinstance(example, Judgement) else None
    response = example.response
    return asked + estimated_tokens(response), answer_hash(response), 0, good, 0


def _small(quality: int | None) -> int | None:
    """Return a quality, which should be 1 to 5, within what its column holds."""
    return None if quality is None else max(-128, min(quality, 127))


def _known(signal: float | None) -> float | None:
    """Return a signal, None for one that was given as "nan"."""
    return None if signal is None or isnan(signal) else signal


def _fact_key(record: Record) -> FactKey:
    """Return what the facts of a record depend on: few records differ in it, so few are built."""
    parents = [(p.source, p.licence, p.annotator, text_origin(record, p)) for p in record.parents]
    return (record.tags.language, *parents)


def _facts(key: FactKey) -> Facts:
    language, *parents = key
    found: dict[tuple[str, str], None] = {}
    if language:
        found["language", language] = None
    for source, licence, annotator, origin in parents:
        found["source", source or "unstated"] = None
        found["licence", licence or "unstated"] = None
        if annotator:
            found["annotator", annotator.split(":")[0]] = None
        found["origin", f"{annotator or 'unstated'} {origin}"] = None
    return tuple(found)
