"""Rows of prompt and answer: of every public set in a folder, and recombined ones for more.

The sets are gzipped JSON lines, each with its own fields; a set that is not there is left out. Of a
conversation each turn is a row. Rows that were planted as copies of others come last.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Row = tuple[str, str]
"""Prompt and answer."""
_Reader = Callable[[dict[str, Any]], list[Row]]
_SENTENCE = re.compile(r"[^.!?。！？\n]*(?:[.!?](?:\s|$)|[。！？\n]|$)")
COPIES = 20
"""Of so many recombined rows one is a copy of an earlier one, with two words exchanged."""


def lines(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _fields(prompts: str, *answers: str) -> _Reader:
    """Return what reads a row for each field of answers; a prompt is made of several fields."""
    names = prompts.split()

    def read(row: dict[str, Any]) -> list[Row]:
        prompt = "\n".join(str(row[name]) for name in names if row.get(name)).strip()
        return [(prompt, str(row.get(answer) or "")) for answer in answers or ("",)]

    return read


def _turns(texts: list[str]) -> list[Row]:
    return list(zip(texts[::2], texts[1::2], strict=False))


def _hh(row: dict[str, Any]) -> list[Row]:
    turns: list[Row] = []
    for side in ("chosen", "rejected"):
        parts = re.split(r"\n\n(?:Human|Assistant): ?", row[side])[1:]
        turns += _turns(parts) if side == "chosen" else _turns(parts)[-1:]
    return turns


def _moss(row: dict[str, Any]) -> list[Row]:
    return [(turn["Human"], turn["MOSS"]) for turn in row["chat"].values()]


def _preferred(row: dict[str, Any]) -> list[Row]:
    asked = [turn["value"] for turn in row["conversations"]]
    last = [(asked[-1], row[side]["value"]) for side in ("chosen", "rejected")]
    return _turns(asked[:-1]) + last


def _messages(row: dict[str, Any]) -> list[Row]:
    def text(content: Any) -> str:
        return content if isinstance(content, str) else "".join(part["value"] for part in content)

    return _turns([text(turn["content"]) for turn in row["messages"] if turn["role"] != "system"])


def _shared(row: dict[str, Any]) -> list[Row]:
    return _turns([turn["value"] for turn in row["conversations"]])


def _solved(row: dict[str, Any]) -> list[Row]:
    found = [value["solution"] for value in row.values() if isinstance(value, dict)]
    return [(row["question"], answer) for answer in (row["ground_truth"], *found)]


def _sql(row: dict[str, Any]) -> list[Row]:
    return [(sentence["text"], row["sql"][0]) for sentence in row["sentences"]]


def _seed(row: dict[str, Any]) -> list[Row]:
    own = row["instances"]
    return [(f"{row['instruction']}\n{each['input']}".strip(), each["output"]) for each in own]


def _edited(row: dict[str, Any]) -> list[Row]:
    language = row["lang"]
    read = _fields(f"{language}_instruction {language}_input", f"{language}_output")
    return [each for side in ("before", "after") for each in read(row[side])]


def _called(row: dict[str, Any]) -> list[Row]:
    asked, called = row["question"], row.get("ground_truth")
    return [(json.dumps(asked, ensure_ascii=False), json.dumps(called, ensure_ascii=False))]


def _tree(row: dict[str, Any]) -> list[Row]:
    found: list[Row] = []

    def follow(message: dict[str, Any]) -> None:
        for reply in message.get("replies", ()):
            if message["role"] == "prompter":
                found.append((message["text"], reply["text"]))
            follow(reply)

    follow(row["prompt"])
    return found


_ALPACA = _fields("instruction input", "output")
_SETS: dict[str, _Reader] = {
    "alpaca_en_52k": _ALPACA,
    "alpaca_zh": _fields("zh_instruction zh_input", "zh_output"),
    "alpaca_eval_gpt4_pairs": _fields("instruction", "output_1", "output_2"),
    "cold_zh_train_dev": _fields("TEXT", "topic"),
    "gsm8k_train": _fields("question", "answer"),
    "gpteacher_toolformer_dedup_ladder": _ALPACA,
    "safety_tuned_sft": _ALPACA,
    "dolly_3k_category": _ALPACA,
    "alpaca_gpt4_en_demo": _ALPACA,
    "alpaca_gpt4_zh_demo": _ALPACA,
    "alpaca_noinput_marker_rows": _ALPACA,
    "alpaca_human_edits": _edited,
    "seed_tasks_en": _seed,
    "seed_tasks_zh": _seed,
    "belle_eval_zh_class": _fields("question", "std_answer"),
    "autoj_pairwise_human": _fields("prompt", "response 1", "response 2"),
    "pandalm_3_annotators": _fields("instruction input", "response1", "response2"),
    "xstest_completions_dev": _fields("prompt", "completion"),
    "hh_rlhf_harmless_test": _hh,
    "kto_en_demo": _messages,
    "v1_sft_demo_messages": _messages,
    "dpo_en_demo": _preferred,
    "dpo_zh_demo": _preferred,
    "moss_003_sample_conversations": _moss,
    "glaive_toolcall_en_demo": _shared,
    "glaive_toolcall_zh_demo": _shared,
    "oasst_en_100_trees": _tree,
    "sgd_dialogues_train": lambda row: _turns([turn["utterance"] for turn in row["turns"]]),
    "gsm8k_model_solutions": _solved,
    "text2sql_dev": _sql,
    "sql_create_context": _fields("context question", "answer"),
    "bfcl_v4_dev": _called,
    "safetybench_zh_subset": _fields("question options", "answer"),
    "autoj_scenario_train": _fields("instruction input", "category"),
    "eval_prompts": _fields("prompt"),
    "instructionwild_prompts": _fields("instruction"),
    "do_not_answer_prompts": _fields("prompt"),
    "harmbench_behaviors": _fields("Behavior ContextString"),
    "safety_tuned_eval_prompts": _fields("instruction"),
    "oasst_realistic_seed": _fields("text"),
    "adv_instruction_perturbed": _fields("prompt"),
}
_PLANTED = ("planted_duplicates", "planted_contamination", "planted_bad_rows")


def real_rows(folder: Path) -> tuple[list[Row], int]:
    """Return the rows of all sets, each set's different ones once, and how many are not planted.

    Rows of the sets themselves come first, in random order, then those planted as copies of them.
    """
    rows: list[Row] = []
    for name, read in _SETS.items():
        rows += _read(folder, name, read)
    planted = [row for name in _PLANTED for row in _read(folder, name, _ALPACA)]
    generator = random.Random(0)
    generator.shuffle(rows)
    generator.shuffle(planted)
    return rows + planted, len(rows)


def _read(folder: Path, name: str, read: _Reader) -> list[Row]:
    if not (folder / f"{name}.jsonl.gz").is_file():
        return []
    found = (row for line in lines(folder, name) for row in read(line) if any(row))
    return list(found) if name in _PLANTED else list(dict.fromkeys(found))


def recombined(rows: list[Row], count: int) -> Iterator[Row]:
    """Yield rows like the given ones, each sentence replaced by a sentence of any of them.

    Sentences are replaced by ones of the same alphabet, so that a row keeps its language, and
    nearly its length. One row in `COPIES` is an earlier one with two words exchanged.
    """
    generator = random.Random(1)
    pools: dict[bool, list[str]] = {True: [], False: []}
    for row in rows:
        for text in row:
            for sentence in _SENTENCE.findall(text):
                if len(sentence) > 1:
                    pools[sentence.isascii()].append(sentence)

    def other(text: str) -> str:
        sentences = _SENTENCE.findall(text)
        return "".join(
            generator.choice(pools[each.isascii()]) if len(each) > 1 else each for each in sentences
        )

    recent: list[Row] = []
    for number in range(count):
        if recent and number % COPIES == 0:
            prompt, answer = generator.choice(recent)
            words = answer.split(" ")
            place = generator.randrange(len(words))
            words[place - 1], words[place] = words[place], words[place - 1]
            row = prompt, " ".join(words)
        else:
            prompt, answer = generator.choice(rows)
            row = other(prompt), other(answer)
            recent = [*recent[-999:], row]
        yield row
