import random
from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.curation.near_duplicates.band_kernels import BANDINGS, PROMPT, ROW, _equal_share
from goldleaf.curation.near_duplicates.common_shingles import bucket_table
from goldleaf.curation.near_duplicates.folded_texts import fold, fold_with_symbols
from goldleaf.curation.near_duplicates.near_duplicates import near_duplicates
from goldleaf.curation.near_duplicates.shingles import shingles
from goldleaf.curation.near_duplicates.signatures import least_hashes, letter_sums, signatures
from goldleaf.curation.near_duplicates.sorted_numbers import sort_runs, sorted_numbers
from goldleaf.curation.near_duplicates.spellings import misspelt
from goldleaf.curation.near_duplicates.text_differences import (
    OTHER_LETTERS,
    Differences,
    other_numbers,
)
from goldleaf.curation.near_duplicates.text_outlines import outlines
from goldleaf.curation.near_duplicates.text_similarity import (
    ANSWER_JACCARD,
    PROMPT_JACCARD,
    TextPairs,
    may_be_alike,
)
from goldleaf.curation.near_duplicates.text_table import ShingleTable, TextTable, _distinct
from goldleaf.curation.near_duplicates.word_table import word_table

WORDS = "amber brook cedar delta ember the fjord grove of heath 12 islet 长 江 的 7".split()
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), min_size=1)


def signed(texts):
    return signatures(least_hashes(fold(texts), bucket_table([]))[0][:, 0])


@pytest.mark.parametrize("size", [30, 300])
def test_signatures_agree_as_often_as_shingles_do(size):
    generator = random.Random(size)
    estimated, real = [], []
    for _ in range(40):
        letters = generator.choices("abcdefghijklmnop", k=size)
        changed = letters.copy()
        changed[: size // 3] = generator.choices("qrstuvwxyz", k=size // 3)
        texts = ["".join(letters), "".join(changed)]
        one, other = signed(texts)
        estimated.append((one == other).mean())
        sets = [{text[place : place + 5] for place in range(size - 4)} for text in texts]
        real.append(len(sets[0] & sets[1]) / len(sets[0] | sets[1]))
    assert np.mean(estimated) == pytest.approx(np.mean(real), abs=0.03)


@settings(max_examples=30)
@given(TEXTS)
def test_a_signature_depends_on_its_text_alone(texts):
    together = signed(texts)
    assert all((signed([text])[0] == row).all() for text, row in zip(texts, together, strict=True))


@settings(max_examples=50)
@given(TEXTS)
def test_shared_shingles_are_those_of_sets(texts):
    distinct = list(dict.fromkeys(texts))
    table = TextTable(distinct)
    one, other = (side.ravel() for side in np.indices((len(distinct), len(distinct))))
    sets = [
        {text[place : place + 5] for place in range(max(1, len(text) - 4))} if text else set()
        for text in map(table.folded, range(len(distinct)))
    ]
    expected = [len(sets[a] & sets[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    assert table.shingles.shared(one, other).tolist() == expected


def test_pairs_of_many_shingles_are_compared_in_parts():
    hashes = np.arange(150_000, dtype=np.int32)
    table = ShingleTable(np.tile(hashes, 2), np.array([150_000, 150_000]))
    assert table.shared(np.array([0, 0, 1]), np.array([1, 0, 0])).tolist() == [150_000] * 3


def test_a_table_of_texts_that_are_folded_already_is_that_of_the_texts():
    # More texts than are put in order at once, empty ones among them.
    generator = random.Random(0)
    texts = ["".join(generator.choices("abc 你好", k=size % 90)) for size in range(150)]
    texts = list(dict.fromkeys(texts))
    whole, numbers = fold(texts), np.arange(50, len(texts))
    table = TextTable(texts)
    for known in (whole.some(numbers), whole.slice(slice(50, len(texts)))):
        other = TextTable(texts, known)
        for name in ("characters", "starts", "lengths", "extents", "forms"):
            assert np.array_equal(getattr(table, name), getattr(other, name)), name
        assert np.array_equal(table.shingles.hashes, other.shingles.hashes)
    counts = [TextTable([text]).shingles.counts[0] for text in texts]
    assert table.shingles.counts.tolist() == counts


@settings(max_examples=50)
@given(TEXTS, st.integers(1, 12))
def test_no_pair_that_is_alike_is_lost_by_its_outlines(texts, times):
    distinct = list(dict.fromkeys(" ".join([text] * times) for text in texts))
    table, bits = TextTable(distinct), outlines(distinct)
    one, other = (side.ravel() for side in np.indices((len(distinct), len(distinct))))
    for least in (PROMPT_JACCARD, ANSWER_JACCARD):
        alike = TextPairs(table, one, other).alike(least)
        assert (may_be_alike(bits, one, other, least) | ~alike).all()


def test_outlines_tell_other_texts_apart():
    generator = random.Random(0)
    texts = ["".join(generator.choices("abcdefghijklmnop ", k=3_000)) for _ in range(3)]
    texts.append(texts[0][:1_600] + texts[1][:1_600])
    found = may_be_alike(outlines(texts), np.array([0, 0, 0]), np.array([1, 2, 3]), ANSWER_JACCARD)
    assert found.tolist() == [False, False, True]


@settings(max_examples=50)
@given(TEXTS)
def test_words_of_texts_are_those_between_spaces_and_each_chinese_character(texts):
    distinct = list(dict.fromkeys(texts))
    words = TextTable(distinct)
    words.read_words(np.arange(len(distinct)))
    for number, text in enumerate(distinct):
        expected = Counter(word for word in text.split() if not word.isdigit())
        own = range(*words.words.offsets[number : number + 2].tolist())
        assert {words.word(place): int(words.words.counts[place]) for place in own} == expected
        assert words.words.totals[number] == expected.total()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("What is the capital of France?", "Please, what is the captial of France", True),
        ("What is the capital of France?", "What is the capital of Gabon?", False),
        ("法国的首都是哪里？", "请问法国首都是哪里", True),
        ("Who wrote the history of Rome?", "Hi, who wrote the history of Rome?", True),
        ("How do I sort a list in C#?", "How do I sort a list in C++?", False),
    ],
)
def test_what_a_reader_overlooks(one, other, same):
    table = TextTable([one, other])
    assert Differences(table, np.array([0]), np.array([1])).overlooked.tolist() == [same]


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("born in 2019", "born in 2 019", False),
        ("ages 18-25岁", "ages 18-2岁5", False),
        ("12 and 18", "12 and 81", True),
        ("1,200 people", "1200 people", False),
        ("two of 7", "2 of seven", False),
        ("in 2020", "in 2021", True),
    ],
)
def test_the_same_digits_in_the_same_order_are_the_same_numbers(one, other, differ):
    table = TextTable([one, other])
    assert other_numbers(table, np.array([0]), np.array([1])).tolist() == [differ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("recieve", "receive", True),
        ("books", "book", True),
        ("walked", "walk", True),
        ("austria", "australia", False),
        ("cats", "bats", False),
        ("co2", "co2", False),
        ("长", "长", False),
        ("a" * 25, "a" * 25, False),
    ],
)
def test_misspelt_words(one, other, same):
    assert misspelt(one, other) == same


@settings(max_examples=50)
@given(st.lists(st.text("abedsé1长", min_size=1, max_size=9), max_size=20))
def test_words_have_the_keys_of_their_spellings(words):
    def spellings(word):
        if not word.isalpha() or len(word) < 2:
            return set()
        found = {word, *([word[:-1]] if word[-1] == "s" else ())}
        found.update([word[:-2]] if word.endswith("ed") else ())
        found.update("".join(sorted(word)) + "*" for _ in range(len(word) > 2))
        found.update(word[:n] + word[n + 1 :] for n in range(len(word)) if len(word) > 4)
        return found

    for one in words:
        for other in words:
            assert misspelt(one, other) == bool(spellings(one) & spellings(other))


def test_symbols_with_a_meaning_are_kept_apart():
    _, marks, counts = fold_with_symbols(["a + b.", "3.5 - -2", "price: $4, ¥5"])
    assert "".join(map(chr, marks)) == "+.-$¥"
    assert counts.tolist() == [1, 2, 2]


def test_letters_in_any_order_have_the_same_sum():
    one, other, third = letter_sums(fold(["天气预报", "天预 气报", "天气预告"])).tolist()
    assert one == other != third


def test_short_rows_with_swapped_characters_are_found(tmp_path):
    rows = [
        ("1", "谁是美国第一任总统？", "美国第一任总统是乔治·华盛顿。"),
        ("2", "谁是美第国一任总统？", "美国第一任总统乔是治·华盛顿。"),
        ("3", "命名一项极限运动。", "蹦极。"),
        ("4", "命名一项限极运动。", "蹦极。"),
        ("5", "Name an extreme sport.", "Bungee jumping."),
    ]
    found = near_duplicates(
        pl.DataFrame(rows, schema=["record", "prompt", "answer"], orient="row"), tmp_path
    )
    assert found.select("record", "verdict", "of").rows() == [
        ("2", "duplicate", "1"),
        ("4", "duplicate", "3"),
    ]


STEMS = st.text("abdeis", min_size=4, max_size=8)
ENDINGS = st.sampled_from(["", "s", "ed"])


@settings(max_examples=300)
@given(STEMS, st.integers(0, 3), st.sampled_from(["", "k", "kl"]), ENDINGS, ENDINGS)
def test_misspelt_words_have_nearly_the_same_letters(stem, place, put, ending, other_ending):
    one, other = stem + ending, stem[:place] + put + stem[place + 1 :] + other_ending
    words = word_table([one, other], fold([one, other]))
    first, second = (int(each) for each in words.letters)
    if misspelt(one, other):
        assert (first ^ second).bit_count() <= OTHER_LETTERS


@pytest.mark.parametrize("count", [0, 1, 2, 4_096, 4_097, 20_000])
@pytest.mark.parametrize("kind", [np.uint32, np.uint64])
def test_numbers_and_runs_of_them_are_put_in_order(count, kind):
    drawn = np.random.default_rng(count)
    values = drawn.integers(0, np.iinfo(kind).max, count, kind, endpoint=True)
    values[::3] = 7
    before = values.copy()
    found = sorted_numbers(values)
    assert found.dtype == kind
    assert found.flags.writeable
    assert np.array_equal(found, np.sort(before))
    assert np.array_equal(values, before)
    offsets = np.sort(np.append(drawn.integers(0, count, 50, endpoint=True), [0, count]))
    sort_runs(values, offsets)
    for start, end in pairwise(offsets.tolist()):
        assert np.array_equal(values[start:end], np.sort(before[start:end]))


@pytest.mark.parametrize("kind", [ROW, PROMPT])
def test_equal_values_are_counted_part_by_part(kind):
    drawn = np.random.default_rng(5)
    widths = [width for _, width in BANDINGS[kind]]
    values = drawn.integers(0, 3, (30, sum(widths)), np.uint16)
    one, other = drawn.integers(0, 30, (2, 200))
    found = _equal_share(values, one, other, kind)
    for pair, (first, second) in enumerate(zip(one, other, strict=True)):
        equal = np.split(values[first] == values[second], np.cumsum(widths)[:-1])
        assert found[pair] == max(part.sum() * 1000 // len(part) for part in equal)
    assert (found[one == other] == 1000).all()


def test_distinct_hashes_of_texts_of_which_neighbours_are_equal():
    folded = fold(["", "tea for two", "tea for two", "a", "a", "", "abab" * 40, "b", ""])
    hashes, counts = _distinct(folded)
    whole, offsets = shingles(folded)
    wanted = [np.unique(whole[start:end] >> 1) for start, end in pairwise(offsets.tolist())]
    assert counts.tolist() == [len(each) for each in wanted]
    assert np.array_equal(hashes, np.concatenate(wanted).astype(np.int32))
