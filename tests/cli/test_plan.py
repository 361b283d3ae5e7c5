"""`goldleaf plan`: tells a person and a script what is missing; writes only the chart."""

import json
from collections.abc import Iterator
from xml.etree.ElementTree import parse

import pytest

from goldleaf.core.records import Demonstration, Provenance, Tags, Turn
from goldleaf.core.records_jsonl import to_line

NONE = Tags()


@pytest.fixture
def records(tmp_path):
    """Sixty rows to imitate, four of them refusals, one line of nonsense."""
    rows = [
        Demonstration(
            (Turn("user", f"Question {n}?"),),
            (Turn("assistant", f"Answer {n}."),),
            tags=Tags(("refusal",) if n < 4 else ("chat",), prototype="算术" if n < 9 else ""),
            parents=(Provenance(source="S2"),),
        )
        for n in range(60)
    ]
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"".join(to_line(row) + b"\n" for row in rows) + b"{nonsense\n")
    return path


def test_a_script_reads_it(inside, records, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    done = inside("plan", records, "--model", "8B", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["read"] == 61
    assert sum(told["rejected"].values()) == 1
    wants = {(want["key"], want["unit"]): want for want in told["wants"]}
    assert wants["total", "rows"]["low"] == 30_000
    assert wants["core", "rows"]["annotations"] == 6_000
    assert "tool_call" in told["missing"]
    assert told["prototypes"][1]["name"] == "算术"
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written"


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("en", ("Targets of the recipe", "No example at all of: ", "more examples", "prototype")),
        ("zh", ("配方的目标", "完全没有样例：", "个样例", "能力原型")),
    ],
)
def test_a_person_reads_it(inside, records, lang, texts):
    done = inside("plan", records, "--model", "13b", "--lang", lang)
    assert done.returncode == 0, done.stderr
    for text in (*texts, "14B"):
        assert text in done.stdout + done.stderr
    for text in ("100,000–500,000", "S12", "算术", "█"):
        assert text in done.stdout
    assert "Traceback" not in done.stderr


def test_the_chart(inside, records, tmp_path):
    done = inside("plan", records, "--model", "8B", "--chart", tmp_path / "mix.svg")
    assert done.returncode == 0, done.stderr
    first = (tmp_path / "mix.svg").read_bytes()
    parse(tmp_path / "mix.svg")
    inside("plan", records, "--model", "8B", "--chart", tmp_path / "mix.svg")
    assert (tmp_path / "mix.svg").read_bytes() == first


def test_a_recipe_of_ones_own(inside, records, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "extends: 8b\ntotal: {min: 10, max: null, advise: null}\ndiverse: {min: null}\n"
        "core: {size: 20}\nmodel: 0.5B\n",
        encoding="utf-8",
    )
    done = inside("plan", records, "--recipe", "mine.yaml", "--json")
    assert done.returncode == 0, done.stderr
    wants = {want["key"]: want for want in json.loads(done.stdout)["wants"]}
    assert (wants["total"]["low"], wants["total"]["high"]) == (10, None)
    assert wants["core"]["low"] == 20
    assert "0.5B" in done.stderr


def test_the_plain_recipe_wants_nothing(inside, records):
    done = inside("plan", records)
    assert done.returncode == 0, done.stderr
    assert "Targets of the recipe" not in done.stdout
    assert "60" in done.stdout


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--model", "big"), 2, "not a model size"),
        (("--model", "8B", "--recipe", "mine.yaml"), 2, "both named"),
        (("--chart", "mix.png"), 2, "The chart is an SVG"),
        (("--chart", "none/mix.svg"), 2, "No such file"),
        (("--format", "sharks"), 2, "sharks"),
        (("--strict",), 3, "1 answers are rejected"),
    ],
)
def test_mistakes(inside, records, more, code, said):
    done = inside("plan", records, *more)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_usable(inside, tmp_path):
    (tmp_path / "empty.jsonl").write_text("{nonsense\n", encoding="utf-8")
    done = inside("plan", "empty.jsonl", "--model", "8B")
    assert done.returncode == 4
    assert "None of 1 inputs would become a row" in done.stderr


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_table_and_conflict_name_one_number_of_missing_examples(inside, tmp_path, lang):
    """New dialogues lower another share, whose repeats then take more of them: 22, not 20."""
    kinds = {"plain": 400, "objects": 130, "dialogues": 3}
    recipe, records = tmp_path / "mine.yaml", tmp_path / "records.jsonl"
    shares = "shares: {structured_output: {min: 0.5}, multi_turn: {min: 0.1}}"
    recipe.write_text(f"split: {{test: 0}}\nrepeat: {{max: 4}}\n{shares}\n", "utf-8")

    def planned(more: int) -> tuple[str, int, list[float]]:
        made = [*spoken(kinds["plain"], kinds["objects"], kinds["dialogues"] + more)]
        records.write_bytes(b"".join(to_line(row) + b"\n" for row in made))
        done = inside("plan", records, "--recipe", recipe, "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        (want,) = (each for each in told["wants"] if each["key"] == "shares.multi_turn")
        changes = [change for each in told["conflicts"] for change in each["changes"]]
        named = [change["to"] for change in changes if change["key"] == "examples.multi_turn"]
        return want["state"], want["annotations"], named

    assert planned(0) == ("short", 22, [22])
    shown = inside("plan", records, "--recipe", recipe, "--lang", lang).stdout
    said = {
        "en": ("more examples: 22", "more examples, multi-turn: 22"),
        "zh": ("再要 22 个样例", "再增加样例（多轮对话）：22 个"),
    }
    assert all(text in shown for text in said[lang]), shown
    assert planned(21) == ("short", 1, [1])
    assert planned(22) == ("met", 0, [])


def spoken(plain: int, objects: int, dialogues: int) -> Iterator[Demonstration]:
    """Yield examples of one turn, of one turn answered with JSON, and of two turns."""

    def made(*texts: str, tags: Tags = NONE) -> Demonstration:
        roles = ("user", "assistant") * 2
        turns = [Turn(role, text) for role, text in zip(roles, texts, strict=False)]
        return Demonstration(tuple(turns[:-1]), (turns[-1],), tags=tags)

    for n in range(plain):
        yield made(f"Question {n}?", f"Answer {n}.")
    for n in range(objects):
        yield made(f"What of {n}?", json.dumps({"of": n}), tags=Tags(("structured_output",)))
    for n in range(dialogues):
        yield made(f"First {n}?", f"Yes {n}.", "And then?", f"No {n}.", tags=Tags(("multi_turn",)))
