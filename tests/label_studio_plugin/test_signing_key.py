"""What Label Studio signs by is what it reads at its next start."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from goldleaf.label_studio_plugin.signing_key import provide_signing_key

UNREADABLE = "$m))$c(o5h4l%p4=)&k-ml*wdu47^3jzp4jw!@0!+ozwyupj-1"
KEY = "import django.conf; print(django.conf.settings.SECRET_KEY)"


def label_studio_key(folder: Path) -> str:
    """Return the key with which Label Studio starts on a folder."""
    environment = {name: text for name, text in os.environ.items() if name != "SECRET_KEY"} | {
        "DJANGO_SETTINGS_MODULE": "goldleaf.label_studio_plugin.settings",
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
    }
    script = f"from label_studio.server import _setup_env; _setup_env(); {KEY}"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.label_studio
def test_two_starts_have_one_key_where_one_could_not_be_read(tmp_path: Path):
    pytest.importorskip("label_studio")
    file = tmp_path / ".env"
    file.write_text(f"\nSECRET_KEY={UNREADABLE}\n", "utf-8")
    first = label_studio_key(tmp_path)
    assert len(first) >= 50 and first not in UNREADABLE
    assert label_studio_key(tmp_path) == first
    assert f"SECRET_KEY={first}\n" in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("environ")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    "kept",
    [
        "SECRET_KEY=a#b$c\n",
        "export SECRET_KEY=exported\n",
        "SECRET_KEY=$VAULT_KEY\n",
        "OTHER=of this file\nSECRET_KEY=$OTHER\n",
        f"SECRET_KEY={UNREADABLE}\nSECRET_KEY=the last one counts\n",
        "SECRET_KEY='quoted'\n",
    ],
)
def test_a_key_that_can_be_read_stays(folder: Path, kept: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VAULT_KEY", "from a vault")
    (folder / ".env").write_text(kept, "utf-8")
    provide_signing_key(folder)
    assert (folder / ".env").read_text("utf-8") == kept


def test_a_first_key_is_drawn_and_private(folder: Path):
    provide_signing_key(folder)
    name, _, key = (folder / ".env").read_text("ascii").rstrip("\n").partition("=")
    assert name == "SECRET_KEY" and re.fullmatch(r"[\w-]{50,}", key)
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600


@pytest.mark.parametrize("unreadable", [UNREADABLE, "'$quoted'", "$NOT_THERE", ""])
def test_a_key_is_added_to_what_is_there(folder: Path, unreadable: str):
    before = f"# of ours\nOTHER=1\nSECRET_KEY={unreadable}\n"
    (folder / ".env").write_text(before, "utf-8")
    provide_signing_key(folder)
    after = (folder / ".env").read_text("utf-8")
    assert re.fullmatch(re.escape(before) + r"SECRET_KEY=[\w-]{50,}\n", after)
    provide_signing_key(folder)
    assert (folder / ".env").read_text("utf-8") == after


def test_a_key_of_the_environment_goes_first_and_an_empty_one_does_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SECRET_KEY", "the team's own")
    provide_signing_key(folder)
    assert not (folder / ".env").exists()
    monkeypatch.setenv("SECRET_KEY", "")
    provide_signing_key(folder)
    assert (folder / ".env").exists() and "SECRET_KEY" not in os.environ


def test_an_image_keeps_no_key(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["label-studio", "collectstatic"])
    provide_signing_key(folder)
    assert not (folder / ".env").exists()


def test_many_first_starts_at_once_have_one_key(folder: Path):
    with ThreadPoolExecutor(8) as at_once:
        list(at_once.map(provide_signing_key, [folder] * 8))
    assert (folder / ".env").read_text("ascii").count("SECRET_KEY=") == 1


def test_a_file_that_cannot_be_read_or_written_is_left_to_label_studio(folder: Path):
    (folder / ".env").write_bytes(b"SECRET_KEY=$\xff\n")
    provide_signing_key(folder)
    assert (folder / ".env").read_bytes() == b"SECRET_KEY=$\xff\n"
    (folder / "no folder").touch()
    provide_signing_key(folder / "no folder")
