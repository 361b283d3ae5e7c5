"""`LABEL_STUDIO_URL` and `LABEL_STUDIO_API_KEY` name a Label Studio where nothing else does."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Goldleaf

from goldleaf.core.data_dir import DataDir
from goldleaf.core.settings import load
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.workflows.label_studio_connection import DATA_DIR, connection

WRONG = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def closed() -> Iterator[str]:
    """An address at which no server answers."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.mark.label_studio
def test_the_order_of_precedence_as_processes(
    goldleaf: Goldleaf, label_studio: EmbeddedStudio, tmp_path: Path, closed: str
):
    shared = {"LABEL_STUDIO_URL": label_studio.url, "LABEL_STUDIO_API_KEY": label_studio.token}
    done = goldleaf("project", "list", **shared)
    assert done.returncode == 0, done.stderr

    def settings(*arguments: object, code: int, **environment: str) -> str:
        done = goldleaf("doctor", "--json", *arguments, LANG="en", **environment)
        assert done.returncode == code, done.stdout + done.stderr
        assert label_studio.token not in done.stdout + done.stderr
        checks = {check["name"]: check for check in json.loads(done.stdout)}
        assert checks["settings"]["ok"]
        return checks["settings"]["found"]

    # 1: a project of another test may lack its backend; 5: nothing answers.
    found = settings("--project", 0, code=1, **shared)
    assert found == "address from LABEL_STUDIO_URL, token from LABEL_STUDIO_API_KEY"
    found = settings(code=5, **shared, GOLDLEAF_URL=closed)
    assert found.startswith("address from GOLDLEAF_URL, token from LABEL_STUDIO_API_KEY")
    assert found.endswith("set but not used: LABEL_STUDIO_URL")
    file = tmp_path / "goldleaf.toml"
    file.write_text(f'url = "{label_studio.url}"\ntoken = "{label_studio.token}"\n', "utf-8")
    wrong = {"LABEL_STUDIO_URL": closed, "LABEL_STUDIO_API_KEY": WRONG}
    found = settings("--project", 0, code=1, **wrong)
    assert found.startswith(f"address from {file}, token from {file}")
    assert goldleaf("project", "list", **wrong).returncode == 0
    found = settings("--url", closed, code=5, **shared, GOLDLEAF_URL=label_studio.url)
    assert found.startswith(f"address from --url, token from {file}")
    zh = goldleaf("doctor", "--url", closed, LANG="zh_CN.UTF-8", **shared)
    assert "设置来源" in zh.stdout and "地址来自 --url" in zh.stdout


@pytest.mark.parametrize(
    ("environ", "url", "token"),
    [
        ({}, DATA_DIR, DATA_DIR),
        # A key for some other Label Studio is not shown to the one that `up` runs.
        ({"LABEL_STUDIO_API_KEY": WRONG}, DATA_DIR, DATA_DIR),
        ({"GOLDLEAF_TOKEN": WRONG}, DATA_DIR, "GOLDLEAF_TOKEN"),
        ({"LABEL_STUDIO_URL": "http://127.0.0.1:1"}, "LABEL_STUDIO_URL", ""),
        (
            {"LABEL_STUDIO_URL": "http://127.0.0.1:8099", "LABEL_STUDIO_API_KEY": WRONG},
            "LABEL_STUDIO_URL",
            "LABEL_STUDIO_API_KEY",
        ),
        ({"LABEL_STUDIO_URL": "http://127.0.0.1:8099"}, "LABEL_STUDIO_URL", DATA_DIR),
        ({"GOLDLEAF_URL": "http://h", "LABEL_STUDIO_URL": "http://g"}, "GOLDLEAF_URL", ""),
        ({"LABEL_STUDIO_URL": "", "LABEL_STUDIO_API_KEY": ""}, DATA_DIR, DATA_DIR),
    ],
)
def test_beside_a_label_studio_of_the_data_directory(
    tmp_path: Path, environ: dict[str, str], url: str, token: str
):
    data = DataDir(tmp_path / "state")
    data.keep_secret("label-studio", {"token": "kept", "port": 8099})
    settings = load({"data_dir": data.path}, environ=environ, folder=tmp_path)
    found = connection(settings)
    assert (found.url_origin, found.token_origin) == (url, token)
    assert bool(found.token) == bool(token) and (token != DATA_DIR or found.token == "kept")
    assert found.token not in repr(found) or not found.token
