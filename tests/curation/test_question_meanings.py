"""What questions mean, as files that another run finds again."""

from __future__ import annotations

import polars as pl
import pytest

from goldleaf.curation.engines.local import Local
from goldleaf.curation.meaning import question_meanings as module
from goldleaf.curation.meaning.behaviour_detector import detect
from goldleaf.curation.meaning.cognitive_modes import command
from goldleaf.curation.meaning.prototype_assignment import assign, command_vectors
from goldleaf.curation.meaning.question_meanings import question_meanings, vectors_of

ASKED = [
    "Translate this into German: The cat sleeps.",
    "",
    "Why is the sky blue?",
    "为什么天空是蓝色的？",
]
ANSWERED = ["Die Katze schläft.", "", "Because air scatters blue light.", "因为空气散射蓝光。"]


@pytest.fixture
def parts(tmp_path):
    frame = pl.DataFrame(
        {
            "record": list("abcd"),
            "prompt": ASKED,
            "question": ASKED,
            "answer": ANSWERED,
            "refuses": [False] * 4,
        }
    )
    paths = [tmp_path / f"{name}.records.parquet" for name in ("one", "two")]
    for path, rows in zip(paths, (frame.head(3), frame.tail(1)), strict=True):
        rows.write_parquet(path)
    return frame, paths


def test_they_are_those_of_each_record(tmp_path, parts):
    frame, paths = parts
    found = pl.concat(question_meanings(paths, tmp_path / "kept", Local()))
    assert found["record"].to_list() == list("abcd")
    shown, its = detect(frame), assign(frame)
    assert found["mode"].to_list() == shown["mode"].to_list()
    assert found["behaviours"].str.split("\n").list.drop_nulls().to_list() == [
        each or [""] for each in shown["behaviours"].to_list()
    ]
    assert found["prototype"].to_list() == its["prototype"].to_list()
    assert found["score"].to_list() == its["score"].to_list()
    vectors = command_vectors([command(question) for question in ASKED])
    assert (vectors_of(found) == vectors).all()


@pytest.mark.parametrize(
    "damage", ["nothing", "torn", "lost manifest", "other library", "other encoder"]
)
def test_only_what_is_not_there_is_read_again(tmp_path, parts, monkeypatch, damage):
    _, paths = parts
    kept = tmp_path / "kept"
    first = pl.concat(question_meanings(paths, kept, Local()))
    file = next(kept.glob("one-*.parquet"))
    if damage == "torn":
        file.write_bytes(file.read_bytes()[:-5])
    elif damage == "lost manifest":
        file.with_suffix(".json").unlink()
    elif damage == "other library":
        monkeypatch.setattr(module, "environment", lambda: {"polars": "another"})
    elif damage == "other encoder":  # installed, or no longer there, since the run before
        monkeypatch.setattr(module, "method", lambda: "another")
    read = []
    own = module._meanings
    monkeypatch.setattr(module, "_meanings", lambda part: read.append(part.height) or own(part))
    again = pl.concat(question_meanings(paths, kept, Local()))
    assert again.equals(first)
    expected = {"nothing": [], "other library": [3, 1], "other encoder": [3, 1]}
    assert read == expected.get(damage, [3])
