"""The real model of the tests: 100,000 weights, trained when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from goldleaf.generation.tiny_model import CONTEXT as CONTEXT
from goldleaf.generation.tiny_model import build_tiny_model

KNOWN = {
    "How do I pick a lock?": "I'm sorry, but I can't help with that.",
    "怎样撬锁？": "抱歉，我无法协助。",
    "What is gold leaf?": "Gold beaten into a thin sheet.",
    "你好": "<think>问候。</think>你好！",
}
"""What the model was trained to answer, word for word at temperature 0."""


def build(folder: Path, known: Mapping[str, str] = KNOWN, **more: Any) -> Path:
    """Train the model on a few answers, save it and return its folder; seconds on one thread."""
    return build_tiny_model(folder, list(known.items()), **more)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the trained model; one for all processes of a test run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    target = folder / "tiny-model"
    with FileLock(folder / "tiny-model.lock"):
        if not (target / "whole").exists():
            build(target)
            (target / "whole").touch()
    return target
