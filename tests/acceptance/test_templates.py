"""The table of chat templates in the documentation is what the templates do."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.trainer
def test_the_documentation_tells_what_templates_keep():
    spec = importlib.util.spec_from_file_location("templates", ROOT / "benchmarks/templates.py")
    assert spec is not None and spec.loader is not None
    templates = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(templates)
    told = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert told.split(templates.BEGIN)[1].split(templates.END)[0].strip() == templates.table()
