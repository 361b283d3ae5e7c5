"""Mistakes under `--lang zh`: what went wrong and what to do are said in Chinese."""

from __future__ import annotations

import ast
import gzip
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from goldleaf.core.error_translation import translate_error
from goldleaf.core.translations import Translations
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.projects import screen_fault

HAN = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[a-z]+ (?:[a-z]+ ){1,}[a-z]+\b")
"""Three small words in a row, which no name of a key or a file is."""
SCREEN = kind_named("refusal").config("en")
ROW = {"prompt": "Say hello.", "response": "Hello!"}
ERRORS = {
    *("GoldleafError", "UsageError", "RejectedRows", "UnreadInput", "NothingUsable"),
    *("StudioUnreachable", "Unauthorized", "ServerFault"),
}
DETAILS = {"BadRow": 1, "BadLine": 3, "Finding": 2, "without_calls": 2, "InputResult": 9}
DETAILS |= {"Answer": 9, "_unparseable": 0, "_damaged": 1}
"""Which argument of what people see of a row or a file is a sentence."""


@pytest.mark.parametrize(
    "arguments",
    [
        "import absent.jsonl --records r",
        "import rows.xls --records r",
        "import rows.txt --records r",
        "import rows.jsonl",
        "import rows.jsonl --records r --map prompt",
        "import rows.jsonl --records r --map prompt=promt",
        "import rows.jsonl --records r --format x",
        "import rows.jsonl --records r --source x",
        "import strange.jsonl --records r --kind preference",
        "import strange.jsonl --records r --kind instruction",
        "import strange.jsonl --records r",
        "import cut.jsonl --records r",
        "import rows.jsonl --project 1",
        "import folder.jsonl --records r",
        "export absent.jsonl --out o",
        "export project:one --out o",
        "export strange.json --out o",
        "export rows.jsonl --out o",
        "plan rows.jsonl --recipe absent.yaml",
        "plan rows.jsonl --recipe bad.yaml",
        "check absent",
        "kinds absent",
        "rules absent",
        "project list --url http://127.0.0.1:9",
        "plan rows.jsonl --chart mix.txt",
        "why absent x",
        "diff absent absent",
        "check . --with absent",
        "rules reward",
    ],
)
def test_common_mistakes(inside, tmp_path, arguments):
    line = json.dumps(ROW) + "\n"
    (tmp_path / "rows.jsonl").write_text(line)
    (tmp_path / "rows.xls").write_text(line)
    (tmp_path / "rows.txt").write_text(line)
    (tmp_path / "cut.jsonl").write_text(line + line[:-9])
    (tmp_path / "strange.jsonl").write_text('{"zh_instruction": "a", "zh_output": "b"}\n')
    (tmp_path / "strange.json").write_text('{"a": 1}')
    (tmp_path / "bad.yaml").write_text("sed: 7")
    (tmp_path / "folder.jsonl").mkdir()
    all_chinese(inside(*arguments.split(), "--lang", "zh"))


def all_chinese(done):
    """Hold that a command failed, and that each line of its error has Chinese but for the place."""
    assert done.returncode
    what, *rest = done.stderr[done.stderr.index("goldleaf: ") :].splitlines()
    assert HAN.search(what), what
    for said in rest:
        assert said.startswith(("  位置：", "  解决办法：")), said
        assert not said.startswith("  解决办法：") or HAN.search(said), said
    return what


@pytest.mark.parametrize(
    "text",
    [
        *(
            "seed: x",
            "seed: -1",
            "seed: 1.5",
            "pairs: 3",
            "pairs: {policy: x}",
            "pairs: {edits: 3}",
        ),
        *("pairs: {safety: 1}", "pairs: {min: 5, advise: 3}", "pairs: {safety: 0.00000001}"),
        *("core: {size: x}", "core: {size: -1}", "core: {sources: []}", "core: {sources: expert}"),
        *("core: {size: auto}", "total: {min: 0}", "quality: {min: 9}", "hard: {signals: 3}"),
        *("order: {stages: []}", "shares: {refusal: {min: 0.5}, tool_call: {min: 0.6}}"),
        *("natural: [x]", "model: x", "model: 3", "[1]", "1: 2", "extends: 9b", "extends: 3"),
        *(
            "a: [",
            "a: @x",
            "a: {b: 1\nc: 2",
            "a: 1\n- b",
            "a: 1\n b: 2",
            "a: &x 3",
            "seed: 1\nseed: 2",
        ),
    ],
)
def test_a_bad_recipe(inside, tmp_path, text):
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    (tmp_path / "bad.yaml").write_text(text)
    done = inside("plan", "rows.jsonl", "--recipe", "bad.yaml", "--lang", "zh")
    what, *rest = done.stderr.removeprefix("goldleaf: ").splitlines()
    assert done.returncode == 2 and not ENGLISH.search(what), what
    rest = [line for line in rest if not line.startswith("    ")]  # the place in the YAML
    assert rest and not any(map(ENGLISH.search, rest)), rest


def exported(inside, tmp_path):
    """Export two rows; return the folder."""
    rows = [ROW, {"prompt": "Say bye.", "response": "Bye!"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert not inside("import", "rows.jsonl", "--records", "r.jsonl").returncode
    assert not inside("export", "r.jsonl", "--out", "out").returncode
    return tmp_path / "out"


def test_check_of_an_export(inside, tmp_path):
    out = exported(inside, tmp_path)
    assert inside("check", "out", "--lang", "zh").stdout == "out：完整。\n"
    train = next(out.rglob("train.*"))
    train.write_bytes(train.read_bytes()[:-9])
    (out / "more.txt").touch()
    (out / "ledger.jsonl.gz").write_bytes(b"no gzip")
    done = inside("check", "out", "--lang", "zh")
    assert done.returncode == 1 and len(done.stdout.splitlines()) > 2
    for line in done.stdout.splitlines():
        assert HAN.search(line) and not ENGLISH.search(line.split(maxsplit=2)[2]), line


@pytest.mark.parametrize("content", ["{", "{}", '{"kind": "goldleaf-export/1"}'])
def test_check_of_a_damaged_manifest(inside, tmp_path, content):
    out = exported(inside, tmp_path)
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(content.replace("goldleaf-export/1", manifest["kind"]))
    [line] = inside("check", "out", "--lang", "zh").stdout.splitlines()
    assert HAN.search(line) and not ENGLISH.search(line.split(maxsplit=2)[2]), line


def test_rejected_rows(inside, tmp_path):
    bad = [
        *('{"prompt": "a"', "[1]", '{"prompt": "", "response": "b"}', '{"prompt": "a"}'),
        *('{"prompt": 3, "response": "b"}', '{"prompt": "a", "response": " "}', '{"a": NaN}'),
        '{"prompt": "a", "response": "\\ud800"}',
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join([json.dumps(ROW), *bad]) + "\n")
    rejected = ("--rejected", "bad.jsonl")
    done = inside("import", "rows.jsonl", "--records", "r.jsonl", *rejected, "--lang", "zh")
    lines = [line for line in done.stderr.splitlines() if line.startswith("  rows.jsonl:")]
    assert len(lines) == len(bad)
    for line in lines:
        place, colon, said = line.removeprefix("  rows.jsonl:").partition("：")
        assert place.isdigit() and colon, line
        detail = said.partition("（")[2]
        assert detail.endswith("）") and not ENGLISH.search(detail), line
    details = [
        json.loads(line)["detail"] for line in (tmp_path / "bad.jsonl").read_text().splitlines()
    ]
    assert not any(map(HAN.search, details)), "what programs read stays as it is"


def test_files_that_break_off(inside, tmp_path):
    rows = gzip.compress(b'{"prompt": "a", "response": "b"}\n' * 2000)
    (tmp_path / "cut.jsonl.gz").write_bytes(rows[:-20])
    (tmp_path / "cut.json").write_text('[{"prompt": "a", "response": "b"},')
    (tmp_path / "cut.csv").write_text('prompt,response\n"a,b\n')
    (tmp_path / "wide.csv").write_text("prompt,response\na,b,c\n")
    (tmp_path / "bad.jsonl").write_text("[1]\n")
    for name in ("cut.jsonl.gz", "cut.json", "cut.csv", "wide.csv", "bad.jsonl"):
        done = inside("import", name, "--records", "r.jsonl", "--lang", "zh")
        for line in done.stderr.splitlines():
            assert not ENGLISH.search(line) and " byte" not in line, line
            assert HAN.search(line.removeprefix("goldleaf: ")), line


def test_reasons_of_what_is_left_out(inside, tmp_path):
    row = {"prompt": "<|im_start|>Say", "response": "Hello!"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW) + "\n" + json.dumps(row) + "\n")
    inside("import", "rows.jsonl", "--records", "r.jsonl")
    for command in ("plan r.jsonl", "export r.jsonl --out out"):
        said = inside(*command.split(), "--lang", "zh").stdout
        assert "special_token（文本中含有" in said, said


@pytest.mark.parametrize(
    ("change", "put"),
    [
        *((".*", "<View/>"), ("</View>$", ""), ('name="(?=decision|did)', 'name="x')),
        *((' alias="(?=harm)', ' alias="x'), ("<Choices (?=name=.decision)", "<TextArea ")),
    ],
)
def test_a_foreign_screen(change, put):
    config = re.sub(change, put, SCREEN, flags=re.DOTALL)
    said = [screen_fault(config, Translations(lang)) for lang in ("en", "zh")]
    for english, chinese in zip(*said, strict=True):
        found, wanted = (
            said.replace("；另外", "；").replace("、", ", ")
            for said in (translate_error(english, "zh"), chinese)
        )
        assert found == wanted
        assert translate_error(f"Project 3: {english}", "zh").startswith("项目 3：")


def test_lint(inside, tmp_path):
    config = '<View><Pairwise/><Choices name="a"><Choice value="x"/></Choices><Strange/></View>'
    (tmp_path / "screen.xml").write_text(config)
    done = inside("kinds", "--lint", "screen.xml", "--lang", "zh")
    assert len(done.stdout.splitlines()) > 2 and all(map(HAN.search, done.stdout.splitlines()))
    (tmp_path / "screen.xml").write_text("<View/>")
    assert inside("kinds", "--lint", "screen.xml", "--lang", "zh").stdout == "没有发现问题。\n"
    (tmp_path / "screen.xml").write_text("<View>")
    assert HAN.search(inside("kinds", "--lint", "screen.xml", "--lang", "zh").stdout)


@pytest.fixture
def fake_label_studio(monkeypatch):
    """Return a function: a server that is no Label Studio and gives one answer to all; its URL."""
    servers = []
    monkeypatch.setattr("goldleaf.studio.client._PAUSES", ())
    monkeypatch.setenv("GOLDLEAF_TOKEN", "0123456789abcdef0123456789abcdef01234567")

    def serve(status, body, headers=()):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, format, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b'{"detail": "Invalid token."}', "旧式令牌）。它的回答：令牌无效。"),
        (401, b'{"detail": "Authentication failed: legacy token"}', "已停用旧式令牌"),
        (
            403,
            b'{"detail": "You do not have permission to perform this action."}',
            "没有执行此操作",
        ),
        (404, b"{}", "没有给出原因"),
        (200, b"<html>", "状态 200，且不是 JSON"),
        (200, b'{"a": 1}', "JSON 的结构不符"),
        (302, b"", "跳转到别处：http://127.0.0.1/x"),
    ],
)
def test_a_server_that_refuses(inside, fake_label_studio, status, body, words):
    url = fake_label_studio(status, body, [("Location", "http://127.0.0.1/x")])
    assert words in all_chinese(inside("project", "list", "--url", url, "--lang", "zh"))


def test_doctor_says_what_failed(inside, fake_label_studio):
    done = inside("doctor", "--url", fake_label_studio(401, b'{"detail": "Invalid token."}'))
    assert "令牌" not in done.stdout
    done = inside("doctor", "--lang", "zh", "--url", fake_label_studio(404, b"{}"))
    assert done.returncode and "这里有程序应答，但不像 Label Studio。" in done.stdout


def test_prelabel_without_label_studio(inside, monkeypatch):
    all_chinese(inside("prelabel", "1", "--lang", "zh"))
    monkeypatch.setenv("GOLDLEAF_TOKEN", "no token")
    all_chinese(inside("prelabel", "1", "--url", "http://127.0.0.1:9", "--lang", "zh"))


@pytest.mark.parametrize(
    "arguments",
    ["import", "import --nope", "import a b", "plan", "nope", "prelabel x", "why a --lang"],
)
def test_the_command_line_itself(inside, monkeypatch, arguments):
    monkeypatch.setenv("GOLDLEAF_LANG", "zh")
    done = inside(*arguments.split())
    assert done.returncode == 2
    for line in filter(None, done.stderr.splitlines()):
        assert HAN.search(line) and not ENGLISH.search(line.partition("：")[2]), line


def test_no_command_shows_the_commands(inside, monkeypatch):
    monkeypatch.setenv("GOLDLEAF_LANG", "zh")
    done = inside()
    assert done.returncode == 2 and "  prelabel " in done.stderr + done.stdout


def test_the_flag_counts_before_the_settings_are_read(inside, monkeypatch):
    assert "没有这个文件" in inside("why", "absent", "x", "--lang=zh").stderr
    monkeypatch.setenv("GOLDLEAF_LANG", "zh")
    assert "No such" in inside("why", "absent", "x", "--lang", "en").stderr


def test_notes(inside, tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    again = ("import", "rows.jsonl", "--records", "r.jsonl", "--lang", "zh")
    inside(*again)
    done = inside(*again)
    notes = [line for line in done.stderr.splitlines() if "r.jsonl " in line]
    assert notes and all(map(HAN.search, done.stderr.splitlines())), done.stderr


def texts(node, assigned, seen=()):
    """Yield the texts, with {} for what is put in, that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values)
        case ast.IfExp(body=one, orelse=other):
            yield from texts(one, assigned, seen)
            yield from texts(other, assigned, seen)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            for one in [*texts(left, assigned, seen)] or ["{}"]:
                for other in [*texts(right, assigned, seen)] or ["{}"]:
                    yield one + other
        case ast.Subscript(value=value, slice=ast.Slice()):
            yield from texts(value, assigned, seen)
        case ast.Name(id=name) if name not in seen:
            for value in assigned.get(name, ()):
                yield from texts(value, assigned, (*seen, name))
        case _:
            pass


def assignments(scope):
    """Return the expressions that a file or a function gives to each name."""
    found: dict[str, list[ast.expr]] = {}
    for each in ast.walk(scope):
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            found.setdefault(each.targets[0].id, []).append(each.value)
    return found


def said(node, file):
    """Return the expressions of a call or a `yield` that people come to read."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            at = DETAILS.get(name, 0 if name in ERRORS else None)
            if name == "ValueError" and (file.parent.name == "recipes" or file.stem == "loader"):
                at = 0  # shown as what is wrong with a recipe, or what a trainer refused
            words = [k.value for k in node.keywords if k.arg in ("fix", "what", "detail")]
            return [] if at is None else [*node.args[at : at + 1], *words]
        case ast.Yield(value=ast.Tuple(elts=[_, _, what])) if file.parent.name == "checking":
            return [what]
        case ast.Yield(value=ast.Constant() | ast.JoinedStr() as what) if (
            file.parent.name == "openai"
        ):
            return [what]
    return []


def shown_to_people(room):
    """Yield (file, text) of what the code of a room puts into errors, rejections and findings."""
    for file in sorted((Path(__file__).parents[2] / room).rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        assigned = assignments(tree)
        for node in ast.walk(tree):
            for text in (text for each in said(node, file) for text in texts(each, assigned)):
                if " " in text.strip("{} .:;,()"):  # no column's name alone
                    yield file, text


@pytest.mark.parametrize(
    "room",
    [
        *("cli", "workflows", "core", "sources", "formats", "studio", "trainers", "exporters"),
        *("backend", "label_configs", "curation", "adoption", "generation"),
    ],
)
def test_every_error_of_a_room_has_its_chinese(room):
    given = (
        (file, text.strip().replace("e {}]", "e 7]").replace("{}", "x"))
        for file, text in shown_to_people(room)
    )
    assert not {
        f"{file.name}: {text}" for file, text in given if translate_error(text, "zh") == text
    }
