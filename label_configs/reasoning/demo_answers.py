"""What is wrong with some of the sample chains, and their correction; every other one is right.

The sample tasks hold the same 16 problems in English and then in Chinese, so the place tells which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from goldleaf.label_configs.reasoning.codec import Answer, StepAnswer, Verdict

PROBLEMS = 16


@dataclass(frozen=True)
class Correction:
    """The verdicts of its steps; by language a better chain, final answer and critique."""

    verdicts: tuple[Verdict, ...]
    issues: tuple[str, ...]
    better: Mapping[str, tuple[str, str, str]] | None = None


WRONG = {
    2: Correction(
        ("neutral", "bad"),
        ("arithmetic",),
        {
            "en": (
                "In 24 hours it loses 24 * 4 = 96 litres.\nSo 300 - 96 = 204 litres are left.",
                "204",
                "24 * 4 is 96, not 86. The last step takes the slip over.",
            ),
            "zh": (
                "24 小时漏掉 24 * 4 = 96 升。\n所以还剩 300 - 96 = 204 升。",
                "204",
                "24 * 4 等于 96，不是 86，最后一步也跟着错了。",
            ),
        },
    ),
    4: Correction(
        ("good", "bad"),
        ("logic",),
        {
            "en": ("200 / 15 is a little over 13.\nOn day 14 she reads the rest.", "14", ""),
            "zh": ("200 / 15 比 13 多一点。\n剩下的在第 14 天读完。", "14", ""),
        },
    ),
    7: Correction(
        ("good", "good", "bad"),
        ("logic",),
        {
            "en": (
                "Roses are a part of the flowers.\nThose that fade fast may all be others.",
                "That does not follow.",
                "Nothing says that the flowers that fade fast include a rose.",
            ),
            "zh": (
                "玫瑰是花的一部分。\n很快凋谢的可能都是别的花。",
                "推不出来。",
                "没有说很快凋谢的花里有玫瑰。",
            ),
        },
    ),
    10: Correction(("neutral", "bad", "bad"), ("logic",)),
    12: Correction(
        ("good", "bad"),
        ("logic",),
        {
            "en": ("10 / 2 = 5 pieces.\nThe last piece needs no cut: 5 - 1 = 4.", "4", ""),
            "zh": ("10 / 2 = 5 段。\n最后一段不用剪：5 - 1 = 4。", "4", ""),
        },
    ),
}


def answer(data: Mapping[str, Any], draft: Answer, place: int) -> Answer:
    """Return the demo annotator's answer to the sample problem at `place`, from 1.

    `data` gives the number of steps, `draft` what the answer leaves open.
    """
    lang = "en" if place <= PROBLEMS else "zh"
    wrong = WRONG.get((place - 1) % PROBLEMS + 1)
    count = len(data["steps"])
    if wrong is None:
        steps = (StepAnswer("good"),) * count
        return replace(draft, decision="right", steps=steps)
    marked = [StepAnswer(verdict) for verdict in wrong.verdicts[:count]]
    marked += [StepAnswer()] * (count - len(marked))
    chain, final, critique = wrong.better[lang] if wrong.better else ("", draft.final, "")
    return replace(
        draft,
        decision="wrong",
        steps=tuple(marked),
        chain=chain,
        final=final,
        critique=critique,
        issues=wrong.issues,
    )


def second_opinion(answer: Answer) -> Answer | None:
    """Return what the demo's second annotator answers: a wrong last step, where all were right.

    Else None: that one agrees.
    """
    if answer.decision != "right" or not answer.steps:
        return None
    steps = (*answer.steps[:-1], StepAnswer("bad"))
    return Answer(steps, "wrong", issues=("unclear",))
