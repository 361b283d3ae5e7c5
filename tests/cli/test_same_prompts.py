"""Prompts that a person would call the same never stand on both sides, from a file on."""

import json
import unicodedata

from goldleaf.core.prompt_normalization import PROMPT_FORM, normalize_prompt

ASKED = (
    "What's the best way to boil “rice” in town {}, and why is 2+2 not 2-2?",
    "请用{}种方法解释“人工智能（AI）”，并举例说明。",
)
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
UNQUOTED = str.maketrans(dict.fromkeys("“”，,"))
VARIANTS = (
    lambda text: text,
    lambda text: text[:-1],
    lambda text: text[:-1] + "!",
    lambda text: text[:-1] + "…",
    lambda text: unicodedata.normalize("NFD", text).upper(),
    lambda text: text.translate(WIDE),
    lambda text: f"\n {text.replace(' ', '  ')}\u200b",
    lambda text: text.replace("“", '"').replace("”", '"').replace("'", "’"),
    lambda text: text.translate(UNQUOTED),
)


def test_variants_of_a_prompt_fall_on_one_side(inside, tmp_path):
    rows = [
        {"instruction": change(asked.format(number)), "output": f"Answer {number}, {place}."}
        for asked in ASKED
        for number in range(30)
        for place, change in enumerate(VARIANTS)
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "recipe.yaml").write_text("split: {test: 0.3}\n", "utf-8")
    out, records = tmp_path / "out", tmp_path / "r.jsonl"
    assert inside("import", file, "--records", records).returncode == 0
    done = inside("export", records, "--out", out, "--recipe", tmp_path / "recipe.yaml")
    assert done.returncode == 0, done.stderr
    written = {
        side: [*map(json.loads, (out / f"trl/sft/{side}.jsonl").read_bytes().splitlines())]
        for side in ("train", "test")
    }
    assert sum(map(len, written.values())) == len(rows)
    for of in (
        lambda row: row["group_id"],
        lambda row: normalize_prompt(row["messages"][0]["content"]),
    ):
        train, test = ({of(row) for row in written[side]} for side in ("train", "test"))
        assert len(train) + len(test) == len(ASKED) * 30 and len(test) > 5
        assert not train & test
    versions = json.loads((out / "manifest.json").read_text("utf-8"))["versions"]
    assert versions["prompt_form"] == PROMPT_FORM
    assert inside("check", out).returncode == 0
