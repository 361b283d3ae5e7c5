"""Tables on disk: what is read back, renumbered, and what a full disk says."""

import errno
import os

import polars as pl
import pytest

from goldleaf.exporters.ingest.column_builder import ColumnBuilder
from goldleaf.exporters.ingest.spilled_table import BATCH, concat_tables, recoded, shifted

SCHEMA = {"arrival": pl.UInt32, "code": pl.UInt32, "text": pl.String}


def table(path, rows):
    builder = ColumnBuilder(SCHEMA, path)
    for row in rows:
        builder.add(*row)
    return builder.table()


def test_what_was_added_comes_back_with_the_columns_asked_for(tmp_path):
    rows = [(n, n % 2, str(n)) for n in range(BATCH + 3)]
    found = table(tmp_path / "t", rows)
    assert found.load().rows() == rows
    assert [frame.height for frame in found.frames()] == [BATCH, 3]
    assert found.load("text", where=pl.col("text") == "7").to_dict(as_series=False) == {
        "text": ["7"]
    }
    assert table(tmp_path / "none", []).load().schema == SCHEMA


def test_numbers_of_several_passes_become_one_series(tmp_path):
    first = table(tmp_path / "a", [(0, 0, "x"), (1, 1, "y")])
    second = shifted(table(tmp_path / "b", [(0, 0, "z")]), "arrival", 2)
    both = concat_tables([recoded(first, "code", [5, 6]), recoded(second, "code", [6])])
    both = shifted(recoded(both, "code", [0, 1, 2, 3, 4, 50, 60]), "arrival", 10)
    assert both.load().rows() == [(10, 50, "x"), (11, 60, "y"), (12, 60, "z")]


def test_records_that_are_left_out_take_their_rows_along(tmp_path):
    found = table(tmp_path / "t", [(0, 0, "x"), (1, 0, "y"), (2, 0, "z"), (1, 1, "y2")])
    numbers = pl.Series([7, None, 3], dtype=pl.UInt32)
    found = type(found)(found.schema, found.parts, numbers)
    assert found.load("text", "arrival").rows() == [("x", 7), ("z", 3)]
    assert found.load("text").rows() == [("x",), ("z",)]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
def test_a_full_disk_is_an_error_that_says_so(tmp_path):
    (tmp_path / "t").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as error:
        table(tmp_path / "t", [(0, 0, "x")])
    assert error.value.errno == errno.ENOSPC
