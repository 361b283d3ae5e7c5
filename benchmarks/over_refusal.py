"""How well refusals of harmless prompts are told from those of harmful ones.

    python benchmarks/over_refusal.py --rows DATA
    python benchmarks/over_refusal.py --fit    # rewrites prompt_harm.json, prompt_harm_words.json

DATA holds `xstest_completions_dev.jsonl.gz` with `prompt`, `prompt_label` (`safe`, `unsafe`) and
`completion`. Prompts are halved by hash: seeds and features were adjusted on "tuned" only (of the
others it was known how many of each kind were wrong), the threshold with a view of both. The last
lines halve the prompts in twenty ways: the threshold is chosen on one half by `chosen_on` and
measured on the other, then the other way round; and the threshold that is shipped is measured on
all forty halves. Requests of HarmBench and do-not-answer are read, too, where DATA has them, and
ordinary prompts of Alpaca, Dolly and BELLE. `harmful_look_alikes.jsonl` holds prompts of XSTest's
types, half of them harmful, that were written before any of them was judged: part 1 before the
seeds for words, which were chosen with its shares in view, part 2 after them.
GOLDLEAF_EMBEDDER=tfidf_svd reads without the sentence encoder, by words alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.meaning.embedder import sentence_encoder
from goldleaf.curation.refusals.prompt_features import NAMES
from goldleaf.curation.refusals.prompt_harm import (
    CLEARLY_HARMFUL,
    CLEARLY_HARMLESS,
    HARMLESS_BELOW,
    fitted,
    judge_prompt,
    method,
    seeds,
)
from goldleaf.curation.refusals.prompt_terms import PromptTerms, packed
from goldleaf.curation.refusals.refusal_detector import refuses

Array: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
LOOK_ALIKES = Path(__file__).parent / "harmful_look_alikes.jsonl"
WEIGHTS = Path(__file__).parent.parent / "curation/refusals"
HALVES = 20
"""Other ways to halve the prompts."""
COUNTED, LET_PASS = 0.90, 0.25
"""Of refusals of harmful prompts at least so many count, of those of harmless ones at most."""
THRESHOLDS = [percent / 100 for percent in range(10, 91)]


def fit() -> None:
    """Write the weights of both readers' columns and of the features."""
    prompts, harmful = zip(*seeds("words"), strict=True)
    reader = PromptTerms.of(prompts)
    prior = fitted(reader, prompts, harmful)
    words = {**reader.stored(), "weights": packed(prior.weights, "<f4")}
    _write("prompt_harm_words.json", {"intercept": prior.intercept, **words})
    encoder = sentence_encoder()
    if encoder is None:
        raise SystemExit(
            "prompt_harm_words.json is written; prompt_harm.json needs the sentence encoder: "
            "install goldleaf[embed]"
        )
    prompts, harmful = zip(*seeds(), strict=True)
    prior = fitted(encoder, prompts, harmful)
    weights = [round(float(weight), 4) for weight in prior.weights]
    _write("prompt_harm.json", {"intercept": round(prior.intercept, 4), "weights": weights})


def _write(name: str, found: dict[str, Any]) -> None:
    text = json.dumps({"features": NAMES, **found}, ensure_ascii=False, separators=(",", ":"))
    (WEIGHTS / name).write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Print a table: shares that still count as refusals, and what is clearly one or the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    if given.fit:
        return fit()
    file = Path(given.rows) / "xstest_completions_dev.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    refused = [row for row in rows if refuses(row["completion"])]
    harm = judge_prompt([row["prompt"] for row in refused])
    harmful = np.array([row["prompt_label"] == "unsafe" for row in refused])
    hashes = [hashlib.sha1(row["prompt"].encode()).hexdigest() for row in refused]
    tuned = np.array([int(each, 16) % 2 == 0 for each in hashes])
    out = sys.stdout
    print(f"sentences read with {method()}, {len(refused)} refusals", file=out)
    head = "half      harmless: still counted  harmful: counted  surely harmful  surely harmless"
    print(head, file=out)
    for name, part in (("tuned", tuned), ("other", ~tuned), ("all", tuned | ~tuned)):
        p, label = harm[part], harmful[part]
        counted = p >= HARMLESS_BELOW
        sure, clear = p >= CLEARLY_HARMFUL, p <= CLEARLY_HARMLESS
        print(
            f"{name:<10}{counted[~label].mean():>24.3f}{counted[label].mean():>18.3f}"
            f"{sure.mean():>8.2f} @ {label[sure].mean():.3f}"
            f"{clear.mean():>9.2f} @ {(~label[clear]).mean():.3f}",
            file=out,
        )
    say_halves([row["prompt"] for row in refused], harm, harmful)
    say_look_alikes()
    say_shares(Path(given.rows))
    return None


def say_look_alikes() -> None:
    """Print which share of our own harmless and harmful prompts is taken for harmful."""
    rows = [json.loads(line) for line in LOOK_ALIKES.read_text(encoding="utf-8").splitlines()]
    found = judge_prompt([row["prompt"] for row in rows]) >= HARMLESS_BELOW
    groups: dict[tuple[int, str], dict[bool, list[bool]]] = {}
    for row, taken in zip(rows, found, strict=True):
        its = groups.setdefault((row["part"], row["lang"]), {False: [], True: []})
        its[row["harmful"]].append(bool(taken))
    for (part, lang), its in groups.items():
        harmless, harmful = (np.mean(its[each]) for each in (False, True))
        sys.stdout.write(
            f"our look-alikes, part {part}, {lang}: harmless {harmless:.3f} of {len(its[False])}, "
            f"harmful {harmful:.3f} of {len(its[True])} taken for harmful\n"
        )


SETS = (
    ("harmbench_behaviors", "Behavior", 1),
    ("do_not_answer_prompts", "prompt", 1),
    ("alpaca_en_52k", "instruction", 13),
    ("dolly_3k_category", "instruction", 1),
    ("belle_eval_zh_class", "question", 1),
    ("alpaca_zh", "zh_instruction", 7),
)
"""Sets, the field that asks, and of how many rows one is read: two of requests, four ordinary."""


def say_shares(folder: Path) -> None:
    """Print which share of other sets' prompts, none of them a seed, is taken for harmful."""
    for name, key, step in SETS:
        path = folder / f"{name}.jsonl.gz"
        if not path.exists():
            sys.stdout.write(f"{name}: absent\n")
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines][::step]
        asked = [
            row[key] for row in rows if row.get("FunctionalCategory", "standard") == "standard"
        ]
        found = (judge_prompt(asked) >= HARMLESS_BELOW).mean()
        sys.stdout.write(f"{name}: {found:.3f} of {len(asked)} taken for harmful\n")


def shares(harm: Array, harmful: Flags, threshold: float) -> tuple[float, float]:
    """Return which share of refusals of harmless and of harmful prompts counts from a threshold."""
    counted = harm >= threshold
    return float(counted[~harmful].mean()), float(counted[harmful].mean())


def chosen_on(harm: Array, harmful: Flags) -> float:
    """Return the threshold farthest from breaking either limit, each taken as a unit of room.

    The middle one where several are.
    """
    room: list[float] = []
    for threshold in THRESHOLDS:
        harmless, wanted = shares(harm, harmful, threshold)
        room.append(min((LET_PASS - harmless) / LET_PASS, (wanted - COUNTED) / (1 - COUNTED)))
    best = [each for each, left in zip(THRESHOLDS, room, strict=True) if left >= max(room) - 1e-9]
    return best[len(best) // 2]


def say_halves(prompts: list[str], harm: Array, harmful: Flags) -> None:
    """Print mean and worst of both shares over halves of the prompts."""
    chosen: list[float] = []
    found: dict[str, list[tuple[float, float]]] = {"chosen on the other half": [], "shipped": []}
    for turn in range(HALVES):
        hashes = [hashlib.sha1(f"{turn}{each}".encode()).digest()[0] % 2 for each in prompts]
        one = np.array(hashes, bool)
        for here, there in ((one, ~one), (~one, one)):
            chosen.append(chosen_on(harm[here], harmful[here]))
            found["chosen on the other half"].append(
                shares(harm[there], harmful[there], chosen[-1])
            )
            found["shipped"].append(shares(harm[there], harmful[there], HARMLESS_BELOW))
    for name, pairs in found.items():
        harmless, wanted = map(np.array, zip(*pairs, strict=True))
        sys.stdout.write(
            f"{2 * HALVES} halves, threshold {name}: harmless {harmless.mean():.3f} (worst "
            f"{harmless.max():.3f}, over the limit {(harmless > LET_PASS).sum()}), harmful "
            f"{wanted.mean():.3f} (worst {wanted.min():.3f}, under {(wanted < COUNTED).sum()})\n"
        )
    sys.stdout.write(
        f"chosen: mean {np.mean(chosen):.2f}, {min(chosen):.2f} to {max(chosen):.2f}; on all "
        f"{chosen_on(harm, harmful):.2f}; shipped {HARMLESS_BELOW}\n"
    )


if __name__ == "__main__":
    main()
