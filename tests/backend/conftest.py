"""The real server on a loopback port, and a listener that nobody should ever call."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.server import RunningBackend
from goldleaf.label_configs.registry import kind_named

LOGIN = ("goldleaf", "pass phrase")
WEBHOOK_SECRET = "the webhook secret"


@pytest.fixture(scope="module", autouse=True)
def _characters_alone() -> Iterator[None]:
    """Sentence vectors take seconds to load, in every process; one test asks for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDLEAF_EMBEDDER", "tfidf_svd")
        yield


@dataclass
class Listener:
    """Counts who connects to it."""

    port: int
    callers: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/fetched"


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = Listener(server.getsockname()[1])

        def count() -> None:
            while True:
                try:
                    caller, address = server.accept()
                except OSError:
                    return
                listening.callers.append(address)
                caller.close()

        thread = threading.Thread(target=count, daemon=True)
        thread.start()
        yield listening
        server.shutdown(socket.SHUT_RDWR)
        thread.join(60)


@pytest.fixture(scope="session")
def config() -> str:
    return kind_named("preference").config()


@pytest.fixture(scope="session")
def open_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBackend]:
    """A backend without a password; its events are nobody's, so tests may share it."""
    with RunningBackend(tmp_path_factory.mktemp("open") / "events.sqlite") as backend:
        yield backend


@pytest.fixture(scope="session")
def client(open_backend: RunningBackend) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=open_backend.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def locked_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBackend]:
    events = tmp_path_factory.mktemp("locked") / "events.sqlite"
    with RunningBackend(events, credentials=Credentials(*LOGIN, WEBHOOK_SECRET)) as backend:
        yield backend


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningBackend]:
    """A backend of the test's own, for what it counts and stores."""
    with RunningBackend(tmp_path / "events.sqlite") as backend:
        yield backend


@pytest.fixture
def own_client(own: RunningBackend) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=own.url, timeout=30) as client:
        yield client


def label_studio_ml_pythons() -> list[Path]:
    """Return the interpreters that have label-studio-ml: it cannot live beside our Flask.

    GOLDLEAF_LABEL_STUDIO_ML_PYTHON names them, else it is that of `make accept-label-studio-ml`.
    """
    if named := os.environ.get("GOLDLEAF_LABEL_STUDIO_ML_PYTHON"):
        return [Path(each) for each in named.split(os.pathsep)]
    made = Path(__file__).parents[2] / ".venvs" / "label-studio-ml" / "bin" / "python"
    return [made] if made.exists() else []


@pytest.fixture(params=label_studio_ml_pythons() or [None], ids=str)
def label_studio_ml_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with the real label-studio-ml."""
    if request.param is None:
        pytest.skip("label-studio-ml is in an environment of its own: make accept-label-studio-ml")
    return request.param
