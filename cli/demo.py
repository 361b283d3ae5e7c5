"""`goldleaf demo`: the whole loop without a person."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import LangOption, settings_of
from goldleaf.cli.output import print_note, print_result, starting, table


def demo(
    out: Annotated[Path, typer.Option(help="The folder for everything the demo makes.")],
    lang: LangOption = None,
) -> None:
    """Run the whole loop without a person.

    Boots, imports, drafts, annotates by script, exports, checks, and leaves nothing running.
    """
    from goldleaf.cli.export import summary
    from goldleaf.cli.prelabel import draft
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.demo import run_demo

    settings = settings_of(out / "state", lang=lang)
    words = Translations(settings.language)
    done = run_demo(out, settings, draft=draft, waiting=partial(starting, words), notify=print_note)
    print_result(words("demo.title"))
    names = next(iter(done.counts.values()))
    rows = [(words(f"demo.{name}"), *(c[name] for c in done.counts.values())) for name in names]
    print_result(table([("", *done.counts), *rows]))
    print_result()
    if done.wrote:
        print_result(words("demo.wrote", count=done.wrote, model=done.written_by))
    print_result(words("demo.events", count=done.events))
    print_result()
    print_result(summary(done.export, words))
    print_result()
    print_result(words("demo.card", path=done.export.out / "README.md"))
