"""A format from another package: installed, found, read, written, with a file beside its rows."""

import json
import os
import subprocess
import sys
from pathlib import Path

from foreign_package import install

from goldleaf.core.records import Demonstration, Turn
from goldleaf.core.records_jsonl import to_line

HERE = Path(__file__).parent / "foreign_format"
CODE = """
import sys
from pathlib import Path
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.record_sources import records_file
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.formats.format_registry import guess_format

records, out = map(Path, sys.argv[1:])
export(records_file(records), Recipe(split=Split(test=0.0)), out, formats=["flashcards"])
assert guess_format([{"front": "a", "back": "b"}]).NAME == "flashcards"
"""


def test_a_format_of_another_package_works_like_our_own(tmp_path):
    target = install(HERE, tmp_path)
    one = Demonstration((Turn("user", "Name a warm colour."),), (Turn("assistant", "Red."),))
    two = Demonstration((Turn("system", "Hi."), *one.context), one.response)
    records, out = tmp_path / "records.jsonl", tmp_path / "out"
    records.write_bytes(b"".join(to_line(record) + b"\n" for record in (one, two)))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(target)}
    subprocess.run(
        [sys.executable, "-c", CODE, str(records), str(out)],
        check=True,
        env=environment,
        capture_output=True,
    )
    (line,) = (out / "flashcards" / "cards" / "train.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {"front": "Name a warm colour.", "back": "Red."}
    assert (out / "flashcards" / "COUNT").read_text("utf-8") == "1\n"
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["reasons"]["dropped"] == {"no_card": 1}
