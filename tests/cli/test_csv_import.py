"""CSV files as Excel and others write them, through the real command."""

import json

import pytest

ZH = [
    ("天空是什么颜色？", "蓝色；傍晚是红色, 有时。"),
    ("一加一等于几？", "二。"),
    ("草呢？", '说"绿"。'),
]
EN = [("What colour is the sky?", "Blue; red at dusk, sometimes."), ("Grass?", 'They say "green".')]
FR = [("Quelle couleur a le ciel d'été ?", "Bleu ; à midi, très clair."), ("L'herbe ?", "Verte.")]


def table(rows, mark):
    cells = [("prompt", "response"), *rows]
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in cells]
    return "".join(mark.join(row) + "\r\n" for row in quoted)


def imported(inside, file, *more):
    records = file.parent / "r.jsonl"
    done = inside("import", file, "--records", records, "--json", *more)
    lines = records.read_text("utf-8").splitlines() if records.exists() else []
    pairs = [
        (record["context"][0]["content"], record["response"][0]["content"])
        for record in map(json.loads, lines)
    ]
    return done, pairs


@pytest.mark.parametrize(
    ("rows", "mark", "encoding", "name", "shown"),
    [
        (ZH, ";", "gbk", "a.csv", "encoding gb18030, separator semicolon"),
        (ZH, ",", "gb18030", "a.csv", "encoding gb18030, separator comma"),
        (ZH, "\t", "utf-16", "a.txt.csv", "encoding utf-16, separator tab"),
        (EN, "\t", "utf-16-le", "a.csv", "encoding utf-16-le, separator tab"),
        (EN, ";", "utf-8-sig", "a.csv", "encoding utf-8, separator semicolon"),
        (FR, ";", "cp1252", "a.csv", "separator semicolon"),
        (ZH, "\t", "utf-8", "a.tsv", "encoding utf-8, separator tab"),
        (EN, "|", "utf-8", "a.csv", "separator bar"),
        (ZH * 3000, ";", "gbk", "large.csv", "encoding gb18030, separator semicolon"),
    ],
)
def test_encoding_and_separator_are_detected_and_reported(
    inside, tmp_path, rows, mark, encoding, name, shown
):
    file = tmp_path / name
    file.write_bytes(table(rows, mark).encode(encoding))
    done, pairs = imported(inside, file)
    assert done.returncode == 0, done.stderr
    assert pairs == rows
    assert shown in done.stderr
    assert "--encoding, --separator override this" in done.stderr


def test_what_the_user_names_goes_first(inside, tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("prompt;response\nTak, prosím?;Ano\nTak?;Ano; ne\n".encode("cp1250"))
    done, pairs = imported(inside, file, "--encoding", "cp1250", "--separator", "semicolon")
    assert json.loads(done.stdout)["reasons"] == {"ragged_row": 1}
    assert "assumed" not in done.stderr
    file.write_bytes("prompt\tresponse\nTak, prosím?\tAno\n".encode("cp1250"))
    done, pairs = imported(inside, file, "--encoding", "cp1250", "--separator", "tab")
    assert pairs == [("Tak, prosím?", "Ano")]
    for wrong in (("--encoding", "klingon"), ("--separator", ";;")):
        done, _ = imported(inside, file, *wrong)
        assert done.returncode == 2 and wrong[0] in done.stderr


def test_a_ragged_row_is_one_rejected_row_with_its_line(inside, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('prompt,response\n"a\nb",1.\nc,2,3\nd,4.\n"e"x,5.\nf,6.\n', "utf-8")
    done, pairs = imported(inside, file)
    assert done.returncode == 0
    assert pairs == [("a\nb", "1."), ("d", "4."), ("f", "6.")]
    assert json.loads(done.stdout)["reasons"] == {"bad_csv": 1, "ragged_row": 1}
    assert "a.csv:4: ragged_row (3 cells where the first line names 2 columns)" in done.stderr
    assert "a.csv:6: bad_csv" in done.stderr


def test_a_quote_that_never_closes_ends_with_an_exit_code(inside, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("prompt,response\na,1.\n" + '"b,2.\n' + "c,3.\n" * 50, "utf-8")
    done, pairs = imported(inside, file)
    assert done.returncode == 3
    assert pairs == [("a", "1.")]
    assert "a.csv:3: broken_table" in done.stderr and "unknown" in done.stderr


def test_two_columns_of_one_name(inside, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("prompt,response,response\na,1.,2.\n", "utf-8")
    done, _ = imported(inside, file)
    assert done.returncode == 2
    assert "'response'" in done.stderr
