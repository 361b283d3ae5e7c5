"""What a question shows of its harm: whom a verb of harm is aimed at, fiction, privacy, history.

Words alone do not tell "kill a process" from "kill a person"; what stands beside them does. Each
feature is 0 or 1, in English and Chinese. `goldleaf.curation.refusals.prompt_harm` weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.refusals.risk_words import suggest_risks

READ = 600
"""Characters looked at."""

_PERSON = re.compile(
    r"\b(?:someone|somebody|persons?|people|humans?|wife|husband|girlfriend|boyfriend|partner|"
    r"toddlers?|child(?:ren)?|kids?|bab(?:y|ies)|boss|teachers?|neighbou?rs?|ex|man|men|wom[ae]n|"
    r"myself|yourself|girls?|boys?|friends?|students?|colleagues?|co-?workers?|employees?|roommate|"
    r"therapist|doctors?|presidents?|ministers?|politicians?|cops?|polic\w+|victims?|date|face|"
    r"skull|"
    r"spine|legs|arms|throat|bod(?:y|ies)|crowds?|family|mother|father|mom|dad|brother|sister|"
    r"grandm\w+|strangers?|refugees?|landlord)\b"
    r"|人|老婆|丈夫|妻子|女友|男友|前任|孩子|同学|同事|邻居|老师|老板|总统|自己|儿童|小学生|室友|"
    r"政客"
)
_HARMS = re.compile(
    r"\b(?:kill|crush|smash|shoot|stab|hit|hurt|harm|burn|blow up|break|chok|drown|hang|poison|"
    r"destroy|slash|strangl|execut|terminat|liquidat|eliminat|exterminat|eradicat|wipe out|butcher|"
    r"torch|crack|push|punch|knock|whip|beat|hunt|bomb|attack|murder|saw|tackle|shatter|assassinat|"
    r"rape|harass|stalk|bully|kidnap|rob|steal|blackmail|annihilat|torture|mutilat|slay|injur|abus)"
    r"|杀|打|射|刺|烧|炸|砸|勒|毒|灭|除掉|撞|推|切|干掉|攻击|捅|害|虐|绑架|强奸|跟踪|霸凌|报复|抢|"
    r"偷"
)
_FICTION = re.compile(
    r"\b(?:films?|movies?|novels?|stor(?:y|ies)|games?|video ?games?|play|theat(?:er|re)|"
    r"characters?|"
    r"fiction\w*|simulator|cartoon|anime|minecraft|fortnite|gta|grand theft auto|call of duty|"
    r"pokemon|batman|superman|spider-?man|james bond|sherlock|harry potter|hogwarts|voldemort|"
    r"gandalf|frodo|darth|star (?:wars|trek)|super mario|zelda|pikachu|mickey|minnie|donald duck|"
    r"goofy|shrek|simpsons?|robin hood|dumbledore|hermione|katniss|totoro|santa|barbie|godzilla|"
    r"marvel|disney|doctor who|lara croft|mission impossible|chess|checkers|poker|counter-?strike|"
    r"skyrim|the sims|winnie|peter pan|cinderella|hercules|zeus)\b"
    r"|游戏|小说|电影|剧本|戏里|漫画|动画|角色|孙悟空|哆啦|超人|福尔摩斯|哈利|唐老鸭|林黛玉|狼人杀|"
    r"象棋|扑克"
)
_PRIVATE = re.compile(
    r"\b(?:phone number|address|e-?mail|password|pin|social security|passport|medical|diagnos\w+|"
    r"date of birth|birth certificate|sexual orientation|bank (?:account|balance|details)|salary|"
    r"credit card|blood type|health condition|labou?r union|religio\w+|home|lives?)\b"
    r"|电话|手机号|住址|住在|身份证|病历|什么病|密码|存款|工资|护照"
)
_OF_SOMEBODY = re.compile(
    r"\b(?:my|our) \w+(?: \w+)?'s\b|\bmy (?:\w+ )?(?:match|colleague|employee|teacher|neighbou?r|"
    r"friend|boss|partner|ex|date)\b|\b(?:someone else|other people|strangers?)'s|我(?:的)?(?:同事|"
    r"邻居|老师|"
    r"前任|同学|老板)|别人的|陌生人的"
)
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
    r"\b(?:justif\w+|right to|good about|benefits?|convince|make (?:people|others) believe|"
    r"never happened|overstat\w+|exaggerat\w+|repeat|recreate|replicat\w+|copy|imitate|today)\b"
    r"|没有发生|正确的|值得恢复|重现|模仿|不存在"
)
_GROUP = re.compile(
    r"\b(?:blacks?|whites?|asians?|jew(?:s|ish)?|muslims?|christians?|hindus?|buddhists?|gays?|"
    r"lesbians?|trans(?:gender)?|asexuals?|women|men|girls|immigrants?|refugees?|disabled|homeless|"
    r"poor|old people|elderly|divorced|natives?|indigenous|aborigin\w+|roma|gypsies|migrants?|"
    r"foreigners?|sikhs?|atheists?|catholics?|protestants?|bisexuals?|deaf|blind|autistic|arabs?|"
    r"africans?|latin[oax]s?|hispanics?|homosexuals?|race|ethnic\w*)\b"
    r"|黑人|女人|女性|移民|民族|种族|同性恋|残疾|穷人|老人|原住民|外国人|外地人|农民工|聋人|盲人"
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
)
"""Columns of `prompt_features`."""


def prompt_features(prompts: Sequence[str]) -> NDArray[np.float32]:
    """Return float32 (prompts, features), 0 or 1, in the order of `NAMES`."""
    rows = [_features(prompt[:READ]) for prompt in prompts]
    return np.array(rows, np.float32).reshape(len(rows), len(NAMES))


def _features(prompt: str) -> list[bool]:
    text = prompt.lower().replace("\u2019", "'").strip()
    risks = suggest_risks(text)
    has = {name: pattern.search(text) is not None for name, pattern in _PATTERNS.items()}
    real, how = not has["fiction"], has["how"]
    at_person = has["harms"] and has["person"] and real
    group = has["group"] and has["rights"] and real and not has["nonsense"]
    return [
        at_person,
        has["harms"] and not has["person"],
        has["fiction"],
        has["private"] and real,
        has["of_somebody"] and has["private"],
        has["past"] and not how and not has["revives"],
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
    ]


_PATTERNS = {
    "person": _PERSON,
    "harms": _HARMS,
    "fiction": _FICTION,
    "private": _PRIVATE,
    "of_somebody": _OF_SOMEBODY,
    "past": _PAST,
    "defines": _DEFINES,
    "revives": _REVIVES,
    "group": _GROUP,
    "rights": _RIGHTS,
    "nonsense": _NONSENSE,
    "how": _HOW,
    "protects": _PROTECTS,
}
