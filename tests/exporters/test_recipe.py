"""A recipe says what it means, or is refused with the path of the key."""

import pytest
import yaml

from goldleaf.core.errors import UsageError
from goldleaf.exporters.recipe import MAX_BYTES, Recipe, load, parse


def test_the_shipped_recipe_is_the_default():
    assert load() == Recipe()


def test_its_text_reads_back(tmp_path):
    recipe = parse(b"pairs: {policy: all, per_prompt: 2}\nsplit: {test: 0.2}\nseed: 11", "r.yaml")
    assert recipe.pairs.policy == "all"
    assert Recipe.model_validate(yaml.safe_load(recipe.text())) == recipe
    path = tmp_path / "r.yaml"
    path.write_text(recipe.text(), encoding="utf-8")
    assert load(path).sha256() == recipe.sha256() != Recipe().sha256()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pairs: {polcy: all}", r"pairs.polcy: there is no such key[\s\S]*did you mean 'policy'"),
        ("sead: 3", "did you mean 'seed'"),
        ("zzz: 3", "its keys are: pairs, split, seed"),
        ("pairs: {policy: random}", "pairs.policy: .*'best_worst', 'adjacent' or 'all'"),
        ("pairs: {ties: keep}", "pairs.ties"),
        ("pairs: {min_strength: huge}", "pairs.min_strength"),
        ("pairs: {edits: 1}", "pairs.edits"),
        ("pairs: {per_prompt: 0}", "pairs.per_prompt: .*greater than or equal to 1, not 0"),
        ("split: {test: 1.5}", "split.test"),
        ("split: {test: .nan}", "split.test"),
        ("seed: -1", "seed"),
        ("seed: a", "seed"),
        ("- seed", "the whole recipe"),
        ("pairs: [1, 2]", "pairs"),
        ("seed: 1\nseed: 2", "given twice"),
        ("pairs: {edits: true, edits: false}", "'edits' is given twice"),
        ("a: &x 1\nb: *x", "no anchors"),
        ("a: [", "no YAML"),
        ("seed: !!python/object/apply:os.getcwd []", "no YAML"),
        ("\x00", "no YAML"),
        ("[" * 5_000, "no YAML"),
    ],
)
def test_mistakes_name_their_key(text, said):
    with pytest.raises(UsageError, match=said) as refused:
        parse(text.encode(), "my.yaml")
    assert refused.value.exit_code == 2
    assert "my.yaml" in refused.value.where


@pytest.mark.parametrize("content", [b" " * (MAX_BYTES + 1), b"\xff"])
def test_no_text_at_all(content):
    with pytest.raises(UsageError):
        parse(content, "my.yaml")


def test_an_empty_recipe_is_the_default():
    assert parse(b"# nothing yet\n", "my.yaml") == Recipe()


def test_a_missing_recipe(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "none.yaml")
