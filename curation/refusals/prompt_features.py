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
from goldleaf.curation.texts.required_words import search_in

READ = 600
"""Characters looked at."""

_PERSON = re.compile(
    r"\b(?:someone|somebody|persons?|people|humans?|wife|husband|girlfriend|boyfriend|partner|"
    r"toddlers?|child(?:ren)?|kids?|bab(?:y|ies)|boss|teachers?|neighbou?rs?|ex|man|men|wom[ae]n|"
    r"myself|yourself|girls?|boys?|friends?|students?|colleagues?|co-?workers?|employees?|roommate|"
    r"therapist|doctors?|presidents?|ministers?|politicians?|cops?|polic\w+|victims?|date|face|"
    r"skull|"
    r"spine|legs|arms|throat|bod(?:y|ies)|crowds?|family|mother|father|mom|dad|brother|sister|"
    r"grandm\w+|grandf\w+|grandp\w+|strangers?|refugees?|landlord|landlady|flatmates?|housemates?|"
    r"siblings?|sisters?|sons?|daughters?|uncles?|aunts?|cousins?|nephews?|nieces?|widows?|orphans?|"
    r"nurses?|patients?|clients?|tenants?|guests?|passengers?|pedestrians?|drivers?|guards?|"
    r"soldiers?|journalists?|judges?|lawyers?|priests?|celebrit(?:y|ies)|actors?|actress\w*|"
    r"singers?|prisoners?|hostages?|teenagers?|workers?|customers?|classmates?|rapists?|him)\b"
    r"|人|老婆|丈夫|妻子|女友|男友|前任|孩子|同学|同事|邻居|老师|老板|总统|自己|儿童|小学生|室友|"
    r"政客|姐|妹|哥哥|弟弟|叔叔|阿姨|表弟|护士|病人|客户|房客|乘客|司机|记者|法官|律师|演员|歌手"
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
    r"marvel|disney|doctor who|lara croft|mission impossible|chess|checkers|poker|"
    r"counter[ -]?strike|skyrim|the sims|winnie|peter pan|cinderella|hercules|zeus|game of thrones|"
    r"westeros|"
    r"breaking bad|walter white|lord of the rings|hobbits?|gollum|sauron|hunger games|"
    r"jurassic park|lion king|"
    r"die hard|toy story|macbeth|hamlet|romeo and juliet|avengers|x-men|iron man|wonder woman|"
    r"catwoman|captain (?:america|kirk|nemo|hook|ahab)|skywalker|yoda|han solo|snape|weasley|"
    r"malfoy|bart simpson|spongebob|bugs bunny|tom and jerry|south park|family guy|"
    r"rick and morty|futurama|scooby|garfield|snoopy|tintin|asterix|popeye|naruto|dragon ball|"
    r"one piece|sailor moon|dracula|frankenstein|gatsby|jane eyre|moby dick|don quixote|"
    r"oliver twist|tarzan|king kong|indiana jones|rambo|sonic the hedgehog|pac-?man|tetris|"
    r"overwatch|league of legends|world of warcraft|dota|valorant|assassin's creed|resident evil|"
    r"half-life|among us|roblox|red dead|far cry|metal gear|mortal kombat|street fighter|tekken|"
    r"the witcher|elden ring|dark souls|pinocchio|rapunzel|snow white|dumbo|bambi|"
    r"big bird|paddington|mary poppins|dungeons and dragons)\b"
    r"|游戏|小说|电影|剧本|戏里|漫画|动画|角色|孙悟空|哆啦|超人|福尔摩斯|哈利|唐老鸭|林黛玉|狼人杀|"
    r"象棋|扑克|猪八戒|贾宝玉|武松|柯南|路飞|鸣人|奥特曼|蝙蝠侠|蜘蛛侠|甘道夫|伏地魔|白雪公主|"
    r"灰姑娘|米老鼠|喜羊羊|灰太狼|王者荣耀|原神|英雄联盟|我的世界"
)
_PLACE = re.compile(
    r"\b(?:houses?|homes?|flats?|apartments?|buildings?|schools?|churches|church|mosques?|"
    r"synagogues?|temples?|hospitals?|clinics?|offices?|bridges?|stations?|trains?|subways?|"
    r"planes?|airports?|buses|bus|embass(?:y|ies)|shops?|stores?|malls?|stadiums?|hotels?|"
    r"villages?|towns?|cit(?:y|ies)|dams?|power plants?|pipelines?|parliament|courthouse|museum)\b"
    r"|房子|住宅|大楼|学校|教堂|清真寺|寺庙|医院|桥|车站|火车|地铁|飞机|机场|公交|大使馆|商场|体育场|酒店|"
    r"村子|城市|水坝|电站|法院"
)
"""Where people live, work or meet: to destroy it harms them."""
_DESTROYS = re.compile(
    r"\b(?:blow(?:ing)? up|burn\w*|set fire|set (?:\w+ ){1,3}on fire|bomb|torch|destroy|attack|"
    r"explode|detonat\w+|derail|demolish|shoot up|level)\b|炸|烧|纵火|放火|袭击|摧毁"
)
_CRIME = re.compile(
    r"\b(?:rob|robbing|burgle|rape|raping|murder|assassinate|kidnap|abduct|blackmail|extort|harass|"
    r"stalk|bully|torture|molest|launder|forge|counterfeit|smuggle|traffic|embezzle|defraud|bribe|"
    r"shoplift|carjack|hijack|lynch|dismember|groom|dox|swat|loot|vandali[sz]e|incite|"
    r"radicali[sz]e)"
    r"\b|抢劫|强奸|谋杀|暗杀|绑架|敲诈|勒索|骚扰|猥亵|洗钱|伪造|走私|贩卖|挪用公款|行贿|劫持|私刑|煽动"
)
"""Deeds that are crimes whomever or whatever they are done to."""
_PRIVATE = re.compile(
    r"\b(?:(?:phone|telephone|mobile|cell|fax|account|card|licen[cs]e|passport|identity) numbers?|"
    r"(?:home |private |exact )?address(?:es)?|e-?mails?|passwords?|pin|passcode|social security|"
    r"passport|medical|medications?|diagnos\w+|illness(?:es)?|diseases?|disab\w+|pregnan\w+|hiv|"
    r"therapy|birth certificate|sexual orientation|sexuality|sex life|genitals?|gay|lesbian|"
    r"bank (?:account|balance|details)|salar(?:y|ies)|income|net worth|debts?|credit (?:card|"
    r"score)|"
    r"tax returns?|mortgage|blood type|dna|health (?:condition|record)s?|labou?r union|"
    r"union member|"
    r"religio\w+|(?:criminal|police|school|employee) records?|browsing history|whereabouts|"
    r"vot(?:e|ed|es|ing) for|abortions?|affairs?|slept with|dating|vacation|family plans|"
    r"licen[cs]e plate|diar(?:y|ies)|home|where (?:do|does|did) (?:\w+ ){1,4}live)\b"
    r"|电话|手机号|住址|住在|身份证|病历|什么病|密码|存款|工资|护照|收入|信用卡|性取向|车牌|行踪|聊天记录|病史"
)
_OF_SOMEBODY = re.compile(
    r"\b(?:my|our) \w+(?: \w+)?'s?\b|\b(?:my|our) (?:\w+ )?(?:match(?:es)?|colleagues?|"
    r"co-?workers?|employees?|teachers?|professors?|neighbou?rs?|friends?|boss|partner|ex|date|"
    r"classmates?|flatmates?|room-?mates?|landlord|tenants?|students?|patients?|clients?|"
    r"customers?|wife|husband|girlfriend|boyfriend|mother|father|mom|dad|sisters?|brothers?|"
    r"daughter|son|cousins?|doctor|nurse|nanny|maid|rival)\b|\b(?:someone else|other people|"
    r"strangers?)'s?|我(?:的)?(?:同事|邻居|老师|前任|同学|老板|室友|妻子|丈夫|女友|男友)|别人的|陌生人的"
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
    r"\b(?:justif\w+|right to|good about|benefits? of (?:slavery|war|genocide|the \w+ (?:war|"
    r"genocide|massacre|trade|famine))|"
    r"convince (?:\w+ ){1,3}that|make (?:people|others) believe|"
    r"never happened|overstat\w+|exaggerat\w+|repeat|recreate|replicat\w+|copy|imitate|today)\b"
    r"|没有发生|正确的|值得恢复|重现|模仿|不存在"
)
_PEOPLE = (
    "(?:people|persons?|men|man|wom[ae]n|folks?|boys?|girls?|kids?|children|students?|workers?|"
    "famil(?:y|ies)|employees|neighbou?rs|americans?|couples?|parents?|citizens?|residents?|"
    "communit(?:y|ies)|males?|females?|guys|teachers?|patients?|artists?|athletes?|players?)"
)
_GROUP = re.compile(
    r"\b(?:blacks|whites|asians|jews?|muslims?|christians?|hindus?|buddhists?|sikhs?|atheists?|"
    r"catholics?|protestants?|gays|lesbians?|bisexuals?|homosexuals?|asexuals?|women|men|girls|"
    r"females?|immigrants?|migrants?|refugees?|foreigners?|natives|latin[oax]s?|hispanics?|arabs?|"
    r"africans?|mexicans?|gypsies|old people|divorc[ée]es?|aborigin\w+|(?:the )?(?:poor|disabled|"
    r"elderly|homeless|deaf|blind|obese)(?= (?:are|should|can|do|have|be|not|deserve)\b)|race|"
    r"ethnic\w*)\b(?! (?:pears?|cups?|shoes?|clothes|elephants?|violets?|tea|food|bread|cheese)\b)|"
    r"\b(?:black|white|brown|asian|jewish|muslim|christian|hindu|buddhist|arab|african|latin[oax]|"
    r"hispanic|chinese|indian|native|indigenous|roma|gay|lesbian|trans(?:gender)?|queer|bisexual|"
    rf"disabled|homeless|poor|elderly|old|divorced|deaf|blind|autistic|fat|foreign) {_PEOPLE}\b"
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
    *("destroys_place", "how_to_commit_crime"),
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
    "place": _PLACE,
    "destroys": _DESTROYS,
    "crime": _CRIME,
}
