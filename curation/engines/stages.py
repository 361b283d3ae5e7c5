"""Durable stages: the result of an exchange as Parquet files that a later run finds again.

Each partition is written whole or not at all, and the manifest last. Its key is a hash of the
inputs, the configuration, the versions of the kernels and of the libraries that may change a byte;
a stage with another key, without a manifest or with a damaged file is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import file_error, read_small, write_atomically
from goldleaf.curation.engines.engine import PARTITION, Engine, Kernel, Schema
from goldleaf.curation.engines.same_environment import library_versions
from goldleaf.curation.parquet_files import write_frame

FORMAT = 1
"""Version of the manifest."""
_WRITTEN = {"part": pl.Int64, "name": pl.String, "bytes": pl.Int64, "hash": pl.String}


@dataclass
class Stages:
    """The stages of one screen in a work folder.

    Attributes:
        folder: where they are, one folder a stage.
        engine: runs their kernels.
        inputs: a hash of what the first of them reads.
        configuration: everything else that the results depend on; JSON.
        done: names of the stages that this run computed, not found; for reports and tests.
    """

    folder: Path
    engine: Engine
    inputs: str
    configuration: Mapping[str, Any]
    done: list[str] = field(default_factory=list)

    def exchange(
        self, name: str, data: Callable[[], Any], kernel: Kernel, schema: Schema, version: str
    ) -> Sequence[str]:
        """Return the files of a stage, one a partition that has rows; compute what is missing.

        Args:
            name: of the stage, a folder's name.
            data: makes the distributed rows, which have the column `p`, if the stage must be done.
            kernel: what is done with the rows of a partition.
            schema: of what it gives.
            version: of the kernels before and of this one.
        """
        folder = self.folder.absolute() / name  # a worker may stand in another folder
        key = self._key(name, version, schema)
        found = _finished(folder, key)
        if found is None:
            self.done.append(name)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "manifest.json").unlink(missing_ok=True)
            except OSError as error:
                raise file_error(error, folder) from error
            save = _Save(kernel, str(folder), key)
            written = self.engine.collect(self.engine.exchange(data(), save, _WRITTEN)).sort("part")
            found = written.select("name", "bytes", "hash").to_dicts()
            _remove_others(folder, {part["name"] for part in found})
            manifest = {"format": FORMAT, "key": key, "parts": found}
            write_atomically(folder / "manifest.json", orjson.dumps(manifest))
        return [str(folder / part["name"]) for part in found]

    def collect(self, files: Sequence[str], schema: Schema) -> pl.DataFrame:
        """Return the rows of a stage, the columns in `schema` alone."""
        found = [pl.read_parquet(file, columns=list(schema), glob=False) for file in files]
        return pl.concat([pl.DataFrame(schema=dict(schema)), *found])

    def _key(self, name: str, kernel_version: str, schema: Schema) -> str:
        parts = {
            "stage": name,
            "kernel": kernel_version,
            "schema": {column: str(kind) for column, kind in schema.items()},
            "inputs": self.inputs,
            "configuration": self.configuration,
            "libraries": library_versions(),
        }
        return content_hash(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS))


@dataclass(frozen=True)
class _Save:
    """A kernel whose result becomes a file; gives one row about it.

    A worker may still write for a run that was killed. So the name of a file has the key of its
    stage, and no folder is made: not for a run that is over, and not on a machine without it.
    """

    kernel: Kernel
    folder: str
    key: str

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        part = frame[PARTITION][0]
        result = self.kernel(frame)
        name = f"part-{part:05}-{self.key}.parquet"
        path = Path(self.folder) / name
        if not path.parent.is_dir():
            what = "The folder in which a stage is kept is not there."
            raise GoldleafError(what, where=self.folder, fix="see that all workers share it")
        content = write_frame(path, result, compression="uncompressed", statistics=False)
        row = (part, name, len(content), content_hash(content))
        return pl.DataFrame([row], schema=_WRITTEN, orient="row")


def read_parquet(paths: pl.DataFrame, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Kernel: read the files named in the column `path`, some columns or all."""
    wanted = None if columns is None else list(columns)
    parts = (pl.read_parquet(path, columns=wanted, glob=False) for path in paths["path"])
    return pl.concat(parts)


def content_hash(content: bytes) -> str:
    """Return a hash of bytes, 32 hexadecimal digits."""
    from xxhash import xxh3_128_hexdigest

    return xxh3_128_hexdigest(content)


def files_hash(paths: Sequence[str]) -> str:
    """Return a hash of what files hold, in any order of the files.

    Raises:
        GoldleafError: one cannot be read.
    """
    from xxhash import xxh3_128

    hashes: list[str] = []
    for path in paths:
        digest = xxh3_128()
        try:
            with open(path, "rb") as file:
                while chunk := file.read(2**20):
                    digest.update(chunk)
        except OSError as error:
            raise file_error(error, Path(path)) from error
        hashes.append(digest.hexdigest())
    return content_hash("\n".join(sorted(hashes)).encode())


def _finished(folder: Path, key: str) -> list[dict[str, Any]] | None:
    """Return the parts of a finished stage, or None if it must be done (again)."""
    path = folder / "manifest.json"
    if not path.is_file():
        return None
    try:
        manifest = orjson.loads(read_small(path))
        if manifest["format"] != FORMAT or manifest["key"] != key:
            return None
        for part in manifest["parts"]:
            content = (folder / part["name"]).read_bytes()
            if len(content) != part["bytes"] or content_hash(content) != part["hash"]:
                return None
    except (GoldleafError, OSError, ValueError, KeyError, TypeError):
        return None
    return manifest["parts"]


def _remove_others(folder: Path, names: set[str]) -> None:
    """Remove the files of an earlier run that had other partitions."""
    for path in folder.glob("part-*.parquet"):
        if path.name not in names:
            path.unlink(missing_ok=True)
