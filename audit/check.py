"""Check that an export is complete and consistent: everything is counted again from its files."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from goldleaf.audit.check_ids import is_false_id
from goldleaf.audit.check_order import WrittenRows, is_long_tail, order_findings, recipe_of
from goldleaf.core.errors import BadRow, GoldleafError, UsageError
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.safe_paths import files_inside, inside
from goldleaf.core.text_comparison import same_text
from goldleaf.exporters.ingest.ingest import Progress, no_progress
from goldleaf.exporters.publishing.ledger import LEDGER, Tally, read_ledger
from goldleaf.exporters.publishing.manifest import MANIFEST, file_description, load_manifest
from goldleaf.formats import parquet_rows
from goldleaf.formats.jsonl_rows import MAX_LINE
from goldleaf.formats.strict_json import parse


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with an export: a stable code, the file (and line), and what it is."""

    code: str
    where: str
    detail: str


def check(out: Path, progress: Progress | None = None) -> list[Finding]:
    """Return everything wrong with the export in `out`; an empty list means that it is complete.

    A folder without a manifest of goldleaf's, or with a damaged one, is one finding (`no_manifest`,
    `bad_manifest`) and no error. `progress` is called with a stage (`files`, `rows`, `ledger`) and
    how many rows it has done.
    """
    report, done = progress or no_progress, 0
    report("files", 0)
    try:
        manifest = load_manifest(out)
    except UsageError as error:
        code = "bad_manifest" if "damaged" in error.what else "no_manifest"
        return [Finding(code, MANIFEST, error.what)]
    findings = list(_files(out, manifest))
    broken = {finding.where for finding in findings}
    seen, groups = WrittenRows(), dict[str, str]()
    recipe = recipe_of(manifest)
    ordered = recipe is not None and recipe.order.mode != "shuffled"
    for file in manifest["files"]:
        if file["rows"] is not None and is_regular_file(out, file["path"]):
            report("rows", done)
            done += file["rows"]
            findings += _rows(out, file, seen, groups, tails=ordered)
    report("ledger", 0)
    if LEDGER not in broken:
        findings += _ledger(out, manifest, seen)
    return findings


def _files(out: Path, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    listed = {file["path"]: file for file in manifest["files"]}
    plain: dict[str, bool] = dict(files_inside(out))
    found = plain.keys() - {MANIFEST}
    for name in sorted(listed.keys() - found):
        yield Finding("missing_file", name, "the manifest lists it")
    for name in sorted(found - listed.keys()):
        yield Finding("strange_file", name, "no manifest lists it")
    for name in sorted(found & listed.keys()):
        if not plain[name]:
            detail = "a link or a device; only plain files inside the folder are read"
            yield Finding("not_a_file", name, detail)
            continue
        now = file_description(out / name)
        if now["sha256"] != listed[name]["sha256"]:
            detail = f"{now['bytes']} bytes, {listed[name]['bytes']} when it was written"
            yield Finding("changed_file", name, detail)
    if LEDGER not in listed:
        yield Finding("missing_file", LEDGER, "an export has a ledger")


def is_regular_file(out: Path, name: str) -> bool:
    """Return whether `name` is a regular file inside the folder `out`, reached without a link.

    False for a path that leads out of it, and where there is nothing.
    """
    try:
        inside(out, name)
    except UsageError:
        return False
    return True


def _rows(
    out: Path, file: Mapping[str, Any], seen: WrittenRows, groups: dict[str, str], *, tails: bool
) -> Iterator[Finding]:
    """Check the rows of one file; note its row ids, and the side of each prompt.

    With `tails`, note also which rows for SFT training are of the long tail by their structure.
    """
    name, side = str(file["path"]), Path(file["path"]).stem
    format, table, *_ = name.split("/")
    tails = tails and side == "train" and table.startswith("sft")
    ids = seen.rows.setdefault(name, {})
    keys: set[str] | None = None
    count = 0
    for count, row in _read(out / name):
        where = f"{name}:{count}"
        if isinstance(row, BadRow):
            yield Finding(row.reason, where, row.detail)
            continue
        keys = keys or set(row)
        if set(row) != keys:
            yield Finding("keys_differ", where, ", ".join(sorted(set(row) ^ keys)))
        if name.startswith("trl/"):
            yield from _contents(row, where)
        identity, group = str(row.get("id", f"#{count}")), str(row.get("group_id", ""))
        if identity in ids:
            yield Finding("row_twice", where, identity)
        yield from _id(format, row, identity, where)
        ids[identity] = str(row.get("repeat_of", ""))
        if tails and is_long_tail(format, row):
            seen.tails.add(identity)
        if group and groups.setdefault(group, side) != side:
            yield Finding("group_straddles", where, f"group {group} is in train and test")
    if orphans := set(ids.values()) - ids.keys() - seen.before(name) - {""}:
        yield Finding("repeat_orphan", name, f"{len(orphans)} repeated rows are not there")
    if count != file["rows"]:
        yield Finding("row_count", name, f"{count} rows, {file['rows']} in the manifest")


def _id(format: str, row: Mapping[str, Any], identity: str, where: str) -> Iterator[Finding]:
    """Compute the id of a row again, without the number of a repeat."""
    if "id" in row and is_false_id(format, row, identity.partition("-")[0]):
        yield Finding("id_differs", where, f"the content of the row does not match {identity}")


def _read(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | BadRow]]:
    """Yield (number, row or what is wrong with it) of every row of a file."""
    if path.suffix != ".jsonl":
        try:
            for found in parquet_rows.rows(path):
                yield found.line, found.value
        except GoldleafError as error:
            yield 0, BadRow("unreadable", error.what)
        return
    with open(path, "rb") as lines:
        for count, line in enumerate(iter(lambda: lines.readline(MAX_LINE), b""), 1):
            try:
                row = object_or_none(parse(line))
                yield count, BadRow("not_an_object", "not an object") if row is None else row
            except BadRow as error:
                yield count, error


def _contents(row: Mapping[str, Any], where: str) -> Iterator[Finding]:
    """Check the texts of a row: a conversation, or a prompt with one answer or two."""
    if "messages" in row:
        turns = [object_or_none(turn) or {} for turn in list_or_none(row["messages"]) or []]
        if not any(turn.get("role") == "user" for turn in turns):
            yield Finding("no_prompt", where, "no user turn")
        if (
            not turns
            or turns[-1].get("role") != "assistant"
            or not _message_text(turns[-1:]).strip()
        ):
            yield Finding("empty_response", where, "no answer at the end")
        return
    if "completions" in row:
        yield from _steps(row, where)
        return
    sides = ("completion",) if "completion" in row else ("chosen", "rejected")
    texts = [_message_text(row.get(side)) for side in sides]
    for side, text in zip(sides, texts, strict=True):
        if not text.strip():
            yield Finding("empty_response", where, f"{side} is empty")
    if len(texts) == 2 and same_text(*texts):
        yield Finding("identical_pair", where, "chosen and rejected are the same")
    if "label" in row and not isinstance(row["label"], bool):
        yield Finding("bad_label", where, f"{row['label']!r} is neither true nor false")
    if not _message_text(row.get("prompt")).strip():
        yield Finding("no_prompt", where, "the prompt is empty")


def _steps(row: Mapping[str, Any], where: str) -> Iterator[Finding]:
    """Check a question with the steps of its answer and a verdict on each."""
    steps, labels = list_or_none(row["completions"]) or [], list_or_none(row.get("labels")) or []
    if not str(row.get("prompt", "")).strip():
        yield Finding("no_prompt", where, "the prompt is empty")
    if not steps or not all(isinstance(step, str) and step.strip() for step in steps):
        yield Finding("empty_response", where, "a step is empty")
    if len(steps) != len(labels) or not all(isinstance(label, bool) for label in labels):
        yield Finding("bad_label", where, f"{len(steps)} steps, verdicts {labels!r}"[:120])


def _message_text(messages: Any) -> str:
    """Return messages as one text: contents, and tool calls as JSON."""
    texts: list[str] = []
    for value in list_or_none(messages) or []:
        message = object_or_none(value) or {}
        texts.append(str(message.get("content") or ""))
        if calls := list_or_none(message.get("tool_calls")):
            texts.append(orjson.dumps(calls, option=orjson.OPT_SORT_KEYS).decode())
    return "\n".join(texts)


def _ledger(out: Path, manifest: Mapping[str, Any], seen: WrittenRows) -> Iterator[Finding]:
    ledger = _LedgerContents()
    try:
        for line in read_ledger(out):
            ledger.add(line)
    except (UsageError, OSError, EOFError, zlib.error, ValueError, KeyError) as error:
        detail = error.what if isinstance(error, UsageError) else f"{type(error).__name__}: {error}"
        yield Finding("ledger_unreadable", LEDGER, detail)
        return
    yield from _sums(ledger.tally, manifest)
    if ledger.records != ledger.named:
        detail = (
            f"{len(ledger.records ^ ledger.named)} records lack an answer or a line of their own"
        )
        yield Finding("ledger_gap", LEDGER, detail)
    for finding in order_findings(manifest, seen, ledger.stages, ledger.rows):
        yield Finding(*finding)
    for file in sorted(seen.rows.keys() | ledger.rows.keys()):
        found, named = set(seen.rows.get(file, ())), ledger.rows.get(file, set())
        if any(name.startswith("#") for name in found):  # no ids of ours: rows can be counted only
            gap = abs(len(found) - len(named))
        else:
            gap = len(found ^ named)
        if gap:
            detail = f"{gap} rows are in the file or in the ledger, not in both"
            yield Finding("row_not_in_ledger", file, detail)


class _LedgerContents:
    """Contents of a ledger: its sums, records, records that answers name, rows by file, stages."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.records = set[str]()
        self.named = set[str]()
        self.rows: dict[str, set[str]] = {}
        self.stages: dict[str, str] = {}

    def add(self, line: Mapping[str, Any]) -> None:
        """Add one line of the ledger."""
        self.tally.count(line)
        self.named.update(line.get("records", ()))
        if "record" in line:
            self.records.add(line["record"])
        for file, pairs in line.get("rows", {}).items():
            self.rows.setdefault(file, set()).update(pairs)
        for stage, examples in line.get("stages", {}).items():
            self.stages.update(dict.fromkeys(examples, stage))


def _sums(tally: Tally, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    for part, sums in tally.plain().items():
        if sums != manifest.get(part):
            yield Finding("sums_differ", LEDGER, f"{part}: {sums}, manifest {manifest.get(part)}")
    for part, whole in (("answers", "read"), ("records", "made")):
        sums = object_or_none(manifest.get(part)) or {}
        if sum(count for fate, count in sums.items() if fate != whole) != sums.get(whole):
            yield Finding("sums_differ", MANIFEST, f"{part} do not add up: {sums}")
