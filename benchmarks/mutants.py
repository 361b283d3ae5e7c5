"""Mutation check of core modules: would the nearest tests notice a small fault?

Of each module in `SUBJECTS` thirty mutants are drawn by hash, so that every run draws the same. A
mutant changes one operator, constant, condition or call. It is run in a copy of the checkout, and
counts as killed when its nearest tests fail or do not end in time.

    python benchmarks/mutants.py [MODULE ...] [--count 30]

A mutant is code that nobody wrote, and its tests run it: they must work in folders of their own and
touch no device of the machine.

Prints a line a module, and each survivor with its place and its change.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
SUBJECTS = {
    "core/files.py": ["tests/core/test_files.py"],
    "exporters/publishing/publish.py": ["tests/exporters/test_staging.py"],
    "exporters/planning/rounding.py": ["tests/exporters/test_rounding.py"],
    "exporters/planning/targets.py": ["tests/exporters/test_targets.py"],
    "exporters/planning/constraints.py": [
        "tests/exporters/test_constraints.py",
        "tests/exporters/test_plan.py",
    ],
    "exporters/planning/conflicts.py": [
        "tests/exporters/test_plan_golden.py",
        "tests/exporters/test_plan.py",
    ],
    "exporters/planning/disjoint.py": ["tests/exporters/test_disjoint.py"],
    "exporters/planning/system.py": [
        "tests/exporters/test_plan_golden.py",
        "tests/exporters/test_plan.py",
    ],
    "exporters/planning/plan.py": [
        "tests/exporters/test_plan_golden.py",
        "tests/exporters/test_plan.py",
    ],
    "label_configs/refusal/codec.py": [
        "tests/label_configs/test_refusal_codec.py",
        "tests/label_configs/test_kind_laws.py",
    ],
    "formats/trl.py": ["tests/formats/test_trl.py", "tests/formats/test_writers.py"],
}

UNSHRUNK = """
from hypothesis import Phase

settings.register_profile("mutants", deadline=None, phases=[Phase.explicit, Phase.generate])
settings.load_profile("mutants")
"""
"""Added to the copied tests: a mutant is killed by any example, so none is made smaller."""

_PAIRS: list[tuple[type, type]] = [
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.Div),
    (ast.BitAnd, ast.BitOr),
    (ast.And, ast.Or),
    (ast.UAdd, ast.USub),
]
SWAPS = dict(_PAIRS) | {b: a for a, b in _PAIRS} | {ast.FloorDiv: ast.Mult}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module: where, the line before and after, and the whole source."""

    line: int
    before: str
    after: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's source; annotations and docstrings are left alone."""
    tree = ast.parse(source)
    plain = ast.unparse(tree)
    for index, node in enumerate(ast.walk(tree)):
        for change in _changes(node, tree):
            changed = copy.deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(changed)) if i == index)
            change(target)
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text != plain:
                old, new = _difference(plain, text)
                yield Mutant(getattr(node, "lineno", 0), old, new, text)


def _difference(before: str, after: str) -> tuple[str, str]:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    old, new = next(((a, b) for a, b in pairs if a != b), ("", ""))
    return old.strip(), new.strip()


def _changes(node: ast.AST, tree: ast.Module) -> Iterator:
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in SWAPS:
            yield lambda n: n.ops.__setitem__(0, SWAPS[type(n.ops[0])]())
        case ast.BinOp(op=op) if type(op) in SWAPS and not _annotation(node, tree):
            yield lambda n: setattr(n, "op", SWAPS[type(n.op)]())
        case ast.BoolOp() | ast.UnaryOp(op=ast.USub()):
            yield lambda n: setattr(n, "op", SWAPS[type(n.op)]())
        case ast.If() | ast.IfExp() | ast.While():
            yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        case ast.Constant(value=bool()):
            yield lambda n: setattr(n, "value", not n.value)
        case ast.Constant(value=int()):
            yield lambda n: setattr(n, "value", n.value + 1)
        case ast.Return(value=ast.expr()) if not _nothing(node.value):
            yield lambda n: setattr(n, "value", ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield lambda n: setattr(n, "value", ast.Constant(None))
        case ast.comprehension(ifs=[_, *_]):
            yield lambda n: n.ifs.clear()
        case _:
            return


def _nothing(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _annotation(node: ast.AST, tree: ast.Module) -> bool:
    """Whether `X | Y` stands in an annotation, where a change has no effect."""
    places = (
        getattr(owner, name, None) for owner in ast.walk(tree) for name in ("annotation", "returns")
    )
    return any(node in ast.walk(place) for place in places if place is not None)


def drawn(module: str, count: int) -> list[Mutant]:
    """Return `count` mutants of a module, drawn by the hash of what they change."""
    found = list(mutants((ROOT / module).read_text("utf-8")))

    def key(mutant: Mutant) -> str:
        return sha256(f"{mutant.line} {mutant.after}".encode()).hexdigest()

    return sorted(found, key=key)[:count]


def killed(mutant: Mutant, module: str, tests: list[str], copied: Path, seconds: float) -> bool:
    """Return whether the nearest tests notice the mutant."""
    place = copied / module
    whole = place.read_text("utf-8")
    place.write_text(mutant.source, "utf-8")
    try:
        return _tests(copied, tests, seconds) != 0
    finally:
        place.write_text(whole, "utf-8")


def _tests(copied: Path, tests: list[str], seconds: float) -> int:
    environment = os.environ | {"PYTHONPATH": str(copied), "PYTHONDONTWRITEBYTECODE": "1"}
    quiet = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--hypothesis-seed=0",  # every run draws the same examples: a survivor stays one
        "--timeout",
        str(int(seconds)),
    ]
    command = [sys.executable, "-m", "pytest", *quiet, *tests]
    try:
        done = subprocess.run(
            command, cwd=copied, env=environment, capture_output=True, timeout=4 * seconds
        )
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def _copy(to: Path) -> Path:
    """Copy the checkout so that `goldleaf.x` is imported from the copy."""
    skipped = shutil.ignore_patterns(
        ".git", ".venv*", "*_cache", "__pycache__", "build", "*.egg-info"
    )
    shutil.copytree(ROOT, to, ignore=skipped, symlinks=True)
    with open(to / "tests" / "conftest.py", "a", encoding="utf-8") as conftest:
        conftest.write(UNSHRUNK)
    return to


def main() -> None:
    """Run the check and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(SUBJECTS))
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120, help="most seconds of one test")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copied = _copy(Path(folder, "checkout"))
        for module in chosen.modules:
            tests = SUBJECTS[module]
            if _tests(copied, tests, chosen.seconds):
                sys.exit(f"{module}: its tests fail without a mutant")
            found = drawn(module, chosen.count)
            alive = [m for m in found if not killed(m, module, tests, copied, chosen.seconds)]
            dead, all_of_them = len(found) - len(alive), len(found)
            share = f"{100 * dead / all_of_them:.0f} %"
            sys.stdout.write(f"{module}: {dead} of {all_of_them} killed ({share})\n")
            for m in alive:
                sys.stdout.write(f"  line {m.line}: {m.before}  ->  {m.after}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
