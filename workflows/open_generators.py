"""The models that a user named, opened: folders of this machine and servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.settings import Settings

if TYPE_CHECKING:
    from goldleaf.generation.endpoint import EndpointGenerator
    from goldleaf.generation.generator import Generator
    from goldleaf.generation.local import LocalGenerator

DTYPES = ("auto", "float32", "float16", "bfloat16")


@dataclass(frozen=True)
class ModelChoice:
    """Which models are to write.

    Attributes:
        models: folders of models.
        endpoints: addresses of servers.
        names: what the servers call their models: one for each address, or several of one.
        adapter: a folder with a LoRA adapter for the only model.
        device: for models in folders.
        dtype: likewise, one of `DTYPES`.
    """

    models: Sequence[Path] = ()
    endpoints: Sequence[str] = ()
    names: Sequence[str] = ()
    adapter: Path | None = None
    device: str = "auto"
    dtype: str = "auto"

    def or_settings(self, settings: Settings) -> ModelChoice:
        """Return the choice, or that of the settings where none was made."""
        if self.models or self.endpoints or self.names:
            return self
        return ModelChoice(
            [Path(settings.model)] if settings.model else (),
            [settings.endpoint] if settings.endpoint else (),
            [settings.model_name] if settings.model_name else (),
            *(self.adapter, self.device, self.dtype),
        )

    @property
    def is_empty(self) -> bool:
        """Whether no model is named at all."""
        return not (self.models or self.endpoints or self.names)


@dataclass
class OpenGenerators:
    """Open models, closed at the end of a `with` block.

    Attributes:
        all: the generators, in the order in which they were named.
        hosts: host and port of every server that gets texts.
    """

    all: list[Generator] = field(default_factory=list["Generator"])
    hosts: list[str] = field(default_factory=list[str])

    def __enter__(self) -> OpenGenerators:
        return self

    def __exit__(self, *error: object) -> None:
        for generator in self.all:
            generator.close()


def open_generators(
    choice: ModelChoice, *, seconds: float | None = None, attempts: int | None = None
) -> OpenGenerators:
    """Return the models of a choice; none is loaded and no server is asked yet.

    Args:
        choice: which ones.
        seconds: the longest that an answer may take; the generators' own limits by default.
        attempts: how often a request is sent to a server at most; likewise.

    Raises:
        UsageError: none is named, an address lacks a name, or a folder holds no model.
        GoldleafError: the models do not fit into the memory.
    """
    if choice.is_empty:
        raise UsageError(
            "No model is named.",
            fix="give --model FOLDER, or --endpoint URL with --model-name NAME",
        )
    if choice.dtype not in DTYPES:
        fix = f"use one of: {', '.join(DTYPES)}"
        raise UsageError(f"Unknown type of numbers {choice.dtype!r}.", where="--dtype", fix=fix)
    if choice.adapter is not None and len(choice.models) != 1:
        fix = "give one --model with --adapter"
        raise UsageError("An adapter belongs to one model.", where="--adapter", fix=fix)
    found = OpenGenerators()
    _check_memory_of_all(local := [_local(choice, path, seconds) for path in choice.models], choice)
    found.all.extend(local)
    for url, name in _pairs(choice):
        server = _server(url, name, seconds, attempts)
        found.all.append(server)
        if server.address.host not in found.hosts:
            found.hosts.append(server.address.host)
    names = [generator.name for generator in found.all]
    if len(set(names)) < len(names):
        raise UsageError("One model is named twice.", fix="name each model once")
    return found


def open_one(models: ModelChoice | Generator, settings: Settings) -> OpenGenerators:
    """Return the one model of a choice, or one that is open already, to be closed with a block.

    Args:
        models: which model; that of the settings where none is named.
        settings: of the run.

    Raises:
        UsageError: none is named, several are, or it cannot be used.
        GoldleafError: it does not fit into the memory.
    """
    if not isinstance(models, ModelChoice):
        return OpenGenerators([models])
    opened = open_generators(models.or_settings(settings))
    if len(opened.all) > 1:
        raise UsageError("This command uses one model.", fix="name one model")
    return opened


def _local(choice: ModelChoice, path: Path, seconds: float | None) -> LocalGenerator:
    from goldleaf.generation.local import PATIENCE, LocalGenerator

    return LocalGenerator(
        path.expanduser(),
        adapter=choice.adapter,
        device=choice.device,
        dtype=choice.dtype,
        patience=seconds or PATIENCE,
    )


def _server(url: str, name: str, seconds: float | None, attempts: int | None) -> EndpointGenerator:
    from goldleaf.generation.endpoint import ATTEMPTS, READ, EndpointGenerator
    from goldleaf.generation.endpoint_address import endpoint_address

    return EndpointGenerator(
        endpoint_address(url), name, read=seconds or READ, attempts=attempts or ATTEMPTS
    )


def _pairs(choice: ModelChoice) -> list[tuple[str, str]]:
    """Return (address, name) of every model of a server."""
    endpoints, names = list(choice.endpoints), list(choice.names)
    if len(endpoints) == 1:
        endpoints *= max(1, len(names))
    if len(endpoints) != len(names):
        raise UsageError(
            "Each address of a server needs the name of a model.",
            where="--endpoint, --model-name",
            fix="give --model-name once for each --endpoint, or several for one",
        )
    return list(zip(endpoints, names, strict=True))


def _check_memory_of_all(local: Sequence[LocalGenerator], choice: ModelChoice) -> None:
    """Check that several models fit beside each other; each alone was looked at before."""
    from goldleaf.generation.model_folder import available_memory

    free = available_memory()
    needed = sum(each.folder.needed(choice.dtype) for each in local)
    if len(local) > 1 and choice.device in ("auto", "cpu") and free is not None and needed > free:
        raise GoldleafError(
            "These models do not fit into the memory together.",
            where="--model",
            fix="run the command for one model after the other, or use --dtype bfloat16",
        )
