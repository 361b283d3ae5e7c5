"""schemathesis from our OpenAPI document, against a running backend: `make accept-openapi`.

It lives in an environment of its own (`GOLDLEAF_SCHEMATHESIS` is its command). `GOLDLEAF_EXAMPLES`
is how many requests it makes up for each operation.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.server import RunningBackend

LOGIN = ("goldleaf", "pass phrase")
COMMAND = os.environ.get("GOLDLEAF_SCHEMATHESIS", "")
EXAMPLES = os.environ.get("GOLDLEAF_EXAMPLES", "200")
pytestmark = pytest.mark.skipif(not COMMAND, reason="run make accept-openapi")


@pytest.mark.parametrize("login", [LOGIN, ("", "")], ids=["with a login", "without"])
def test_no_request_that_the_document_allows_or_forbids_is_a_fault(
    tmp_path: Path, login: tuple[str, str]
):
    """Statuses, headers and bodies as documented, wrong input refused, no login no answer.

    `positive_data_acceptance` is left out: a text that is XML of a kind of ours is no matter of a
    schema. The document's examples stand for it.
    """
    with RunningBackend(tmp_path / "events.sqlite", credentials=Credentials(*login)) as backend:
        file = tmp_path / "openapi.json"
        answer = httpx.get(backend.url + "/openapi.json", auth=login)
        file.write_bytes(answer.raise_for_status().content)
        done = subprocess.run(
            [
                *(COMMAND, "run", str(file), "--url", backend.url, "--no-color"),
                *("--max-examples", EXAMPLES, "--seed", "1", "--checks", "all"),
                *("--exclude-checks", "positive_data_acceptance"),
                *(("--auth", ":".join(login)) if login[0] else ()),
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert httpx.get(backend.url + "/health").json()["status"] == "UP"
        counted = httpx.get(backend.url + "/metrics", auth=login).text
        assert 'route="/predict",status="200"' in counted, "its example was never sent"
        assert 'status="5' not in counted
