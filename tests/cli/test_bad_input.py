"""A user's mistake is one plain message with the designed exit code, and nothing is lost."""

from __future__ import annotations

import http.server
import json
import socket
import threading

import pytest

from goldleaf.backend.server import RunningBackend
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.core.records_jsonl import to_line

GOOD = {"prompt": "Say hello.", "answer_a": "Hello!", "answer_b": "Goodbye."}


def told(done, code, *parts):
    """Hold that a run ended with `code` and said `parts`, without a traceback."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    for part in parts:
        assert part in done.stderr, (part, done.stderr)


def write_rows(path, *rows):
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n")
    return path


def write_records(path, chosen="Hello!", rejected="Bye."):
    answers = (
        Candidate((Turn("assistant", chosen),), rank=1),
        Candidate((Turn("assistant", rejected),), rank=2),
    )
    record = Comparison((Turn("user", "Say hello."),), answers, strength="strong")
    path.write_bytes(to_line(record) + b"\n")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_no_label_studio_named(goldleaf):
    told(goldleaf("project", "list"), 2, "No Label Studio URL is configured", "goldleaf up")


def test_no_token(goldleaf):
    told(
        goldleaf("project", "list", "--url", "http://127.0.0.1:9"), 2, "no token", "GOLDLEAF_TOKEN"
    )


def test_label_studio_is_down(goldleaf):
    url = f"http://127.0.0.1:{free_port()}"
    done = goldleaf("project", "list", "--url", url, GOLDLEAF_TOKEN="0" * 40)
    told(done, 5, url, "Fix:")


def test_doctor_says_so_too(goldleaf):
    url = f"http://127.0.0.1:{free_port()}"
    done = goldleaf("doctor", "--url", url, GOLDLEAF_TOKEN="0" * 40)
    told(done, 5)
    assert "FAULT" in done.stdout and "reachable" in done.stdout


class OldLabelStudio(http.server.BaseHTTPRequestHandler):
    """Stands in for an installation that is too old: it answers like one, and no more."""

    def do_GET(self):
        body = json.dumps({"release": "1.12.0", "label-studio-os-package": {"version": "1.12.0"}})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format, *args):
        pass


def test_label_studio_is_too_old(goldleaf):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OldLabelStudio)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        done = goldleaf("project", "new", "preference", "--url", url, GOLDLEAF_TOKEN="0" * 40)
        told(done, 5, "1.12.0", "1.23.2")
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.label_studio
def test_a_wrong_token(goldleaf, label_studio):
    done = goldleaf(
        "project", "list", "--url", label_studio.url, GOLDLEAF_TOKEN="c0ffee" * 6 + "c0de"
    )
    told(done, 5, label_studio.url, "token")
    assert "c0ffee" not in done.stderr


@pytest.mark.label_studio
def test_a_project_whose_screen_is_not_ours(goldleaf, label_studio, tmp_path):
    config = '<View><Text name="t" value="$t"/></View>'
    body = {"title": "strange", "label_config": config}
    number = label_studio.studio.post("/api/projects", body)["id"]
    rows = write_rows(tmp_path / "rows.jsonl", GOOD)
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    told(goldleaf("import", rows, "-p", number, **where), 2, "no kind of goldleaf", "preference")
    told(goldleaf("prelabel", number, **where), 2, "no kind of goldleaf")
    out = tmp_path / "out"
    told(goldleaf("export", f"project:{number}", "--out", out, **where), 2, "no kind of goldleaf")
    assert not out.exists()


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "rows.csv"])
def test_rows_from_elsewhere_are_sent_through_import(goldleaf, tmp_path, name):
    row = {"instruction": "Say hello.", "input": "", "output": "Hello!"}
    text = json.dumps([row]) if name == "rows.json" else json.dumps(row)
    text = "instruction,output\nSay hello.,Hello!\n" if name == "rows.csv" else text
    (tmp_path / name).write_text(text + "\n", "utf-8")
    fix = "FILE --records records.jsonl"
    told(goldleaf("export", name, "--out", "out"), 4, "none became a row", fix)
    told(goldleaf("plan", name), 4, "would become a row", fix)
    assert goldleaf("import", name, "--records", "records.jsonl").returncode == 0
    assert goldleaf("export", "records.jsonl", "--out", "out").returncode == 0


def test_a_format_that_there_is_not_names_those_that_are_written(goldleaf, tmp_path):
    write_records(tmp_path / "records.jsonl")
    done = goldleaf("export", "records.jsonl", "--out", "out", "--format", "axolotl")
    told(done, 2, "There is no format 'axolotl'", "llamafactory", "swift")
    assert "hh" not in done.stderr and "kiln" not in done.stderr


@pytest.mark.label_studio
def test_an_empty_project_has_nothing_to_export(goldleaf, label_studio, tmp_path):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    made = json.loads(goldleaf("project", "new", "preference", "--json", **where).stdout)
    done = goldleaf("export", f"project:{made['project']}", "--out", tmp_path / "out", **where)
    told(done, 4, "none became a row", "submit answers in the browser first")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["answers"]["read"] == 0
    assert not list((tmp_path / "out").rglob("*.jsonl"))


@pytest.mark.label_studio
def test_a_backend_is_attached_once_and_detached(goldleaf, label_studio, tmp_path):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    made = json.loads(goldleaf("project", "new", "preference", "--json", **where).stdout)
    number = made["project"]
    with RunningBackend(tmp_path / "events.sqlite") as backend:
        for _ in range(2):
            assert goldleaf("project", "attach", number, backend.url, **where).returncode == 0
        rows = label_studio.studio.get("/api/ml", {"project": number})
        assert [row["url"] for row in rows] == [backend.url]
        done = goldleaf("project", "detach", number, backend.url, **where)
        assert done.returncode == 0, done.stderr
        assert label_studio.studio.get("/api/ml", {"project": number}) == []
        done = goldleaf("project", "detach", number, backend.url, **where)
        told(done, 2, "no such backend", "goldleaf doctor")


@pytest.mark.label_studio
def test_a_project_that_is_not_there(goldleaf, label_studio, tmp_path):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    told(goldleaf("export", "project:99999", "--out", tmp_path / "o", **where), 2, "99999")


@pytest.mark.parametrize(
    ("recipe", "path"),
    [
        ("pairs: {polcy: all}", "policy"),
        ("pairs: {per_prompt: 0}", "pairs.per_prompt"),
        ("pairs: {policy: worst}", "pairs.policy"),
        ("sed: 7", "seed"),
        ("pairs: [", "recipe.yaml"),
        ("a: &x [1]\nb: *x", "recipe.yaml"),
    ],
)
def test_a_recipe_with_a_mistake_names_it(goldleaf, tmp_path, recipe, path):
    (tmp_path / "recipe.yaml").write_text(recipe)
    records = write_records(tmp_path / "records.jsonl")
    out = tmp_path / "out"
    done = goldleaf("export", records, "--out", out, "--recipe", tmp_path / "recipe.yaml")
    told(done, 2, path)
    assert not out.exists()


def test_bad_lines_are_told_with_their_place_and_stop_nothing(goldleaf, tmp_path):
    rows = write_rows(tmp_path / "rows.jsonl", GOOD, "{broken", '{"prompt": NaN}', GOOD | {"x": 1})
    records = tmp_path / "records.jsonl"
    done = goldleaf("import", rows, "--records", records)
    told(done, 0, "rows.jsonl:2: json", "(guessed)", "byte ")
    assert "rows 4, written 2, rejected 2" in done.stdout
    assert len(records.read_bytes().splitlines()) == 2
    told(goldleaf("import", rows, "--records", records, "--strict"), 3, "rejected")


def test_nothing_is_written_over_the_input_or_a_strangers_file(goldleaf, tmp_path):
    rows = write_rows(tmp_path / "rows.jsonl", GOOD)
    before = rows.read_bytes()
    told(goldleaf("import", rows, "--records", rows), 2, "named twice")
    records = tmp_path / "records.jsonl"
    told(goldleaf("import", rows, "--records", records, "--rejected", rows), 2, "named twice")
    other = tmp_path / "other.jsonl"
    other.write_text('{"mine": 1}\n')
    told(goldleaf("import", rows, "--records", other), 2, "something else")
    assert (rows.read_bytes(), other.read_text()) == (before, '{"mine": 1}\n')
    told(goldleaf("import", rows, "--records", records), 0)
    told(goldleaf("import", rows, "--records", records), 0, "is replaced")


def test_a_file_of_nothing_but_bad_lines(goldleaf, tmp_path):
    rows = write_rows(tmp_path / "rows.jsonl", "{", "[")
    told(goldleaf("import", rows, "--records", tmp_path / "r.jsonl"), 4, "no row that can be read")
    strange = write_rows(tmp_path / "strange.jsonl", {"a": 1})
    told(goldleaf("import", strange, "--records", tmp_path / "r.jsonl"), 2, "columns found: a")
    empty = {"prompt": "", "answer_a": "x", "answer_b": "y"}
    rows = write_rows(tmp_path / "empty.jsonl", empty)
    told(goldleaf("import", rows, "--records", tmp_path / "r.jsonl"), 4, "No row of this file")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["import", "absent.jsonl", "--records", "r.jsonl"], "absent.jsonl"),
        (["import", "rows.txt", "--records", "r.jsonl"], "name it .jsonl"),
        (["import", "rows.jsonl"], "--project NUMBER or --records"),
        (["import", "rows.jsonl", "--records", "r", "--map", "prompt"], "field=column"),
        (["import", "rows.jsonl", "--records", "r", "--map", "prompt=promt"], "did you mean"),
        (["import", "rows.jsonl", "--records", "r", "--format", "x"], "no format 'x'"),
        (["import", "rows.jsonl", "--records", "r", "--source", "x"], "source"),
        (["export", "absent.jsonl", "--out", "o"], "no such source"),
        (["export", "project:one", "--out", "o"], "is not a project"),
        (["export", "strange.json", "--out", "o"], "JSON"),
        (["check", "absent"], "no such folder"),
        (["kinds", "absent"], "no kind"),
        (["kinds", "--lang", "de"], "en or zh"),
        (["prelabel", "1", "--url", "not a url"], "not a url"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_usage(goldleaf, tmp_path, arguments, part):
    write_rows(tmp_path / "rows.jsonl", GOOD)
    write_rows(tmp_path / "rows.txt", GOOD)
    (tmp_path / "strange.json").write_text('{"a": 1}')
    done = goldleaf(*arguments, GOLDLEAF_TOKEN="0" * 40)
    told(done, 2, part)


def test_an_unfinished_or_damaged_export_is_found(goldleaf, tmp_path):
    records = write_records(tmp_path / "records.jsonl")
    out = tmp_path / "out"
    told(goldleaf("export", records, "--out", out), 0)
    done = goldleaf("check", out)
    told(done, 0)
    assert "whole" in done.stdout
    (file,) = out.rglob("train.jsonl")
    file.write_text(file.read_text().replace("Hello", "Hullo"))
    done = goldleaf("check", out)
    told(done, 1)
    assert "changed_file" in done.stdout
    (out / "manifest.json").unlink()
    done = goldleaf("check", out)
    told(done, 1)
    assert "no_manifest" in done.stdout
    told(goldleaf("export", records, "--out", out), 2, str(out))


@pytest.mark.parametrize(
    "command", [["serve", "--port"], ["up", "--backend-port"], ["up", "--port"]]
)
def test_a_port_that_is_taken(goldleaf, command):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        told(goldleaf(*command, port), 2, f"Port {port} is taken")


def test_the_backend_stays_on_this_machine_without_a_password(goldleaf):
    told(goldleaf("serve", "--host", "0.0.0.0", "--port", 0), 2, "GOLDLEAF_BACKEND_PASSWORD")


@pytest.mark.parametrize("small_disk", ["128k"], indirect=True)
def test_a_full_disk_loses_nothing(goldleaf, tmp_path, small_disk):
    records = write_records(tmp_path / "records.jsonl")
    out = small_disk / "out"
    told(goldleaf("export", records, "--out", out), 0)
    before = {p.name: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    large = write_records(tmp_path / "large.jsonl", chosen="long " * 60_000)
    told(goldleaf("export", large, "--out", out), 1, "disk is full", str(small_disk))
    assert {p.name: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert [p.name for p in small_disk.iterdir() if not p.name.startswith(".")] == ["out"]
    told(goldleaf("check", out), 0)
    rows = write_rows(tmp_path / "rows.jsonl", GOOD | {"answer_a": "long " * 60_000})
    target = small_disk / "records.jsonl"
    told(goldleaf("import", rows, "--records", target), 1, "disk is full")
    assert not target.exists()
