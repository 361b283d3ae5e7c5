"""The schema for editors is current, and says what the recipe's classes say."""

import json
import runpy

import jsonschema
import pytest
import yaml

from goldleaf.core.errors import UsageError
from goldleaf.recipes.inheritance import SHIPPED, shipped_names
from goldleaf.recipes.json_schema import SCHEMA, schema, schema_text, shipped_schema
from goldleaf.recipes.load import parse


def test_the_shipped_file_is_current():
    again = "run: python -m goldleaf.recipes.json_schema"
    assert shipped_schema() == schema_text(), again


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_the_command_that_readmes_name_writes_it():
    before = shipped_schema()
    runpy.run_module("goldleaf.recipes.json_schema", run_name="__main__")
    assert shipped_schema() == before


def test_it_is_a_schema_of_its_dialect():
    jsonschema.Draft7Validator.check_schema(schema())


def test_every_key_is_described():
    found = json.loads(shipped_schema())
    parts = [found, *found["$defs"].values()]
    for part in parts:
        assert part["additionalProperties"] is False
        for key, value in part["properties"].items():
            own = (
                value.get("description")
                or found["$defs"][value["$ref"].split("/")[-1]]["description"]
            )
            assert own.endswith("."), key


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_recipes_are_valid_and_name_it(name):
    text = SHIPPED.joinpath(f"{name}.yaml").read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA}\n")
    jsonschema.validate(yaml.safe_load(text), schema())


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("extends: 8b\nshares: {refusal: {min: 0.2}}", True),
        ("core: {size: auto}\nmodel: 8B", True),
        ("core: null", True),
        ("hard: {signals: {loss: high}}", True),
        ("hard: {signals: {loss: up}}", False),
        ("sead: 3", False),
        ("pairs: {policy: random}", False),
        ("split: {test: 0.9}", False),
        ("total: {min: 0}", False),
        ("quality: {min: 6}", False),
        ("extends: [8b]", False),
    ],
)
def test_it_agrees_with_the_classes(text, valid):
    errors = list(jsonschema.Draft7Validator(schema()).iter_errors(yaml.safe_load(text)))
    assert bool(errors) != valid
    if valid:
        parse(text.encode(), "r.yaml")
    else:
        with pytest.raises(UsageError):
            parse(text.encode(), "r.yaml")
