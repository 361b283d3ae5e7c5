"""Which backend a project of the gallery gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldleaf.core.data_dir import DataDir
from goldleaf.label_studio_plugin.attached_backend import backend
from goldleaf.studio.local_backend import KnownBackend, keep_backend


def test_the_environment_names_it_else_it_is_the_one_that_runs_on_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GOLDLEAF_DATA_DIR", str(tmp_path))
    assert backend() is None
    keep_backend(DataDir(tmp_path), KnownBackend("http://127.0.0.1:9", "kept", "word", "secret"))
    assert backend() is None, "it does not run"
    monkeypatch.setenv("GOLDLEAF_BACKEND_URL", "http://ml:9090")
    assert backend() == KnownBackend("http://ml:9090"), "the kept login is shown to its own alone"
    monkeypatch.setenv("GOLDLEAF_BACKEND_USER", "goldleaf")
    monkeypatch.setenv("GOLDLEAF_BACKEND_PASSWORD", "pass")
    monkeypatch.setenv("GOLDLEAF_WEBHOOK_SECRET", "hook")
    named = backend()
    assert named and (named.url, named.user, named.password, named.webhook_secret) == (
        "http://ml:9090",
        "goldleaf",
        "pass",
        "hook",
    )
