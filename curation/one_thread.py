"""Products of matrices on one thread: the same sums on every machine, and no waiting.

The matrices of a curation are small, so that further threads mostly wait for each other, on all
cores (measured on two: a third of the CPU seconds of a curation without the extra `embed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

_LOCK = Lock()
_inside = 0
_limits = ExitStack()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and OpenMP to one thread, until the last of those who asked for it has left."""
    global _inside
    import sklearn.utils  # noqa: F401  # a library that is loaded later would not be kept to it
    from threadpoolctl import threadpool_limits

    with _LOCK:
        _inside += 1
        if _inside == 1:
            _limits.enter_context(threadpool_limits(1))
    try:
        yield
    finally:
        with _LOCK:
            _inside -= 1
            if not _inside:
                _limits.close()
