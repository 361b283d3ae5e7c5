"""What a model makes of records: signals for hard examples, and for labels to check again."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from goldleaf.core.errors import UsageError
from goldleaf.core.files import replacing
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.model_signals import (
    CHUNK,
    LOGPROB,
    PARTS,
    RANK,
    ModelSignals,
    SignalsReport,
)
from goldleaf.workflows.open_generators import ModelChoice, open_one

if TYPE_CHECKING:
    from goldleaf.generation.generator import Generator


def signals(
    source: Path | str,
    out: Path | str,
    models: ModelChoice | Generator = ModelChoice(),  # noqa: B008 - frozen
    *,
    parts: Sequence[str] = (),
    samples: int = 3,
    temperature: float = 1.0,
    settings: Settings | None = None,
    limit: int | None = None,
    lists: bool = False,
    on_hosts: Callable[[list[str]], None] = lambda hosts: None,
    progress: Callable[[float], None] = lambda records: None,
) -> SignalsReport:
    """Have a model read records, and write them with what it makes of them (`Tags.signals`).

    | signal | what it is | of which records |
    |---|---|---|
    | `response_logprob` | mean log-probability of a token of the response | with a response |
    | `response_logprob_rank` | the share of the set whose response is likelier, 0 to 1 | the same |
    | `sample_disagreement` | how far the model's own answers differ, 0 to 1 | with a prompt |
    | `reference_mismatch` | the share of its answers that come to something else | checkable |
    | `judge_doubt` | the share of pairs of which two orders disagree | comparisons |
    | `judge_contradicts` | the share of people's ranks that it orders otherwise | ranked ones |

    `judge_contradicts` of a demonstration is 1 where both orders prefer the model's own answer,
    else 0. A response is that of a demonstration or judgement, and the best answer of a ranked
    comparison. Answers are kept in `OUT.answers`: a run that was killed goes on; log-probabilities
    are computed anew.

    Args:
        source: `records.jsonl`, `project:NUMBER` or a Label Studio JSON export.
        out: the file of records, replaced when all is done.
        models: which model, or one that is open already.
        parts: of `PARTS`; by default all that this model can do.
        samples: answers of the model to each prompt, for `samples`, `reference` and `judge`.
        temperature: of these answers.
        settings: a model where none is named, and where Label Studio is; read from `goldleaf.toml`
            and `GOLDLEAF_*` by default.
        limit: read this many inputs only.
        lists: whether to show two lists in the data manager of the project that is read: labels to
            check, and what is hard. Tasks without an answer are then read as well; `out` has none.
        on_hosts: called with the servers that texts are sent to, before any is.
        progress: called with how many records are done.

    Raises:
        UsageError: the source, the model or a part cannot be used.
        NothingUsable: no record got a signal.
        GoldleafError: the model cannot be used by anyone, or a file cannot be written.
    """
    from goldleaf.core.records_jsonl import to_line
    from goldleaf.generation.answer_store import AnswerStore
    from goldleaf.workflows.curation_sources import open_curation_source
    from goldleaf.workflows.label_studio_connection import open_studio
    from goldleaf.workflows.signal_lists import SeenTask, lists_of, show_lists, unanswered

    _check(parts, samples, temperature)
    settings, out = settings or load(), Path(out)
    project = _project_of(str(source)) if lists else None
    opened = open_curation_source(str(source), settings)
    with ExitStack() as stack:
        model = stack.enter_context(open_one(models, settings))
        store = stack.enter_context(AnswerStore(out.with_name(f"{out.name}.answers")))
        spill = stack.enter_context(tempfile.TemporaryFile())
        studio = stack.enter_context(closing(open_studio(settings))) if project else None
        on_hosts(model.hosts)
        run = ModelSignals(model.all[0], parts or PARTS, samples, temperature, chosen=bool(parts))
        written: list[dict[str, float]] = []
        seen: list[SeenTask] = []
        waiting = unanswered(studio, project) if studio and project else ()
        stream = islice(chain(opened.readings, waiting), limit)
        while chunk := list(islice(stream, CHUNK)):
            for record, measured in run.chunk(store, chunk):
                task = next((p.task for p in record.parents if p.project == project), None)
                answered = any(parent.annotation is not None for parent in record.parents)
                if project and task is not None:
                    seen.append(SeenTask(task, answered, measured))
                if answered or not project:
                    spill.write(to_line(record) + b"\n")
                    written.append(measured)
            progress(run.report.read)
        opened.check()
        _add_ranks([*written, *(each.signals for each in seen if not each.answered)])
        run.finish(written, str(source), needed=not seen)
        if written:
            spill.seek(0)
            _write(out, spill, written)
        if studio and project:
            run.report.lists = show_lists(studio, project, lists_of(seen), settings.language)
    return run.report


def _project_of(source: str) -> int:
    scheme, _, number = source.partition(":")
    if scheme != "project" or not number.isdigit():
        raise UsageError(
            "Lists are shown in a project.", where="--lists", fix="give project:NUMBER as source"
        )
    return int(number)


def _check(parts: Sequence[str], samples: int, temperature: float) -> None:
    from goldleaf.core.nearest_name import nearest_or_all

    for part in parts:
        if part not in PARTS:
            fix = nearest_or_all(part, PARTS, "parts are")
            raise UsageError(f"There is no part {part!r}.", where="--part", fix=fix)
    if samples > 1 and temperature == 0:
        raise UsageError(
            "At temperature 0 a model gives the same answer each time.",
            where="--temperature",
            fix="give a temperature above 0",
        )


def _add_ranks(found: Sequence[dict[str, float]]) -> None:
    """Add the share of responses that are likelier, of all that have a log-probability."""
    known = sorted(each[LOGPROB] for each in found if LOGPROB in each)
    for each in found:
        if LOGPROB in each:
            likelier = len(known) - bisect_right(known, each[LOGPROB])
            each[RANK] = round(likelier / len(known), 6)


def _write(out: Path, lines: Iterator[bytes] | object, found: Sequence[dict[str, float]]) -> None:
    from goldleaf.core.records_jsonl import from_line, to_line

    with replacing(out) as file:
        for line, measured in zip(cast("Iterator[bytes]", lines), found, strict=True):
            record = from_line(line)
            tags = replace(record.tags, signals={**record.tags.signals, **measured})
            file.write(to_line(replace(record, tags=tags)) + b"\n")
