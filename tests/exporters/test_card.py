"""The folder loads as a Hub dataset, and its card is valid, in both languages."""

import pytest

from goldleaf.core.records import Provenance
from goldleaf.exporters.export import export
from goldleaf.exporters.recipe import Recipe, Split

RECIPE = Recipe(split=Split(test=0.3))


@pytest.fixture
def offline(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.mark.trainer
@pytest.mark.parametrize("tools", [False, True])
def test_load_dataset_reads_the_folder(made, tmp_path, rows_of, offline, tools):
    from datasets import disable_progress_bars, get_dataset_config_names, load_dataset

    disable_progress_bars()
    readings = made.many(60)
    if tools:
        readings += [made.reading(made.tool_comparison(n), f"t:{n}") for n in range(20)]
    out = tmp_path / "out"
    export(readings, RECIPE, out)
    loaded = load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    for side in ("train", "test"):
        assert list(loaded[side]) == rows_of(out, side)
    names = ["dpo", "dpo_tools"] if tools else ["dpo"]
    assert get_dataset_config_names(str(out)) == names
    if tools:
        rows = load_dataset(str(out), "dpo_tools", cache_dir=str(tmp_path / "cache"))
        assert rows["train"].num_rows == len(rows_of(out, table="dpo_tools"))
        calls = [row["prompt"][1]["tool_calls"][0] for row in rows["train"].to_list()]
        told = [row["prompt"][1]["tool_calls"][0] for row in rows_of(out, table="dpo_tools")]
        assert calls == told, "arguments come back as they were, not padded with null"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("count", [0, 40])
def test_the_card_is_valid(made, tmp_path, lang, count):
    from huggingface_hub import DatasetCard

    from goldleaf.core.errors import NothingUsable

    out = tmp_path / "out"
    try:
        export(made.many(count), RECIPE, out, lang=lang)
    except NothingUsable:
        assert count == 0
    front = DatasetCard.load(out / "README.md").data.to_dict()
    assert front["license"] == "unknown"
    assert front["size_categories"] == ["n<1K"]
    text = (out / "README.md").read_text("utf-8")
    assert ("goldleaf 制作" in text) == (lang == "zh")
    assert "{" not in text.replace("{{", "")
    if count:
        assert front["configs"][0]["data_files"][0]["path"] == "trl/dpo/train.jsonl"
        assert "max_length" in (out / "trl/dpo/README.md").read_text("utf-8")


def licence_of(made, out, *licences):
    from huggingface_hub import DatasetCard

    readings = [
        made.reading(
            made.comparison(
                f"{n}?", parent=Provenance(licence=licence, annotator="script:a", line=n)
            )
        )
        for n, licence in enumerate(licences)
    ]
    export(readings, Recipe(), out)
    return DatasetCard.load(out / "README.md").data.to_dict()["license"]


def test_licences(made, tmp_path):
    assert licence_of(made, tmp_path / "a", "MIT", "MIT") == "mit"
    assert licence_of(made, tmp_path / "b", "MIT", "cc0-1.0") == "other"
    hostile = "x | <script>alert(1)</script>\n\n# `mine`"
    assert licence_of(made, tmp_path / "c", hostile) == "other"
    text = (tmp_path / "c" / "README.md").read_text("utf-8")
    assert "<script>" not in text
    assert "\n# `mine`" not in text
    assert "given by a script" in text
