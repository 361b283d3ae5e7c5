"""Formats times sorts of rows: the real consumer keeps every row and learns the golden text."""

from pathlib import Path

import pytest
from cases import CASES

pytestmark = pytest.mark.trainer

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[2] / "docs" / "formats.md"

CONSUMERS = {
    "trl": ("trl", "trl"),
    "parquet": ("parquet", "trl"),
    "axolotl": ("trl", "axolotl"),
    "llamafactory": ("llamafactory", "llamafactory"),
    "alpaca": ("alpaca", "llamafactory"),
    "swift": ("swift", "swift"),
    "openai": ("openai", "openai"),
}
"""column of the matrix -> (format, who loads it)."""

THROUGH = {(column, "stepwise"): "prm" for column in ("trl", "parquet")}
"""(column, case) -> who loads it, where it is another."""

NOT_READ = {
    "axolotl": (
        *("context only", "DPO with tools", "DPO call or not"),
        *("KTO good", "KTO bad"),
    ),
}
"""column -> cases in tables of which the consumer would lose something: `check` says it reads none
of them, and the format writes no configuration for them."""

PARTLY = {("axolotl", "multi-turn reasoning"): 1}
"""(column, case) -> rows read, where others of its rows stand in a table that is not read."""

REFUSED = {
    "alpaca": {
        **dict.fromkeys(
            (
                *("tools", "parallel tools", "last turn calls", "no tool"),
                *("reasoning before a call", "DPO with tools", "DPO call or not"),
            ),
            "tools_unsupported",
        ),
        "stepwise": "steps_unsupported",
    },
    "llamafactory": {"stepwise": "steps_unsupported"},
    "swift": {"stepwise": "steps_unsupported"},
    "openai": {
        **dict.fromkeys(
            ("reasoning", "reasoning before a call", "multi-turn reasoning", "DPO reasoning"),
            "reasoning_unsupported",
        ),
        "DPO call or not": "tools_unsupported",
        "KTO good": "verdict_unsupported",
        "KTO bad": "verdict_unsupported",
        "stepwise": "verdict_unsupported",
    },
}
"""format -> case -> the reason its ledger gives; whatever is not here must be accepted."""


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("column", CONSUMERS)
def test_accepted_with_every_row_kept_or_refused_with_its_reason(
    column, case, written, loaded, golden
):
    format, consumer = CONSUMERS[column]
    consumer = THROUGH.get((column, case), consumer)
    told = written(format)
    if case in REFUSED.get(format, {}):
        assert told.refused.get(case) == REFUSED[format][case]
        assert not any(case in cases for cases in told.rows.values())
        return
    assert case not in told.refused
    shown, compared, keys = [], [], set()
    for (table, trainer), found in loaded(consumer, format).items():
        cases = told.rows[table]
        if case not in cases:
            continue
        assert not found.error
        assert found.whole, f"{found.kept} of {found.rows} rows were kept"
        mine = [s for s, owner in zip(found.samples, cases, strict=True) if owner == case]
        if trainer == "reward":  # the same texts as for DPO, whatever of them is scored
            assert [texts(parts) for parts in mine] == [texts(parts) for parts in compared]
            continue
        compared = mine
        keys.update((table, number) for number, _ in enumerate(mine))
        for number, parts in enumerate(mine, 1):
            for part, spans in parts.items():
                shown.append(f"### {table} {number} {part}\n{marked(spans)}\n")
    if case in NOT_READ.get(column, ()):
        assert not shown
        return
    rows = sum(cases.count(case) for cases in told.rows.values())
    assert len(keys) == (PARTLY.get((column, case)) or rows)
    golden(f"{column}/{case.replace(' ', '-')}.txt", "\n".join(shown))


def texts(parts):
    return {part: "".join(text for text, _ in spans) for part, spans in parts.items()}


def marked(spans):
    """Return rendered text with what is learned between marks; a long text without its middle."""
    return "".join(f"⟦{cut(text)}⟧" if learned else cut(text) for text, learned in spans)


def cut(text):
    if len(text) < 4_000:
        return text
    return f"{text[:300]}\n[... {len(text)} characters ...]\n{text[-300:]}"


@pytest.mark.parametrize("column", CONSUMERS)
def test_no_golden_text_is_left_over(column):
    without = {*REFUSED.get(CONSUMERS[column][0], ()), *NOT_READ.get(column, ())}
    names = {case.replace(" ", "-") for case in CASES if case not in without}
    assert {path.stem for path in (GOLDEN / column).glob("*.txt")} == names


def test_the_documentation_tells_the_matrix(request):
    lines = [f"| | {' | '.join(CONSUMERS)} |", f"|---|{'---|' * len(CONSUMERS)}"]
    for case in CASES:
        cells = [cell(column, case) for column in CONSUMERS]
        lines.append(f"| {case} | {' | '.join(cells)} |")
    table = "\n".join(lines)
    begin, end = "<!-- matrix: begin -->", "<!-- matrix: end -->"
    text = DOCS.read_text("utf-8")
    if request.config.getoption("--update-golden"):
        text = f"{text.split(begin)[0]}{begin}\n{table}\n{end}{text.split(end)[1]}"
        DOCS.write_text(text, "utf-8")
    assert text.split(begin)[1].split(end)[0].strip() == table


def cell(column, case):
    if case in NOT_READ.get(column, ()):
        return "not read"
    reason = REFUSED.get(CONSUMERS[column][0], {}).get(case)
    part = "first round" if (column, case) in PARTLY else "✓"
    return f"`{reason}`" if reason else part


@pytest.fixture
def golden(request):
    """Return a function that holds a text to its golden file, or rewrites it if asked to."""

    def hold(name, text):
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return hold
