"""The lead's page of a real Label Studio with scripted annotators: as a file, and live."""

from __future__ import annotations

import json
import random
from contextlib import ExitStack

import httpx
import pytest

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.server import RunningBackend
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.core.settings import Settings
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.accounts import create_account
from goldleaf.studio.projects import create_project
from goldleaf.workflows.team import team

pytestmark = pytest.mark.label_studio

TASKS = 40
PEOPLE = {"good-a": 0.8, "good-b": 0.8, "good-c": 0.8, "random": 0.0, "left": None}
VALUES = ("a_much", "a", "b", "b_much")


def mail(name):
    return f"{name}@team.example"


@pytest.fixture(scope="module")
def project(label_studio):
    """A project of comparisons, answered by five accounts."""
    kind, draw = kind_named("preference"), random.Random(7)
    studio = label_studio.studio
    number = create_project(studio, kind, title="Team of five", overlap=5)
    records = [
        Comparison(
            (Turn("user", f"Which colour has thing {n}?"),),
            tuple(Candidate((Turn("assistant", f"{c}, thing {n}."),)) for c in ("Blue", "Green")),
        )
        for n in range(TASKS)
    ]
    with ExitStack() as stack:
        for name in PEOPLE:
            stack.enter_context(create_account(studio, mail(name), "Passw0rd-123"))
    members = {email: account for account, email in studio.accounts().items()}

    def annotation(name, truth, *, skipped):
        skill = PEOPLE[name]
        value = truth if skill and draw.random() < skill else draw.choice(VALUES)
        answer = kind.codec.Answer(decision=value if skill is not None else "a")
        return {
            "result": to_regions(kind.to_annotation(answer), kind.screen),
            "completed_by": members[mail(name)],
            "was_cancelled": skipped,
            "lead_time": 20.0 + draw.random(),
        }

    tasks = [
        {
            "data": kind.codec.to_task(record),
            "annotations": [
                annotation(name, VALUES[n % 4], skipped=name == "good-a" and n == 7)
                for name in PEOPLE
            ],
        }
        for n, record in enumerate(records)
    ]
    studio.post(f"/api/projects/{number}/import", tasks)
    return number


@pytest.fixture
def settings(label_studio, tmp_path):
    return Settings(data_dir=tmp_path / "state", url=label_studio.url, token=label_studio.token)


@pytest.fixture
def goldleaf(inside, settings, monkeypatch):
    """Return a function that runs a command on this Label Studio."""
    monkeypatch.setenv("GOLDLEAF_URL", settings.url)
    monkeypatch.setenv("GOLDLEAF_TOKEN", settings.token)
    return inside


def test_the_page_names_who_answers_at_random_or_picks_left(project, goldleaf, tmp_path):
    page, chinese = tmp_path / "team.html", tmp_path / "team.zh.html"
    done = goldleaf("team", project, "--out", page, "--names")
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    named = text[text.index('id="named"') : text.index('id="work"')]
    assert "left@team.example prefers the answer shown first" in named
    assert "random@team.example answers" in named
    assert "good-" not in named
    assert f"/projects/{project}/data?task=" in text
    done = goldleaf("team", project, "--lang", "zh", "--out", chinese)
    assert done.returncode == 0, done.stderr
    text = chinese.read_text("utf-8")
    assert "应当与谁沟通" in text and "person:" in text and "@team.example" not in text
    done = goldleaf("team", f"project:{project}", "--json")
    found = json.loads(done.stdout)
    assert {one["why"] for one in found["named"]} == {"random", "first"}
    assert found["tasks"] == TASKS and found["skips"] > 0 and "accounts" not in found
    assert {one["control"] for one in found["controls"]} >= {"decision"}


def test_a_file_that_is_not_a_page_is_kept_and_a_project_must_be_a_number(goldleaf, tmp_path):
    other = tmp_path / "mine.html"
    other.write_text("<html>mine</html>")
    done = goldleaf("team", "1", "--out", other)
    assert done.returncode == 2 and "--overwrite" in done.stderr
    assert other.read_text() == "<html>mine</html>"
    done = goldleaf("team", "three")
    assert done.returncode == 2 and "not a project" in done.stderr


def test_the_live_page_is_behind_the_login_and_made_anew(project, label_studio, settings, tmp_path):
    asked = []

    def page(lang):
        asked.append(lang)
        return team([project], settings=settings, studio=label_studio.studio).page(lang)

    login, known = Credentials("lead", "secret-password", "hook"), ("lead", "secret-password")
    with (
        RunningBackend(tmp_path / "events", credentials=login, team_page=page) as backend,
        httpx.Client(base_url=backend.url, timeout=60) as client,
    ):
        refused = client.get("/team")
        assert refused.status_code == 401 and "Basic" in refused.headers["WWW-Authenticate"]
        for lang, title in (("en", "Whom to talk to"), ("zh", "应当与谁沟通")):
            answer = client.get("/team", params={"lang": lang}, auth=known)
            assert answer.status_code == 200 and title in answer.text
            assert answer.headers["content-type"].startswith("text/html")
        assert client.get("/team", params={"lang": "fr"}, auth=known).status_code == 422
    assert asked == ["en", "zh"]
    with RunningBackend(tmp_path / "other") as backend:
        assert httpx.get(f"{backend.url}/team").status_code == 404
