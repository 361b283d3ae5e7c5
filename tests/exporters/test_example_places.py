"""The examples of rows are found among those kept, and no others."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.exporters.planning.example_places import places_in

KEYS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=12)
SCHEMA = {"arrival": pl.UInt32, "place": pl.UInt16}


@given(KEYS.map(lambda keys: sorted({*keys})), KEYS)
def test_each_row_has_the_place_of_its_example(kept, rows):
    frames = (pl.DataFrame(keys, SCHEMA, orient="row") for keys in (kept, rows))
    expected = [kept.index(row) if row in kept else None for row in rows]
    assert places_in(*frames).to_list() == expected
