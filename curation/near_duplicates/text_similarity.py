"""Are two rows, or two prompts, nearly the same: real Jaccard of 5-grams, then what differs.

The limits are measured (Alpaca with planted copies; benchmarks/near_duplicates.py): prompts share
30 % of their 5-grams or one holds 85 % of the other's; answers 50 % or 85 %. Rows of one question
with two answers, the usual case in preference data, are not merged by them, as they are by a
similarity of prompt and answer together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.answer_likeness import (
    alike_beyond_prompt,
    digit_lost,
    other_result,
)
from goldleaf.curation.near_duplicates.text_differences import (
    Differences,
    Lacking,
    more_numbers,
    other_numbers,
)
from goldleaf.curation.near_duplicates.text_outlines import Outlines
from goldleaf.curation.near_duplicates.text_table import VERY_SHORT, TextTable

Array = np.ndarray[Any, Any]

PROMPT_JACCARD = 0.3
ANSWER_JACCARD = 0.5
CONTAINMENT = 0.85
CONTAINED_PART = 0.25
"""Size of a text by that of the one that contains it, at least: a line of a page is no copy."""
LEAST_CONTAINED = 20
"""Shingles of a text that may count as contained in a longer one."""
LONG_ANSWER = 60
"""Characters (Chinese ones count double) from which an answer tells its question."""
REPEATING = 400
"""Characters above which an answer is no copy of a short one: it says the same over and over."""
SAME_NUMBERS = 0.8
"""Share of equal 5-grams of prompts, below which one may have no two numbers more."""
LOST_DIGIT = 0.7
"""Share of equal 5-grams of answers, from which a number that is a digit short is mistyped: where
one character in forty is lost, .78 are equal."""
ALIKE_ANSWER = 0.8
"""Share of equal 5-grams from which answers are one, whatever the prompt has of them."""
SIMILAR_PROMPT = 0.5
"""Share of equal 5-grams from which a prompt gives another one away, whatever differs; one that is
inside another one does too."""
TYPED_RATIO = 0.8
"""Share of characters that stay in a misspelt short text, by edit distance with transpositions."""
TYPED_JACCARD = 0.25
"""Below this no text with so few typing errors was seen."""
SHORT = 400
"""Characters up to which two texts are compared by edit distance: it is quadratic."""


@dataclass(frozen=True)
class TextPairs:
    """Pairs of texts.

    Attributes:
        table: the texts.
        one: int64, of each pair the number of a text.
        other: likewise.
    """

    table: TextTable
    one: Array
    other: Array

    def only(self, kept: Array) -> TextPairs:
        """Return some of the pairs, by their places, with what is known of them."""
        found = TextPairs(self.table, self.one[kept], self.other[kept])
        if "shared" in self.__dict__:
            found.__dict__["shared"] = self.shared[kept]
        return found

    @cached_property
    def shared(self) -> Array:
        """How many distinct 5-grams both have."""
        found = self.table.shingles.counts[self.one]
        places = np.flatnonzero(~self.equal)
        found[places] = self.table.shingles.shared(self.one[places], self.other[places])
        return found

    @cached_property
    def equal(self) -> Array:
        """Whether they are the same, folded."""
        return self.table.forms[self.one] == self.table.forms[self.other]

    @cached_property
    def jaccard(self) -> Array:
        """Shared 5-grams of all, 0 to 1; two empty texts are the same."""
        counts = self._counts
        found = self.shared / np.maximum(1, counts[0] + counts[1] - self.shared)
        return np.where(self.equal, 1.0, found)

    @cached_property
    def contained(self) -> Array:
        """Whether one of them is in the other."""
        counts = self._counts
        smaller, larger = np.minimum(*counts), np.maximum(*counts)
        large = (smaller >= LEAST_CONTAINED) & (smaller >= CONTAINED_PART * larger)
        return large & (self.shared >= CONTAINMENT * smaller)

    @cached_property
    def differences(self) -> Differences:
        """In what they differ."""
        return Differences(self.table, self.one, self.other)

    @property
    def _counts(self) -> tuple[Array, Array]:
        return self.table.shingles.counts[self.one], self.table.shingles.counts[self.other]

    @cached_property
    def of_like_size(self) -> Array:
        """Whether both are very short, or one has a part of the other's 5-grams at least."""
        counts = self._counts
        short = np.maximum(*(self.table.lengths[side] for side in self._sides)) <= VERY_SHORT
        return short | (np.minimum(*counts) >= CONTAINED_PART * np.maximum(*counts))

    def alike(self, least: float) -> Array:
        """Return of which `least` of the 5-grams are equal, or one text is in the other.

        Short texts are alike too if few characters were typed wrong: a letter takes five 5-grams.
        """
        found = (self.jaccard >= least) | self.contained
        lengths = self.table.lengths[self.one], self.table.lengths[self.other]
        longer, shorter = np.maximum(*lengths), np.minimum(*lengths)
        short = longer <= VERY_SHORT
        maybe = ~found & (short | ((longer <= SHORT) & (self.jaccard >= TYPED_JACCARD)))
        places = np.flatnonzero(maybe & (shorter >= TYPED_RATIO * longer))
        if len(places):
            found[places] = self.only(places)._typed()
        places = np.flatnonzero(maybe & ~found & short)
        if len(places):
            found[places] = self.only(places)._same_content()
        return found

    def _typed(self) -> Array:
        """Return which differ in few characters."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        # A character more or less in one text, or another one, is one edit at least.
        texts, places = np.unique(np.stack(self._sides), return_inverse=True)
        folded = self.table.folded_texts(texts)
        sides = [[folded[text] for text in side] for side in places.reshape(2, -1).tolist()]
        ratios = cpdist(*sides, scorer=OSA.normalized_similarity, score_cutoff=TYPED_RATIO)
        return ratios >= TYPED_RATIO

    def _same_content(self) -> Array:
        """Return which have the same words of content and numbers, and any at all."""
        table = self.table
        table.read_words(np.concatenate(self._sides))
        found = table.numbers(self.one) == table.numbers(self.other)
        places = np.flatnonzero(found)
        if len(places):
            own = self.only(places)
            any_content = (table.numbers(own.one) > 0) | (table.content_words(own.one) > 0)
            found[places] = own.differences.same & any_content
        return found

    @property
    def _sides(self) -> tuple[Array, Array]:
        return self.one, self.other


def may_be_alike(texts: Outlines, one: Array, other: Array, least: float) -> Array:
    """Return of which pairs of texts `TextPairs.alike` may hold, judged by their outlines alone."""
    lacking = texts.lacking(one, other)
    sizes = texts.shingles[one], texts.shingles[other]
    lengths = texts.lengths[one], texts.lengths[other]
    longer, shorter = np.maximum(*lengths), np.minimum(*lengths)
    # Repetitions are counted in the sizes: those of the distinct 5-grams are less.
    shared = np.minimum(sizes[0] - lacking[0], sizes[1] - lacking[1])
    jaccard = shared / np.maximum(1, shared + lacking[0] + lacking[1])
    typed = (longer <= SHORT) & (shorter >= TYPED_RATIO * longer)
    found = (longer <= VERY_SHORT) | (jaccard >= np.where(typed, min(TYPED_JACCARD, least), least))
    for lacks, size in zip(lacking, sizes, strict=True):
        found |= lacks <= (1 - CONTAINMENT) * size + 1
    return found


@dataclass(frozen=True)
class DistinctPairs:
    """Pairs of texts, each once: rows that repeat a text repeat its pairs.

    Attributes:
        pairs: the different ones.
        places: of each pair that was given, its place among them.
    """

    pairs: TextPairs
    places: Array


def distinct_pairs(table: TextTable, one: Array, other: Array) -> DistinctPairs:
    """Return the different pairs."""
    keys, places = np.unique((one << 32) | other, return_inverse=True)
    return DistinctPairs(TextPairs(table, keys >> 32, keys & (2**32 - 1)), places)


def similar_rows(table: TextTable, prompts: Array, answers: Array) -> Array:
    """Return which pairs of rows, by their places, have answers and prompts that are alike.

    Args:
        table: the texts.
        prompts: int64 (2, pairs), the numbers of the prompts of pairs of rows.
        answers: likewise.
    """
    said = distinct_pairs(table, *answers)
    maybe = np.flatnonzero(said.pairs.of_like_size)
    alike = np.zeros(len(said.pairs.one), np.bool_)
    alike[maybe] = said.pairs.only(maybe).alike(ANSWER_JACCARD)
    left = np.flatnonzero(alike[said.places])
    asked = distinct_pairs(table, *prompts[:, left])
    return left[asked.pairs.alike(PROMPT_JACCARD)[asked.places]]


def duplicate_scores(table: TextTable, prompts: Array, answers: Array) -> Array:
    """Return how alike the rows of pairs are by their prompts and answers, 0 if no duplicates.

    Args:
        table: the texts.
        prompts: int64 (2, pairs), the numbers of the prompts of rows that are similar.
        answers: likewise.
    """
    scores = np.zeros(prompts.shape[1])
    # Here each pair counts: what differs in the prompts is looked for in the answers.
    asked_pairs, said_pairs = TextPairs(table, *prompts), TextPairs(table, *answers)
    asked_differences = asked_pairs.differences
    kept = ~_other_value(asked_differences, said_pairs)
    short = np.minimum(table.extents[said_pairs.one], table.extents[said_pairs.other]) < LONG_ANSWER
    longer = np.maximum(table.lengths[said_pairs.one], table.lengths[said_pairs.other])
    kept &= ~short | (asked_differences.overlooked & (longer <= REPEATING))
    places = np.flatnonzero(kept & short)
    kept[places] = said_pairs.only(places).differences.overlooked
    # Numbers are read last: of few texts.
    places = np.flatnonzero(kept)
    kept[places] = _same_numbers(said_pairs.only(places))
    places = np.flatnonzero(kept)
    kept[places] = _same_result(asked_pairs.only(places), said_pairs.only(places))
    places = np.flatnonzero(kept)
    near = asked_pairs.only(places)
    numbers = ~other_numbers(table, near.one, near.other)
    numbers &= (near.jaccard >= SAME_NUMBERS) | ~more_numbers(table, near.one, near.other)
    places = places[numbers]
    jaccard = asked_pairs.only(places).jaccard + said_pairs.only(places).jaccard
    scores[places] = np.maximum(0.01, jaccard / 2)
    return scores


def _same_numbers(answers: TextPairs) -> Array:
    """Return which answers have no number for another, a digit lost in a long one aside."""
    table, one, other = answers.table, answers.one, answers.other
    found = ~other_numbers(table, one, other)
    long = np.minimum(table.extents[one], table.extents[other]) >= LONG_ANSWER
    maybe = np.flatnonzero(~found & long & (answers.jaccard >= LOST_DIGIT))
    found[maybe] = digit_lost(table, one[maybe], other[maybe])
    return found


def _same_result(prompts: TextPairs, answers: TextPairs) -> Array:
    """Return which answers come to the same number, and share more than the same prompt gave."""
    table, one, other = answers.table, answers.one, answers.other
    found = np.ones(len(one), np.bool_)
    numbers = table.numbers(one) != table.numbers(other)
    differ = np.flatnonzero(numbers & (table.digits[one] != table.digits[other]))
    found[differ] = ~other_result(table, one[differ], other[differ])
    long = np.minimum(table.extents[one], table.extents[other]) >= LONG_ANSWER
    maybe = np.flatnonzero(found & long & prompts.equal & (answers.jaccard < ALIKE_ANSWER))
    own = prompts.one[maybe], one[maybe], other[maybe]
    found[maybe] = alike_beyond_prompt(table, *own)
    return found


def prompt_scores(pairs: TextPairs) -> tuple[Array, Array]:
    """Return how alike prompts of pairs are, or 0, and whether they ask the same.

    Alike are prompts that ask the same, or that share so much that one of them in training gives
    the other one away in a test.

    Args:
        pairs: of prompts that are alike by `PROMPT_JACCARD`.
    """
    asked_same = pairs.differences.overlooked.copy()
    read = np.flatnonzero(asked_same)
    asked_same[read] = ~other_numbers(pairs.table, pairs.one[read], pairs.other[read])
    near = asked_same | (pairs.jaccard >= SIMILAR_PROMPT) | pairs.contained
    return np.where(near, np.maximum(0.01, pairs.jaccard), 0.0), asked_same


def _other_value(asked: Differences, answers: TextPairs) -> Array:
    """Return whether each row has a word in prompt and answer that the other has in neither.

    So differ rows of one template: "the capital of France" in both, "the capital of Gabon" in both.
    """
    count = len(answers.one)
    both = (asked.one.counts(count) > 0) & (asked.other.counts(count) > 0)
    if not both.any():
        return both
    texts = np.unique(np.concatenate([answers.one[both], answers.other[both]]))
    said, words = answers.table.words_of(texts), answers.table.words

    def told(lacking: Lacking, own: Array, others: Array) -> Array:
        lacking = lacking.only(both[lacking.pairs])
        hashes = words.hashes[lacking.places]
        first, second = (np.searchsorted(texts, side[lacking.pairs]) for side in (own, others))
        here = (said.occurrences(first, hashes) > 0) & (said.occurrences(second, hashes) == 0)
        return np.bincount(lacking.pairs[here], minlength=count) > 0

    found = told(asked.one, answers.one, answers.other)
    return found & told(asked.other, answers.other, answers.one)
