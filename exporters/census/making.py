"""Examples and their rows, record by record: one row of columns each, and a line in a spool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Hashable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from goldleaf.core.errors import BadRow
from goldleaf.core.prompt_normalization import prompt_key
from goldleaf.core.record_hash import group_id, keyed_group_id, prompt_keys, record_id
from goldleaf.core.records import Comparison, Judgement, Record
from goldleaf.exporters.census.behaviours import OwnBehaviours, shown
from goldleaf.exporters.census.columns import Columns
from goldleaf.exporters.census.decisions import text_origin
from goldleaf.exporters.census.examples import USES, examples_of, use_of
from goldleaf.exporters.census.fingerprints import answer_print, luck, prompt_print, shape
from goldleaf.exporters.census.lengths import estimated_tokens, tool_tokens
from goldleaf.exporters.census.made import Facts, Made
from goldleaf.exporters.census.pairs import STRENGTHS
from goldleaf.exporters.census.risky_texts import risk_of
from goldleaf.exporters.census.split import held_out, root
from goldleaf.exporters.census.spools import first_offset, spool_file
from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.settlement.review import suspicion
from goldleaf.exporters.settlement.votes import Voting
from goldleaf.formats.format import Writer
from goldleaf.trainers.registry import writer_named

Said = tuple[str, *tuple[tuple[str, str, str, str], ...]]
"""The language of a record; source, licence, annotator, origin of each of its parents."""


@dataclass(frozen=True)
class Job:
    """What is asked of a census, so that another process can be told: the formats by name."""

    recipe: Recipe
    formats: tuple[str, ...]
    folder: Path

    @property
    def writers(self) -> list[Writer]:
        """The formats themselves."""
        return [writer_named(name) for name in self.formats]


@contextmanager
def making(job: Job, number: int) -> Generator[Making]:
    """Open the spools of all formats, each a file of that number."""
    with ExitStack() as stack:
        files = [stack.enter_context(spool_file(job.folder, f, number)) for f in job.formats]
        yield Making(job.recipe, job.writers, files, first_offset(number))


class Making:
    """Columns and spools that fill record by record."""

    def __init__(
        self, recipe: Recipe, writers: Sequence[Writer], files: Sequence[BinaryIO], start: int
    ) -> None:
        import polars as pl

        text, small, number = pl.String, pl.UInt32, pl.UInt64
        self.recipe, self.seed, self.test = recipe, recipe.seed, recipe.split.test
        self.signals = tuple(recipe.hard.signals)
        self.writers = list(zip(writers, files, range(len(writers)), strict=True))
        self.ends = [start] * len(writers)
        place = {"arrival": small, "place": pl.UInt16}
        self.examples = Columns(
            {
                **place,
                **{"id": text, "use": pl.Enum(USES), "test": pl.Boolean},
                **{"group": number, "prompt": number, "answer": number, "other": number},
                **{"good": pl.Boolean, "strength": pl.UInt8, "behaviours": small},
                **{"source": text, "tokens": small, "luck": number},
                **{"prototype": text, "quality": pl.Int8, "risk": pl.Boolean, "language": text},
                **{"suspicion": pl.UInt8},
                **{f"signal {name}": pl.Float64 for name in recipe.hard.signals},
            }
        )
        formats = pl.Enum([writer.NAME for writer in writers])
        self.rows = Columns(
            {
                **place,
                **{"format": formats, "table": text, "shape": small},
                **{"offset": number, "length": small, "tokens": small},
            }
        )
        self.own = OwnBehaviours(recipe.behaviours)
        self.why = Columns({"arrival": small, "reason": text, "times": number})
        self.refused = Columns({"arrival": small, "format": formats, "reason": text})
        self.facts = Columns({"arrival": small, "code": small})
        self.voting = Voting()
        self.codes: dict[Said, int] = {}
        self.shapes: dict[Hashable, int] = {}

    def make(self, arrival: int, identity: str, record: Record) -> None:
        """Make the examples and rows of one record."""
        self.facts.add(arrival, self.codes.setdefault(_said(record), len(self.codes)))
        found, reasons = examples_of(record, self.recipe)
        context, tags = record.context, record.tags
        keys = prompt_keys(context)
        group, prompt = keyed_group_id(context, keys), prompt_print(context, record.tools)
        grown = [prompt_key(parent.grown_from) for parent in record.parents if parent.grown_from]
        test = held_out(self.seed, min(grown) if grown else root(context, keys), self.test)
        source = record.parents[0].source if record.parents else ""
        self.voting.add(arrival, record, prompt, keys)
        self.voting.claim(arrival, record, found)
        signals = [tags.signals.get(name) for name in self.signals]
        place, risk = 0, risk_of(record, self.recipe.texts)
        for example in found:
            if risk and (reason := risk_of(example, self.recipe.texts)):
                reasons = Counter(reasons) + Counter([reason])
                continue
            name = identity if _is_whole(example, record) else record_id(example)
            if example.context is not context:
                group, prompt = group_id(example), prompt_print(example.context, example.tools)
            tokens, answer, other, good, strength = _columns(example)
            refusals = self._write(arrival, place, example, name, group, tokens)
            if len(refusals) == len(self.writers):
                reasons = Counter(reasons) + Counter([refusals[0][1]])
                continue
            for format, reason in refusals:
                self.refused.add(arrival, format, reason)
            self.examples.add(
                *(arrival, place, name, use_of(example), test),
                *(int(group[:16], 16), prompt, answer, other),
                *(good, strength, shown(example), source, tokens, luck(self.seed, name)),
                *(tags.prototype, _small(tags.quality), bool(tags.risk), tags.language),
                suspicion(example),
                *signals,
            )
            self.own.add(example)
            place += 1
        for reason, times in reasons.items():
            self.why.add(arrival, reason, times)

    def _write(
        self, arrival: int, place: int, example: Record, name: str, group: str, tokens: int
    ) -> list[tuple[str, str]]:
        """Spool the rows of an example in every format; return (format, reason) of refusals."""
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
                code = self.shapes.setdefault(shape(row), len(self.shapes))
                spot = (self.ends[at], len(line), tokens)
                self.rows.add(arrival, place, writer.NAME, table, code, *spot)
                self.ends[at] += len(line)
                file.write(line)
        return refusals

    def done(self) -> Made:
        """Return everything made; the spools are complete."""
        import polars.selectors as cs

        for _, file, _ in self.writers:
            file.flush()
        return Made(
            self.examples.frame()
            .with_columns(cs.float().fill_nan(None))  # a signal said as "nan"
            .with_columns(self.own.columns()),
            self.rows.frame(),
            self.why.frame(),
            self.refused.frame(),
            self.facts.frame(),
            *self.voting.done(),
            tuple(map(_facts, self.codes)),
            tuple(self.shapes),
        )


def _line(writer: Writer, row: dict[str, Any], name: str, group: str) -> bytes:
    if writer.MARKED:
        row = {**row, "id": name, "group_id": group, "repeat_of": ""}
    return orjson.dumps(row, option=_AS_LINE)


_AS_LINE = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def _is_whole(example: Record, record: Record) -> bool:
    """Tell whether an example holds all that its record does, so that both have one id."""
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
        return tokens, answer_print(chosen), answer_print(rejected), None, strength
    good = example.good if isinstance(example, Judgement) else None
    response = example.response
    return asked + estimated_tokens(response), answer_print(response), 0, good, 0


def _small(quality: int | None) -> int | None:
    """Return a quality, which should be 1 to 5, within what its column holds."""
    return None if quality is None else max(-128, min(quality, 127))


def _said(record: Record) -> Said:
    """Return what facts are made of: few records say something new, so few facts are made."""
    parents = [(p.source, p.licence, p.annotator, text_origin(record, p)) for p in record.parents]
    return (record.tags.language, *parents)


def _facts(said: Said) -> Facts:
    language, *parents = said
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
