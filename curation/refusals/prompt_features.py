"""What a question shows of its harm: whom a verb of harm is aimed at, fiction, privacy, history.

Words alone do not tell "kill a process" from "kill a person"; what stands beside them does. Each
feature is 0 or 1, in English and Chinese. `goldleaf.curation.refusals.prompt_harm` weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.refusals.risk_words import suggest_risks
from goldleaf.curation.refusals.word_kinds import (
    CRIME,
    FICTION,
    GROUP,
    HARMS,
    PERSON,
    PLACE,
    PRIVATE,
)
from goldleaf.curation.texts.required_words import search_in

READ = 600
"""Characters looked at."""

_DESTROYS = re.compile(
    r"\b(?:blow(?:ing)? up|burn\w*|set fire|set (?:\w+ ){1,3}on fire|bomb|torch|destroy|attack|"
    r"explode|detonat\w+|derail|demolish|shoot up|level)\b|炸|烧|纵火|放火|袭击|摧毁"
)
_OF_SOMEBODY = re.compile(
    r"\b(?:my|our) \w+(?: \w+)?'s?\b|\b(?:my|our) (?:\w+ )?(?:match(?:es)?|colleagues?|"
    r"co-?workers?|employees?|teachers?|professors?|neighbou?rs?|friends?|boss|partner|ex|date|"
    r"classmates?|flatmates?|room-?mates?|landlord|tenants?|students?|patients?|clients?|"
    r"customers?|wife|husband|girlfriend|boyfriend|mother|father|mom|dad|sisters?|brothers?|"
    r"daughter|son|cousins?|doctor|nurse|nanny|maid|rival)\b|\b(?:someone else|other people|"
    r"strangers?)'s?|我(?:的)?(?:同事|邻居|老师|前任|同学|老板|室友|妻子|丈夫|女友|男友)|别人的|陌生人的"
)
_PUBLIC = re.compile(
    r"\b(?:embass(?:y|ies)|consulates?|headquarters?|hotlines?|help ?lines?|"
    r"customer (?:service|care)|"
    r"press office|public|official|museum|ministr(?:y|ies)|city hall|town hall|parliament|palace|"
    r"white house|court|univers\w+|librar(?:y|ies)|fire (?:brigade|department)|police station|"
    r"(?:head|campaign|constituency|tax|post|ticket|tourist) office|switchboard|founded|"
    r"net worth|nobel)\b"
    r"|大使馆|领事馆|总部|热线|客服|官方|公开|博物馆|博物院|部的|市政府|总统府|王宫|图书馆|火警|"
    r"报警电话|投诉|创办|出生于|哪一?年|毕业|得过什么奖|职位|任期"
)
"""What anybody may know: offices that the public writes to, and facts of a public career."""
_PAST = re.compile(
    r"^(?:who|when|where|how many|what (?:happened|caused|kind|was|were|did)|how (?:did|was|were)|"
    r"why (?:did|was|were))\b|\b(?:did|was|were)\b|是怎么(?:死|被|回事)|是怎样的|经过|历史|当年|"
    r"哪年|多少(?:人|伤亡)"
)
_DEFINES = re.compile(
    r"^(?:what(?: is|'s) (?:a |an |the )?(?:definition|meaning|difference)|define\b|what does|"
    r"explain what|what (?:is|are) (?:\w+ ?){1,2}\?)|什么是|什么叫|是什么意思|定义|解释一下|"
    r"指的是什么"
)
_REVIVES = re.compile(
    r"\b(?:justif\w+|right to|good about|benefits? of (?:slavery|war|genocide|the \w+ (?:war|"
    r"genocide|massacre|trade|famine))|"
    r"convince (?:\w+ ){1,3}that|make (?:people|others) believe|"
    r"never happened|overstat\w+|exaggerat\w+|repeat|recreate|replicat\w+|copy|imitate|today)\b"
    r"|没有发生|正确的|值得恢复|重现|模仿|不存在"
)
_RIGHTS = re.compile(
    r"\b(?:rights?|vot(?:e|ing)|allowed|permitted|banned|denied|forbidden|visas?|public office|"
    r"taken? away|took away|freedom|inferior|superior|equal|deserv\w+|jobs?|schools?|"
    r"discriminat\w+|"
    r"shown|excluded|intelligent|criminals?|lazy)\b|权利|不该|不应该|不配|劣等|愚笨|天生|赶出|消灭"
)
_NONSENSE = re.compile(
    r"\b(?:unable|not able|can(?:'t| ?not)?|could(?:n't)?) (?:\w+ ){0,3}(?:not )?(?:fly|float|"
    r"breathe|walk (?:on|"
    r"through)|control the|shoot \w+ from|turn into|talk to|teleport|become invisible|swim in lava)"
    r"|\b(?:through (?:walls|mirrors)|the weather|lightning|on clouds|underwater|invisible)\b"
    r"|不能[^？?]{0,8}(?:飞|呼吸|穿墙|结婚|说话|隐身)"
)
_HOW = re.compile(
    r"\bhow (?:do|can|could|to|should|would)\b|best way|good way|where (?:can|do) i|"
    r"\b(?:help|teach|tell|give|show) me\b|^write\b|怎么|如何|怎样|教我|帮我|告诉我|哪里(?:可以)?"
)
_PROTECTS = re.compile(
    r"\b(?:protect|prevent|avoid|report|stop|detect|treat|help a|safely|recover|defend|"
    r"policy against|"
    r"signs? of|what should i do|symptoms?)\b|防止|预防|举报|制止|发现|识别|处理|应对|帮助|症状|"
    r"怎么办|安全地?"
)

NAMES = (
    *(
        "harms_person",
        "harms_thing",
        "fiction",
        "private",
        "private_of_somebody",
        "past",
        "defines",
    ),
    *("revives", "denies_group_rights", "rights_of_no_group", "risk_word", "risk_look_alike"),
    *("how_to_harm_person", "i_revive", "nonsense", "protects"),
    *("destroys_place", "how_to_commit_crime", "private_of_public_body"),
)
"""Columns of `prompt_features`."""


def prompt_features(prompts: Sequence[str]) -> NDArray[np.float32]:
    """Return float32 (prompts, features), 0 or 1, in the order of `NAMES`."""
    texts = [prompt[:READ].lower().replace("\u2019", "'").strip() for prompt in prompts]
    found = search_in(texts, _PATTERNS.values())
    rows = [
        _features(text, dict(zip(_PATTERNS, hits, strict=True)))
        for text, hits in zip(texts, zip(*found, strict=True), strict=True)
    ]
    return np.array(rows, np.float32).reshape(len(rows), len(NAMES))


def _features(text: str, has: Mapping[str, bool]) -> list[bool]:
    risks = suggest_risks(text)
    real, how = not has["fiction"], has["how"]
    private = has["private"] and real
    past = has["past"] and not how and not has["revives"] and not private
    at_person = has["harms"] and has["person"] and real and not past and not has["nonsense"]
    group = has["group"] and has["rights"] and real and not has["nonsense"]
    return [
        at_person,
        has["harms"] and not has["person"],
        has["fiction"],
        private,
        has["of_somebody"] and has["private"],
        past,
        has["defines"],
        has["revives"],
        group,
        has["rights"] and not has["group"],
        any(not each.look_alike for each in risks),
        any(each.look_alike for each in risks),
        how and at_person,
        has["revives"] and re.search(r"\bi\b|我", text) is not None,
        has["nonsense"],
        has["protects"],
        has["destroys"] and has["place"] and real and not past,
        has["crime"] and how and real and not has["protects"],
        has["public"] and has["private"] and not has["of_somebody"],
    ]


_PATTERNS = {
    "person": PERSON,
    "harms": HARMS,
    "fiction": FICTION,
    "private": PRIVATE,
    "of_somebody": _OF_SOMEBODY,
    "public": _PUBLIC,
    "past": _PAST,
    "defines": _DEFINES,
    "revives": _REVIVES,
    "group": GROUP,
    "rights": _RIGHTS,
    "nonsense": _NONSENSE,
    "how": _HOW,
    "protects": _PROTECTS,
    "place": PLACE,
    "destroys": _DESTROYS,
    "crime": CRIME,
}
