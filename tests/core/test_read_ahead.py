"""Rows read ahead are the same rows, and an error comes in its place."""

import threading
import time
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.read_ahead import read_ahead


@given(st.lists(st.integers() | st.none(), max_size=50), st.integers(1, 5))
def test_all_rows_in_order(rows, held):
    assert list(read_ahead(iter(rows), held)) == rows


def test_an_error_comes_behind_the_rows_before_it():
    def rows():
        yield from range(3)
        raise ValueError("cut off")

    seen = []
    with pytest.raises(ValueError, match="cut off"):
        seen.extend(read_ahead(rows(), 2))
    assert seen == [] or seen == [0, 1, 2]
    found = read_ahead(rows(), 2)
    assert [next(found) for _ in range(3)] == [0, 1, 2]


def test_rows_are_there_before_they_are_asked_for_and_no_more_than_held():
    given_out = []

    def rows():
        for number in count():
            given_out.append(number)
            yield number

    found = read_ahead(rows(), 3)
    assert next(found) == 0
    until = time.monotonic() + 60
    while len(given_out) < 5 and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(given_out) == 5, "one used, three held, one that waits for room"
    assert working()
    found.close()
    assert not working()


def working():
    return [thread for thread in threading.enumerate() if thread.name == "read ahead"]
