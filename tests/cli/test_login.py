"""`goldleaf login`: a mistake is one message, and nothing is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from goldleaf.cli.main import app
from goldleaf.core.errors import GoldleafError, StudioUnreachable, UsageError
from goldleaf.core.settings import Settings
from goldleaf.studio.address import same_address
from goldleaf.workflows.login import log_in

ACCOUNT = {"LABEL_STUDIO_USERNAME": "lead@example.org", "LABEL_STUDIO_PASSWORD": "secret word"}


@pytest.mark.parametrize(
    ("url", "account", "error", "message"),
    [
        ("", ACCOUNT, UsageError, "No Label Studio URL"),
        ("annotate.example.org", ACCOUNT, UsageError, "no address of a Label Studio"),
        ("http://127.0.0.1:1", {}, UsageError, "no account"),
        ("http://127.0.0.1:99999", ACCOUNT, StudioUnreachable, "cannot be reached"),
    ],
)
def test_a_mistake_is_one_message(
    tmp_path: Path, url: str, account: dict[str, str], error: type[GoldleafError], message: str
):
    with pytest.raises(error, match=message) as found:
        log_in(Settings(url=url, data_dir=tmp_path), *(account.values() or ("", "")))
    assert "secret word" not in found.value.shown("en")
    environ = {"LABEL_STUDIO_USERNAME": None, "LABEL_STUDIO_PASSWORD": None, **account}
    command = ["login", "--url", url, "--data-dir", str(tmp_path)]
    done = CliRunner().invoke(app, command, env=environ)
    assert isinstance(done.exception, error)


def test_an_address_that_is_none_is_like_itself_alone():
    assert same_address("http://127.0.0.1:99999", "http://127.0.0.1:99999")
    assert not same_address("http://[", "http://127.0.0.1:8080")
    assert same_address("http://localhost:8080/", "http://127.0.0.1:8080")
