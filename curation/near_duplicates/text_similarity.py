"""Are two rows, or two prompts, nearly the same: real Jaccard of 5-grams, then what differs.

The limits are measured (Alpaca with planted copies; benchmarks/near_duplicates.py): prompts share
30 % of their 5-grams or one holds 85 % of the other's; answers 50 % or 85 %. Rows of one question
with two answers, the usual case in preference data, are not merged by them, as they are by a
similarity of prompt and answer together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from goldleaf.curation.near_duplicates.text_differences import (
    Differences,
    Words,
    differences,
    more_numbers,
    other_numbers,
    same_content,
)

PROMPT_JACCARD = 0.3
ANSWER_JACCARD = 0.5
CONTAINMENT = 0.85
CONTAINED_PART = 0.25
"""Size of a text by that of the one that contains it, at least: a line of a page is no copy."""
LEAST_CONTAINED = 20
"""Shingles of a text that may count as contained in a longer one."""
LONG_ANSWER = 60
"""Characters (Chinese ones count double) from which an answer tells its question."""
SAME_NUMBERS = 0.8
"""Share of equal 5-grams of prompts, below which one may have no two numbers more."""
SIMILAR_PROMPT = 0.5
"""Share of equal 5-grams from which a prompt gives another one away, whatever differs; one that is
inside another one does too."""
TYPED_RATIO = 0.8
"""Share of characters that stay in a misspelt short text, by edit distance with transpositions."""
TYPED_JACCARD = 0.25
"""Below this no text with so few typing errors was seen."""
VERY_SHORT = 80
"""Characters up to which the words of content decide, in any order: 5-grams are too few."""
SHORT = 400
"""Characters up to which two texts are compared by edit distance: it is quadratic."""


@dataclass(frozen=True)
class TextPair:
    """Two texts and how many 5-grams they share.

    Attributes:
        one: the first text.
        other: the second.
        shared: distinct shingles that both have.
        counts: distinct shingles of each.
    """

    one: Words
    other: Words
    shared: int
    counts: tuple[int, int]

    @property
    def jaccard(self) -> float:
        """Shared shingles of all, 0 to 1; two empty texts are the same."""
        if self.one.folded == self.other.folded:
            return 1.0
        return self.shared / max(1, sum(self.counts) - self.shared)

    @property
    def contained(self) -> bool:
        """Whether one of them is in the other."""
        smaller = min(self.counts)
        if smaller < max(LEAST_CONTAINED, CONTAINED_PART * max(self.counts)):
            return False
        return self.shared >= CONTAINMENT * smaller

    @cached_property
    def differences(self) -> Differences:
        """In what they differ."""
        return differences(self.one, self.other)

    def alike(self, least: float) -> bool:
        """Return whether `least` of the shingles are equal, or one text is in the other.

        Short texts are alike too if few characters were typed wrong: a letter takes five shingles.
        """
        jaccard = self.jaccard
        if jaccard >= least or self.contained:
            return True
        lengths = len(self.one.folded), len(self.other.folded)
        short = max(lengths) <= VERY_SHORT
        if max(lengths) > SHORT or (jaccard < TYPED_JACCARD and not short):
            return False
        if min(lengths) >= TYPED_RATIO * max(lengths) and self._typed():
            return True
        return short and same_content(self.one, self.other)

    def _typed(self) -> bool:
        from rapidfuzz.distance import OSA

        one, other = self.one.folded, self.other.folded
        return OSA.normalized_similarity(one, other, score_cutoff=TYPED_RATIO) >= TYPED_RATIO


def duplicate_score(prompt: TextPair, answer: TextPair) -> float:
    """Return how alike two rows are by their prompts and answers, or 0 if no duplicates."""
    if not (answer.alike(ANSWER_JACCARD) and prompt.alike(PROMPT_JACCARD)):
        return 0.0
    if other_numbers(prompt.one, prompt.other) or other_numbers(answer.one, answer.other):
        return 0.0
    if prompt.jaccard < SAME_NUMBERS and more_numbers(prompt.one, prompt.other):
        return 0.0
    asked = prompt.differences
    if _other_value(asked, answer):
        return 0.0
    if min(_extent(answer.one.folded), _extent(answer.other.folded)) < LONG_ANSWER:
        said = answer.differences
        if not (asked.overlooked and said.overlooked):
            return 0.0
    return max(0.01, (prompt.jaccard + answer.jaccard) / 2)


def prompt_score(prompt: TextPair) -> tuple[float, bool]:
    """Return how alike two prompts are, or 0, and whether they ask the same.

    Alike are prompts that ask the same, or that share so much that one of them in training gives
    the other one away in a test.
    """
    if not prompt.alike(PROMPT_JACCARD):
        return 0.0, False
    jaccard = prompt.jaccard
    same = prompt.differences.overlooked and not other_numbers(prompt.one, prompt.other)
    if not same and jaccard < SIMILAR_PROMPT and not prompt.contained:
        return 0.0, False
    return max(0.01, jaccard), same


def _other_value(asked: Differences, answer: TextPair) -> bool:
    """Return whether each row has a word in prompt and answer that the other has in neither.

    So differ rows of one template: "the capital of France" in both, "the capital of Gabon" in both.
    """
    if not (asked.one and asked.other):
        return False
    one, other = answer.one.tokens, answer.other.tokens
    first = any(word in one and word not in other for word in asked.one)
    return first and any(word in other and word not in one for word in asked.other)


def _extent(folded: str) -> int:
    """Return the length of a text in characters, Chinese ones counted double."""
    wide = 0 if folded.isascii() else sum(each > "\u3000" for each in folded[:LONG_ANSWER])
    return len(folded) + wide
