"""label-studio-sdk judges every kind, in every language, with its samples, drafts and answers."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from answer_strategies import answers, sample_records
from command import Goldleaf
from hypothesis import given, settings
from kinds_of_all import ALL_KINDS

from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors import rules
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.linter import lint
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.screen import parse, pattern_of
from goldleaf.studio.sdk_validation import SdkValidator, written_out
from goldleaf.workflows.kinds import lint_kind

pytest.importorskip("label_studio_sdk", reason="pip install 'goldleaf[studio]'")
every_kind = pytest.mark.parametrize("kind", ALL_KINDS.values(), ids=ALL_KINDS)
every_language = pytest.mark.parametrize("lang", ["en", "zh"])
SHOWN = '<Text name="t" value="$t"/>'


def tasks_of(kind: Kind) -> list[dict[str, Any]]:
    return [kind.codec.to_task(record) for record in sample_records(kind)]


@every_kind
@every_language
def test_it_takes_every_config_sample_and_draft(kind: Kind, lang: str):
    config, tasks = kind.config(lang), tasks_of(kind)
    validator = SdkValidator(config)
    assert validator.config_errors() == []
    drafts = draft_predictions(kind, parse(config), [{"data": task} for task in tasks], rules)
    for task, draft in zip(tasks, drafts, strict=True):
        assert validator.errors(task, draft or None) == []
    assert any(drafts) or kind.name not in rules.rules()
    assert lint_kind(kind) == []


@every_kind
@every_language
def test_it_takes_whatever_an_annotator_may_answer(kind: Kind, lang: str):
    config, task = kind.config(lang), tasks_of(kind)[0]
    validator, screen = SdkValidator(config), parse(config)

    @settings(max_examples=15)
    @given(answer=answers(kind.codec.Answer, task))
    def holds(answer: Any) -> None:
        held = kind.to_annotation(answer)
        asked = {n: v for n, v in held.items() if pattern_of(n) in screen.controls}
        regions = to_regions(asked, screen)  # without what only older screens ask
        assert validator.errors(task, {"result": regions, "score": 0.5}) == []

    holds()


@every_kind
def test_it_refuses_what_does_not_fit(kind: Kind):
    config, task = kind.config(), tasks_of(kind)[0]
    validator = SdkValidator(config)
    without = {
        field: validator.errors({k: v for k, v in task.items() if k != field})
        for field in parse(config).fields
    }
    # A text box may begin with a field that a task lacks; what is shown must be there.
    assert any(without.values())
    assert all(field in why[0] for field, why in without.items() if why)
    name, control = next((n, c) for n, c in parse(config).controls.items() if c.choices)
    (region,) = to_regions({name.replace("{{idx}}", "0"): control.choices[:1]}, parse(config))
    assert validator.errors(task, {"result": [region]}) == []
    unknown = {**region, "value": {"choices": ["no such choice"]}}
    assert "no such choice" in validator.errors(task, {"result": [unknown]})[0]
    (why,) = validator.errors(task, {"result": [{**region, "from_name": "nothing"}]})
    assert "'nothing' not found" in why
    assert "Score" in validator.errors(task, {"result": [region], "score": 7})[0]


def test_a_repeater_is_written_out_as_deep_as_it_goes():
    inner = '<Repeater on="$a[{{i}}].b" indexFlag="{{j}}"><Text name="t_{{i}}_{{j}}" '
    inner += 'value="$a[{{i}}].b[{{j}}].c"/></Repeater>'
    config = f'<View><Repeater on="$a" indexFlag="{{{{i}}}}">{inner}</Repeater></View>'
    data = {"a": [{"b": [{"c": "one"}]}, {"b": [{"c": "two"}, {"c": "three"}]}, 5]}
    written, fields = written_out(config, data)
    assert written.count("<Text") == 3 and "Repeater" not in written
    assert (fields["a_0_b_0_c"], fields["a_1_b_1_c"]) == ("one", "three")
    assert SdkValidator(config).errors(data) == []
    assert "a_1_b_0_c" in SdkValidator(config).errors({"a": [{}, {"b": [{}]}]})[0]
    assert written_out(config, {"a": "no list"})[0] == "<View />"


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (f'<View>{SHOWN}<View name="v"/><View name="v"/></View>', "non-unique names"),
        (f'<?xml version="1.0" encoding="UTF-8"?><View>{SHOWN}</View>', "encoding declaration"),
    ],
)
def test_lint_names_what_the_sdk_alone_refuses(
    inside: Goldleaf, tmp_path: Any, config: str, why: str
):
    (tmp_path / "screen.xml").write_text(config, "utf-8")
    done = inside("kinds", "--lint", "screen.xml", "--json")
    assert done.returncode == 1
    found = [each for each in json.loads(done.stdout) if each["rule"] == "label_studio_sdk"]
    assert found and why in found[0]["what"], done.stdout
    assert "拒绝" in inside("kinds", "--lint", "screen.xml", "--lang", "zh").stdout


def test_lint_takes_the_name_of_a_kind(inside: Goldleaf):
    done = inside("kinds", "--lint", "refusal")
    assert (done.returncode, done.stdout) == (0, "No problems found.\n")
    assert inside("kinds", "--lint", "no-such-kind").returncode == 2


def test_hostile_xml_never_reaches_the_second_parser(inside: Goldleaf, tmp_path: Any):
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><View>&a;</View>'
    (tmp_path / "screen.xml").write_text(bomb, "utf-8")
    found = json.loads(inside("kinds", "--lint", "screen.xml", "--json").stdout)
    assert [each["rule"] for each in found] == ["config_not_xml"]


def test_without_the_sdk_lint_says_that_it_was_not_asked(
    inside: Goldleaf, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    (tmp_path / "screen.xml").write_text(f"<View>{SHOWN}</View>", "utf-8")
    assert inside("kinds", "--lint", "screen.xml").stderr == ""
    monkeypatch.setitem(sys.modules, "label_studio_sdk", None)
    done = inside("kinds", "--lint", "screen.xml")
    assert done.returncode == 0 and "pip install 'goldleaf[studio]'" in done.stderr
    assert lint(f"<View>{SHOWN}</View>") == []
