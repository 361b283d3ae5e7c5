"""A list of choices grows in its own file."""

from goldleaf.label_configs.choice_lists import with_choices
from goldleaf.label_configs.linter import lint
from goldleaf.label_configs.screen import parse

CONFIG = (
    '<View><Text name="t" value="$t"/><Choices name="c" toName="t" layout="select">'
    "<!-- list.toml --></Choices></View>"
)


def test_a_list_stands_where_the_config_names_it(tmp_path):
    entries = """
        [a]
        en = 'Say "A" & <b>'
        zh = "甲"
        [b]
        en = "B"
        zh = "乙"
    """
    (tmp_path / "list.toml").write_text(entries, encoding="utf-8")
    for lang in ("en", "zh"):
        config = with_choices(CONFIG, tmp_path, lang)
        assert parse(config).controls["c"].choices == ("a", "b")
        assert lint(config) == []
        assert ("甲" in config) == (lang == "zh")


def test_a_list_longer_than_the_keys_is_still_whole(tmp_path):
    entries = "".join(f'[c{n}]\nen = "{n}"\nzh = "{n}"\n' for n in range(50))
    (tmp_path / "list.toml").write_text(entries, encoding="utf-8")
    assert len(parse(with_choices(CONFIG, tmp_path, "en")).controls["c"].choices) == 50
