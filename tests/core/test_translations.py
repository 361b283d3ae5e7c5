"""Everything a reader sees is there in both languages."""

import re

from goldleaf.core.translations import LANGUAGES, Translations, load_translations


def test_both_languages_have_the_same_keys_and_placeholders():
    english = load_translations("en")
    for lang in LANGUAGES:
        other = load_translations(lang)
        assert other.keys() == english.keys()
        for key, text in english.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(
                re.findall(r"\{\w+\}", other[key])
            )


def test_chinese_is_chinese():
    """Each has a Chinese character, or is names alone between full-width marks."""
    for text in load_translations("zh").values():
        names_alone = not re.search("[A-Za-z]", re.sub(r"\{\w+\}", "", text)) and "：" in text
        assert names_alone or re.search("[\u3001-\u9fff]", text), text


def test_placeholders_are_filled():
    key = next(iter(load_translations("en")))
    assert Translations("en")(key) == load_translations("en")[key]


def test_the_shapes_of_files_are_called_what_their_formats_call_them():
    from goldleaf.formats.format_registry import formats

    for name, shape in formats().items():
        assert Translations("en").known(f"shape.{name}") == shape.TITLE
