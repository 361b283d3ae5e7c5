"""A Dask cluster that somebody else runs: connected to, checked, and its failures as errors.

goldleaf starts no cluster. What it needs of one: goldleaf and its libraries in the same versions on
the scheduler and on every worker, and the folder that is written under the same path on all.
"""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import file_error
from goldleaf.curation.engines.same_environment import environment, require_equal

if TYPE_CHECKING:
    from distributed import Client

    from goldleaf.curation.engines.dask_engine import DaskEngine

ANSWER_S = 10
"""Seconds in which a scheduler must answer, and a first worker be there."""
POLL_S = 5
"""Seconds from one look at the workers to the next, while none has finished a task."""
ALONE_S = 60
"""Seconds without any worker after which a run ends; one that was restarted is back by then."""


class Cluster:
    """A cluster whose scheduler answered; `open_cluster` opens one."""

    def __init__(self, client: Client, address: str) -> None:
        self._client: Any = client  # its types are those of awaitables too
        self._address = address

    def workers(self) -> list[str]:
        """Return the addresses of the workers that are there."""
        return sorted(self._client.nthreads())

    def engine(self) -> DaskEngine:
        """Return the engine that runs kernels here.

        Raises:
            UsageError: there is no worker, or a part of the cluster has another environment.
        """
        from goldleaf.curation.engines.dask_engine import DaskEngine

        ours = environment()
        for place, theirs in self._environments().items():
            if isinstance(theirs, Exception):
                what = f"A part of the cluster cannot import this goldleaf: {theirs}."
                fix = "install the same on the scheduler and on all workers, and start them again"
                raise UsageError(what, where=place, fix=fix)
            require_equal(theirs, ours, place)
        return DaskEngine(self.compute, ours)

    def _environments(self) -> dict[str, Any]:
        with self._failures():
            try:
                self._client.wait_for_workers(1, timeout=ANSWER_S)
            except TimeoutError:
                fix = f"start some: dask worker {self._address} --nthreads 1"
                raise UsageError(
                    "This cluster has no workers.", where=self._address, fix=fix
                ) from None
            try:
                found = {self._address: self._client.run_on_scheduler(environment)}
            except (ImportError, AttributeError) as error:
                found = {self._address: error}
            return {**found, **self._client.run(environment, on_error="return")}

    def check_folder(self, out: Path) -> None:
        """Raise UsageError unless all workers see and may write the folder in which `out` will be.

        A folder of a new name is made there, in which each of them writes.
        """
        try:
            folder = next(each for each in out.absolute().parents if each.is_dir())
            with TemporaryDirectory(prefix=".goldleaf-seen-", dir=folder) as seen, self._failures():
                found = self._client.run(Path(seen, "seen").touch, on_error="return")
        except OSError as error:
            raise file_error(error, out) from error
        for worker, error in found.items():
            if isinstance(error, Exception):
                what = f"A worker cannot write where the results will be: {error}."
                fix = "choose an --out in a folder that all workers share, under the same path"
                raise UsageError(what, where=worker, fix=fix)

    def compute(self, tasks: Sequence[Any]) -> list[pl.DataFrame]:
        """Return what tasks give, in their order.

        Raises:
            GoldleafError: the scheduler or all workers are gone, or workers died of a task.
        """
        from dask import config
        from distributed import wait

        # Kernels hold pairs and hashes of the whole set, more than Dask likes in a graph.
        quiet = {"distributed.admin.large-graph-warning-threshold": "1TB"}
        with self._failures(), config.set(quiet), self._client.as_current():
            if self._client.status != "running":  # what is sent now would wait for ever
                raise self._gone()
            futures = self._client.compute(list(tasks))
            waiting, seen = list(futures), time.monotonic()
            while waiting:
                try:
                    first: Any = wait(waiting, POLL_S, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    if self._client.status != "running":
                        raise self._gone() from None
                    seen = time.monotonic() if self.workers() else seen
                    if time.monotonic() - seen > ALONE_S:
                        fix = "start some, then give the same command again: it goes on"
                        what = "The cluster has no workers any more."
                        raise GoldleafError(what, where=self._address, fix=fix) from None
                    continue
                waiting, seen = list(first.not_done), time.monotonic()
                if any(future.status == "error" for future in first.done):
                    break
            return self._client.gather(futures)

    @contextmanager
    def _failures(self) -> Generator[None]:
        """Turn failures of the cluster, not of a kernel, into errors that a person can act on."""
        from distributed.client import ClosedClientError
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker

        try:
            yield
        except KilledWorker as error:
            what = "Several workers of the cluster died of the same task."
            fix = (
                "give them more memory (dask worker --memory-limit), then run it again: it goes on"
            )
            raise GoldleafError(what, where=self._address, fix=fix) from error
        except (CancelledError, ClosedClientError, CommClosedError) as error:
            raise self._gone() from error
        except OSError as error:
            if self._client.status == "running":
                raise
            raise self._gone() from error

    def _gone(self) -> GoldleafError:
        fix = "see that it runs, then give the same command again: it goes on"
        what = "The scheduler of the cluster is gone."
        return GoldleafError(what, where=self._address, fix=fix)


@contextmanager
def open_cluster(address: str) -> Generator[Cluster]:
    """Yield the cluster whose scheduler has this address, such as `tcp://10.0.0.5:8786`.

    Raises:
        UsageError: the address is empty or cannot be used, Dask is not installed, or nothing
            answers there.
    """
    if not address.strip():
        fix = "write it as the scheduler shows it: tcp://HOST:PORT, or leave the option out"
        raise UsageError("This address of a Dask scheduler is empty.", fix=fix)
    try:
        from distributed import Client
    except ImportError as error:
        what, fix = "Dask is not installed.", "install it: pip install 'goldleaf[dask]'"
        raise UsageError(what, fix=fix) from error
    with _silent():
        try:
            with ThreadPoolExecutor(1) as thread:  # this one may run a loop already, in a notebook
                kind = thread.submit(asyncio.run, _kind(address)).result()
            if kind != "Scheduler":
                raise ValueError(f"this is a {kind}")
            client = Client(address, timeout=ANSWER_S, set_as_default=False, name="goldleaf")
        except (TypeError, RuntimeError, ImportError) as error:  # what Dask is set up for decides
            what = "Dask cannot connect to an address of this kind as it is set up here."
            fix = (
                "write tls://HOST:PORT and put certificates into Dask's configuration "
                "(distributed.comm.tls), or, where it requires no encryption, tcp://HOST:PORT"
            )
            raise UsageError(what, where=address, fix=fix) from error
        except (OSError, ValueError, MemoryError) as error:
            # A web server's answer is taken for a size, hence MemoryError.
            what = "No Dask scheduler answers at this address."
            fix = (
                "start one (dask scheduler), or write its address as it shows it: tcp://HOST:PORT, "
                "or tls://HOST:PORT with the certificates of Dask's configuration"
            )
            raise UsageError(what, where=address, fix=fix) from error
        try:
            yield Cluster(client, address)
        finally:
            client.close(ANSWER_S)


async def _kind(address: str) -> Any:
    """Return what listens at an address, as Dask names it.

    A client would wait for ever for a server that takes a connection and does not answer.
    """
    from distributed import Security
    from distributed.comm.core import connect

    arguments = Security().get_connection_args("client")
    async with asyncio.timeout(ANSWER_S):
        comm = await connect(address, timeout=ANSWER_S, **arguments)
        try:
            await comm.write({"op": "identity", "reply": True})
            answer = await comm.read()
        finally:
            comm.abort()
    return answer.get("type") if isinstance(answer, dict) else None


@contextmanager
def _silent() -> Generator[None]:
    """Keep Dask's own messages off the terminal: what a person must know is in our errors."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
