"""Everything a reader sees is there in both languages."""

import re

from goldleaf.core.words import LANGUAGES, Words, wording


def test_both_languages_have_the_same_keys_and_placeholders():
    english = wording("en")
    for lang in LANGUAGES:
        other = wording(lang)
        assert other.keys() == english.keys()
        for key, text in english.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(
                re.findall(r"\{\w+\}", other[key])
            )


def test_chinese_is_chinese():
    assert all(re.search("[\u3001-\u9fff]", text) for text in wording("zh").values())


def test_placeholders_are_filled():
    key = next(iter(wording("en")))
    assert Words("en")(key) == wording("en")[key]


def test_the_shapes_of_files_are_called_what_their_formats_call_them():
    from goldleaf.formats.catalogue import formats

    for name, shape in formats().items():
        assert Words("en").known(f"shape.{name}") == shape.TITLE
