"""`goldleaf rules`: the list, a card in either language, the schema for editors."""

import json
import unicodedata

import pytest

from goldleaf.cli.rules import WIDTH, shown
from goldleaf.cli.wrap import wrapped
from goldleaf.core.translations import LANGUAGES, Translations
from goldleaf.recipes.rule_cards import cards


def width(line):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("en", ("Capability prototypes", "goldleaf rules NAME")),
        ("zh", ("能力原型", "goldleaf rules")),
    ],
)
def test_the_list(inside, lang, texts):
    done = inside("rules", "--lang", lang)
    assert done.returncode == 0, done.stderr
    for text in (*texts, "prototypes", "S16", "curriculum"):
        assert text in done.stdout
    assert len(done.stdout.splitlines()) == len(cards(lang)) + 2


def test_a_card(inside):
    done = inside("rules", "shares.refusal.min", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    for text in ("拒答与安全作答", "支持", "反对", "Tulu 3", "93.1", "7B-70B"):
        assert text in done.stdout


def test_a_script_reads_cards(inside):
    told = json.loads(inside("rules", "--json").stdout)
    assert [card["name"] for card in told] == [card.name for card in cards("en")]
    one = json.loads(inside("rules", "benign_twins", "--json", "--lang", "zh").stdout)
    assert one in [json.loads(json.dumps(card.plain())) for card in cards("zh")]


def test_the_schema(inside):
    done = inside("rules", "--schema")
    assert done.returncode == 0, done.stderr
    assert "extends" in json.loads(done.stdout)["properties"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("refusal",), "did you mean 'refusals'"), (("refusals", "--schema"), "all rules")],
)
def test_mistakes(inside, arguments, said):
    done = inside("rules", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_card_fits_the_terminal(lang):
    for card in cards(lang):
        text = shown(card, Translations(lang))
        assert max(width(line) for line in text.splitlines()) <= WIDTH + 2, card.name
        for evidence in card.evidence:
            assert evidence.source in " ".join(text.split())


def test_words_in_chinese_stay_whole():
    text = "训练" * 30 + "The Llama 3 Herd of Models" + "数据" * 40
    lines = wrapped(text, WIDTH, "- ", "  ").splitlines()
    assert "".join(line.strip() for line in lines).replace(" ", "") == ("- " + text).replace(
        " ", ""
    )
    assert all(width(line) <= WIDTH for line in lines)
    for word in ("Llama", "Herd", "Models"):
        assert any(word in line for line in lines)
