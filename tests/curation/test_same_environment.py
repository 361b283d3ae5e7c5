"""What must be the same on all machines of a cluster: versions, code, data that kernels read."""

from __future__ import annotations

from pathlib import Path

import pytest

import goldleaf.core
import goldleaf.curation
from goldleaf.curation.engines.same_environment import HASHED, environment, packages_hash

TABLES = (
    "near_duplicates/text_similarity.py",
    "texts/simplified_characters.json",
    "texts/toxic_words.toml",
    "contamination/evaluation_sets/gsm8k.npy",
)


@pytest.fixture
def copied(tmp_path):
    """Return a folder with some files of the package `curation`."""
    for name in TABLES:
        file = Path(goldleaf.curation.__path__[0], name)
        copy = tmp_path / "curation" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return tmp_path / "curation"


@pytest.mark.parametrize("name", TABLES)
def test_code_or_data_of_another_working_copy_is_noticed(copied, name):
    before = packages_hash([copied])
    assert packages_hash([copied]) == before
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    assert packages_hash([copied]) != before
    (copied / name).write_bytes(content)
    assert packages_hash([copied]) == before
    (copied / name).rename((copied / name).with_stem("other"))
    assert packages_hash([copied]) != before


def test_what_python_makes_plays_no_part(copied):
    before = packages_hash([copied])
    (copied / "__pycache__").mkdir()
    (copied / "__pycache__" / "text_similarity.cpython-311.pyc").touch()
    assert packages_hash([copied]) == before


def test_each_data_file_of_the_packages_is_hashed():
    kept = {".md", ".jinja", ".css", ".typed", ".pyc"}  # pages and words for people
    for package in (goldleaf.core, goldleaf.curation):
        files = [path for path in Path(package.__path__[0]).rglob("*") if path.is_file()]
        assert {path.suffix or path.name for path in files} <= {*HASHED, *kept}
    assert environment()["goldleaf"].endswith(")")
