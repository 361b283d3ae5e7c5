"""Evaluation prompts in training rows: found by shared runs of words, then read word by word.

Candidates share a run of five tokens or a pair of rare words with an evaluation prompt. Each is
then aligned: which of the evaluation prompt's words stand in the row, weighted by how rare they
are among the evaluation prompts, in which order, with slips of the pen allowed. "Write a poem
about the sun" and "... about the moon" share all words but the one that counts.

| verdict | what it means |
|---|---|
| `contained` | the evaluation prompt stands in the prompt or the answer, nearly word by word |
| `similar` | the prompt says the same in another order, with other numbers, or without its end |

That a common question is in an evaluation set ("Who is Larry Page?") makes it no less found.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from goldleaf.curation.contamination.ngram_index import (
    Hit,
    NgramIndex,
    RarePairs,
    TokenHashes,
    extent,
    hash_of,
    run_keys,
    tokens,
)

if TYPE_CHECKING:
    from goldleaf.curation.contamination.ngram_index import Keys

NAME: Final = "contamination"
VERSION: Final = "1"
EVALUATION: Final = {"of": pl.String, "text": pl.String}
"""One row an evaluation prompt: its id and its text."""
CONTAMINATION: Final = {
    "record": pl.String,
    "verdict": pl.String,
    "of": pl.String,
    "score": pl.Float64,
    "reason": pl.String,
}
"""One row a record that holds an evaluation prompt: the likest one, `score` 0 to 1 how like."""

CONTAINED: Final = 0.9
"""Weighted share of an evaluation prompt's words that a row must have, in order."""
SIMILAR: Final = 0.8
"""The same for `similar`, in any order, and of the row's own words as well."""
SHORT: Final = 8
"""Words below which a prompt, or a piece of one, may stand in any text by chance (`extent`)."""
PIECE: Final = 0.6
"""Weighted share of an evaluation prompt from which a piece of it, word by word, is `similar`."""
CANDIDATES: Final = 12
"""Evaluation prompts that are read for a row."""
RARE: Final = 6
"""Rarest words of a prompt that are paired."""
_LINE: Final = 120
"""Characters up to which a line of a prompt is looked up as a whole evaluation prompt."""
_SLIP: Final = 75.0
"""Similarity (0 to 100) from which a word is another one mistyped."""


class Found(NamedTuple):
    """An evaluation prompt in a text: verdict, its number, how like (0 to 1), why."""

    verdict: str
    known: int
    score: float
    reason: str


class Evaluation:
    """Evaluation prompts, ready to be looked for."""

    def __init__(self, prompts: pl.DataFrame) -> None:
        """Take `EVALUATION`; the order of its rows plays no part."""
        rows = prompts.select("of", "text").unique().sort("of", "text")
        self.of: list[str] = []
        self.texts: list[str] = []
        self.whole: dict[int, int] = {}
        self.counts: Counter[str] = Counter()
        self.hashes = TokenHashes()
        self.index = NgramIndex(self._taken(rows))
        self.words = lru_cache(maxsize=20_000)(self._words)
        self.pairs = RarePairs(self.rarest(self._words(n)) for n in range(len(self.of)))

    def _taken(self, rows: pl.DataFrame) -> Iterator[Keys]:
        """Yield the keys of each prompt; of equal prompts the one with the least id is taken."""
        for identity, text in rows.iter_rows():
            found = tokens(text or "")
            key = hash_of(found)
            if found and key not in self.whole:
                self.whole[key] = len(self.of)
                self.of.append(identity)
                self.texts.append(text)
                self.counts.update(set(found))
                yield run_keys(self.hashes.of(found))

    def _words(self, known: int) -> tuple[str, ...]:
        return tuple(tokens(self.texts[known]))

    def weight(self, word: str) -> float:
        """Return how much a word says: much where few evaluation prompts have it."""
        return max(0.15, math.log((len(self.of) + 2) / (self.counts[word] + 1.5)))

    def rarest(self, words: Sequence[str]) -> list[str]:
        """Return the rarest words of a text that some evaluation prompt has."""
        known = {word for word in words if word in self.counts and not word.isdigit()}
        return sorted(known, key=lambda word: (self.counts[word], word))[:RARE]

    def in_prompt(self, prompt: str, question: str = "") -> Found | None:
        """Return the evaluation prompt that a prompt holds or resembles most."""
        words = tokens(prompt)
        asked = tokens(question) if question and question != prompt else []
        lines = [tokens(line) for line in prompt.split("\n", 50)[:50] if len(line) <= _LINE]
        for text, reason in ((words, "the whole prompt"), (asked, "the last question")):
            if (known := self.whole.get(hash_of(text))) is not None:
                return Found("contained", known, 1.0, reason)
        if len(lines) > 1:
            for line in lines:
                known = self.whole.get(hash_of(line)) if len(line) >= 3 else None
                if known is not None:
                    return Found("contained", known, 1.0, "a line of the prompt")
        found = list(self._aligned(words, self._hits(words), least=1))
        for known in self.pairs.hits(self.rarest(words)):
            found.extend(self._likened(words, known))
        return max(found, key=_order, default=None)

    def in_answer(self, answer: str) -> Found | None:
        """Return the evaluation prompt that stands in an answer."""
        words = tokens(answer)
        found = self._aligned(words, self._hits(words), least=2)
        inside = (
            each
            for each in found
            if each.verdict == "contained"
            and (each.score == 1.0 or extent(self.words(each.known)) >= 1.5 * SHORT)
        )
        best = max(inside, key=_order, default=None)
        return best._replace(reason=f"in the answer: {best.reason}") if best else None

    def _hits(self, words: Sequence[str]) -> dict[int, list[Hit]]:
        grouped: dict[int, list[Hit]] = {}
        for hit in self.index.hits(run_keys(self.hashes.of(words))):
            grouped.setdefault(hit.known, []).append(hit)
        return grouped

    def _aligned(self, words: list[str], hits: dict[int, list[Hit]], least: int) -> Iterator[Found]:
        """Yield what evaluation prompts with common runs are found to be."""
        likest = sorted(hits, key=lambda known: (-len(hits[known]), self.of[known]))
        for known in likest[:CANDIDATES]:
            wanted = self.words(known)
            if len(hits[known]) < min(least, int(self.index.kept[known])):
                continue
            slack = max(3, len(wanted) // 6)
            start = min(max(0, hit.here - hit.there - slack) for hit in hits[known][:1])
            window = words[start : start + len(wanted) + 2 * slack]
            score, numbers = self._covered(wanted, window)
            if extent(wanted) < SHORT and score >= SIMILAR:
                score *= 1.0 if self._covered(words, wanted)[0] >= 0.5 else 0.5
            from rapidfuzz.distance import LCSseq

            ordered = LCSseq.similarity(wanted, window) / len(wanted)
            if score >= CONTAINED and ordered >= 0.75 and not numbers:
                yield Found("contained", known, round(score, 3), "its words in order")
            elif (run := self._longest_run(words, wanted, hits[known][0])) >= PIECE:
                yield Found("similar", known, round(max(run, SIMILAR), 3), "a part, word by word")
            elif score >= SIMILAR:
                both = self._covered(words, wanted)[0]
                if both >= SIMILAR or (score >= CONTAINED and ordered >= 0.75):
                    reason = "other numbers" if numbers else "nearly its words"
                    yield Found("similar", known, round(min(score, max(both, SIMILAR)), 3), reason)

    def _longest_run(self, words: list[str], wanted: tuple[str, ...], hit: Hit) -> float:
        """Return the weighted share of an evaluation prompt that stands in one piece around a hit.

        0 for a piece of fewer than `SHORT` tokens.
        """
        start, end = hit.there, hit.there
        shift = hit.here - hit.there
        while start > 0 and start + shift > 0 and wanted[start - 1] == words[start + shift - 1]:
            start -= 1
        while end < len(wanted) and end + shift < len(words) and wanted[end] == words[end + shift]:
            end += 1
        if extent(wanted[start:end]) < SHORT:
            return 0.0
        whole = sum(map(self.weight, wanted))
        return sum(map(self.weight, wanted[start:end])) / whole

    def _likened(self, words: list[str], known: int) -> Iterator[Found]:
        """Yield an evaluation prompt whose words a whole prompt has, in whatever order."""
        wanted = self.words(known)
        if not len(wanted) * 0.6 <= len(words) <= len(wanted) * 1.7:
            return
        there, _ = self._covered(wanted, words)
        if there >= SIMILAR and (back := self._covered(words, wanted)[0]) >= SIMILAR:
            yield Found("similar", known, round(min(there, back), 3), "its words, otherwise put")

    def _covered(self, wanted: Sequence[str], given: Sequence[str]) -> tuple[float, int]:
        """Return the weighted share of wanted words that are given, and how many numbers differ."""
        from rapidfuzz.fuzz import ratio

        left = Counter(given)
        total = reached = 0.0
        missing: list[str] = []
        for word in wanted:
            weight = self.weight(word)
            total += weight
            if left[word] > 0:
                left[word] -= 1
                reached += weight
            else:
                missing.append(word)
        spare = [word for word, count in left.items() if count > 0 and len(word) > 3]
        numbers = 0
        for word in missing[:30]:
            numbers += word.isdigit()
            if len(word) > 3 and not word.isdigit():
                like = next((each for each in spare if ratio(word, each) >= _SLIP), None)
                if like is not None:
                    spare.remove(like)
                    reached += 0.9 * self.weight(word)
        return (reached / total if total else 0.0), numbers


def contamination(records: pl.DataFrame, evaluation: Evaluation) -> pl.DataFrame:
    """Return which records hold evaluation prompts (`CONTAMINATION`), in the order of the records.

    Args:
        records: columns `record`, `prompt`, `question`, `answer` of `RECORDS`.
        evaluation: the prompts that must not be learned.
    """
    rows: list[tuple[str, str, str, float, str]] = []
    for record, prompt, question, answer in records.select(
        "record", "prompt", "question", "answer"
    ).iter_rows():
        found = evaluation.in_prompt(prompt or "", question or "")
        if found is None or found.verdict != "contained":
            found = evaluation.in_answer(answer or "") or found
        if found is not None:
            of = evaluation.of[found.known]
            rows.append((record, found.verdict, of, found.score, found.reason))
    return pl.DataFrame(rows, schema=CONTAMINATION, orient="row")


def _order(found: Found) -> tuple[bool, float, int]:
    return found.verdict == "contained", found.score, -found.known
