"""The folder loads as a Hub dataset, and its card is valid, in both languages."""

import pytest

from goldleaf.core.records import Provenance
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

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
    told = text.partition("```yaml")[0]  # what follows is the recipe
    assert "{" not in told
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


@pytest.mark.trainer
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hugging_face_reads_the_front_matter(made, tmp_path, offline, lang):
    """All of the Hub's checks that need no network: its own asks a server for the rest."""
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCard, DatasetCardData, metadata_load

    out = tmp_path / "out"
    readings = made.many(40) + [made.reading(made.demonstration(n)) for n in range(20)]
    export(readings, RECIPE, out, lang=lang, formats=("trl", "parquet"))
    for folder in (out, out / "parquet"):
        front = metadata_load(folder / "README.md")
        assert front is not None
        card = DatasetCard.load(folder / "README.md")
        assert isinstance(card.data, DatasetCardData)
        assert card.data.to_dict() == front
        assert DatasetCard(str(card)).data.to_dict() == front
        configs = MetadataConfigs.from_dataset_card_data(card.data)
        assert configs.get_default_config_name()
        for config in front["configs"]:
            assert all((folder / file["path"]).is_file() for file in config["data_files"])
        (link,) = [part.split(")")[0] for part in card.text.split("](") if "report" in part[:20]]
        assert (folder / link).resolve() == (out / "report.html").resolve()


def test_sizes_have_the_names_that_the_hub_knows():
    from goldleaf.exporters.publishing.card import front_matter

    names = [front_matter([], {}, 10**n)["size_categories"][0] for n in range(2, 10)]
    assert names[:3] == ["n<1K", "1K<n<10K", "10K<n<100K"]
    assert names[-3:] == ["10M<n<100M", "100M<n<1B", "1B<n<10B"]


def test_the_card_says_what_is_short_and_what_contradicts(made, tmp_path):
    from goldleaf.recipes.shares import Share, Shares

    readings = [made.reading(made.demonstration(n)) for n in range(30)]
    recipe = Recipe(shares=Shares(multi_turn=Share(min=0.2)))
    outcome = export(readings, recipe, tmp_path / "out")
    text = (tmp_path / "out" / "README.md").read_text("utf-8")
    (short,) = outcome.shortfalls
    assert f"| `shares.multi_turn.min` | S15 | 20.0 % | 0.0 % | {short.annotations} |" in text
    assert "## Conflicting targets" in text
    assert "change shares.multi_turn.min from 20 % to 0 %" in text
