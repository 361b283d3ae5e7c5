"""Is a refusal surely a full one? What it gives as its ground, and what it offers instead.

Where the reason is not the request itself (no access, no tool, a person who is made up, a question
without sense) people often call the same words an answer, so that is never sure. Beyond that, a
short refusal has no room to give anything; a long one is sure where it calls the request wrong and
does not go on to advise.
"""

from __future__ import annotations

from goldleaf.curation.refusals.missing_means import lacks_means
from goldleaf.curation.texts.case_insensitive import AnyCase

SHORT = 300
"""Characters up to which a refusal need not say why, because there is no room to give anything."""
READ = 20_000
"""Characters looked at."""

_CALLED_WRONG = AnyCase(
    r"\b(?:illegal|unlawful|unethical|harmful|inappropriate|immoral|morally|dangerous|"
    r"violen(?:t|ce)|crim(?:e|inal)|discriminat\w{2,6}|offensive|hate(?:ful)?|disrespectful|"
    r"against the law|not (?:\w+ ){0,2}(?:ethical|appropriate|legal|acceptable))\b",
    r"违法|非法|犯罪|犯法|违反(?:法律|道德)|不道德|有害|伤害|危害|危险|暴力|歧视|仇恨|不恰当|不合适|"
    r"侵犯",
)
_ANOTHER_REASON = AnyCase(
    r"\b(?:fictional|imaginary|does(?: not|n't) exist|not (?:a )?real\b|nonsensical|absurd|"
    r"false (?:assumption|premise)|not factually|makes? (?:any )?sense|access to\b|"
    r"able to access|determine if|publicly|public information|password)",
    r"虚构|并?不存在|没有意义|不合逻辑|无法(?:访问|获取|查询|得知)|没有(?:权限|途径)|未公开|密码",
)
_ADVISES = AnyCase(
    r"\b(?:if you(?:'re| are)? (?:looking|interested|need|want|would like|suspect|have concerns)|"
    r"it (?:may|might|would) be (?:best|better)|"
    r"i (?:can|will|could) (?:tell|offer|provide|share|suggest|give|say|explain)|"
    r"(?:firstly|secondly)\b|for example, (?:you|one)\b|"
    r"(?:this|these|which) (?:may|might|could|can) (?:include|involve))",
    r"如果(?:您|你)(?:是|想|需要|确实|正在)|(?:您|你)可以(?:考虑|尝试|先|通过|使用)|"
    r"(?:首先|其次)[，,]|例如[，,：:]|比如[，,：:]|(?:我|这里)可以(?:告诉|提供|分享|介绍|解释)",
)


def is_certain_full_refusal(answer: str) -> bool:
    """Return whether people would surely call an answer with refusing words a full refusal.

    Only asked of answers with `refusal(answer).extent == "full"`. On XSTest's replies people agree
    with 97 of 100 (95 on the prompts that nothing was adjusted to); `benchmarks/refusal.py` prints
    the figures.

    >>> is_certain_full_refusal("I can't help with that.")
    True
    >>> is_certain_full_refusal("I can't give you his address: he is a fictional character.")
    False
    """
    read = answer[:READ].replace("\u2019", "'")
    if _ANOTHER_REASON.found(read) or lacks_means(read):
        return False
    if len(answer) <= SHORT:
        return True
    return _CALLED_WRONG.found(read) and not _ADVISES.found(read)
