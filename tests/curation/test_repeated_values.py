"""Values that occur more than once, whatever their order."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.curation.repeated_values import is_repeated, repeated_values


@given(st.lists(st.integers(0, 6), max_size=12))
def test_what_occurs_more_than_once(values):
    found = repeated_values(pl.Series(values, dtype=pl.UInt64))
    assert found.to_list() == sorted({each for each in values if values.count(each) > 1})
    said = is_repeated(pl.Series(values, dtype=pl.UInt64))
    assert said.to_list() == [values.count(each) > 1 for each in values]
