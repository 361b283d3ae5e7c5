"""Products of matrices on one thread: the same sums on every machine, and no waiting.

The matrices of a curation are small, so that further threads mostly wait for each other, on all
cores (measured on two: a third of the CPU seconds of a curation without the extra `embed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and OpenMP to one thread."""
    import sklearn.utils  # noqa: F401  # a library that is loaded later would not be kept to it
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
