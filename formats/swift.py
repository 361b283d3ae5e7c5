r"""ms-swift's rows: conversations (SFT), pairs (DPO, reward), verdicts (KTO).

    {"messages": [{"role": "user", "content": "Sky?", "loss": false},
                  {"role": "assistant", "content": "Blue.", "loss": true}], "tools": "[]"}
    {"messages": [...the chosen...], "rejected_messages": [...], "margin": 0.0, "tools": "[]"}
    {"messages": [...], "label": true, "tools": "[]"}

`loss` says turn by turn what is learned. Each call is a message `tool_call` with its JSON, what is
said before it a message of its own; each result a `tool_response`, in the order of the calls.

Tested against ms-swift 4.6.0. It renders the rejected side of a row without tools unless they are
given twice (`rejected_tools`), drops `reasoning_content` and `weight` in silence, and deletes a row
whose content is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.core.translations import Translations
from goldleaf.formats import kto, messages, trl
from goldleaf.formats.boolean_labels import is_verdict
from goldleaf.formats.format import Row, Written
from goldleaf.formats.training_files import MODEL, order_said, output_of, settings
from goldleaf.formats.training_runs import Run, runs
from goldleaf.formats.write_messages import (
    Turns,
    content_of,
    conversation,
    json_text,
    margin,
    pair,
    results_by_call,
    spoken_call,
    thought_of,
    tools_text,
    verdict,
)

NAME = "swift"
TITLE = "ms-swift's messages, with what is learned turn by turn"
LOSES = (
    ("tags", "there is no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "only the difference of two scores is written, as the margin"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("candidates.origin", "the ledger leads to it"),
    ("strength", "no strength is read"),
    ("steps", "only the verdict on the whole answer is read; without one the row is refused"),
    ("reasons", "only the verdict is read"),
    ("turn.train", "kept for SFT; DPO and KTO score the whole answer and never the prompt"),
    ("turn.name", "no name is read"),
    ("turn.tool_call_id", "results stand in the order of their calls"),
    ("tool_calls.id", "results stand in the order of their calls"),
)


def recognises(row: Row) -> bool:
    """Tell by its columns: a conversation, and a rejected one beside it."""
    others = ("rejected_messages", "rejected_response")
    return isinstance(row.get("messages"), list) and any(key in row for key in others)


def read(row: Row) -> Record:
    """Return a pair as a comparison, a labelled row as a judgement, the rest as a demonstration.

    Raises:
        BadRow: what the formats `trl`, `kto` and `messages` raise.
    """
    said = list_or_none(row.get("messages")) or []
    plain: dict[str, Any] = {"tools": row.get("tools"), "messages": said}
    if "rejected_messages" in row or "rejected_response" in row:
        return _pair(row, said)
    if is_verdict(row.get("label")):
        return kto.read(plain | {"label": row["label"]})
    return messages.read(plain)


def _pair(row: Row, chosen: list[Any]) -> Record:
    if row.get("rejected_messages") is not None:
        rejected = list_or_none(row["rejected_messages"]) or []
    else:
        answer = row.get("rejected_response")
        users = [i for i, m in enumerate(chosen) if (object_or_none(m) or {}).get("role") == "user"]
        own = [{"role": "assistant", "content": answer}] if isinstance(answer, str) else answer
        rejected = [*chosen[: users[-1] + 1], *(list_or_none(own) or [])] if users else []
    return trl.read({"tools": row.get("tools"), "chosen": chosen, "rejected": rejected})


TABLES = ("sft", "dpo", "kto")
MARKED = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example.

    Raises:
        BadRow: `nothing_learned`, `no_verdict`, `results_differ`, `role_order`, or what
            `write_messages` raises.
    """
    tools = tools_text(record.tools)
    match record:
        case Demonstration():
            turns = conversation(record)
            if not any(turn.train for turn in turns if turn.role == "assistant"):
                raise BadRow("nothing_learned", "every turn is context only")
            return {"sft": {"messages": list(_messages(turns, flags=True)), "tools": tools}}
        case Judgement():
            said = list(_messages(conversation(record)))
            return {"kto": {"messages": said, "label": verdict(record), "tools": tools}}
        case Comparison():
            chosen, rejected = (
                list(_messages((*record.context, *answer))) for answer in pair(record)
            )
            row = {"messages": chosen, "rejected_messages": rejected, "tools": tools}
            return {"dpo": row | {"rejected_tools": tools, "margin": margin(record)}}


def _messages(turns: Turns, *, flags: bool = False) -> Iterator[dict[str, Any]]:
    if turns[1 if turns[0].role == "system" else 0].role != "user":
        raise BadRow("role_order", "the assistant may not begin")
    for turn in results_by_call(turns):
        learned = {"loss": turn.role == "assistant" and turn.train} if flags else {}
        for role, content in _spoken(turn):
            yield {"role": role, "content": content} | learned


def _spoken(turn: Turn) -> Iterator[tuple[str, str]]:
    said = thought_of(turn) + content_of(turn)
    if turn.role == "tool":
        yield "tool_response", said
    elif said.strip() or not turn.tool_calls:
        yield turn.role, said
    for call in turn.tool_calls:
        yield "tool_call", json_text(spoken_call(call), "tool_calls")


def companions(tables: Sequence[Written], words: Translations) -> Mapping[str, str]:
    """Return one configuration for each training."""
    return {f"{run.name}.yaml": _settings(run, words) for run in runs(tables)}


def _settings(run: Run, words: Translations) -> str:
    command = "sft" if run.table == "sft" else "rlhf"
    values: dict[str, Any] = {"model": f"{output_of(run.after)}/last" if run.after else MODEL}
    if command == "rlhf":
        values["rlhf_type"] = run.table
    values |= {
        "dataset": [run.train],
        "split_dataset_ratio": 0.0,
        "max_length": run.max_length,
        "output_dir": output_of(run.name),
    }
    if run.test:
        values["val_dataset"] = [run.test]
    said = [
        words("trainer.run", command=f"swift {command} {run.name}.yaml"),
        words("trainer.length", length=run.max_length),
    ]
    if run.table == "dpo":
        said.append(words("trainer.reward"))
    if run.ordered:
        values |= {"dataset_shuffle": False, "train_dataloader_shuffle": False}
    if run.folder != run.table:  # a whole model at a place known beforehand: the next begins there
        values |= {"tuner_type": "full", "add_version": False, "create_checkpoint_symlink": True}
    return settings("\n".join([*said, *order_said(run, words)]), values)
