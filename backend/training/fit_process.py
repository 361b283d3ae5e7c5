"""Fit a model in a child process, so that the web server keeps its memory and CPU.

The child reads its examples from a pipe that stays open, and ends when that closes: however the
parent ends, `kill -9` included, no process is left. It writes nothing to disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.backend.training.training_examples import Example, from_line, to_line
from goldleaf.core.errors import GoldleafError
from goldleaf.core.redaction import redact

LIMIT = 900.0
"""Seconds after which a fit is given up; 20,000 examples take a few minutes."""


class Fitting:
    """One fit in a child process; `kill` may be called from another thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs, else None."""
        return self._process.pid if self._process else None

    def kill(self) -> None:
        """End the fitting process now, and let none begin; `run` then raises GoldleafError."""
        self._killed = True
        if self._process:
            self._process.kill()

    def run(
        self, found: Sequence[Example], controls: Mapping[str, bool], kind: str, target: float
    ) -> tuple[bytes, dict[str, Any]]:
        """Fit in a child process; return the file and header of `classifier_model.to_bytes`.

        Arguments are those of `fit_model.fit`. One object runs one fit.

        Raises:
            GoldleafError: the child ended without a model: it was killed, ran out of memory, or
                took more than `LIMIT` seconds.
        """
        order = {"controls": dict(controls), "kind": kind, "target": target, "rows": len(found)}
        lines = [json.dumps(order).encode(), *(to_line(example) for example in found)]
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "goldleaf.backend.training.fit_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                # On a small machine many threads make a small fit slower, and the server with it.
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
            self._process = process
            if self._killed:
                process.kill()
            limit = threading.Timer(LIMIT, process.kill)
            limit.start()
            try:
                answer = _converse(process, b"\n".join(lines) + b"\n")
            finally:
                limit.cancel()
                self._process = None
            errors.seek(0)
            if process.returncode or not answer:
                output = redact(errors.read().decode("utf-8", "replace").strip()[-500:])
                raise GoldleafError(
                    f"Learning ended early (status {process.returncode}): {output or 'killed'}",
                    fix="it is tried again by itself; if this comes back, see to free memory",
                )
        header, _, content = answer.partition(b"\n")
        return content, json.loads(header)


def _converse(process: subprocess.Popen[bytes], order: bytes) -> bytes:
    """Hand the order over, keep the line open while it works, and return what it answered."""
    assert process.stdin
    assert process.stdout
    answer = b""
    try:
        process.stdin.write(order)
        process.stdin.flush()
        answer = process.stdout.read()
    except BrokenPipeError:
        pass
    finally:
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        process.wait()
    return answer


def main() -> None:
    """Entry point of the fitting process: fit a model to the examples on standard input.

    Reads the order (a line of JSON) and the examples, a line each; writes the header as a line of
    JSON, then the model.
    """
    from goldleaf.backend.training.fit_model import fit
    from goldleaf.backend.training.model_file import to_bytes

    os.nice(10)
    source = sys.stdin.buffer
    order = json.loads(source.readline())
    found = [from_line(source.readline()) for _ in range(order["rows"])]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    content, header = to_bytes(fit(found, order["controls"], order["kind"], order["target"]))
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + content)
    sys.stdout.buffer.flush()
    os._exit(0)  # the thread that waits for the parent's end must not be waited for


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
