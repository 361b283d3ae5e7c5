"""`extends`: recipes merged over each other; an error has the file and line of its value."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import UsageError
from goldleaf.recipes.inheritance import MAX_LEVELS, _merge, shipped_names
from goldleaf.recipes.load import for_model, load, parse, shipped
from goldleaf.recipes.recipe import Recipe


@pytest.fixture
def write(tmp_path):
    """Return a function that writes recipes and gives the path of the first."""

    def run(**texts):
        for name, text in texts.items():
            path = tmp_path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / f"{next(iter(texts)).replace('__', '/')}.yaml"

    return run


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_recipe_is_extended_by_its_name(write, name):
    same = load() if name == "plain" else for_model(name)[0]
    assert load(write(mine=f"extends: {name}")) == same
    assert parse(f"extends: {name.upper()}".encode(), "text") == same


def test_mappings_are_laid_over_and_lists_replaced(write):
    recipe = load(
        write(
            mine="extends: 8b\nseed: 3\nshares: {refusal: {min: 0.2}}\norder: {stages: [safety]}",
        )
    )
    base, _ = for_model("8B")
    assert recipe.seed == 3
    assert recipe.shares.refusal.min == 0.2
    assert recipe.shares.refusal.benign_twins == base.shares.refusal.benign_twins
    assert recipe.shares.tool_call == base.shares.tool_call
    assert recipe.order.stages == ["safety"]
    assert recipe.order.mode == base.order.mode
    assert load(write(mine="extends: 8b\ncore: null\ntotal: {min: null}")).core is None


def test_chains_over_folders(write):
    first = write(
        a__mine="extends: ../b/ours.yaml\nseed: 1",
        b__ours="extends: all.yaml\nseed: 2\npairs: {per_prompt: 2}",
        b__all="extends: 1b\nseed: 3\npairs: {per_prompt: 3, policy: all}",
    )
    recipe = load(first)
    assert (recipe.seed, recipe.pairs.per_prompt, recipe.pairs.policy) == (1, 2, "all")
    assert recipe.model == "1B"


def test_a_mistake_is_named_where_it_stands(write):
    first = write(
        mine="extends: ours.yaml\nsplit: {test: 0.1}",
        ours="extends: 8b\n\npairs:\n  policy: all\n  per_prompt: 0\n",
    )
    with pytest.raises(UsageError, match=r"^pairs.per_prompt: .*not 0") as refused:
        load(first)
    assert refused.value.where == f"{first.with_name('ours.yaml')}, line 5"
    first = write(mine="extends: ours.yaml\npairs: {polcy: all}", ours="extends: 8b\nseed: 1")
    with pytest.raises(UsageError, match=r"^pairs.polcy[\s\S]*'policy'") as refused:
        load(first)
    assert refused.value.where == f"{first}, line 2"
    first = write(mine="extends: 8b\n\ntotal:\n  max: 100")
    with pytest.raises(UsageError, match=r"^total: min 30000 is above max 100"):
        load(first)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: 9b", r"no recipe '9b'[\s\S]*did you mean '8b'[\s\S]*shipped are: 14b, 1b"),
        ("extends: 13B", "did you mean '14b'"),
        ("extends: plian", "did you mean 'plain'"),
        ("extends: 8b.yaml", r"No such file[\s\S]*did you mean '8b'"),
        ("extends: gone.yaml", r"^extends: No such file[\s\S]*line 1: .*gone.yaml"),
        ("extends: ''", "name one recipe, not ''"),
        ("extends: [8b]", r"name one recipe, not \['8b'\]"),
        ("extends: null", "name one recipe, not None"),
        ("extends: {a: 1}", "name one recipe"),
        ("extends: ./folder/", "^extends: "),
        ("shares: {extends: 8b}", "shares.extends: there is no such key"),
    ],
)
def test_what_cannot_be_extended(write, tmp_path, text, said):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=said) as refused:
        load(write(mine=text))
    assert refused.value.exit_code == 2
    assert "mine.yaml, line 1" in refused.value.where


def test_what_is_extended_is_read_with_the_same_suspicion(write):
    for bad in ("a: &x 1", "seed: !!python/object/apply:os.getcwd []", "seed: 1\nseed: 2", "- a"):
        with pytest.raises(UsageError) as refused:
            load(write(mine="extends: ours.yaml", ours=bad))
        assert "ours.yaml" in refused.value.where


def test_circles_and_towers(write):
    circle = (
        r"leads in a circle: .*mine.yaml extends .*mine.yaml\n.*, line 1\n  Fix: take extends out"
    )
    with pytest.raises(UsageError, match=circle):
        load(write(mine="extends: mine.yaml"))
    with pytest.raises(UsageError, match="leads in a circle"):
        load(write(a="extends: b.yaml", b="extends: ./a.yaml"))
    tower = {f"r{n}": f"extends: r{n + 1}.yaml" for n in range(MAX_LEVELS - 1)}
    top = {f"r{MAX_LEVELS - 1}": "seed: 9"}
    assert load(write(**tower, **top)).seed == 9
    with pytest.raises(UsageError, match="too many recipes in a chain"):
        load(write(over="extends: r0.yaml", **tower, **top))


def test_text_without_a_file_extends_shipped_recipes_alone(tmp_path):
    (tmp_path / "ours.yaml").write_text("seed: 1", encoding="utf-8")
    with pytest.raises(UsageError, match="there is no recipe"):
        parse(f"extends: {tmp_path}/ours.yaml".encode(), "text")


def test_the_text_of_an_extended_recipe_stands_alone(write):
    recipe = load(write(mine="extends: 8b\nseed: 3"))
    assert "extends" not in recipe.text()
    assert parse(recipe.text().encode(), "text") == recipe
    assert recipe != Recipe()
    assert set(shipped().values()) < {f"{name}.yaml" for name in shipped_names()}


trees = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
layers = st.dictionaries(st.sampled_from("abc"), trees, max_size=3)


@given(layers, layers)
def test_laying_over(over, under):
    before = copy.deepcopy((over, under))
    whole = _merge(over, under)
    assert (over, under) == before, "neither is changed"
    assert _merge(over, whole) == whole
    assert _merge({}, under) == under
    assert _merge(over, {}) == over
    assert whole.keys() == over.keys() | under.keys()
