"""What follows from an audit of pairs: what was found, what to drop, what to collect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from goldleaf.core.translations import Translations
from goldleaf.curation.pair_audit.biases import BiasRate
from goldleaf.curation.pair_audit.pair_audit import CAP, PairAudit

Called = Callable[[str], str]
"""Turns a pseudonym into what an annotator is called on a page."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence: `found`, `drop` or `collect`."""

    part: Literal["found", "drop", "collect"]
    text: str


def advice(audit: PairAudit, words: Translations, called: Called = str) -> tuple[Advice, ...]:
    """Return what was found and what follows, in the reader's language."""
    found = (Advice("found", text) for text in _found(audit, words, called))
    drop = (Advice("drop", text) for text in _drop(audit, words))
    collect = (Advice("collect", text) for text in _collect(audit, words, called))
    return (*found, *drop, *collect)


def percent(share: float) -> str:
    """Return a share as a whole per cent."""
    return f"{100 * share:.0f} %"


def interval_text(rate: BiasRate) -> str:
    """Return the interval of a share: `41–59 %`."""
    return range_text(rate.low, rate.high)


def range_text(low: float, high: float) -> str:
    """Return an interval of shares as text: `41–59 %`."""
    return f"{100 * low:.0f}–{percent(high)}"


def who_of(rate: BiasRate, words: Translations, called: Called) -> str:
    """Return whose rate it is: an annotator, or the whole set."""
    return called(rate.annotator) if rate.annotator else words("pairs.set")


def _found(audit: PairAudit, words: Translations, called: Called) -> Iterator[str]:
    for measure in ("first", "longer"):
        for rate in audit.reported(measure):
            yield words(
                f"pairs.found_{measure}",
                who=who_of(rate, words, called),
                rate=percent(rate.rate),
                interval=interval_text(rate),
                trials=f"{rate.trials:,}",
            )
    if audit.contradicted:
        counts = {"count": f"{audit.contradicted:,}", "repeated": f"{audit.repeated:,}"}
        yield words("pairs.found_contradicted", **counts)
    if audit.near:
        yield words("pairs.found_near", count=f"{audit.near:,}")
    if audit.score_against:
        counts = {"count": f"{audit.score_against:,}", "trials": f"{audit.scored:,}"}
        yield words("pairs.found_scores", **counts)
    if 2 * audit.small_delta > audit.named_models:
        counts = {"count": f"{audit.small_delta:,}", "trials": f"{audit.named_models:,}"}
        yield words("pairs.found_delta", **counts)


def _drop(audit: PairAudit, words: Translations) -> Iterator[str]:
    if audit.near:
        yield words("pairs.drop_near", count=f"{audit.near:,}")
    chat = next((gap for gap in audit.gaps if gap.pair_class == "chat"), None)
    if chat and chat.over:
        about = {"class": words("pairs.class_chat"), "name": "chat", "cap": CAP}
        yield words("pairs.drop_gap", count=f"{chat.over:,}", **about)
    if audit.score_against:
        yield words("pairs.drop_scores", count=f"{audit.score_against:,}")


def _collect(audit: PairAudit, words: Translations, called: Called) -> Iterator[str]:
    for rate in audit.reported("longer"):
        if not rate.annotator:
            key = "shorter" if rate.rate > 0.5 else "longer"
            missing = abs(2 * rate.hits - rate.trials)
            yield words(f"pairs.collect_{key}", count=f"{missing:,}")
    people = [called(rate.annotator) for rate in audit.reported("first") if rate.annotator]
    if people:
        yield words("pairs.collect_first", names=words.listed(people))
    if audit.contradicted:
        yield words("pairs.collect_again", count=f"{audit.contradicted:,}")
    if 2 * audit.small_delta > audit.named_models:
        yield words("pairs.collect_delta", count=f"{audit.small_delta:,}")
    if 2 * (unknown := audit.deltas.get("unknown", 0)) > audit.pairs:
        yield words("pairs.collect_names", count=f"{unknown:,}")
