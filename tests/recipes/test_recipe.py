"""A recipe says what it means, or is refused with the path of the key."""

import re
from importlib.resources import files

import pytest
import yaml

from goldleaf.core.errors import UsageError
from goldleaf.core.translations import Translations
from goldleaf.recipes.inheritance import MAX_BYTES
from goldleaf.recipes.load import for_model, load, parse, shipped
from goldleaf.recipes.recipe import NATURAL, Recipe
from goldleaf.recipes.size_rules import (
    RANGES,
    billions,
    core_size,
    in_table,
    nearest,
    sft_range,
)

SHIPPED = files("goldleaf.recipes")


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
        ("zzz: 3", "its keys are: model, core, diverse, total, shares"),
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
        ("core: {size: 0.5}", "core.size"),
        ("core: {size: -1}", "^core.size: .*'auto' or greater than or equal to 0, not -1"),
        ("core: {size: 9, max: 8}", "^core: size 9 is above max 8"),
        ("model: 8B\ncore: {max: 5000}", "^core: size 6000 is above max 5000"),
        ("core: {max: 0}", "^core.max: "),
        ("diverse: {min: 3, max: 2}", "^diverse: min 3 is above max 2"),
        ("diverse: {mx: 2}", "^diverse.mx: there is no such key[\\s\\S]*'max'"),
        ("total: {make_room: 1}", "^total.make_room"),
        ("total: {min: many}", "^total.min: .*'auto' or a valid integer, not 'many'"),
        ("quality: {min: 6}", "^quality.min: .*less than or equal to 5, not 6"),
        ("quality: {unknown: maybe}", "^quality.unknown: .*'keep' or 'drop'"),
        ("prototypes: {max: 0}", "^prototypes.max"),
        ("prototype: {max: 0.1}", "did you mean 'prototypes'"),
        ("hard: {signals: {loss: upward}}", "^hard.signals.loss: .*'high', 'low' or 'ignore'"),
        ("hard: {signals: [loss]}", "^hard.signals"),
        ("order: {mode: stage}", "^order.mode: .*'shuffled', 'soft' or 'staged'"),
        ("order: {stages: []}", "^order: stages: name at least one, each once"),
        ("order: {stages: [safety, safety]}", "^order: stages: name at least one, each once"),
        ("order: {replay: 1}", "^order.replay"),
        ("pairs: {safety: 1}", "^pairs.safety"),
        ("pairs: {min: 9, advise: 8}", "^pairs: min 9 is above advise 8"),
        ("extend: 8b", "did you mean 'extends'"),
        ("core: {size: auto}", "^core.size: auto needs a model"),
        ("core: {sources: [experts]}", r"core.sources.0: .*'expert' or 'feedback'"),
        ("core: {size: 1, sources: []}", "core.sources: name at least one"),
        ("core: {size: 1, sorces: [expert]}", r"core.sorces[\s\S]*did you mean 'sources'"),
        ("model: big", "^model: 'big' is not a model size"),
        ("total: {min: 5, max: 4}", "^total: min 5 is above max 4"),
        ("model: 8B\ntotal: {max: 20000}", "^total: min 30000 is above max 20000"),
        ("total: {max: 0}", "total.max"),
        ("shares: {refusal: {min: 0.4, max: 0.3}}", "^shares.refusal: min 0.4 is above max 0.3"),
        ("shares: {refusal: {min: 1}}", "shares.refusal.min: .*less than 1, not 1"),
        ("shares: {refusal: {min: 10%}}", "shares.refusal.min"),
        ("shares: {refusal: {twins: 1}}", "shares.refusal.twins: there is no such key"),
        ("shares: {refusals: {min: 0.1}}", "did you mean 'refusal'"),
        ("shares: {chat: {min: 0.1}}", "shares.chat: there is no such key"),
        (
            "shares: {refusal: {min: 0.5}, tool_call: {min: 0.3}, multi_turn: {min: 0.2}}",
            "^shares: the least shares come to 1.0",
        ),
        ("natural: [chats]", "^natural: no such behaviour: chats"),
        ("natural: [refusal]\nshares: {refusal: {min: 0.1}}", "^natural: refusal has a share"),
        ("sources: {max: 0}", "sources.max"),
        ("repeat: {max: 0}", "repeat.max"),
        ("pairs: [1, 2]", "pairs"),
        ("seed: 1\nseed: 2", "given twice"),
        ("pairs: {edits: true, edits: false}", "'edits' is given twice"),
        ("a: &x 1\nb: *x", "no anchors"),
        ("a: [", "not valid YAML"),
        ("seed: !!python/object/apply:os.getcwd []", "not valid YAML"),
        ("\x00", "not valid YAML"),
        ("[" * 5_000, "nested too deeply"),
        ("[" * 101 + "]" * 101, "nested too deeply"),
        ("total: {min: null, max: 1000000000000}", "total.max: Input should be"),
        ("core: {size: 99999999999999999999}", "core.size: Input should be"),
        ("shares: {refusal: {min: 1.0e-300}}", "shares.refusal.min: 1e-300 is finer than"),
        ("sources: {max: 0.12345678}", "sources.max: 0.12345678 is finer than a millionth"),
    ],
)
def test_mistakes_name_their_key(text, said):
    with pytest.raises(UsageError, match=said) as refused:
        parse(text.encode(), "my.yaml")
    assert refused.value.exit_code == 2
    assert "my.yaml" in refused.value.where


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"seed: 1\na: [\n", 2, "did not find expected node content"),
        (b"seed: 1\na: b: c\n", 2, "mapping values are not allowed in this context"),
        (b'seed: 1\na: "b\n\n', 2, "found unexpected end of stream"),
        (b'seed: 1\na: "b', 2, "found unexpected end of stream"),
        (b"seed: 1\na: \x00", 2, "control characters are not allowed"),
        ("seed: 1\na: 中文\n".encode("gb18030"), 2, "not UTF-8 text"),
        (b"screens: {flaw: drop,\n  flaws: explode}", 2, "no such screen"),
        (b"screens: {flaw: cap,\n  near: explode}", 2, "no such screen"),
        (b"screens:\n  flaw.truncatd: explode", 2, "did you mean 'truncated'"),
        (b"screens:\n  flaw: explode", 2, "explode cannot be done for flaw"),
    ],
)
def test_mistakes_name_file_and_line_and_what_to_do(content: bytes, line: int, said: str):
    with pytest.raises(UsageError, match=said) as refused:
        parse(content, "my.yaml")
    assert refused.value.where == f"my.yaml, line {line}"
    assert refused.value.fix
    for lang in ("en", "zh"):
        assert "unicode string" not in refused.value.shown(lang)


@pytest.mark.parametrize(
    ("text", "line", "fix"),
    [
        ("seed: 1\ntotal:\n\tmin: 5\n", 3, "use spaces instead of the tab"),
        ("seed: 1\n\ttotal: {min: 5}\n", 2, "use spaces instead of the tab"),
        ('seed: 1\ncore: a\tb: "c', 2, "correct that line"),
        ("total: {min: 1}\ntotal: {min: 2}", 2, "delete one of them"),
        ("seed: 1\nscreens: drop", 2, "write screens: {all: drop}"),
        ("seed: 1\nscreens: [flaw]", 2, "write screens: {all: profile}"),
        ("seed: 1\ntotal: 5", 2, "its keys are: min, max"),
        ("seed: 1\ntotal: {min: 10, max: 5}", 2, "lower min or raise max; swap them"),
        ("seed: 1\nshares:\n  refusal: {min: 0.5, max: 0.2}", 3, "lower min or raise max"),
        ("seed: 1\npairs: {min: 9, advise: 8}", 2, "lower min or raise advise"),
    ],
)
def test_mistakes_say_what_to_do_in_both_languages(text: str, line: int, fix: str):
    with pytest.raises(UsageError) as refused:
        parse(text.encode(), "my.yaml")
    assert refused.value.where == f"my.yaml, line {line}"
    assert refused.value.fix.startswith(fix)
    assert re.search("[\u4e00-\u9fff]", refused.value.shown("zh").split("解决办法：")[1])


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_a_file_without_content_is_no_recipe(content):
    with pytest.raises(UsageError, match="This recipe is empty") as refused:
        parse(content, "my.yaml")
    assert "extends: 8b" in refused.value.fix
    assert "这个配方是空的" in refused.value.shown("zh")


@pytest.mark.parametrize("content", [b" " * (MAX_BYTES + 1), b"\xff"])
def test_no_text_at_all(content):
    with pytest.raises(UsageError):
        parse(content, "my.yaml")


def test_an_empty_recipe_is_the_default():
    assert parse(b"# nothing yet\n", "my.yaml") == Recipe()


def test_a_folder_is_no_recipe(tmp_path):
    with pytest.raises(UsageError, match="a folder, not a file"):
        load(tmp_path)


def test_a_missing_recipe(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("size", "core", "rows"),
    [
        (0.5, 1_000, (1_000, 1_800)),
        (1, 1_000, (1_000, 5_200)),
        (3, 3_170, (4_400, 28_000)),
        (7, 5_615, (20_000, 100_000)),
        (8, 6_000, (30_000, 150_000)),
        (13, 7_401, (85_000, 430_000)),
        (14, 7_615, (100_000, 500_000)),
        (32, 10_000, (300_000, 1_000_000)),
        (70, 12_259, (1_200_000, 2_000_000)),
    ],
)
def test_sizes(size, core, rows):
    assert core_size(size) == core
    assert sft_range(size) == rows
    assert in_table(size) == (7 <= size <= 32)


def test_a_larger_model_never_asks_for_less():
    sizes = [10 ** (n / 20) for n in range(-20, 60)]
    for values in ([core_size(s) for s in sizes], *zip(*map(sft_range, sizes), strict=True)):
        assert list(values) == sorted(values)


@pytest.mark.parametrize(("text", "size"), [("8B", 8), ("0.5b", 0.5), (" 500 M ", 0.5)])
def test_model_sizes(text, size):
    assert billions(text) == size


@pytest.mark.parametrize("text", ["", "8", "B", "-8B", "8BB", "0B", "llama", "9999999B", "8.B"])
def test_no_model_sizes(text):
    with pytest.raises(UsageError, match="not a model size"):
        billions(text)


@pytest.mark.parametrize("name", shipped().values())
def test_a_shipped_recipe_says_what_the_rules_say(name):
    text = SHIPPED.joinpath(name).read_text("utf-8")
    recipe, size = parse(text.encode(), name), billions(name.removesuffix(".yaml"))
    plain = yaml.safe_load(text)
    assert recipe.model == f"{size:g}B"
    assert recipe.core_rows() == core_size(size)
    assert recipe.core_is_clamped() == (size == 1)
    assert (plain["total"]["min"], plain["total"]["max"]) == sft_range(size) == recipe.rows_wanted()
    assert 0.1 <= recipe.shares.refusal.min <= recipe.shares.refusal.max == 0.3
    assert recipe.pairs.safety == recipe.shares.refusal.min
    assert recipe.core
    s9 = (recipe.core.max, recipe.diverse.min, recipe.diverse.max, recipe.total.advise)
    assert s9 == ((10_000, 20_000, 50_000, 60_000) if size in (7, 8) else (None,) * 4)
    assert tuple(recipe.natural) == NATURAL
    for line in text.split("split:")[0].splitlines():
        if re.match(r"  +\w+: *([\d.]+|null)", line):
            assert re.search(r"# .*(S\d+|ours)", line), f"{name}: where does this come from? {line}"


def test_every_size_of_the_table_has_its_recipe():
    assert set(RANGES) <= set(shipped())
    assert set(shipped()) == {1, 3, 7, 8, 14, 32, 70}


def test_smaller_models_get_more_refusals():
    floors = [for_model(f"{size:g}B")[0].shares.refusal.min for size in shipped()]
    assert floors == sorted(floors, reverse=True)
    assert floors[0] > floors[-1]


def test_every_shipped_recipe_shows_every_key():
    def keys(part, path=()):
        for key, value in part.items():
            if isinstance(value, dict) and value:
                yield from keys(value, (*path, key))
            else:
                yield (*path, key)

    no_bounds = {("shares", "reflection", end) for end in ("min", "max")}
    no_bounds |= {("shares", n, "max") for n in Recipe().shares.each() if n != "refusal"}
    for name in shipped().values():
        text = SHIPPED.joinpath(name).read_text("utf-8")
        whole = parse(text.encode(), name).model_dump()
        assert set(keys(whole)) - set(keys(yaml.safe_load(text))) == no_bounds, name


def test_a_model_picks_its_recipe_or_the_nearest_and_says_so():
    assert for_model("8b") == (parse(SHIPPED.joinpath("8b.yaml").read_bytes(), ""), [])
    recipe, remarks = for_model("13B")
    assert recipe.model == "14B"
    assert remarks == ["There is no recipe for 13B: this is the one for 14B."]
    _, remarks = for_model("70B")
    assert len(remarks) == 1 and "S7" in remarks[0]
    _, remarks = for_model("0.5B")
    assert [next(iter(re.findall(r"S\d+|no recipe", r))) for r in remarks] == [
        *("no recipe", "S7", "S8")
    ]
    assert "1,000" in remarks[2]
    chinese = for_model("0.5B", Translations("zh"))[1]
    assert len(chinese) == 3 and "1,000" in chinese[2] and "配方" in chinese[0]
    assert [nearest(size, shipped()) for size in (0.1, 2, 5, 1000)] == [1, 3, 7, 70]


def test_a_model_alone_sets_sizes_and_no_share():
    recipe = parse(b"model: 13B\ncore: {}", "my.yaml")
    assert (recipe.core_rows(), recipe.rows_wanted()) == (7_401, (85_000, 430_000))
    assert recipe.shares == Recipe().shares
    assert Recipe().rows_wanted() == (None, None)
    assert Recipe().core_rows() is None
