"""`goldleaf --help` imports nothing heavy."""

import subprocess
import sys

import pytest

ALLOWED = {"goldleaf", "typer", "click", "typing_extensions", "annotated_doc", "shellingham"}
"""Besides the standard library and what Python's own start-up brings in."""

SCRIPT = """
import sys
before = set(sys.modules)
sys.argv = ["goldleaf", "--help"]
from goldleaf.cli.main import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print("IMPORTED", *sorted(names - set(sys.stdlib_module_names)))
"""


def test_help_imports_only_what_it_shows():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True
    )
    imported = done.stdout.splitlines()[-1].split()[1:]
    extra = {name for name in imported if not name.startswith("__editable__")} - ALLOWED
    assert not extra
    for command in "up demo serve kinds project import prelabel export why diff".split():
        assert f"  {command} " in done.stdout


@pytest.mark.parametrize("group", [[], ["project"]], ids=["goldleaf", "project"])
def test_help_shows_the_first_sentence_of_every_command_whole(group, inside):
    done = inside(*group, "--help")
    _, _, commands = done.stdout.partition("Commands:")
    lines = commands.strip().splitlines()
    assert len(lines) > 5
    for line in lines:
        assert line.endswith(".") and not line.endswith("..."), line
