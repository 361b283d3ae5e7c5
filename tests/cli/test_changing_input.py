"""An input that changes while it is exported: nothing is published under a wrong hash."""

import json
import subprocess
import sys
import time
from pathlib import Path


def rows(first, count):
    made = ({"instruction": f"Name {n}.", "output": f"It is {n}."} for n in range(first, count))
    return "".join(json.dumps(row) + "\n" for row in made)


def test_a_file_that_changes_while_it_is_read_stops_the_export(goldleaf, tmp_path):
    source, records, out = (tmp_path / name for name in ("rows.jsonl", "records.jsonl", "out"))
    source.write_text(rows(0, 300))
    assert goldleaf("import", source, "--records", records).returncode == 0
    line = records.read_bytes().splitlines(keepends=True)[0]
    program = Path(sys.executable).with_name("goldleaf")
    command = [str(program), "export", str(records), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        with open(records, "ab") as file:
            file.write(line)
        time.sleep(0.002)
    said = "".join(process.communicate())
    assert process.returncode == 1, said
    assert "This file changed while it was read." in said and str(records) in said
    assert "Traceback" not in said and not out.exists()
    assert goldleaf("export", records, "--out", out).returncode == 0
