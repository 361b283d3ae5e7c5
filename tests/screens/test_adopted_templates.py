"""Label Studio's own templates, answered by clicks and keys, exported by `goldleaf export`.

`GOLDLEAF_TEMPLATE_ANSWERS=20` answers twenty tasks a template (`make accept-templates`).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any, ClassVar

import pytest
from selenium import webdriver
from shipped_configs import pairwise, shipped_config
from template_annotator import TemplateAnnotator

from goldleaf.studio.embedded_label_studio import EmbeddedStudio

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]
ANSWERS = int(os.environ.get("GOLDLEAF_TEMPLATE_ANSWERS", "0"))
"""Answers to each template; never fewer than it has acts. Read before `inside` clears it."""

Rows = set[tuple[str, ...]]
Act = Callable[[TemplateAnnotator, int], None]


@dataclass
class Job:
    """A template, its tasks, and each act with what must come of it.

    `expected` returns the rows of an act: ("dpo", prompt, chosen, rejected), ("sft", prompt,
    answer), ("kto", prompt, answer, "True"); or a text, the reason of its rejection.
    """

    template: str
    data: Callable[[int], dict[str, Any]]
    acts: list[tuple[Act, Callable[[int], Rows | str]]]
    more: str = ""
    all: ClassVar[dict[str, Job]] = {}

    def __post_init__(self) -> None:
        """Keep it under its name."""
        self.all[f"{self.template.partition('/')[2]}{self.more}"] = self


def prompt(n: int) -> str:
    return f"Question number {n}?"


def pair(n: int) -> dict[str, Any]:
    return {"prompt": prompt(n), "answer1": f"First of {n}", "answer2": f"Second of {n}"}


def pick(*sides: str) -> Act:
    def act(on: TemplateAnnotator, n: int) -> None:
        for side in sides:
            on.pick_side(f"{side} of {n}")
        on.submit()

    return act


def better(chosen: str, rejected: str) -> Callable[[int], Rows]:
    return lambda n: {("dpo", prompt(n), f"{chosen} of {n}", f"{rejected} of {n}")}


def skip(on: TemplateAnnotator, n: int) -> None:
    on.skip()


def no_act(on: TemplateAnnotator, n: int) -> None:
    on.submit()


def reason(code: str) -> Callable[[int], str]:
    return lambda n: code


Job(
    "generative-ai/human-feedback-collection",
    pair,
    [
        (pick("First"), better("First", "Second")),
        (pick("Second"), better("Second", "First")),
        (pick("First", "Second"), better("Second", "First")),
        (pick("First", "First"), reason("empty_result")),
        (no_act, reason("empty_result")),
        (skip, reason("cancelled")),
    ],
)

Job(
    "generative-ai/human-feedback-collection",
    lambda n: {
        "data": pair(n),
        "predictions": [{"model_version": "m/1", "score": 0.5, "result": pairwise("left")}],
    },
    [
        (pick("Second"), better("Second", "First")),
        (no_act, better("First", "Second")),
        (pick("First"), reason("empty_result")),  # a click on the drafted side takes it back
    ],
    more=", drafted",
)


def moved(**columns: int) -> Act:
    def act(on: TemplateAnnotator, n: int) -> None:
        for item, column in columns.items():
            on.move(f"Answer {item} to {n}", column)
        on.submit()

    return act


Job(
    "generative-ai/llm-ranker",
    lambda n: {
        "task": "Rank them.",
        "prompt": prompt(n),
        "items": [
            {"id": name, "title": f"Model {name}", "body": f"Answer {name} to {n}"}
            for name in "abc"
        ],
    },
    [
        (
            moved(b=1, a=2),
            lambda n: {("dpo", prompt(n), f"Answer b to {n}", f"Answer a to {n}")},
        ),
        (
            moved(a=1, c=2),
            lambda n: {("dpo", prompt(n), f"Answer a to {n}", f"Answer c to {n}")},
        ),
        (no_act, reason("nothing_said")),
    ],
)


def written(text: str) -> Act:
    def act(on: TemplateAnnotator, n: int) -> None:
        on.write(f"{text} {n}")
        on.submit()

    return act


def taught(text: str) -> Callable[[int], Rows]:
    return lambda n: {("sft", prompt(n), f"{text} {n}")}


Job(
    "generative-ai/supervised-llm",
    lambda n: {"prompt": prompt(n)},
    [
        (written("An answer to"), taught("An answer to")),
        (written("黄金"), taught("黄金")),
        (skip, reason("cancelled")),
    ],
)
Job(
    "conversational-ai/response-generation",
    lambda n: {"dialogue": [{"author": "user", "text": prompt(n)}]},
    [(written("A reply to"), taught("A reply to"))],
)


def chosen(on: TemplateAnnotator, n: int) -> None:
    on.choose(0, "Two")
    on.submit()


Job(
    "conversational-ai/response-selection",
    lambda n: {
        "humanMachineDialogue": [{"author": "user", "text": prompt(n)}],
        "respone": f"One to {n}",
        "resptwo": f"Two to {n}",
        "respthree": f"One to {n}",
    },
    [(chosen, lambda n: {("dpo", prompt(n), f"Two to {n}", f"One to {n}")})],
)


def starred(stars: int) -> Act:
    def act(on: TemplateAnnotator, n: int) -> None:
        on.stars(stars)
        on.submit()

    return act


def judged(text: str, good: bool) -> Callable[[int], Rows]:
    return lambda n: {("kto", prompt(n), f"{text} {n}", str(good))}


Job(
    "generative-ai/response-grading",
    lambda n: {"document": prompt(n), "summary": f"A summary of {n}"},
    [
        (starred(5), judged("A summary of", True)),
        (starred(2), judged("A summary of", False)),
        (starred(3), reason("no_verdict")),
    ],
)
FAULTS = ["No", "No", "No", "Yes", "No", "No", "No", "No", "No"]
"""What is clicked for a reply without a fault: the fourth asks whether a constraint is met."""


def assessed(*choices: str, stars: int = 0) -> Act:
    def act(on: TemplateAnnotator, n: int) -> None:
        for control, choice in enumerate(choices):
            on.choose(control, choice)
        if stars:
            on.stars(stars)
        on.submit()

    return act


Job(
    "generative-ai/chatbot-assessment",
    lambda n: {
        "messages": [
            {"role": "user", "content": prompt(n)},
            {"role": "assistant", "content": f"A reply to {n}"},
        ]
    },
    [
        (assessed(*FAULTS), judged("A reply to", True)),
        (assessed("No", "No", "Yes"), judged("A reply to", False)),
        (assessed("No", stars=2), judged("A reply to", False)),
        (assessed("No"), reason("no_verdict")),
    ],
)


def rows_of(out: Path) -> Rows:
    """Return every row of an export, held out or not."""
    found: Rows = set()
    for file in (out / "trl").rglob("*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            if "messages" in row:
                asked, answer = row["messages"]
                found.add(("sft", asked["content"], answer["content"]))
            elif "chosen" in row:
                sides = (row["chosen"][0]["content"], row["rejected"][0]["content"])
                found.add(("dpo", row["prompt"][0]["content"], *sides))
            else:
                said = (row["completion"][0]["content"], str(row["label"]))
                found.add(("kto", row["prompt"][0]["content"], *said))
    return found


@pytest.fixture(scope="module")
def hands(chromium: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The session's browser, in a window that annotators really have."""
    size = {"width": 1366, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield chromium
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", list(Job.all))
def test_every_answer_to_a_shipped_template_is_used_or_rejected_with_its_reason(
    name: str,
    hands: webdriver.Chrome,
    label_studio: EmbeddedStudio,
    inside: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    job = Job.all[name]
    count = max(ANSWERS, len(job.acts))
    acts = list(islice(cycle(job.acts), count))
    config = shipped_config(job.template)
    project = TemplateAnnotator(hands, label_studio, config, [job.data(n) for n in range(count)])
    for n, (act, _) in enumerate(acts):
        act(project, n)
    monkeypatch.setenv("GOLDLEAF_URL", label_studio.url)
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
    source = f"project:{project.project}"
    done = inside("export", source, "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    outcomes = [expected(n) for n, (_, expected) in enumerate(acts)]
    found = json.loads(done.stdout)
    assert found["answers"]["read"] == count
    reasons = Counter(outcome for outcome in outcomes if isinstance(outcome, str))
    assert found["reasons"].get("rejected", {}) == reasons
    wanted = set[tuple[str, ...]]().union(*(each for each in outcomes if isinstance(each, set)))
    assert rows_of(tmp_path / "out") == wanted
    used = found["answers"]["used"] + found["answers"].get("held_out", 0)
    counts = f"{name}: {count} answers, {used} used, {dict(reasons)} rejected, {len(wanted)} rows"
    sys.stdout.write(f"\n{counts}\n")  # shown by make accept-templates
    label_studio.studio.delete(f"/api/projects/{project.project}/")


OWN_CONFIG = """<View><Text name="question" value="$q"/><Text name="answer_a" value="$a"/>
  <Text name="answer_b" value="$b"/>
  <Choices name="better" toName="question" choice="single-radio">
    <Choice value="A is better" alias="a"/><Choice value="B is better" alias="b"/>
    <Choice value="Same"/></Choices></View>"""


def test_any_other_project_is_mapped_and_exported(
    hands: webdriver.Chrome,
    label_studio: EmbeddedStudio,
    inside: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    tasks = [{"q": prompt(n), "a": f"First of {n}", "b": f"Second of {n}"} for n in range(3)]
    project = TemplateAnnotator(hands, label_studio, OWN_CONFIG, tasks)
    for choice in ("A is better", "B is better", "Same"):
        project.choose(0, choice)
        project.submit()
    monkeypatch.setenv("GOLDLEAF_URL", label_studio.url)
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
    number, out = project.project, tmp_path / "out"
    refused = inside("export", f"project:{number}", "--out", out)
    hint = re.search(r"run goldleaf (project map .*), and export with --reading", refused.stderr)
    assert refused.returncode == 2 and hint, refused.stderr
    mapped = inside(*shlex.split(hint[1]), "--out", "reading.yaml")  # as a user pastes it
    assert mapped.returncode == 0, mapped.stderr
    assert "rank 1: First of 0" in mapped.stdout and "rank 1: Second of 1" in mapped.stdout
    done = inside(
        "export", f"project:{number}", "--out", out, "--reading", "reading.yaml", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reasons"]["dropped"] == {"tie": 1}
    assert rows_of(out) == {
        ("dpo", prompt(0), "First of 0", "Second of 0"),
        ("dpo", prompt(1), "Second of 1", "First of 1"),
    }
    listed = inside("project", "list", "--json")
    assert any(each["project"] == number for each in json.loads(listed.stdout))
    label_studio.studio.delete(f"/api/projects/{number}/")
