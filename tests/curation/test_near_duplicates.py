"""Near duplicates: what goes, what stays, and that order and parts play no role."""

import pickle
import random
import tracemalloc

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldleaf.curation.engines.local import Local
from goldleaf.curation.near_duplicates import pair_kernels
from goldleaf.curation.near_duplicates.band_kernels import PROMPT
from goldleaf.curation.near_duplicates.candidate_pairs import (
    ESTIMATED,
    Banding,
    band_rows,
    closest,
    pairs_of_bands,
)
from goldleaf.curation.near_duplicates.near_duplicates import compare_rows, near_duplicates
from goldleaf.curation.near_duplicates.pair_kernels import DOCUMENTS, Compare
from goldleaf.curation.near_duplicates.placed_pairs import least_of_component, placed_together

LONG = (
    "Wash the lentils until the water runs clear, then cook them slowly with onion and cumin. "
    "Salt goes in at the end, because it keeps the skins firm for longer than anyone likes."
)
ZH = (
    "先把小扁豆洗净，再和洋葱、孜然一起用小火慢慢煮。"
    "盐要在最后放，因为太早放盐会让豆皮变硬，口感就不好了。"
)
ROWS = [
    ("a", "How do I cook lentils?", LONG),
    ("a-case", "how do i COOK lentils", LONG.upper()),
    ("a-typed", "How do I cook lentlis?", LONG.replace("slowly", "slwoly").replace("firm", "frim")),
    ("a-polite", "Please, how do I cook lentils?", LONG + " I hope this helps!"),
    ("a-other", "How do I cook lentils?", "Use a pressure cooker: eleven minutes and no soaking."),
    ("b", "怎么煮小扁豆？", ZH),
    (
        "b-traditional",
        "怎麼煮小扁豆？",
        ZH.replace("慢", "慢").replace("盐", "鹽").replace("皮变", "皮變"),
    ),
    ("b-marks", "请问怎么煮小扁豆", ZH.replace("，", ", ").replace("。", ".")),
    ("c", "What is the capital of Peru?", "Lima."),
    ("c-other", "What is the capital of Mali?", "Bamako."),
    ("d", "Say the sentiment: I love rain.", "positive"),
    ("d-other", "Say the sentiment: I love snow.", "positive"),
    ("e", "Add 12 and 30.", "The sum of both numbers is 42."),
    ("e-other", "Add 12 and 31.", "The sum of both numbers is 43."),
    ("f", "", ""),
    ("f-same", "", ""),
    ("g", "?", "!"),
    ("h", "ok", ""),
]
GONE = {
    "a-case": "a",
    "a-typed": "a",
    "a-polite": "a",
    "b-traditional": "b",
    "b-marks": "b",
    "f-same": "f",
}


def frame(rows, **columns):
    names = ("record", "prompt", "answer")
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(**columns)


def verdicts(rows, folder, **columns):
    found = near_duplicates(frame(rows, **columns), folder)
    return {record: (verdict, of) for record, verdict, of, _, _ in found.rows()}


def test_what_goes_and_what_stays():
    found = {record: (verdict, of) for record, verdict, of, _, _ in _whole().rows()}
    gone = {record: of for record, (verdict, of) in found.items() if verdict == "duplicate"}
    assert gone == GONE
    assert found["a-other"] == ("same_prompt", "a")
    assert set(found) == {*GONE, "a-other"}


def test_the_preferred_row_stays_then_the_least_id(tmp_path):
    liked = pl.Series("preference", [None, float("nan"), 0.5, 0.5, *[None] * (len(ROWS) - 4)])
    found = verdicts(ROWS, tmp_path, preference=liked)
    assert found["a"] == ("duplicate", "a-polite")
    assert "a-polite" not in found


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_order_and_parts_play_no_role(tmp_path_factory, seed, count):
    folder = tmp_path_factory.mktemp("rows")
    generator = random.Random(seed)
    rows = generator.sample(ROWS, len(ROWS))
    cuts = sorted(generator.randrange(len(rows) + 1) for _ in range(count - 1))
    paths = []
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True)):
        paths.append(folder / f"{number}.parquet")
        frame(rows[start:end]).cast(
            {"record": pl.String, "prompt": pl.String, "answer": pl.String}
        ).write_parquet(paths[-1])
    assert near_duplicates(paths, folder / "work").equals(_whole())


def _whole(known=[]):  # noqa: B006
    import tempfile
    from pathlib import Path

    if not known:
        with tempfile.TemporaryDirectory() as folder:
            known.append(near_duplicates(frame(ROWS), Path(folder)))
    return known[0]


class Sent(Local):
    """Runs kernels after a way to another process and back, without the process."""

    def map(self, data, kernel, schema):
        return super().map(data, pickle.loads(pickle.dumps(kernel)), schema)

    def exchange(self, data, kernel, schema):
        return super().exchange(data, pickle.loads(pickle.dumps(kernel)), schema)


def test_a_second_run_computes_nothing_and_kernels_may_travel(tmp_path):
    rows = frame(ROWS)
    first = compare_rows(rows, tmp_path, Sent())
    second = compare_rows(rows, tmp_path, Local())
    assert first.computed == ("forms", "pairs", "close", "compared")
    assert second.computed == ()
    assert second.alike.equals(first.alike)
    assert near_duplicates(rows, tmp_path).equals(_whole())


def test_passes_over_bands_find_what_one_pass_does(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{near_duplicates.__module__}.PASS_ROWS", 2)
    assert near_duplicates(frame(ROWS), tmp_path).equals(_whole())
    assert len(list(tmp_path.glob("pairs-*"))) > 1


ASKED = "How many bees are in the hive by the river, if there are 700 queens?"
FIRST = "There are 700*2=1400 babies. There are 1400*2=2800 workers. So there are 700+1400+2800"
GIVEN = (
    "The harbour of the town was built in three years by people from the north, who had brought "
    "their ships and stones along the coast, and who stayed there with their children afterwards."
)


def _goes(one, other, folder, prompt=ASKED):
    found = verdicts([("a", prompt, one), ("b", prompt, other)], folder)
    return found["b"][0] == "duplicate"


def test_answers_that_come_to_another_number_stay(tmp_path):
    assert not _goes(f"{FIRST} = 4900 bees.\nA: 4900", f"{FIRST} bees.\nA: 1400", tmp_path / "1")
    assert _goes(f"{FIRST} = 4900 bees.\nA: 4900", f"{FIRST} =4900 bees\nA: 4900.0", tmp_path / "2")


def test_answers_that_only_quote_their_prompt_alike_stay(tmp_path):
    prompt = f"Is this a good text? Say why.\n\n{GIVEN}"
    one = f"It is clear, well ordered and has an end that moves its readers: {GIVEN}"
    other = f"No. Too many clauses; nobody learns who paid, or when all that was. {GIVEN}"
    assert not _goes(one, other, tmp_path / "1", prompt)
    assert _goes(
        one, one.replace("clear", "celar").replace("ships", "shpis"), tmp_path / "2", prompt
    )


def test_a_digit_that_a_long_answer_lost_is_mistyped(tmp_path):
    answer = f"{GIVEN} It has 12 piers, 30 cranes, 48 boats and was opened in 1984 by the mayor."
    assert _goes(answer, answer.replace("1984", "198"), tmp_path / "1", "Tell me of the harbour.")
    other = answer.replace("1984", "1893")
    assert not _goes(answer, other, tmp_path / "2", "Tell me of the harbour.")


def test_structured_rows_go_only_if_they_are_equal(tmp_path):
    schema = "table trips (city TEXT, days INTEGER, price INTEGER, season TEXT). Question: "
    sql = "SELECT city FROM trips WHERE days > {} AND season = 'summer' ORDER BY price LIMIT 10"
    rows = [
        ("s1", schema + "Which summer trips are longer than 7 days?", sql.format(7)),
        ("s2", schema + "Which summer trips are longer than 9 days?", sql.format(9)),
        ("s3", schema + "Which summer trips take longer than 7 days?", sql.format(7)),
        ("s4", schema + "Which summer trips are longer than 7 days?", sql.format(7) + "\n"),
    ]
    found = verdicts(rows, tmp_path, structured=pl.lit(True))
    gone = {record: of for record, (verdict, of) in found.items() if verdict == "duplicate"}
    assert gone == {"s4": "s1"}


def test_rows_that_declare_other_tools_stay(tmp_path):
    rows = [(str(n), "What is the weather in Lima?", "I have no tool for that.") for n in range(3)]
    found = verdicts(rows, tmp_path, tools=pl.Series(["[a]", "[b]", "[a]"]))
    assert {record for record, (verdict, _) in found.items() if verdict == "duplicate"} == {"2"}


def test_a_text_that_very_many_rows_share_gives_few_pairs():
    keys = np.arange(5_000)
    shared = np.zeros((len(keys), 126), np.uint16)
    shared[:, 100:] = np.random.default_rng(0).integers(0, 9, (len(keys), 26))
    rows = band_rows([(keys, shared, Banding(bands=42, rows=3))])
    pairs = pl.concat(pairs_of_bands(part) for part in rows.partition_by("p")).unique()
    assert pairs.height < 42 * 4 * len(keys)
    assert closest(pairs.with_columns(equal=pl.lit(0, pl.Int32)), 24).height <= 24 * len(keys)


def test_of_many_copies_few_stay(tmp_path):
    words = "amber brook cedar delta ember fjord grove heath islet jetty knoll ledge".split()
    answers = [LONG.replace("slowly", f"slowly in a {a} {b} pot") for a in words for b in words]
    rows = [(f"{n:04}", "How do I cook lentils?", answer) for n, answer in enumerate(answers)]
    found = near_duplicates(frame(rows), tmp_path)
    assert found.filter(pl.col("verdict") == "duplicate").height > 0.8 * len(rows)


def test_no_rows(tmp_path):
    assert near_duplicates(frame([]).cast(pl.String), tmp_path).height == 0


def test_odd_texts_pass(tmp_path):
    texts = ["x", "a b", "\0\ue000\n", "长" * 3, "é\u0301", "🙂🙂", "\U0002a700" * 9, "?"]
    rows = [(f"{n}-{m}", text, text) for n, text in enumerate(texts) for m in (1, 2)]
    rows += [(f"{n}-3", text, "") for n, text in enumerate(texts)]
    found = verdicts(rows, tmp_path)
    gone = {record: of for record, (verdict, of) in found.items() if verdict == "duplicate"}
    assert gone == {f"{n}-2": f"{n}-1" for n in range(len(texts))}


def test_a_very_long_text_passes(tmp_path):
    text = "".join(random.Random(0).choices("abcdefgh 的一是", k=100_000))
    found = verdicts([("1", "?", text), ("2", "?", text[:-1] + "x")], tmp_path)
    assert found["2"] == ("duplicate", "1")


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19))))
def test_all_that_share_texts_are_compared_in_one_place(pairs):
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    least = least_of_component(20, one, other)
    expected = list(range(20))
    for _ in range(20):
        for a, b in pairs:
            expected[a] = expected[b] = min(expected[a], expected[b])
    assert least.tolist() == expected


def test_a_group_of_very_many_pairs_is_spread():
    keys = np.arange(1, 2_000)
    star = pl.DataFrame({"kind": 0, "a": 0 * keys, "b": keys}).sort("b")
    chain = pl.DataFrame({"kind": 0, "a": keys, "b": keys + 1})
    few = pl.DataFrame({"kind": 0, "a": [5_000, 5_001], "b": [5_001, 5_002]})
    pairs = pl.concat([star, chain, few]).with_columns(equal=pl.lit(500))
    placed = placed_together(pairs)
    assert placed.drop("p").equals(pairs)
    assert placed["p"].n_unique() > 4
    assert placed["p"].tail(2).n_unique() == 1


def test_of_a_group_of_very_many_pairs_the_closest_stay_together():
    one, other = np.triu_indices(20, 1)
    close = [pl.DataFrame({"a": one + 20 * n, "b": other + 20 * n}) for n in range(64)]
    loose = pl.DataFrame({"a": range(0, 1260, 20), "b": range(20, 1280, 20)})
    pairs = pl.concat(
        [*(each.with_columns(equal=900) for each in close), loose.with_columns(equal=400)]
    )
    placed = placed_together(pairs.with_columns(kind=0))
    of_close = placed.filter(pl.col("equal") == 900).group_by(pl.col("a") // 20)
    assert of_close.agg(pl.col("p").n_unique())["p"].unique().to_list() == [1]
    assert set(placed["p"].value_counts(name="pairs")["pairs"] // 190) == {4}


def compared(texts, pairs):
    """Return what `Compare` finds of pairs of prompts, and the most memory it held, in bytes."""
    count = len(texts)
    documents = pl.DataFrame(
        {"p": [0] * count, "key": range(count), "prompt": texts, "answer": [""] * count},
        schema=DOCUMENTS,
    )
    ends = {"a": [one for one, _ in pairs], "b": [other for _, other in pairs]}
    columns = {"kind": [PROMPT] * len(pairs), **ends, "equal": [900] * len(pairs)}
    compare = Compare(pl.DataFrame(columns, schema=ESTIMATED).with_columns(p=pl.lit(0, pl.Int32)))
    tracemalloc.start()
    try:
        found = compare(documents)
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("texts", "same", "other"), [(40, 4_000, 200), (150, 100, 31)])
def test_memory_grows_with_texts_not_with_their_pairs(texts, same, other, monkeypatch):
    random.seed(texts)
    words = ["".join(random.choices("abcdefghijklmn", k=8)) for _ in range(same + texts * other)]
    rows = [
        " ".join(words[:same] + words[same + n * other : same + (n + 1) * other])
        for n in range(texts)
    ]
    pairs = [(one, two) for one in range(texts) for two in range(one + 1, texts)]
    monkeypatch.setattr(pair_kernels, "_CHARACTERS", 2**21)
    found, most = compared(rows, pairs)
    few, least = compared(rows, pairs[:60])
    assert found.height == len(pairs)
    assert found.sort("a", "b").head(60).rows() == few.sort("a", "b").rows()
    assert most < least + 60 * 2**20
