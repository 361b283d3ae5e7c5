"""A folder with a model: whether it is one that is loaded, its version, and how much memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import file_error, read_small
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import object_or_empty

ROOM = 1.2
"""Memory by size of the weights: activations and the tokens in flight need some."""
_OTHER_WEIGHTS = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.gguf", "*.h5", "*.msgpack", "*.pkl")
_SMALL = ("*.json", "*.jinja", "*.txt", "*.model", "*.safetensors.index.json")
_SAMPLES = 16
"""Places at which a file of weights is looked at for the version: reading 15 GB takes a minute."""
_SAMPLE = 2**16
_MAX_HEADER = 100 * 2**20  # as the safetensors library itself has it
_SIZES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2}
_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True)
class ModelFolder:
    """A folder that holds a model as transformers saves it, its weights as safetensors.

    Raises:
        UsageError: it is none, or its weights are of another kind.
    """

    path: Path

    def __post_init__(self) -> None:
        """Look at the names of the files; none is loaded."""
        if not self.path.is_dir():
            raise UsageError(
                "There is no such model folder.",
                where=str(self.path),
                fix="give the folder of a model on this machine; goldleaf downloads none",
            )
        if self.weights and (self.path / "config.json").is_file():
            return
        if any(next(self.path.glob(pattern), None) for pattern in _OTHER_WEIGHTS):
            raise UsageError(
                "The weights of this model are not safetensors.",
                where=str(self.path),
                fix="save it with save_pretrained of transformers; other files may run code when "
                "they are loaded",
            )
        raise UsageError(
            "This folder holds no model.",
            where=str(self.path),
            fix="give a folder with config.json and *.safetensors",
        )

    @property
    def weights(self) -> list[Path]:
        """The files of weights, by name."""
        return sorted(self.path.glob("*.safetensors"))

    def check_chat_template(self) -> None:
        """Check that the folder has a chat template, in any of the places where one may be.

        Raises:
            UsageError: it has none.
        """
        if any((self.path / f"chat_template.{ending}").exists() for ending in ("jinja", "json")):
            return
        settings = self.path / "tokenizer_config.json"
        with suppress(UsageError, ValueError):
            if object_or_empty(loads(read_small(settings))).get("chat_template"):
                return
        raise no_chat_template(self.path)

    def needed(self, dtype: str) -> int:
        """Return the memory that the model takes, in bytes.

        Args:
            dtype: what its numbers become: `float32`, `float16`, `bfloat16`; `auto` leaves them.

        Raises:
            UsageError: a file of weights is damaged.
        """
        return int(ROOM * sum(_tensor_bytes(file, dtype) for file in self.weights))

    def check_memory(self, dtype: str) -> None:
        """Check that the model fits into the memory that is free now.

        Raises:
            GoldleafError: it does not.
        """
        needed, free = self.needed(dtype), available_memory()
        if free is not None and needed > free:
            raise GoldleafError(
                f"This model needs about {_gigabytes(needed)} of memory; {_gigabytes(free)} are "
                "free.",
                where=str(self.path),
                fix="end other programs, choose a smaller model, or --dtype bfloat16",
            )


def no_chat_template(path: Path) -> UsageError:
    """Return the error that a model has no chat template."""
    return UsageError(
        "This model has no chat template.",
        where=str(path),
        fix="use an instruct model, or put its chat_template.jinja into the folder",
    )


def folder_version(path: Path) -> str:
    """Return 12 hex digits that another configuration, tokenizer or other weights change.

    Small files count whole; of weights, size, header and 16 places: 1 MB of each file.

    Args:
        path: the folder of a model or of an adapter.

    Raises:
        GoldleafError: a file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for file in sorted({file for pattern in _SMALL for file in path.glob(pattern)}):
            digest.update(f"{file.name}\0".encode() + file.read_bytes())
        for file in sorted(path.glob("*.safetensors")):
            for part in _sampled(file):
                digest.update(part)
    except OSError as error:
        raise file_error(error, path) from error
    return digest.hexdigest()[:12]


def check_installed(adapter: bool = False) -> None:
    """Check that what a local model needs is installed; nothing is imported.

    Args:
        adapter: whether an adapter is to be loaded, too.

    Raises:
        UsageError: a package is missing.
    """
    for module in ("torch", "transformers", *(("peft",) if adapter else ())):
        if find_spec(module) is None:
            extra = "peft" if module == "peft" else "'goldleaf[transformers]'"
            raise UsageError(
                f"A local model needs {module}, which is not installed.",
                fix=f"pip install {extra}, or use a server with --endpoint and --model-name",
            )


def available_memory() -> int | None:
    """Return the bytes that are free for a new process, by the system and its container.

    None where the system does not tell.
    """
    found: list[int] = []
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                found.append(1024 * int(line.split()[1]))
        limit = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text("ascii").strip()
        if limit.isdigit() and used.isdigit():
            found.append(max(0, int(limit) - int(used)))
    except (OSError, ValueError, IndexError):
        pass
    return min(found, default=None)


def _sampled(file: Path) -> Iterator[bytes]:
    size = file.stat().st_size
    yield f"{file.name}\0{size}\0".encode()
    with open(file, "rb") as opened:
        for number in range(_SAMPLES):
            opened.seek(max(0, size - _SAMPLE) * number // (_SAMPLES - 1))
            yield opened.read(_SAMPLE)


def _tensor_bytes(file: Path, dtype: str) -> int:
    """Return the bytes of the numbers of a file, once they have the type `dtype`."""
    try:
        with open(file, "rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if not 2 <= length <= min(_MAX_HEADER, os.fstat(opened.fileno()).st_size):
                raise ValueError("no header")
            header = object_or_empty(loads(opened.read(length)))
        total = 0
        for name, given in header.items():
            if name != "__metadata__":
                tensor = object_or_empty(given)
                begin, end = map(int, tensor["data_offsets"])
                old = _SIZES.get(str(tensor["dtype"]), 1)
                floats = str(tensor["dtype"]).startswith(("F", "BF"))
                new = _BYTES.get(dtype, old) if floats and old > 1 else old
                total += (end - begin) * new // old
        return total
    except OSError as error:
        raise file_error(error, file) from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(
            "This file of weights is damaged.",
            where=str(file),
            fix="copy the model once more; the file is not what safetensors writes",
        ) from None


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:.1f} GB"
