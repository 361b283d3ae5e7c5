"""Answers of models to a file of prompts, as records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.settings import Settings, load
from goldleaf.workflows.generation_run import Estimate, Generated, Generation, GenerationPlan
from goldleaf.workflows.input_file import InputFile
from goldleaf.workflows.open_generators import ModelChoice, OpenGenerators, open_generators
from goldleaf.workflows.prompt_file import PromptFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goldleaf.generation.generator import Generator


def generate(
    prompts: Path | str,
    out: Path | str,
    rejected: Path | str | None = None,
    models: ModelChoice | Sequence[Generator] = ModelChoice(),  # noqa: B008 - frozen
    plan: GenerationPlan = GenerationPlan(),  # noqa: B008 - frozen
    *,
    settings: Settings | None = None,
    system: str = "",
    options: Mapping[str, Any] | None = None,
    limit: int | None = None,
    dry_run: bool = False,
    strict: bool = False,
    on_hosts: Callable[[list[str]], None] = lambda hosts: None,
    on_estimate: Callable[[Estimate], None] = lambda estimate: None,
    on_reject: Callable[[str, str, str], None] = lambda row, reason, detail: None,
    progress: Callable[[float, float], None] = lambda done, total: None,
) -> tuple[Estimate, Generated | None]:
    """Have models answer the prompts of a file, and write the answers as records.

    Each answer is on the disk, in `OUT.answers`, before it counts: the same call after a `kill -9`
    goes on where it stopped, and ends with the same bytes.

    Args:
        prompts: `.txt` (a prompt a line), `.csv`, `.tsv`, `.jsonl`, `.json` or `.parquet`.
        out: the file of records, replaced when all is done.
        rejected: takes a line for every prompt without a record; `OUT.rejected` by default.
        models: which models, or models that are open already.
        plan: what to ask for.
        settings: models where none is named; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        system: a system prompt for conversations without one.
        options: `format`, `columns`, `encoding`, `separator`, `licence`, as `open_rows` takes them.
        limit: read this many rows only.
        dry_run: whether to stop after the estimate.
        strict: whether a prompt without a record is a failure.
        on_hosts: called with the servers that texts are sent to, before any is.
        on_estimate: called with what the run will take.
        on_reject: called with (row, reason code, detail) of a prompt without a record.
        progress: called with (answers there, answers wanted).

    Returns:
        The estimate, and what was made; None after a dry run.

    Raises:
        UsageError: the file, a model or the plan cannot be used.
        NothingUsable: no prompt has an answer.
        RejectedRows: under `strict`, a prompt has none.
        GoldleafError: a model cannot be used by anyone, or a file cannot be written.
    """
    from goldleaf.generation.answer_store import AnswerStore

    settings, out = settings or load(), Path(out)
    source = PromptFile(Path(prompts), settings, system, dict(options or {}), limit)
    if not isinstance(models, ModelChoice):
        opened = OpenGenerators(list(models))
    else:
        opened = open_generators(models.or_settings(settings))
    with opened:
        run = Generation(source, opened.all, out, plan, on_reject=on_reject, progress=progress)
        unchanged = InputFile(source.path)
        on_hosts(opened.hosts)
        with AnswerStore(run.journal) as store:
            estimate = run.estimate(store)
            on_estimate(estimate)
            if dry_run:
                return estimate, None
            listing = Path(rejected) if rejected else out.with_name(f"{out.name}.rejected")
            return estimate, run.write(store, listing, unchanged.check, strict=strict)
