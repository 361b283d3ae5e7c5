"""`--help` in Chinese: every command and every option, whole."""

from __future__ import annotations

import re

import pytest
import typer.main

from goldleaf.cli.help_page import Command, Group, chinese, paragraphs
from goldleaf.cli.main import app
from goldleaf.cli.wrap import columns

HAN = re.compile("[\u4e00-\u9fff]")


def commands(command, *names):
    """Yield every command and group with the names that call it."""
    yield names, command
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, *names, name)


COMMANDS = dict(commands(typer.main.get_command(app)))


def help_texts():
    """Yield (command, text): paragraphs, options, and defaults that are a text."""
    for names, command in COMMANDS.items():
        title = " ".join(("goldleaf", *names))
        for text in paragraphs(command.help or ""):
            yield title, text
        with command.make_context(title, [], resilient_parsing=True) as context:
            for parameter in command.get_params(context):
                yield f"{title} {parameter.opts[0]}", getattr(parameter, "help", "") or ""
                default = getattr(parameter, "show_default", None)
                if isinstance(default, str) and not default.startswith("~"):
                    yield f"{title} {parameter.opts[0]}", default


def test_every_help_text_has_its_chinese():
    found = list(help_texts())
    assert len(found) > 150
    assert not [(where, text) for where, text in found if not HAN.search(chinese(text))]


def test_no_chinese_is_left_over():
    from goldleaf.cli.help_page import _known

    assert _known().keys() == {text for _, text in help_texts()}


def test_every_command_answers_in_the_reader_s_language():
    for names, command in COMMANDS.items():
        assert isinstance(command, Group if hasattr(command, "commands") else Command), names


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_a_page_is_chinese_and_whole(inside, names):
    done = inside("--lang", "zh", *names, "--help")
    assert done.returncode == 0
    page = done.stdout
    assert "Usage" not in page and "Options" not in page and "required" not in page
    text = "".join(page.split())
    command = COMMANDS[names]
    expected = [*paragraphs(command.help or ""), *(getattr(p, "help", "") for p in command.params)]
    expected += [paragraphs(each.help)[0] for each in getattr(command, "commands", {}).values()]
    for each in expected:
        assert "".join(chinese(each).split()) in text, each
    assert max(map(columns, page.splitlines())) <= 81
    if isinstance(command, Command) or not names:
        assert done.stdout == inside(*names, "--lang=zh", "--help").stdout


def test_the_settings_choose_the_language(inside, monkeypatch, tmp_path):
    english = inside("import", "--help").stdout
    assert not HAN.search(english) and "Usage: goldleaf import" in english
    (tmp_path / "goldleaf.toml").write_text('lang = "zh"\n')
    by_file = inside("import", "--help").stdout
    assert by_file.startswith("用法：goldleaf import")
    (tmp_path / "goldleaf.toml").unlink()
    monkeypatch.setenv("GOLDLEAF_LANG", "zh")
    assert inside("import", "--help").stdout == by_file
    assert inside("--lang", "en", "import", "--help").stdout == english


def test_a_language_named_before_the_command_counts_for_it(inside):
    assert "指令精修" in inside("--lang", "zh", "kinds").stdout
    assert "指令精修" not in inside("--lang", "zh", "kinds", "--lang", "en").stdout
    assert "缺少命令" in inside("--lang", "zh").stderr
