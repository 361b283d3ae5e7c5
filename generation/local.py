"""A model of this machine, through transformers, in a process of its own.

The process is started with the first request, loads the model once, and is started again if it
dies: the requests that it had get a reason, the others go on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.records import Turn
from goldleaf.core.redaction import redact
from goldleaf.core.token_estimate import estimated_tokens
from goldleaf.generation.frames import read_frame, write_frame
from goldleaf.generation.generator import Answer, Outcome, Request, Score
from goldleaf.generation.model_folder import (
    ModelFolder,
    check_installed,
    folder_version,
    no_chat_template,
)
from goldleaf.generation.reasoning import answer_of

BATCH = 16
"""Requests answered at once, at most."""
PATIENCE = 1_800.0
"""Seconds for one batch, and for loading; then the process is ended."""
CRASHES = 3
"""Times in a row that the process may die; then the rest is not tried."""
_KEPT = frozenset(
    """PATH HOME LANG LC_ALL TMPDIR TEMP TMP SYSTEMROOT PYTHONPATH VIRTUAL_ENV LD_LIBRARY_PATH
    OMP_NUM_THREADS MKL_NUM_THREADS CUDA_VISIBLE_DEVICES HIP_VISIBLE_DEVICES""".split()
)
"""What the process sees of our environment: no token, no key."""


class LocalGenerator:
    """A model in a folder; one `answer` at a time.

    Args:
        path: the folder of the model, weights as safetensors.
        adapter: a folder with a LoRA adapter for it (peft); None for the model as it is.
        device: `cpu`, `cuda`, `cuda:1`, `mps`; `auto` takes a GPU if there is one.
        dtype: `float32`, `float16`, `bfloat16`; `auto` is that of the files.
        batch: requests answered at once.
        patience: seconds for one batch, and for loading.
        threads: threads of the processor; 0 leaves that to torch.

    Raises:
        UsageError: a package is missing, or the folder holds no such model.
        GoldleafError: there is not enough memory.
    """

    def __init__(
        self,
        path: Path,
        *,
        adapter: Path | None = None,
        device: str = "auto",
        dtype: str = "auto",
        batch: int = BATCH,
        patience: float = PATIENCE,
        threads: int = 0,
    ) -> None:
        self.folder = ModelFolder(path)
        self.folder.check_chat_template()
        check_installed(adapter is not None)
        self.name = f"{path.resolve().name}@{folder_version(path)}"
        if adapter is not None:
            self.name += f"+{adapter.resolve().name}@{_adapter_version(adapter)}"
        if device in ("auto", "cpu"):
            self.folder.check_memory(dtype)
        self.batch, self.patience = batch, patience
        self._settings = {
            "path": str(path.resolve()),
            "adapter": str(adapter.resolve()) if adapter else "",
            "device": device,
            "dtype": dtype,
            "threads": threads,
        }
        self.facts: Mapping[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: Any = None
        self._late = False

    @property
    def pid(self) -> int | None:
        """The process's id while it runs, else None."""
        return self._process.pid if self._process else None

    def answer(self, requests: Sequence[Request]) -> Iterator[list[tuple[int, Answer]]]:
        """Yield the answers of one batch after the other, short prompts first.

        Raises:
            GoldleafError: the model cannot be loaded.
        """
        crashes = 0
        for places in batches(requests, self.batch):
            if crashes >= CRASHES:
                died = Answer("worker_died", detail="the model's process died several times")
                yield [(place, died) for place in places]
                continue
            self.open()
            answers = self._converse([requests[place] for place in places])
            crashes = 0 if self._process else crashes + 1
            yield list(zip(places, answers, strict=True))

    def score(
        self, conversations: Sequence[tuple[tuple[Turn, ...], str]]
    ) -> Iterator[list[tuple[int, Score]]]:
        """Yield how likely the model finds given answers, one batch after the other.

        Raises:
            GoldleafError: the model cannot be loaded.
        """
        lengths = [estimated_tokens(turns) + len(text) for turns, text in conversations]
        order = sorted(range(len(conversations)), key=lambda place: (lengths[place], place))
        crashes = 0
        for start in range(0, len(order), self.batch):
            places = order[start : start + self.batch]
            if crashes >= CRASHES:
                died = Score("worker_died", detail="the model's process died several times")
                yield [(place, died) for place in places]
                continue
            self.open()
            plain = [
                {"messages": [message(turn) for turn in turns], "answer": text}
                for turns, text in (conversations[place] for place in places)
            ]
            scores = [_score(each) for each in self._replies({"scored": plain}, len(plain))]
            crashes = 0 if self._process else crashes + 1
            yield list(zip(places, scores, strict=True))

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    cast("Any", pipe).close()
            process.wait()
        if self._errors:
            self._errors.close()
            self._errors = None

    def _converse(self, requests: Sequence[Request]) -> list[Answer]:
        """Return one answer a request; the process is gone afterwards if it died."""
        order = {"batch": [_plain(request) for request in requests]}
        return [_answer(reply) for reply in self._replies(order, len(requests))]

    def _replies(self, order: dict[str, Any], count: int) -> list[dict[str, Any]]:
        """Return what the process replies to an order, as many as asked for, whatever happens."""
        reply = self._asked(order)
        answers = cast("list[dict[str, Any]]", (reply or {}).get("answers", []))
        if len(answers) == count:
            return answers
        outcome: Outcome = "timed_out" if self._late else "worker_died"
        detail = f"no answer within {self.patience:g} s" if self._late else self._ended()
        self.close()
        return [{"outcome": outcome, "detail": detail} for _ in range(count)]

    def _asked(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Send a message and return the reply; None if the process died or took too long."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        self._late = False

        def late() -> None:
            self._late = True
            process.kill()

        limit = threading.Timer(self.patience, late)
        limit.daemon = True
        limit.start()
        try:
            write_frame(cast("Any", process.stdin), message)
            return read_frame(cast("Any", process.stdout))
        except (OSError, ValueError):
            return None
        finally:
            limit.cancel()

    def open(self) -> None:
        """Start the process and load the model, if it does not run.

        Raises:
            GoldleafError: the model cannot be loaded.
        """
        if self._process:
            return
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "goldleaf.generation.local_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )
        reply = self._asked(self._settings)
        if reply and "ready" in reply:
            self.facts = reply["ready"]
            return
        path = str(self.folder.path)
        ended = f"no answer within {self.patience:g} s" if self._late else self._ended()
        self.close()
        if reply:
            raise _not_loaded(str(reply.get("error")), str(reply.get("detail", "")), path)
        raise GoldleafError(
            f"The model's process ended while it loaded: {ended}",
            where=path,
            fix="see to free memory, or use a smaller model",
        )

    def _ended(self) -> str:
        """Return how the process ended, with the last line that it printed."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.returncode
        how = f"status {status}"
        if status is not None and status < 0:
            with contextlib.suppress(ValueError):
                how = signal.Signals(-status).name
        self._errors.seek(0)
        lines = self._errors.read()[-2_000:].decode("utf-8", "replace").strip().splitlines()
        return redact(": ".join((how, *(line[:200] for line in lines[-1:]))))


def batches(requests: Sequence[Request], most: int) -> Iterator[list[int]]:
    """Yield the places of the requests in batches of equal length, short prompts first.

    Rows of a batch are padded to the longest one. What is left of a list after some batches is cut
    as the whole list was, so that a run that goes on makes the same batches.
    """
    lengths = [estimated_tokens(r.turns) + r.sampling.max_tokens for r in requests]
    order = sorted(range(len(requests)), key=lambda place: (lengths[place], place))
    for start in range(0, len(order), most):
        yield order[start : start + most]


def message(turn: Turn) -> dict[str, str]:
    """Return a turn as a chat message; what is not text is not part of it."""
    return {"role": turn.role, "content": turn.content}


def _plain(request: Request) -> dict[str, Any]:
    sampling = request.sampling
    return {
        "messages": [message(turn) for turn in request.turns],
        "temperature": sampling.temperature,
        "max_tokens": sampling.max_tokens,
        "seed": sampling.seed,
        "schema": None if request.schema is None else dict(request.schema),
    }


def _answer(plain: Mapping[str, Any]) -> Answer:
    if plain["outcome"] == "answered":
        return answer_of(
            plain["text"],
            cut=plain["cut"],
            prompt=plain["prompt_tokens"],
            tokens=plain["answer_tokens"],
        )
    return Answer(
        plain["outcome"],
        detail=redact(plain.get("detail", "")),
        prompt_tokens=plain.get("prompt_tokens", 0),
    )


def _score(plain: Mapping[str, Any]) -> Score:
    if plain["outcome"] == "answered":
        return Score("answered", plain["logprob"], plain["tokens"])
    return Score(plain["outcome"], detail=redact(plain.get("detail", "")))


def _adapter_version(path: Path) -> str:
    if not (path / "adapter_config.json").is_file():
        raise UsageError(
            "This folder holds no adapter.",
            where=str(path),
            fix="give a folder with adapter_config.json and adapter_model.safetensors",
        )
    if not (path / "adapter_model.safetensors").is_file():
        raise UsageError(
            "The weights of this adapter are not safetensors.",
            where=str(path),
            fix="save it with save_pretrained of peft",
        )
    return folder_version(path)


def _not_loaded(code: str, detail: str, path: str) -> GoldleafError:
    """Return why a model was not loaded, as an error for people."""
    match code:
        case "no_chat_template":
            return no_chat_template(Path(path))
        case "own_code":
            return UsageError(
                "This model needs code of its own, which goldleaf does not run.",
                where=path,
                fix="use a model that transformers knows, or serve it and give --endpoint",
            )
        case "no_device":
            return UsageError(
                f"This device cannot be used: {detail}", where="--device", fix="use auto or cpu"
            )
        case "memory":
            return GoldleafError(
                f"There is not enough memory for this model: {detail}",
                where=path,
                fix="end other programs, choose a smaller model, or --dtype bfloat16",
            )
        case _:
            return GoldleafError(
                f"This model cannot be loaded: {detail}",
                where=path,
                fix="see that the folder is whole and that transformers knows this model",
            )
