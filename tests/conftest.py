"""Fixtures of all rooms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from goldleaf.core.data_dir import DataDir
from goldleaf.studio.embedded import EmbeddedStudio


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStudio]:
    """The one real Label Studio of a test session: `url`, `token`, `email`, `password`, `studio`.

    Booted by the first test that asks, on a data directory and a port of its own.
    """
    if find_spec("label_studio") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have label-studio: pip install 'goldleaf[dev]'")
        pytest.skip("label-studio is not installed: pip install 'goldleaf[studio]'")
    with EmbeddedStudio(DataDir(tmp_path_factory.mktemp("label-studio"))) as running:
        yield running
