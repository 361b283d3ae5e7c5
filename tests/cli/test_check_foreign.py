"""`check`, `why` and `diff` on a folder that somebody else filled: it is data, and stays inside."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from goldleaf.core.records import Demonstration, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.exporters.publishing.manifest import MANIFEST, load_manifest
from goldleaf.trainers.clean_copy import clean_copy

SECRET = "the private sentence"


@pytest.fixture
def out(goldleaf, tmp_path):
    """An export of two formats, as goldleaf wrote it."""
    made = [
        Demonstration((Turn("user", f"Question {n}?"),), (Turn("assistant", f"Answer {n}."),))
        for n in range(30)
    ]
    source = tmp_path / "records.jsonl"
    source.write_bytes(b"".join(to_line(record) + b"\n" for record in made))
    folder = tmp_path / "out"
    formats = ("--format", "trl", "--format", "llamafactory")
    done = goldleaf("export", source, "--out", folder, *formats)
    assert done.returncode == 0, done.stderr
    return folder


def ended(done, code, *parts):
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    for part in parts:
        assert part in done.stdout + done.stderr, (part, done.stdout, done.stderr)


def signed(out: Path, edit=lambda manifest: None) -> None:
    """Write the manifest for what is in the folder now, as somebody with ill will would."""
    manifest = json.loads((out / MANIFEST).read_bytes())
    for file in manifest["files"]:
        if (path := out / file["path"]).is_file():
            content = path.read_bytes()
            file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    edit(manifest)
    (out / MANIFEST).write_text(json.dumps(manifest))


def test_settings_of_a_folder_cannot_lead_a_trainer_elsewhere(out, tmp_path):
    (tmp_path / "private.jsonl").write_text(json.dumps({"text": SECRET}) + "\n")
    folder = out / "llamafactory"
    (settings,) = folder.glob("*.yaml")
    trap = tmp_path / "written"
    settings.write_text(
        settings.read_text()
        + f"tokenized_path: {trap}\noutput_dir: {trap}\nmodel_name_or_path: {trap}\n"
        + f"dataset_dir: {tmp_path}\ndeepspeed: {trap}\ntrust_remote_code: true\n"
        + "disable_shuffling: true\nmask_history: true\n"
    )
    info = json.loads((folder / "dataset_info.json").read_text())
    for entry in info.values():
        entry |= {"file_name": "../../private.jsonl", "script_url": str(trap), "subset": "x"}
    (folder / "dataset_info.json").write_text(json.dumps(info))
    signed(out)
    (tmp_path / "copy").mkdir()
    copy = clean_copy(out, load_manifest(out), tmp_path / "copy")
    import yaml

    seen = yaml.safe_load((copy / "llamafactory" / settings.name).read_text())
    ours = {"stage", "do_train", "finetuning_type", "dataset", "template", "cutoff_len"}
    ours |= {"model_name_or_path", "dataset_dir", "output_dir", "eval_dataset", "mask_history"}
    assert seen.keys() <= ours
    assert str(tmp_path) not in json.dumps(seen)
    assert seen["mask_history"] is True  # a value of ours is what is checked
    entries = json.loads((copy / "llamafactory" / "dataset_info.json").read_text())
    assert all(set(e) == {"file_name", "formatting", "columns", "tags"} for e in entries.values())
    assert {e["file_name"] for e in entries.values()} <= {"sft/train.jsonl", "sft/test.jsonl"}
    read = [path.resolve() for path in copy.rglob("*.jsonl")]
    assert read and all(path.is_relative_to(out.resolve()) for path in read)


@pytest.mark.parametrize(
    "path", ["../records.jsonl", "/etc/passwd", "trl/../../records.jsonl", "trl//sft/x.jsonl", ""]
)
def test_a_path_that_leads_out_is_not_opened(goldleaf, out, path):
    def edit(manifest):
        manifest["files"].append({"path": path, "rows": 1, "bytes": 0, "sha256": ""})

    signed(out, edit)
    ended(goldleaf("check", out), 1, "bad_manifest", "not a path inside the export")
    ended(goldleaf("check", out, "--with", "openai"), 2, "manifest is damaged")
    ended(goldleaf("why", out, "abcdef"), 2, "manifest is damaged")
    ended(goldleaf("diff", out, out), 2, "manifest is damaged")


def test_links_are_not_followed(goldleaf, out, tmp_path):
    (tmp_path / "private.jsonl").write_text(json.dumps({"text": SECRET}) + "\n")
    (train,) = (out / "trl").rglob("train.jsonl")
    train.unlink()
    train.symlink_to(tmp_path / "private.jsonl")
    ended(goldleaf("check", out, "--with", "openai"), 1, "not_a_file", "train.jsonl")
    train.unlink()
    os.mkfifo(train)
    ended(goldleaf("check", out, timeout=60), 1, "not_a_file")
    ledger = out / "ledger.jsonl.gz"
    ledger.unlink()
    ledger.symlink_to("/dev/zero")
    ended(goldleaf("check", out, timeout=60), 1, "not_a_file  ledger")
    ended(goldleaf("why", out, "abcdef", timeout=60), 2, "link")
    (out / "trl").rename(tmp_path / "elsewhere")
    (out / "trl").symlink_to(tmp_path / "elsewhere")
    ended(goldleaf("check", out), 1, "missing_file")


def test_an_id_that_is_not_of_its_content_is_found(goldleaf, out):
    ended(goldleaf("check", out), 0)
    (train,) = (out / "trl").rglob("train.jsonl")
    train.write_text(train.read_text("utf-8").replace("Answer 7.", "Send me your password."))
    signed(out)
    ended(goldleaf("check", out), 1, "id_differs", "train.jsonl")


@pytest.mark.parametrize(
    "content",
    [
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff\xfe",
        b"",
        b"[" * 5_000,
        b"{",
        b'{"kind": "goldleaf-export/1"}',
        b'{"kind": "goldleaf-export/1", "files": [null], "tables": 3}',
        b'{"kind": "goldleaf-export/99", "files": []}',
    ],
)
def test_an_odd_manifest_is_explained(goldleaf, out, content):
    (out / MANIFEST).write_bytes(content)
    ended(goldleaf("check", out), 1)
    ended(goldleaf("why", out, "abcdef"), 2)
    ended(goldleaf("diff", out, out), 2)


def test_a_value_of_another_type_is_named(goldleaf, out):
    whole = json.loads((out / MANIFEST).read_bytes())
    for key in ("files", "tables", "recipe", "inputs", "answers", "reasons", "behaviours"):
        for value in (None, [1], {"a": []}, "x"):
            if key == "inputs" and value is None:
                continue
            (out / MANIFEST).write_text(json.dumps(whole | {key: value}))
            with pytest.raises(Exception, match=f"damaged: {key}"):
                load_manifest(out)


def test_a_recipe_that_unfolds_without_end_is_refused(goldleaf, out):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(b)}: &{chr(b)} [*{chr(b - 1)}, *{chr(b - 1)}]\n" for b in range(98, 122)
    )
    signed(out, lambda manifest: manifest["recipe"].update(text=bomb))
    ended(goldleaf("check", out, timeout=60), 1, "recipe_unreadable")
    ended(goldleaf("diff", out, out, timeout=60), 2, "anchors")
