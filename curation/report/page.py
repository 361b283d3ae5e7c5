"""`curation.html`: a funnel of the records, and for each screen its verdicts and ten examples.

Without scripts and network access; no clock is in it, so the same inputs produce the same bytes.
Personal data and secrets in the examples are blanked, whatever an export does with them: a page is
passed on more easily than the records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import polars as pl
import xxhash

from goldleaf.core.error_translation import translate_error
from goldleaf.core.html_page import render_page
from goldleaf.core.prototypes import prototype_title, titles_listed
from goldleaf.core.record_texts import record_texts
from goldleaf.core.records_jsonl import from_line
from goldleaf.core.translations import Translations
from goldleaf.curation.curate import Curation
from goldleaf.curation.pair_audit.audit_page import pair_part
from goldleaf.curation.private_data.redact_text import Placeholders, private_spans
from goldleaf.curation.record_store import RecordStore
from goldleaf.curation.report.funnel import FunnelStep, VerdictCount
from goldleaf.curation.report.summary import CurationSummary, title_of

EVALUATED = "contamination"
"""Its verdicts name the line of a file of evaluation prompts, not a record."""
EXAMPLES = 10
"""Records shown for a screen."""
SHOWN = 400
"""Characters of a text that are shown; around the place found, where there is one."""
BAR = 420
"""Width of the longest bar of the funnel, in units of its drawing; a page gives it what it has."""
_NAMED = "prototypes"
"""The fact that counts records by prototype."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text: what is before the place found, the place, and what is behind it."""

    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class Example:
    """One record with a verdict.

    `like` is the answer of the record that it is like, or the evaluation prompt, titled by
    `curate.{like_title}`; `like_place` is where that one is from, "" where there is none.
    """

    verdict: str
    reason: str
    place: str
    question: Excerpt
    answer: Excerpt
    like: str
    like_title: str
    like_place: str


@dataclass(frozen=True, slots=True)
class ScreenPart:
    """One screen on the page."""

    name: str
    title: str
    counts: tuple[VerdictCount, ...]
    examples: tuple[Example, ...]


def curation_page(
    summary: CurationSummary,
    found: Curation,
    store: RecordStore,
    lang: str,
    evaluations: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page as HTML.

    Args:
        summary: the counts.
        found: verdicts.
        store: the records.
        lang: `en` or `zh`.
        evaluations: (id, prompt) of the evaluations that records were compared with.
    """
    words = Translations(lang)
    context = {
        "w": words,
        "summary": summary,
        "title_of": lambda screen, verdict="": title_of(words, screen, verdict),
        "bars": list(_bars(summary.funnel)),
        "bar_width": BAR,
        "screens": list(_screens(summary, found, store, words, dict(evaluations))),
        "pairs": pair_part(summary.pair_audit, words) if summary.pair_audit else "",
        "facts": _facts(summary.facts, words),
    }
    return render_page("goldleaf.curation.report", "curation.html.jinja", context, {})


def _bars(steps: tuple[FunnelStep, ...]) -> Iterator[dict[str, Any]]:
    """Yield the bars of the funnel: what is left, and what the screen leaves out, in pixels."""
    most = max((step.before for step in steps), default=0) or 1
    for step in steps:
        left, out = (round(BAR * n / most, 1) for n in (step.after, step.left_out))
        yield {"step": step, "left": left, "out": out}


def _screens(
    summary: CurationSummary,
    found: Curation,
    store: RecordStore,
    words: Translations,
    evaluations: Mapping[str, str],
) -> Iterator[ScreenPart]:
    names = sorted({count.screen for count in summary.verdicts})
    chosen = {name: _chosen(found.verdicts.filter(screen=name)) for name in names}
    wanted = [row for rows in chosen.values() for row in rows.iter_rows(named=True)]
    texts = _texts(found, wanted)
    placed = _placed(store, wanted)
    places = store.first_places({row["of"] for row in wanted})
    for name in names:
        yield ScreenPart(
            name,
            title_of(words, name),
            tuple(count for count in summary.verdicts if count.screen == name),
            tuple(
                _example(row, texts, placed, places, evaluations, words.lang)
                for row in chosen[name].iter_rows(named=True)
            ),
        )


def _chosen(verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts to show of one screen: of each kind some, drawn by a hash."""
    first = verdicts.unique(["record", "verdict"], keep="first", maintain_order=True)
    names = first.select(pl.format("{} {}", "record", "verdict")).to_series()
    drawn = [xxhash.xxh3_64_intdigest(name.encode()) for name in names]
    mixed = first.with_columns(draw=pl.Series(drawn, dtype=pl.UInt64)).sort("draw")
    turn = mixed.with_columns(turn=pl.int_range(pl.len()).over("verdict"))
    return turn.sort("turn", "draw").head(EXAMPLES).sort("verdict", "draw")


def _texts(found: Curation, rows: list[dict[str, Any]]) -> Mapping[str, tuple[str, str]]:
    """Return record -> (question, answer) of the records shown and of those they are like."""
    ids = {row[name] for row in rows for name in ("record", "of")}
    parts = pl.scan_parquet(found.batches.paths, glob=False).select("record", "question", "answer")
    wanted = pl.Series(sorted(ids), dtype=pl.String)
    read = parts.filter(pl.col("record").is_in(wanted.implode())).collect()
    return {record: (question, answer) for record, question, answer in read.iter_rows()}


def _placed(store: RecordStore, rows: list[dict[str, Any]]) -> Mapping[tuple[str, str], str]:
    """Return (record, field) -> the text that the places of verdicts count in.

    A field with several texts, such as the arguments of a call, has none: which is not known.
    """
    ids = {row["record"] for row in rows if row["start"] is not None}
    found: dict[tuple[str, str], list[str]] = {}
    for record, line in store.merged(ids):
        for field, text in record_texts(from_line(line)):
            found.setdefault((record, field), []).append(text)
    return {key: texts[0] for key, texts in found.items() if len(texts) == 1}


def _example(
    row: Mapping[str, Any],
    texts: Mapping[str, tuple[str, str]],
    placed: Mapping[tuple[str, str], str],
    places: Mapping[str, tuple[str, int | None]],
    evaluations: Mapping[str, str],
    lang: str,
) -> Example:
    question, answer = texts.get(row["record"], ("", ""))
    place = _place(row["file"], row["line"])
    field = row["field"] or ""
    in_question = in_answer = None
    text = placed.get((row["record"], field))
    if row["start"] is not None and text is not None:  # an earlier turn, or the other answer
        spot = (row["start"], row["end"])
        if field.startswith("context"):
            question, in_question = text, spot
        else:
            answer, in_answer = text, spot
    like = texts.get(row["of"], ("", ""))[1] if row["of"] != row["record"] else ""
    named = row["of"] if row["of"] not in texts and row["screen"] == EVALUATED else ""
    if named:
        like = evaluations.get(named, "")
    numbers = Placeholders((question, answer, like))
    return Example(
        row["verdict"],
        translate_error(row["reason"], lang),
        f"{place} = {named}" if named else place,
        _excerpt(*_blanked(question, in_question, numbers)),
        _excerpt(*_blanked(answer, in_answer, numbers)),
        _cut(_blanked(like, None, numbers)[0]),
        "evaluated" if named else "same" if row["of"] == row["record"] else "like",
        "" if named or row["of"] not in places else _place(*places[row["of"]]),
    )


def _place(file: str, line: int | None) -> str:
    return file if line is None else f"{file}:{line}"


def _blanked(
    text: str, spot: tuple[int, int] | None, numbers: Placeholders
) -> tuple[str, tuple[int, int] | None]:
    """Return a text with placeholders for personal data and secrets, and the place in it."""
    while spans := sorted(private_spans(text)):
        parts, at, placed = list[str](), 0, list(spot or ())
        for span in spans:
            parts += text[at : span.start], numbers.of(span.verdict, text[span.start : span.end])
            at, length = span.end, len("".join(parts))
            for end, place in enumerate(spot or ()):
                if place >= span.end:
                    placed[end] = place + length - span.end
                elif place > span.start:  # within what is blanked: the whole placeholder is marked
                    placed[end] = length if end else length - len(parts[-1])
        blanked = "".join((*parts, text[at:]))
        if blanked == text:
            break
        text, spot = blanked, (placed[0], placed[1]) if spot else None
    return text, spot


def _excerpt(text: str, spot: tuple[int, int] | None) -> Excerpt:
    """Return a text cut to what is shown, around a place where there is one."""
    if spot is None or spot[1] > len(text) or spot[1] <= spot[0]:
        return Excerpt(_cut(text), "", "")
    start, end = spot
    first, last = max(0, start - SHOWN // 2), min(len(text), end + SHOWN // 2)
    before = ("… " if first else "") + text[first:start]
    after = text[end:last] + (" …" if last < len(text) else "")
    return Excerpt(before, _cut(text[start:end]), after)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"


def _facts(facts: Mapping[str, Any], words: Translations) -> list[tuple[str, Any]]:
    """Return what screens say of the whole set, as names and tables of names and values."""
    shown = {name: fact for name, fact in sorted(facts.items()) if fact not in ({}, [], None)}
    counts = shown.get(_NAMED, {}).items()
    titled = {prototype_title(name, words.lang): count for name, count in counts}
    return [
        (name, titled if name == _NAMED else _told(words, fact)) for name, fact in shown.items()
    ]


def _told(words: Translations, fact: Any) -> Any:
    """Return a fact in the reader's words: names of prototypes and methods, yes and no, reasons."""
    if not isinstance(fact, dict):
        return fact
    table = dict(cast("dict[str, Any]", fact))
    for key, value in table.items():
        if key == "empty_prototypes":
            table[key] = titles_listed(filter(None, value.split(", ")), words.lang)
        elif key == "style_reasons":
            table[key] = words.listed(_reason(words, one) for one in value.split("; "))
        elif isinstance(value, bool) or key == "by":
            table[key] = words.known(f"curation_fact.{str(value).lower()}") or value
    return table


def _reason(words: Translations, reason: str) -> str:
    """Return why a style has collapsed (`compression 5.20 is above 3.80`), the measure by title."""
    name, _, told = reason.partition(" ")
    return f"{words.known(f'curation_fact.{name}') or name} {translate_error(told, words.lang)}"
