"""How often a page of a team names those who answer at random or always pick left, and others.

    python benchmarks/team_names.py [SEEDS]

Three annotators with 20 % noise, one who answers at random, one who always picks left; 300 tasks of
four choices, of which each annotator answers 60 %.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from team_simulation import BAD, TEAM, simulated

from goldleaf.agreement.control_answers import current_answers
from goldleaf.agreement.measures import agreement_by_control
from goldleaf.agreement.team.team_review import named_annotators, team_rates
from goldleaf.agreement.team.weak_annotators import agreement_with_others


def named(seed: int, people: dict[str, str], items: int = 300) -> set[tuple[str, str]]:
    """Return (annotator, why) of those whom the page names."""
    inputs = simulated(seed, people, items)
    current = current_answers(inputs.answers)
    others = agreement_with_others(current, agreement_by_control(current, rounds=0))
    return {
        (one.annotator, one.why) for one in named_annotators((), team_rates(inputs.choices), others)
    }


def main() -> None:
    """Print the figures."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    wanted = {("person:random", "random"), ("person:left", "first")}
    for items in (300, 150):
        found = [named(seed, TEAM | BAD, items) for seed in range(seeds)]
        both = sum(wanted <= each for each in found)
        others = sum(bool({who for who, _ in each} & TEAM.keys()) for each in found)
        sys.stdout.write(f"{items} tasks: both named in {both} of {seeds}; others in {others}\n")
    clean = sum(bool(named(seed, TEAM)) for seed in range(seeds))
    sys.stdout.write(f"three good annotators, 300 tasks: one named in {clean} of {seeds}\n")


if __name__ == "__main__":
    main()
