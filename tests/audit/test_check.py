"""A damaged export is found out, and the damage named."""

import gzip
import json
import shutil

import pytest

from goldleaf.audit.check import check
from goldleaf.exporters.export import export
from goldleaf.exporters.publishing.ledger import LEDGER
from goldleaf.exporters.publishing.manifest import MANIFEST, export_file_description, to_bytes
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Order, Repeat, Split
from goldleaf.recipes.shares import RefusalShare, Shares

TRAIN = "trl/dpo/train.jsonl"


@pytest.fixture(scope="module")
def whole(made, tmp_path_factory):
    out = tmp_path_factory.mktemp("check") / "out"
    export(made.many(40), Recipe(split=Split(test=0.3)), out)
    return out


@pytest.fixture
def out(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "out")


def codes(out):
    return {finding.code for finding in check(out)}


def signed(out):
    """Make the manifest agree with the bytes of its files, as a clever forger would."""
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    files = [export_file_description(out, file["path"], file["rows"]) for file in manifest["files"]]
    (out / MANIFEST).write_bytes(to_bytes({**manifest, "files": files}))


def change(out, name, edit):
    path = out / name
    lines = path.read_text("utf-8").split("\n")[:-1]
    path.write_text("".join(line + "\n" for line in edit(lines)), "utf-8")


def edited(**fields):
    return lambda lines: [json.dumps({**json.loads(lines[0]), **fields}), *lines[1:]]


def test_a_whole_export_has_no_findings(whole):
    assert check(whole) == []


def test_files(out):
    (out / "more.txt").write_text("x", "utf-8")
    (out / "trl/dpo/README.md").unlink()
    change(out, "README.md", lambda lines: [*lines, "more"])
    assert codes(out) == {"strange_file", "missing_file", "changed_file"}


def test_a_missing_data_file_leaves_a_gap(out):
    (out / TRAIN).unlink()
    assert codes(out) == {"missing_file", "row_not_in_ledger"}


def test_no_manifest(out):
    (out / MANIFEST).unlink()
    assert codes(out) == {"no_manifest"}
    (out / MANIFEST).write_text("[]", "utf-8")
    assert codes(out) == {"no_manifest"}


def said(text):
    return [{"role": "assistant", "content": text}]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (edited(chosen=said("x"), rejected=said(" x\n")), "identical_pair"),
        (edited(chosen=said("")), "empty_response"),
        (edited(prompt=[]), "no_prompt"),
        (edited(more=1), "keys_differ"),
        (lambda lines: [lines[0][:-3], *lines[1:]], "json"),
        (lambda lines: [lines[0], *lines], "row_twice"),
        (lambda lines: lines[1:], "row_count"),
        (lambda lines: lines[1:], "row_not_in_ledger"),
        (lambda lines: ["[1]", *lines[1:]], "not_an_object"),
    ],
)
def test_rows(out, edit, code):
    change(out, TRAIN, edit)
    assert {"changed_file", code} <= codes(out)
    signed(out)
    assert code in codes(out)
    assert "changed_file" not in codes(out)


@pytest.fixture(scope="module")
def whole_of_all(made, tmp_path_factory):
    """An export with a table of every kind, and repeats."""
    records = [
        *(made.demonstration(n, ("refusal",) if n < 2 else ()) for n in range(20)),
        *(made.conversation(n, train=False) for n in range(20, 23)),
        *(made.judgement(n, good=n % 2 > 0) for n in range(4)),
    ]
    recipe = Recipe(shares=Shares(refusal=RefusalShare(min=0.2)), split=Split(test=0.0))
    out = tmp_path_factory.mktemp("check") / "all"
    export([made.reading(record, f"f:{n}") for n, record in enumerate(records)], recipe, out)
    return out


def without_repeated(lines):
    """Drop the row that another repeats."""
    repeated = {json.loads(line)["repeat_of"] for line in lines}
    return [line for line in lines if json.loads(line)["id"] not in repeated]


@pytest.mark.parametrize(
    ("table", "edit", "code"),
    [
        ("sft", edited(messages=[]), "empty_response"),
        ("sft", edited(messages=said("x")), "no_prompt"),
        ("sft", edited(messages=[{"role": "user", "content": "x"}]), "empty_response"),
        ("sft", without_repeated, "repeat_orphan"),
        ("sft_completion", edited(completion=said(" ")), "empty_response"),
        ("sft_completion", edited(prompt=said("")), "no_prompt"),
        ("kto", edited(label="true"), "bad_label"),
        ("kto", edited(completion=[]), "empty_response"),
    ],
)
def test_rows_of_every_table(whole_of_all, tmp_path, table, edit, code):
    assert check(whole_of_all) == []
    out = shutil.copytree(whole_of_all, tmp_path / "out")
    change(out, f"trl/{table}/train.jsonl", edit)
    signed(out)
    assert code in codes(out)


def test_bytes_that_are_no_text(out):
    path = out / TRAIN
    path.write_bytes(path.read_bytes().replace(b"number", b"\xffumber", 1))
    assert "utf8" in codes(out)


def test_a_group_on_both_sides(out):
    row = (out / TRAIN).read_text("utf-8").split("\n")[0]
    group = json.loads(row)["group_id"]
    change(out, "trl/dpo/test.jsonl", edited(group_id=group))
    signed(out)
    assert codes(out) == {"group_straddles"}


def rewrite_ledger(out, edit):
    with gzip.open(out / LEDGER, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    with gzip.open(out / LEDGER, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in edit(lines))


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda lines: lines[1:], "sums_differ"),
        (lambda lines: [{**lines[0], "fate": "dropped"}, *lines[1:]], "sums_differ"),
        (lambda lines: [{**lines[0], "records": ["x"]}, *lines[1:]], "ledger_gap"),
        (lambda lines: [*lines[:-1], {**lines[-1], "rows": {}}], "row_not_in_ledger"),
        (lambda lines: [{"answer": "no fate"}], "ledger_unreadable"),
    ],
)
def test_ledger(out, edit, code):
    rewrite_ledger(out, edit)
    signed(out)
    assert code in codes(out)


def test_a_ledger_cut_short(out):
    path = out / LEDGER
    path.write_bytes(path.read_bytes()[:-20])
    signed(out)
    assert "ledger_unreadable" in codes(out)


def test_forged_sums(out):
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    manifest["answers"]["used"] += 1
    (out / MANIFEST).write_bytes(to_bytes(manifest))
    assert codes(out) == {"sums_differ"}


def ordered(made, out, mode, **more):
    tags = [("chat",), ("structured_output",), ("refusal",), ("chat",)]
    records = [made.demonstration(n, tags[n % 4]) for n in range(60)]
    records += [made.tool_demonstration(n) for n in range(8)]
    readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
    recipe = Recipe(order=Order(mode=mode, replay=0.2), split=Split(test=0.0), **more)
    export(readings, recipe, out, formats=["trl", "openai"])
    return out


@pytest.fixture(scope="module")
def whole_in_order(made, tmp_path_factory):
    """An export in stages and one in soft order."""
    folder = tmp_path_factory.mktemp("check")
    return {mode: ordered(made, folder / mode, mode) for mode in ("staged", "soft")}


@pytest.fixture
def in_order(whole_in_order, tmp_path):
    """Return a function that gives a copy of the export in that order."""
    return lambda mode: shutil.copytree(whole_in_order[mode], tmp_path / mode)


def test_exports_in_order_have_no_findings(whole_in_order):
    assert [check(out) for out in whole_in_order.values()] == [[], []]


def restaged(line, **stages):
    """Return a ledger's line with examples of one stage said to be of another."""
    if "stages" not in line:
        return line
    told = {stages.get(stage, stage): ids for stage, ids in line["stages"].items()}
    return {**line, "stages": told}


def moved(line):
    """Return a ledger's line with the rows of the first stage in the file of the last."""
    rows = {
        name.replace("1_general", "3_safety"): ids for name, ids in line.get("rows", {}).items()
    }
    return {**line, "rows": rows} if rows else line


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda line: restaged(line, safety="general"), "stage_mixed"),
        (lambda line: restaged(line, long_tail="general"), "stage_wrong"),
        (lambda line: {**line, "stages": {}}, "stage_mixed"),
        (moved, "stage_mixed"),
    ],
)
def test_a_row_in_the_file_of_another_stage(in_order, edit, code):
    out = in_order("staged")
    rewrite_ledger(out, lambda lines: [edit(line) for line in lines])
    signed(out)
    assert code in codes(out)


def test_replays_in_the_wrong_share(in_order, made, tmp_path):
    out = in_order("staged")
    safety = "trl/sft/3_safety/train.jsonl"
    own = {json.loads(line)["id"] for line in (out / safety).read_text("utf-8").splitlines()}

    def without(lines):
        return [line for line in lines if json.loads(line)["repeat_of"] in {"", *own}]

    change(out, safety, without)
    gone = own - {json.loads(line)["id"] for line in (out / safety).read_text("utf-8").splitlines()}
    assert gone
    rewrite_ledger(
        out,
        lambda lines: [
            {**line, "rows": {f: [i for i in ids if i not in gone] for f, ids in rows.items()}}
            if (rows := line.get("rows"))
            else line
            for line in lines
        ],
    )
    signed(out)
    assert {"row_count", "replay_share"} <= codes(out)
    short = ordered(made, tmp_path / "short", "staged", repeat=Repeat(max=1))
    assert check(short) == [], "what repeat.max left no room for is a shortfall, and said"
    manifest = json.loads((short / MANIFEST).read_text("utf-8"))
    (short / MANIFEST).write_bytes(to_bytes({**manifest, "shortfalls": []}))
    assert codes(short) == {"replay_share"}


def test_more_rows_of_an_example_than_the_recipe_allows(in_order):
    out = in_order("staged")
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    text = manifest["recipe"]["text"].replace("repeat:\n  max: 4", "repeat:\n  max: 1")
    assert text != manifest["recipe"]["text"]
    manifest["recipe"]["text"] = text
    (out / MANIFEST).write_bytes(to_bytes(manifest))
    assert codes(out) == {"repeat_cap"}


def test_a_repeat_of_a_row_that_no_stage_before_has(in_order):
    out = in_order("staged")
    change(out, "trl/sft/2_long_tail/train.jsonl", edited(repeat_of="nowhere"))
    signed(out)
    assert codes(out) == {"repeat_orphan"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda lines: [*lines[:20], lines[21], lines[20], *lines[22:]],
        lambda lines: [lines[0], *lines[1:][::-1]],
        lambda lines: [*lines[1:], lines[0]],
    ],
)
def test_rows_out_of_their_soft_order(in_order, edit):
    out = in_order("soft")
    change(out, "trl/sft/train.jsonl", edit)
    signed(out)
    assert codes(out) == {"order_broken"}


def test_a_recipe_that_cannot_be_read_back(out):
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    (out / MANIFEST).write_bytes(to_bytes({**manifest, "recipe": {"text": "order: 3"}}))
    assert codes(out) == {"recipe_unreadable"}
