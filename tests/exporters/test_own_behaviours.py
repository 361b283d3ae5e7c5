"""A behaviour of the user's own: one line of a recipe, and everything takes it."""

import json
import pickle

import jsonschema
import polars as pl
import pytest
import yaml

from goldleaf.core.behaviours import BUILT_IN
from goldleaf.core.errors import UsageError
from goldleaf.core.records import BEHAVIOURS
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.behaviours import OwnBehaviours, behaviours_in, mask
from goldleaf.exporters.planning.order import staged
from goldleaf.exporters.rules.registry import targets
from goldleaf.label_configs.registry import kind_named
from goldleaf.recipes.json_schema import schema
from goldleaf.recipes.load import parse
from goldleaf.sources import structural_tags

RECIPE = """
behaviours:
  legal_advice: {titles: {en: legal advice, zh: 法律咨询}}
  code: {pattern: "```", stage: general}
  asks_for_law: {pattern: "(?i)law|法", where: prompt}
  long_answer: {min_chars: 60}
shares:
  legal_advice: {min: 0.2}
  code: {max: 0.9}
order: {mode: soft}
split: {test: 0.0}
"""


def readings(made):
    for number in range(40):
        tags = ("legal_advice",) if number < 4 else ()
        answer = f"```\n{number}\n```" if number % 5 == 0 else f"Colour {number}."
        answer += "x" * 60 if number == 39 else ""
        prompt = f"Law {number}?" if number == 7 else f"Task {number}."
        yield made.reading(made.demonstration(number, tags, answer=answer, prompt=prompt))


def test_shares_plan_and_report_take_it_in_both_languages(made, tmp_path):
    recipe = parse(RECIPE.encode(), "r.yaml")
    for lang, title in (("en", "legal advice"), ("zh", "法律咨询")):
        out = tmp_path / lang
        outcome = export(list(readings(made)), recipe, out, lang=lang)
        counted = {c.behaviour: (c.before, c.train) for c in outcome.counts if c.use == "sft"}
        assert counted["legal_advice"][0] == 4
        assert counted["legal_advice"][1] >= 0.2 * counted[""][1]
        assert counted["code"] == (8, 9)  # the one that also gives advice is written twice
        assert counted["asks_for_law"][0] == counted["long_answer"][0] == 1
        assert title in (out / "report.html").read_text("utf-8")
        assert "legal_advice" in (out / "README.md").read_text("utf-8")
        manifest = json.loads((out / "manifest.json").read_text("utf-8"))
        assert parse(manifest["recipe"]["text"].encode(), "manifest") == recipe
    found = dry_run(list(readings(made)), recipe)
    (want,) = [want for want in found.wants if want.key == "shares.legal_advice"]
    assert (want.rule, want.behaviours, want.state) == ("S11", ("legal_advice",), "met")


def test_the_stage_is_the_one_it_names():
    kept = pl.DataFrame(
        {
            "use": ["sft"] * 4,
            "side": ["train"] * 4,
            "behaviours": [0, 0, mask(("refusal",)), 0],
            "risk": [False] * 4,
            "behaviour legal_advice": [True, False, True, False],
            "behaviour code": [False, True, False, False],
            "behaviour asks_for_law": [False] * 4,
            "behaviour long_answer": [False] * 4,
        }
    )
    stages = staged(kept, parse(RECIPE.encode(), "r.yaml"))["stage"].to_list()
    assert stages == ["long_tail", "general", "safety", "general"]
    assert behaviours_in(kept)[-4:] == ["legal_advice", "code", "asks_for_law", "long_answer"]


def test_many_examples_are_detected_in_batches_and_keep_their_order(made):
    recipe = parse(RECIPE.encode(), "r.yaml")
    own = OwnBehaviours(pickle.loads(pickle.dumps(recipe)).behaviours)
    for number in range(3_000):
        own.add(made.demonstration(number, answer="```" if number % 7 == 0 else "no"))
    columns = {column.name: column.to_list() for column in own.columns()}
    assert columns["behaviour code"] == [number % 7 == 0 for number in range(3_000)]
    assert not any(columns["behaviour legal_advice"])


def test_a_catastrophic_pattern_does_not_hang(made):
    text = 'behaviours: {slow: {pattern: "(a+)+$"}}'
    own = OwnBehaviours(parse(text.encode(), "r.yaml").behaviours)
    own.add(made.demonstration(1, answer="a" * 50_000 + "b"))
    assert own.columns()[0].to_list() == [False]


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        (
            "behaviours:\n  legal_advice: {}\nshares:\n  legal_advise: {min: 0.1}",
            "shares.legal_advise: there is no such key",
            "did you mean 'legal_advice'",
        ),
        ("behaviours:\n\n\n  refusal: {}", "the name of a built-in behaviour", "rename yours"),
        ("behaviours:\n\n\n  Law: {}", "not a valid name of a behaviour", "a letter first"),
        ('behaviours:\n\n\n  law: {pattern: "("}', "law.pattern: not a regular expression", ""),
        ('behaviours:\n\n\n  law: {pattern: "(?=a)"}', "law.pattern: not a regular expr", ""),
        ("behaviours:\n\n\n  law: {patern: a}", "law.patern: there is no such", "'pattern'"),
        ("behaviours:\n  law: {}\nshares:\n  law: {most: 1}", "shares.law.most", "min, max"),
        ("rules:\n\n\n  no_such: {a: 1}", "rules.no_such: there is no such rule", ""),
        ("rules:\n\n\n  hard_examples: {a: 1}", "this rule has no settings here", "settings"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_a_fix(text, said, fix):
    with pytest.raises(UsageError) as refused:
        parse(text.encode(), "r.yaml")
    assert said in refused.value.what
    assert refused.value.where == "r.yaml, line 4"
    assert fix in refused.value.fix


def test_nothing_is_said_of_it_where_a_recipe_has_none():
    assert "behaviours" not in yaml.safe_load(parse(b"seed: 8", "r.yaml").text())
    assert "rules" not in yaml.safe_load(parse(b"seed: 8", "r.yaml").text())


def test_the_schema_takes_it():
    check = jsonschema.Draft7Validator(schema())
    assert check.is_valid(yaml.safe_load(RECIPE))
    assert check.is_valid({"shares": {"refusal": {"benign_twins": 0.5}}})
    assert not check.is_valid({"shares": {"refusal": {"twins": 0.5}}})
    assert not check.is_valid({"behaviours": {"code": {"patern": "a"}}})


def test_all_lists_of_behaviours_follow_from_one_file():
    assert tuple(BUILT_IN) == BEHAVIOURS
    seen = {name for name, known in BUILT_IN.items() if known.detected == "structure"}
    assert seen == set(structural_tags._NAMES)
    for lang in ("en", "zh"):
        config = kind_named("instruction").config(lang)
        for name, known in BUILT_IN.items():
            assert (f'alias="{name}"' in config) is (known.group != "unsettled")
    asked = parse(
        yaml.safe_dump(
            {"shares": {n: {"max": 0.5} for n, known in BUILT_IN.items() if known.share}}
        ).encode(),
        "r.yaml",
    )
    assert {target.key for target in targets(asked)} == {
        f"shares.{name}" for name, known in BUILT_IN.items() if known.share
    }
