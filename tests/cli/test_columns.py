"""Columns that no format knows, prompts alone, contents in parts: what the command answers."""

import json
import re
import shlex

import pytest


def write(path, *rows):
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def imported(inside, file, *more):
    done = inside("import", file, "--records", file.parent / "r.jsonl", *more)
    lines = (file.parent / "r.jsonl").read_text("utf-8") if done.returncode == 0 else ""
    return done, [json.loads(line) for line in lines.splitlines()]


@pytest.mark.parametrize(
    ("row", "offered", "record"),
    [
        (
            {"idx": 2, "zh_instruction": "描述原子。", "zh_input": "", "zh_output": "有核。"},
            "--map instruction=zh_instruction --map input=zh_input --map output=zh_output",
            "demonstration",
        ),
        (
            {"用户问题": "天空？", "助手回答": "蓝色。"},
            "--map instruction=用户问题 --map output=助手回答",
            "demonstration",
        ),
        (
            {"Question": "Sky?", "modelReply": "Blue."},
            "--map instruction=Question --map output=modelReply",
            "demonstration",
        ),
        (
            {"user_query": "Sky?", "winner text": "Blue.", "loser text": "Red."},
            "--map 'chosen=winner text' --map 'rejected=loser text'",
            "comparison",
        ),
        (
            {"ask": "Sky?", "model_answer_1": "Blue.", "model_answer_2": "Red."},
            "--map answer_a=model_answer_1 --map answer_b=model_answer_2",
            "comparison",
        ),
        (
            {
                "dialogue": [
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Ho"},
                ]
            },
            "--map messages=dialogue",
            "demonstration",
        ),
    ],
)
def test_the_mapping_that_is_offered_works(inside, tmp_path, row, offered, record):
    file = write(tmp_path / "rows.jsonl", row)
    done, _ = imported(inside, file)
    assert done.returncode == 2
    assert offered in done.stderr
    assert "Fields needed: one answer: instruction and output" in done.stderr
    assert "Comparisons: prompt with answer_a and answer_b" in done.stderr
    proposed = re.search(r"try ((?:--map (?:'[^']*'|\S+?)[ .])+)", done.stderr)
    assert proposed
    options = shlex.split(proposed[1])
    done, records = imported(inside, file, *[option.rstrip(".") for option in options])
    assert done.returncode == 0, done.stderr
    assert [found["record"] for found in records] == [record]


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("问题;回答", "天空？"),
        ("问;答", "天空？"),
        ("提问;回复", "天空？"),
        ("输入;输出", "天空？"),
        ("指令;输出;输入", "天空？\n\n晴天"),
    ],
)
def test_chinese_columns_are_read_like_their_english_twins(inside, tmp_path, header, asked):
    file = tmp_path / "rows.csv"
    cells = ["天空？", "蓝色。", "晴天"][: len(header.split(";"))]
    file.write_text(f"{header}\n{';'.join(cells)}\n", encoding="utf-8")
    done, records = imported(inside, file)
    assert done.returncode == 0, done.stderr
    assert [turn["content"] for turn in records[0]["context"]] == [asked]
    assert records[0]["response"][0]["content"] == "蓝色。"


def test_a_chinese_prompt_alone_has_no_answer(inside, tmp_path):
    _, records = imported(
        inside, write(tmp_path / "rows.jsonl", {"指令": "排序。", "输入": "3, 1"})
    )
    assert records[0]["context"][0]["content"] == "排序。\n\n3, 1"
    assert not records[0].get("response")


@pytest.mark.parametrize("column", ["点赞", "标签"])
def test_an_answer_that_may_be_turned_down_is_not_read_unasked(inside, tmp_path, column):
    file = write(tmp_path / "rows.jsonl", {"问题": "天空？", "回答": "红色。", column: "0"})
    done, _ = imported(inside, file)
    assert done.returncode == 2
    assert "--map" in done.stderr


@pytest.mark.parametrize("kind", ["preference", "instruction"])
def test_what_the_kind_needs_and_nothing_else_is_named(inside, tmp_path, kind):
    row = {"zh_instruction": "描述原子。", "zh_output": "有核。"}
    done, _ = imported(inside, write(tmp_path / "rows.jsonl", row), "--kind", kind)
    assert done.returncode == 2
    assert f"Fields needed for the kind {kind}" in done.stderr
    assert ("answer_a" in done.stderr) == (kind == "preference")
    assert ("--map instruction=zh_instruction" in done.stderr) == (kind == "instruction")
    named = re.search(r"--format \(([^)]*)\)", done.stderr)
    assert named and ("moss" in named[1]) == (kind == "instruction")
    assert ("judged_pairs" in named[1]) == (kind == "preference")


def test_nothing_that_looks_like_a_prompt(inside, tmp_path):
    done, _ = imported(inside, write(tmp_path / "rows.jsonl", {"a": 1}))
    assert done.returncode == 2
    assert "columns found: a" in done.stderr and "Fields needed" in done.stderr


def test_prompts_alone_are_read_and_never_an_answer_dropped(inside, tmp_path):
    rows = [{"prompt": f"Why {n}?", "topic": "numbers"} for n in range(30)]
    file = write(tmp_path / "rows.jsonl", *rows, {"prompt": "Sky?", "reply": "Blue."})
    done, records = imported(inside, file)
    assert "prompts without answers" in done.stderr
    assert "rows.jsonl:31: answer_unread (column 'reply'" in done.stderr
    assert len(records) == 30
    assert all(not record.get("response") for record in records)
    out = inside("export", tmp_path / "r.jsonl", "--out", tmp_path / "out")
    assert out.returncode == 4, out.stderr


@pytest.mark.label_studio
def test_a_project_of_instructions_takes_prompts_and_one_of_comparisons_says_why_not(
    inside, label_studio, tmp_path
):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    file = write(tmp_path / "rows.jsonl", *[{"prompt": f"Why {n}?"} for n in range(3)])
    for kind, created, code in (("instruction", 3, 0), ("preference", 0, 4)):
        made = json.loads(inside("project", "new", kind, "--json", **where).stdout)["project"]
        done = inside("import", file, "--project", made, "--json", **where)
        assert (json.loads(done.stdout)["created"], done.returncode) == (created, code)
    assert "not_a_comparison" in done.stderr and "compares answers" in done.stderr


def test_parts_of_contents_that_reason_call_and_answer(inside, tmp_path):
    call = {"name": "weather", "arguments": {"city": "Paris"}}
    messages = [
        {"role": "user", "content": [{"type": "text", "value": "Weather?"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "reasoning", "value": "I must look."},
                {"type": "text", "value": "Looking."},
                {"type": "tool_call", "value": json.dumps(call)},
            ],
        },
        {"role": "tool", "content": [{"type": "tool", "value": "21C"}]},
        {"role": "assistant", "content": [{"type": "text", "value": "21C."}]},
    ]
    done, (record,) = imported(inside, write(tmp_path / "rows.jsonl", {"messages": messages}))
    assert done.returncode == 0, done.stderr
    said = record["context"][1]
    assert (said["content"], said["reasoning"]) == ("Looking.", "I must look.")
    assert said["tool_calls"] == [call]
    assert record["context"][2]["content"] == "21C"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("inptu", "did you mean 'input'?"),
        ("colour", "leave it out, or name one of: "),
    ],
)
@pytest.mark.parametrize("command", ["import", "curate"])
def test_a_field_that_nothing_reads_is_said(inside, tmp_path, command, field, said):
    file = write(tmp_path / "rows.jsonl", {"q": "Why is it blue?", "a": "It scatters.", "c": "x"})
    mapping = ("--map", "instruction=q", "--map", "output=a", "--map", f"{field}=c")
    where = {"import": "--records", "curate": "--out"}[command]
    done = inside(command, file, where, tmp_path / "out", *mapping)
    assert done.returncode == 2
    assert f"No field '{field}' is read" in done.stderr and said in done.stderr
    assert f"--map {field}=c" in done.stderr
    assert not (tmp_path / "out").exists()


FIRST = {"q": "Why is it blue?", "context": "Of the sky.", "notes": "n", "a": "It scatters."}


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "not read from the first rows"), ("zh", "没有读取")]
)
@pytest.mark.parametrize(
    ("columns", "last"),
    [
        ("prompt=q response=a input=notes", {"q": "Sum up?", "a": "It is one."}),
        ("instruction=q output=a response=notes", {"q": "Which?", "a": None}),
    ],
)
def test_a_field_that_only_later_rows_need_stops_no_import(
    inside, tmp_path, columns, last, lang, words
):
    file, out = tmp_path / "rows.jsonl", tmp_path / "out"
    first = [{**FIRST, "q": f"{FIRST['q']} {number}"} for number in range(30)]
    last = {**last, "notes": "A note to read."}
    file.write_text("".join(json.dumps(row) + "\n" for row in [*first, last]), "utf-8")
    mapping = [part for column in columns.split() for part in ("--map", column)]
    done = inside("import", file, "--records", out, *mapping, "--lang", lang)
    assert done.returncode == 0, done.stderr
    assert mapping[-1] in done.stderr and words in done.stderr
    lines = out.read_text("utf-8").splitlines()
    assert len(lines) == 31 and "A note to read." in lines[-1]


@pytest.mark.parametrize("field", ["input", "licence", "opt_out", "annotator", "behaviours"])
def test_fields_of_the_format_and_of_the_source_are_read(inside, tmp_path, field):
    file = write(tmp_path / "rows.jsonl", {"q": "Why is it blue?", "a": "It scatters.", "c": ""})
    mapping = ("--map", "instruction=q", "--map", "output=a", "--map", f"{field}=c")
    done = inside("import", file, "--records", tmp_path / "out", *mapping)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("lang", "words"), [("en", "name the file"), ("zh", "请指定其中的文件")])
def test_a_folder_is_no_source_and_its_files_are_offered(inside, tmp_path, lang, words):
    folder = tmp_path / "rows"
    folder.mkdir()
    write(folder / "one.jsonl", {"instruction": "Why is it blue?", "output": "It scatters."})
    for command in (("curate", folder, "--out", "o"), ("import", folder, "--records", "o")):
        done = inside(*command, "--lang", lang)
        assert done.returncode == 2
        assert words in done.stderr and str(folder / "one.jsonl") in done.stderr
    assert not inside("curate", folder / "one.jsonl", "--out", tmp_path / "found").returncode
    done = inside("plan", tmp_path / "found", "--model", "8B", "--lang", lang)
    assert done.returncode == 2 and str(tmp_path / "found" / "records.jsonl") in done.stderr
