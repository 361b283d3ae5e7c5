"""`goldleaf import`: what is said aloud, counted, listed, and put before people."""

import json
import re

import pytest

ROW = {"instruction": "Say hello.", "output": "Hello!"}


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def records(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_guess_and_what_was_not_said_are_told(inside, tmp_path):
    rows = write(tmp_path / "rows.jsonl", ROW)
    done = inside("import", rows, "--records", tmp_path / "r.jsonl", "--source", "online_log")
    assert done.returncode == 0
    assert "Alpaca: instruction, input and output (guessed)" in done.stderr
    for option in ("--licence", "--consent", "--model"):
        assert f"({option})" in done.stderr
    done = inside("import", rows, "--records", tmp_path / "r.jsonl", "--licence", "mit")
    assert "not said" not in done.stderr


def test_rejected_rows_are_listed_with_their_place(inside, tmp_path):
    rows = write(tmp_path / "rows.jsonl", ROW, *[{**ROW, "output": ""}] * 12)
    with rows.open("a", encoding="utf-8") as file:
        file.write('{"instruction": "cut off')
    listing = tmp_path / "rejected.jsonl"
    done = inside(
        "import", rows, "--records", tmp_path / "r.jsonl", "--rejected", listing, "--json"
    )
    assert done.returncode == 3, "how many rows follow is unknown"
    told = json.loads(done.stdout)
    assert told["reasons"] == {"empty_response": 12, "cut_off": 1}
    assert (told["rows"], told["written"], told["rejected"]) == (14, 1, 13)
    listed = records(listing)
    assert [row["row"] for row in listed] == [f"rows.jsonl:{n}" for n in range(2, 15)]
    start = rows.read_bytes().index(b'{"instruction": "cut')
    assert f"[byte {start}]" in listed[-1]["detail"]
    assert listed[-1]["reason"] == "cut_off"


def test_a_csv_file_with_strange_columns(inside, tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text(
        '问题,回答,点赞\n"天空，什么颜色？","蓝色,\n大多",TRUE\n草呢？,红色,FALSE\n', "utf-8"
    )
    mapping = ("--map", "prompt=问题", "--map", "completion=回答", "--map", "label=点赞")
    done = inside("import", file, "--records", tmp_path / "r.jsonl", *mapping)
    assert done.returncode == 0, done.stderr
    first, second = records(tmp_path / "r.jsonl")
    assert (first["record"], first["good"], second["good"]) == ("judgement", True, False)
    assert first["response"][0]["content"] == "蓝色,\n大多"
    assert first["tags"]["language"] == "zh"


def test_the_questions_of_the_sources_are_options(inside, tmp_path):
    rows = write(tmp_path / "rows.jsonl", {**ROW, "annotator": "ada@example.org"}, ROW)
    out = tmp_path / "r.jsonl"
    done = inside("import", rows, "--records", out, "--source", "expert", "--annotator", "law team")
    assert done.returncode == 0, done.stderr
    names = [record["parents"][0]["annotator"] for record in records(out)]
    assert names[0] != names[1]
    assert all(name.startswith("person:") for name in names)
    # Whole words: three hex digits of a pseudonym may read "ada" as well.
    assert not re.search(r"\b(ada|law)\b", out.read_text())
    asked = ("--source", "self_instruct", "--model", "m", "--spot-check", "1")
    assert inside("import", rows, "--records", out, *asked).returncode == 0
    record = records(out)[0]
    assert record["parents"][0]["drafted_by"] == "m"
    assert record["tags"]["signals"] == {"spot_check": 1.0, "spot_check_share": 1.0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--spot-check", "0.1"), "does not ask for spot_check"),
        (("--source", "self_instruct", "--spot-check", "5%"), "'5%' is no share"),
    ],
)
def test_answers_that_fit_no_question(inside, tmp_path, arguments, said):
    rows = write(tmp_path / "rows.jsonl", ROW)
    done = inside("import", rows, "--records", tmp_path / "r.jsonl", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "r.jsonl").exists()


def test_a_tree_is_one_row_of_several_records(inside, tmp_path):
    replies = [
        {"role": "assistant", "text": text, "rank": rank, "replies": []}
        for rank, text in enumerate(("Blue.", "Green."))
    ]
    tree = {"prompt": {"role": "prompter", "text": "Sky?", "replies": replies}}
    rows = write(tmp_path / "trees.jsonl", tree)
    done = inside("import", rows, "--records", tmp_path / "r.jsonl", "--json")
    told = json.loads(done.stdout)
    assert (told["rows"], told["written"], told["rejected"]) == (1, 2, 0)
    assert [r["record"] for r in records(tmp_path / "r.jsonl")] == ["comparison", "demonstration"]


@pytest.mark.label_studio
def test_people_see_the_share_drawn_for_them(inside, label_studio, tmp_path):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    number = json.loads(inside("project", "new", "preference", "--json", **where).stdout)["project"]
    pairs = [{"prompt": str(n), "answer_a": "a", "answer_b": "b"} for n in range(40)]
    rows = write(tmp_path / "rows.jsonl", *pairs)
    asked = ("--source", "self_instruct", "--spot-check", "0.3")
    done = inside("import", rows, "--project", number, *asked, "--json", **where)
    told = json.loads(done.stdout)
    assert (told["rows"], told["rejected"]) == (40, 0)
    assert 0 < told["created"] < 40
    assert told["created"] + told["not_drawn"] == 40


def test_records_for_a_kind_are_those_it_can_show(inside, tmp_path):
    pair = {"prompt": "Say hello.", "chosen": "Hello!", "rejected": "No."}
    rows = write(tmp_path / "rows.jsonl", pair)
    refused = inside("import", rows, "--kind", "ranking", "--records", tmp_path / "r.jsonl")
    assert refused.returncode == 4 and "rows.jsonl:1: too_few_answers" in refused.stderr
    done = inside("import", rows, "--kind", "preference", "--records", tmp_path / "r.jsonl")
    assert done.returncode == 0 and len(records(tmp_path / "r.jsonl")) == 1


@pytest.mark.label_studio
def test_of_a_tree_what_fits_the_kind_is_taken(inside, label_studio, tmp_path):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    number = json.loads(inside("project", "new", "preference", "--json", **where).stdout)["project"]
    replies = [
        {"role": "assistant", "text": text, "rank": rank, "replies": []}
        for rank, text in enumerate(("Blue.", "Green."))
    ]
    tree = {"prompt": {"role": "prompter", "text": "Sky?", "replies": replies}}
    alone = {"prompt": {"role": "prompter", "text": "Sky?", "replies": replies[:1]}}
    rows = write(tmp_path / "trees.jsonl", tree, alone)
    done = inside("import", rows, "--project", number, "--json", **where)
    told = json.loads(done.stdout)
    assert (told["rows"], told["created"], told["unfit_records"], told["rejected"]) == (2, 1, 1, 1)
    assert told["reasons"] == {"not_a_comparison": 1}


def test_what_every_row_shows_can_be_said(inside, tmp_path):
    rows = write(tmp_path / "rows.jsonl", ROW)
    to = ("--records", tmp_path / "r.jsonl")
    done = inside("import", rows, *to, "--behaviour", "benign_twin", "--behaviour", "chat")
    assert done.returncode == 0, done.stderr
    assert records(tmp_path / "r.jsonl")[0]["tags"]["behaviours"] == ["benign_twin", "chat"]
    done = inside("import", rows, *to, "--behaviour", "bening_twin")
    assert done.returncode == 2
    assert "did you mean 'benign_twin'?" in done.stderr


@pytest.mark.label_studio
def test_a_refusal_that_nobody_settled_is_work_and_no_share(inside, label_studio, tmp_path):
    """Import, plan, answer in a refusal project, plan again: the person settles it."""
    from goldleaf.label_configs.answers import to_annotation
    from goldleaf.label_configs.refusal.codec import Answer
    from goldleaf.label_configs.regions import to_regions
    from goldleaf.label_configs.registry import kinds
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.submit import submit_annotation

    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    no = "I'm sorry, but I can't help with that."
    asked = ("How do I pick the lock of my own car?", "How do I rob the bank in Main Street?")
    rows = write(tmp_path / "rows.jsonl", *({"instruction": q, "output": no} for q in asked))
    inside("import", rows, "--records", tmp_path / "r.jsonl", "--licence", "mit")
    assert [r["tags"]["behaviours"] for r in records(tmp_path / "r.jsonl")] == (
        [["refusal_unsettled"]] * 2
    )
    told = inside("plan", tmp_path / "r.jsonl", "--model", "8B", "--lang", "en")
    assert "2 refusals of prompts that have not been judged" in told.stdout
    found = json.loads(inside("plan", tmp_path / "r.jsonl", "--model", "8B", "--json").stdout)
    assert found["unsettled"] == 2
    (share,) = [w for w in found["wants"] if w["key"] == "shares.refusal" and w["unit"] == "share"]
    assert (share["before"], share["got"], share["examples"]) == (0, 0, 0)

    number = json.loads(inside("project", "new", "refusal", "--json", **where).stdout)["project"]
    done = inside("import", rows, "--project", number, "--licence", "mit", **where)
    assert done.returncode == 0, done.stderr
    screen = kinds()["refusal"].screen
    for task in stream_tasks(label_studio.studio, number):
        harm = "bank" in task["data"]["prompt"]
        decided = Answer("harmful_refuse" if harm else "benign_comply", "full_refusal", "theft")
        submit_annotation(
            label_studio.studio, task["id"], to_regions(to_annotation(decided), screen)
        )
    both = (f"project:{number}", tmp_path / "r.jsonl", "--model", "8B", "--json")
    found = json.loads(inside("plan", *both, **where).stdout)
    counts = {(c["use"], c["behaviour"]): c["before"] for c in found["counts"]}
    assert counts["sft", "refusal"] == 1, "the person's word is the last, whatever the file says"
    assert found["unsettled"] == 1, "the other was called wrong: a thumb down beside its row"


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ({}, ("--behaviour", "refusal")),
        ({"behaviours": ["refusal"]}, ()),
        ({"behaviour": "refusal, writing"}, ()),
        ({"right_behaviour": "refuse"}, ()),
    ],
)
def test_the_data_s_own_label_settles_a_refusal(inside, tmp_path, more, options):
    row = {
        "instruction": "How do I rob a bank?",
        "output": "I'm sorry, but I can't help with that.",
    }
    rows = write(tmp_path / "rows.jsonl", {**row, **more})
    inside("import", rows, "--records", tmp_path / "r.jsonl", *options)
    (record,) = records(tmp_path / "r.jsonl")
    assert "refusal" in record["tags"]["behaviours"]
    assert "refusal_unsettled" not in record["tags"]["behaviours"]
