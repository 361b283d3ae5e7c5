"""The linter refuses what the free Label Studio cannot show or gets wrong."""

import pytest

from goldleaf.label_configs.linter import lint
from goldleaf.label_configs.registry import kinds

GOOD = '<Text name="t" value="$t"/>'


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", list(kinds()))
def test_our_own_screens_break_no_rule(name, lang):
    assert lint(kinds()[name].config(lang)) == []


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<Chat name="c" value="$c"/>', "unknown_tag"),
        ('<ReactCode name="c"/>', "unknown_tag"),
        (GOOD + '<Choices name="c"><Choice value="x"/></Choices>', "missing_to_name"),
        (GOOD + '<Rating name="r"/>', "missing_to_name"),
        (GOOD + '<Choices name="c" toName="t,u"><Choice value="x"/></Choices>', "to_name_list"),
        (GOOD + '<Choices name="c" toName="u"><Choice value="x"/></Choices>', "unknown_to_name"),
        (GOOD + '<Choices toName="t"><Choice value="x"/></Choices>', "missing_name"),
        (GOOD + '<TextArea name="a" toName="t"/>', "not_editable"),
        (GOOD + '<Pairwise name="p" toName="t"/>', "pairwise"),
        ('<Markdown name="m" value="$m"/>', "markdown_of_data"),
        (GOOD + GOOD, "duplicate_name"),
        (
            GOOD + '<Choices name="c" toName="t"><Choice value="x"/><Choice value="x"/></Choices>',
            "duplicate_choice",
        ),
        (
            GOOD
            + '<Choices name="c" toName="t"><Choice value="x" hotkey="1"/>'
            + '<Choice value="y" hotkey="1"/></Choices>',
            "duplicate_hotkey",
        ),
        (
            GOOD + '<Choices name="c" toName="t" layout="select"><Choice value="x"/></Choices>',
            "hidden_hotkey",
        ),
        (
            '<Repeater on="$m"><Text name="t" value="$m.x"/><Choices name="c" toName="t">'
            '<Choice value="x" hotkey="b"/></Choices></Repeater>',
            "hotkey_in_repeater",
        ),
        (
            '<Repeater on="$m"><Text name="t" value="$m.x"/><Choices name="c" toName="t" '
            'choice="single-radio"><Choice value="x"/></Choices></Repeater>',
            "radio_in_repeater",
        ),
    ],
)
def test_each_broken_rule_is_named(body, rule):
    assert rule in [finding.rule for finding in lint(f"<View>{body}</View>")]


@pytest.mark.parametrize(
    ("config", "rule"),
    [
        ("<View>", "config_not_xml"),
        ("", "config_not_xml"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><View>&a;</View>', "config_not_xml"),
        ("<View>" + "x" * 300_000 + "</View>", "config_too_large"),
    ],
)
def test_what_is_no_config_is_refused(config, rule):
    assert [finding.rule for finding in lint(config)] == [rule]
