"""The first of its kind, whatever the order of the rows."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.curation.duplicate_records import first_occurrence

ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), max_size=12)


@given(ROWS, st.randoms())
def test_the_least_of_those_that_agree(rows, random):
    numbered = list(enumerate(rows))
    random.shuffle(numbered)
    frame = pl.DataFrame(
        [(number, *row) for number, row in numbered],
        schema={"n": pl.Int64, "prompt": pl.String, "answer": pl.String},
        orient="row",
    )
    found = dict(zip(frame["n"], first_occurrence(frame, ["prompt", "answer"], "n"), strict=True))
    assert found == {number: rows.index(row) for number, row in enumerate(rows)}
