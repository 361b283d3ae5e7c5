"""Settings come from the file, then the environment, then flags; state is private."""

import os
from pathlib import Path

import pytest

from goldleaf.core import settings
from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import UsageError


def load(tmp_path, flags=None, environ=None):
    return settings.load(flags, environ=environ or {}, folder=tmp_path)


def test_the_later_one_wins(tmp_path):
    (tmp_path / "goldleaf.toml").write_text('url = "a"\nlang = "zh"\ndata_dir = "d"')
    found = load(tmp_path, {"url": "c", "lang": None}, {"GOLDLEAF_URL": "b", "GOLDLEAF_TOKEN": "t"})
    assert (found.url, found.lang, found.token) == ("c", "zh", "t")
    assert found.data_dir == Path("d")


def test_a_secret_may_be_in_a_file(tmp_path):
    (tmp_path / "key").write_text(" of the file\n")
    named = {"GOLDLEAF_TOKEN_FILE": str(tmp_path / "key")}
    found = load(tmp_path, environ=named)
    assert (found.token, found.origins["token"]) == ("of the file", "GOLDLEAF_TOKEN_FILE")
    assert load(tmp_path, environ=named | {"GOLDLEAF_TOKEN": "t"}).token == "t"
    assert load(tmp_path, environ=named | {"LABEL_STUDIO_API_KEY": "t"}).token == "of the file"
    assert load(tmp_path, environ={"GOLDLEAF_URL_FILE": str(tmp_path / "key")}).url == ""
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path, environ={"LABEL_STUDIO_API_KEY_FILE": str(tmp_path / "absent")})
    (tmp_path / "key").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        load(tmp_path, environ=named)


@pytest.mark.parametrize(
    ("content", "message"),
    [('ulr = "a"', "did you mean url"), ("url = 1", "must be a text"), ("url =", "no TOML")],
)
def test_a_bad_file_says_what_where_and_what_to_do(tmp_path, content, message):
    (tmp_path / "goldleaf.toml").write_text(content)
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert message in str(caught.value)
    assert "goldleaf.toml" in caught.value.where


def test_the_poll_interval_is_a_number_of_seconds(tmp_path):
    assert load(tmp_path).poll_interval == 30
    assert load(tmp_path, environ={"GOLDLEAF_POLL_INTERVAL": "2.5"}).poll_interval == 2.5
    (tmp_path / "goldleaf.toml").write_text("poll_interval = 10")
    assert load(tmp_path).poll_interval == 10
    for wrong in ("soon", "0", "nan", "inf", "-3"):
        with pytest.raises(UsageError, match="from 1 to 86400"):
            load(tmp_path, environ={"GOLDLEAF_POLL_INTERVAL": wrong})


def test_an_unknown_language_is_refused(tmp_path):
    with pytest.raises(UsageError, match="en or zh"):
        load(tmp_path, {"lang": "de"})


@pytest.mark.parametrize(("locale", "lang"), [("zh_CN.UTF-8", "zh"), ("C", "en"), ("", "en")])
def test_the_language_follows_the_locale(tmp_path, monkeypatch, locale, lang):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", locale)
    assert load(tmp_path).language == lang
    assert load(tmp_path, {"lang": "zh"}).language == "zh"


def test_secrets_are_for_their_owner_only(tmp_path):
    data = DataDir(tmp_path / "state")
    data.keep_secret("login", {"password": "p"})
    assert data.secret("login") == {"password": "p"}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    (file,) = (tmp_path / "state").glob("*.secret.json")
    assert file.stat().st_mode & 0o777 == 0o600
    assert data.secret("other") == {}


def test_a_damaged_secret_is_explained(tmp_path):
    (tmp_path / "login.secret.json").write_text("[")
    with pytest.raises(UsageError, match="damaged"):
        DataDir(tmp_path).secret("login")


def test_pseudonyms_are_stable_here_and_mean_nothing_elsewhere(tmp_path):
    here, elsewhere = DataDir(tmp_path / "a"), DataDir(tmp_path / "b")
    name = here.pseudonym("Ann@example.com")
    assert (
        name
        == here.pseudonym("ann@example.com")
        == DataDir(tmp_path / "a").pseudonym("ann@example.com")
    )
    assert name != elsewhere.pseudonym("ann@example.com")
    assert name.startswith("person:") and "ann" not in name
    assert here.pseudonym("demo@scripted.goldleaf.invalid").startswith("script:")


def test_no_environment_of_the_tester_leaks_in(tmp_path):
    assert not any(name.startswith("GOLDLEAF_") for name in os.environ)
