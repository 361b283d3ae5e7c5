"""`goldleaf check`: whether an export is complete, and what trainers would learn from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from goldleaf.cli.options import JsonOption, LangOption
from goldleaf.cli.output import print_json, print_note, print_result, stages, table
from goldleaf.core.error_translation import translate_error

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.trainers.registry import Trainer
    from goldleaf.trainers.trainer import Loaded

T = TypeVar("T")

LONGEST = 2_000
"""Characters shown of a rendered text; of a longer one its two ends."""


def check(
    out: Annotated[Path, typer.Argument(help="The folder of an export.")],
    trainers: Annotated[
        str | None,
        typer.Option("--with", help="Also load it with these trainers, such as trl,openai."),
    ] = None,
    python: Annotated[
        str | None, typer.Option(help="The Python that has the trainers, if it is another.")
    ] = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="Your model's folder: its tokens, lengths and template.")
    ] = None,
    template: Annotated[
        str, typer.Option(help="The chat template where the tokenizer has none.")
    ] = "qwen3",
    samples: Annotated[int, typer.Option(min=0, help="Rows to show of each file.")] = 3,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that an export is complete.

    Files against the manifest, the ledger's sums, the invariants of every row. With --with, each
    file also goes through the trainer's own loader: rows kept, and what would be learned.
    """
    from goldleaf.cli.options import settings_of
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.check import check as run
    from goldleaf.workflows.load_in_trainers import load_in_trainers

    words = Translations(settings_of(None, None, lang).language)
    with stages(words, show=not as_json) as step:
        found = run(out, progress=step).findings
    findings = [{"code": f.code, "where": f.where, "detail": f.detail} for f in found]
    loaded: list[dict[str, Any]] = []
    if trainers:
        names = [name.strip() for name in trainers.split(",") if name.strip()]
        place = {"python": python, "tokenizer": tokenizer}
        results = load_in_trainers(out, names, **place, template=template, samples=samples)
        loaded = _report_loaded(results, findings, words, show=not as_json)
    if as_json:
        print_json({"findings": findings, "loaded": loaded} if trainers else findings)
    elif findings:
        lang = words.lang
        print_result(
            table([(f["code"], f["where"], translate_error(f["detail"], lang)) for f in findings])
        )
    else:
        print_result(words("lint.whole", out=out))
    if findings:
        raise typer.Exit(1)


def _report_loaded(
    results: Iterator[tuple[Trainer, list[str], list[Loaded]]],
    findings: list[dict[str, str]],
    words: Translations,
    *,
    show: bool,
) -> list[dict[str, Any]]:
    """Print what became of each file, add to the findings, and return all as plain values."""
    loaded: list[dict[str, Any]] = []
    for trainer, lacking, files in _watched(results, words, show=show):
        if lacking:
            modules, install = (
                ", ".join(lacking),
                translate_error(trainer.about.INSTALL, words.lang),
            )
            detail = words("trainer.missing", modules=modules, install=install)
            findings.append({"code": "not_installed", "where": trainer.name, "detail": detail})
        elif not files:
            print_note(words("trainer.nothing", trainer=trainer.about.TITLE))
        for file in files:
            where = f"{file.file} ({trainer.name}, {file.method})"
            kept = words("trainer.kept", kept=file.kept, rows=file.rows)
            if not file.whole:
                code = "not_loaded" if file.error else "rows_lost"
                findings.append({"code": code, "where": where, "detail": file.error or kept})
            if file.order == "lost":
                findings.append(
                    {"code": "order_lost", "where": where, "detail": _order(file, words)}
                )
            kept_or_unread = [_order(file, words)] if file.order in ("kept", "unread") else []
            remarks = (words(f"trainer.{key}", **values) for key, values in file.remarks.items())
            for remark in (*remarks, *kept_or_unread):
                print_note(f"{where}: {remark}")
            if show:
                became = translate_error(file.error, words.lang) or kept
                print_result(f"\n== {where}: {became}\n{_shown(file, words)}")
            plain = {"consumer": trainer.name, "trainer": file.method, "file": file.file}
            plain |= {"rows": file.rows, "kept": file.kept, "remarks": file.remarks}
            plain |= {"order": file.order}
            loaded.append(plain | {"samples": file.samples, "labels": file.labels})
    return loaded


def _watched(results: Iterator[T], words: Translations, *, show: bool) -> Iterator[T]:
    """Yield what comes, with progress while it is waited for and none while it is printed."""
    while True:
        with stages(words, show=show) as step:
            step("load", 0)
            found = next(results, None)
        if found is None:
            return
        yield found


def _order(file: Loaded, words: Translations) -> str:
    """Return whether the trainer keeps the order of a file that has one (S18)."""
    if file.order == "kept":
        return words("trainer.order_kept")
    if file.moved:
        return words("trainer.order_lost", places=file.moved, rows=file.rows)
    code = "order_unset" if file.order == "lost" else "order_unread"
    return words(f"trainer.{code}", settings=file.settings or words("trainer.no_settings"))


def _shown(file: Loaded, words: Translations) -> str:
    """Return rendered rows with what is learned between marks, for the terminal."""
    lines = [words("trainer.marks")] if file.samples else []
    for number, parts in enumerate(file.samples, 1):
        label = _label(file, number - 1, words)
        for part, spans in parts.items():
            text = "".join(f"⟦{text}⟧" if learned else text for text, learned in spans)
            if len(text) > LONGEST:
                text = f"{text[: LONGEST // 2]}\n[...]\n{text[-LONGEST // 2 :]}"
            lines.append(f"-- {number} {part}{label}\n{text}")
    return "\n".join(lines)


def _label(file: Loaded, number: int, words: Translations) -> str:
    """Return the verdict on a sample that the trainer learns from, "" where it reads none."""
    if number >= len(file.labels):
        return ""
    return f" ({words('trainer.label_good' if file.labels[number] else 'trainer.label_bad')})"
