"""Every kind: both languages say the same thing, its files are there, it is recognised."""

import re

import pytest
from answer_strategies import sample_records
from kinds_of_all import ALL_KINDS

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.formats.format_registry import guess_format
from goldleaf.label_configs.registry import kind_named, kinds, recognise, recognise_or_refuse
from goldleaf.label_configs.screen import parse

every_kind = pytest.mark.parametrize("kind", ALL_KINDS.values(), ids=ALL_KINDS)
our_kinds = pytest.mark.parametrize("kind", kinds().values(), ids=kinds())


@every_kind
def test_both_languages_have_the_same_controls_and_choices(kind):
    assert parse(kind.config("zh")) == parse(kind.config("en"))


@every_kind
def test_the_chinese_screen_and_guide_are_chinese(kind):
    for text in (kind.config("zh"), kind.guide("zh"), kind.title("zh")):
        assert any("一" <= char <= "鿿" for char in text)
    assert not any("一" <= char <= "鿿" for char in kind.config("en") + kind.guide("en"))


@our_kinds
def test_the_guide_has_examples_and_says_what_to_do_when_nothing_is_good(kind):
    for text in (kind.guide("en"), kind.guide("zh")):
        assert "|---|" in text or re.search(r"^\*(Good|Bad|好|不好|坏)", text, re.M)
        assert re.search("[Ss]kip|跳过", text)
        assert re.search(r"Every [a-z ]+ is bad|都不好|都不对|都有错|都是错", text)


@every_kind
def test_the_screen_shows_only_fields_that_show_gives(kind):
    for record in sample_records(kind):
        assert kind.screen.fields <= kind.codec.to_task(record).keys()


@our_kinds
def test_sample_tasks_are_many_and_half_chinese(kind):
    rows = kind.sample_tasks()
    named = ("prompt", "instruction", "messages", "conversations")
    asked = [str(next(row[name] for name in named if row.get(name))) for row in rows]
    chinese = [text for text in asked if any("一" <= c <= "鿿" for c in text)]
    assert len(set(asked)) == len(rows)
    assert len(rows) >= 30
    assert len(chinese) * 2 == len(rows)


@every_kind
def test_sample_tasks_are_rows_of_a_known_format_that_the_screen_shows(kind):
    for record in sample_records(kind):
        assert isinstance(record, kind.codec.SHOWS)
        assert kind.codec.to_task(record)
    rows = kind.sample_tasks()
    assert [guess_format(rows).read(row) for row in rows] == [*sample_records(kind)], "one format"


@our_kinds
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_kind_is_recognised_by_its_controls(kind, lang):
    changed = kind.config(lang).replace("</View>", "", 1) + "</View>"
    assert recognise(kind.config(lang)) is kind
    assert recognise(changed.replace("gl-columns", "other")) is kind


def test_a_strange_config_is_no_kind_of_ours():
    strange = '<View><Text name="t" value="$t"/></View>'
    assert recognise(strange) is None
    with pytest.raises(BadRow, match="unknown_kind"):
        recognise_or_refuse(strange)


def test_an_unknown_kind_names_those_there_are():
    with pytest.raises(UsageError, match="preference"):
        kind_named("preferences")
