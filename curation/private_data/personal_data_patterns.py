r"""Shapes of personal data in English and Chinese texts, and the words that announce it.

All patterns are ASCII in what `\d`, `\w` and `\b` mean, because a Chinese text has no spaces
around a number. Every repetition is bounded. What only looks alike is told by
`goldleaf.curation.private_data.personal_data_checks`.
"""

from __future__ import annotations

import re

_HAN = "\u4e00-\u9fff"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The first character of a Chinese licence plate (GA 36-2018)."""

_STREET = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Terrace|Close|Place|Pl"
    "|Plaza|Way|Square|Sq|Crescent|Parkway|Pkwy|Highway|Hwy|Mews|Circle|Cir|Trail|Loop|Alley"
)
_ADDRESS_EN_CORE = (
    rf"\d{{1,5}}[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z][A-Za-z'.]{{1,20}} ){{1,4}}(?:{_STREET})\b"
)
_ADDRESS_ZH_CORE = (
    rf"[{_HAN}]{{2,30}}(?:路|街|道|巷|弄|里|胡同|村|苑|小区|新村|花园)"
    r"[东西南北中]{0,1}(?:[一二三四五六七八九十]段)?[0-9]{1,5}(?:号|弄|组|栋|幢)"
)

CHINESE_STREET = (
    r"[路街道巷弄里同村苑区园][东西南北中一二三四五六七八九十段]{0,3}[0-9]{1,5}[号弄组栋幢]"
)
"""What every Chinese address has."""

CANDIDATES = (
    r"@|＠|[\[(]at[\])]",
    r"[0-9](?:[ .()-]{0,2}[0-9]){6}|[０-９]{7}",
    r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    r"[0-9A-Fa-f]:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]",
    r"[Pp]assport|PASSPORT|\b[Pp]lates?\b|PLATE|[Rr]egistration|[Ww]e[Cc]hat|[Tt]elegram|\bt\.me/",
    r"护照|台胞证|通行证|微信|薇信|威信|[vV]信|加[vV]|扣扣|电报|QQ|qq|vx|VX|Vx|\b(?:TG|tg|wx|WX)\b",
    rf"[{PROVINCES}][A-Z]",
    _ADDRESS_EN_CORE.replace(r"\d", "[0-9]").replace(r"\b", ""),
    r"(?:P\.? ?O\.? Box|PO BOX) [0-9]",
    CHINESE_STREET,
)
"""What a text has that can hold personal data (Rust's syntax); others are passed over. They are
apart because each is quick alone: 3 microseconds a row of 450 characters, 19 as one pattern."""

EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+@-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
    r"(?:@|(?: ?[\[(] ?at ?[\])] ?))"
    r"((?:[A-Za-z0-9-]{1,63}(?:\.| ?[\[(] ?dot ?[\])] ?)){1,4}[A-Za-z]{2,24})(?![A-Za-z0-9_-])",
    re.ASCII,
)

CHINESE_MOBILE = re.compile(
    r"(?<![A-Za-z0-9_.-])(?<!\d )(?:(?:\+|00)86[- ]?|\(\+86\) ?)?1[3-9]\d([- ]?)\d{4}\1\d{4}"
    r"(?![A-Za-z0-9_]|[.-][A-Za-z0-9])",
    re.ASCII,
)
CHINESE_LANDLINE = re.compile(
    r"(?<![A-Za-z0-9_.-])[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[- ]?[2-9]\d{3}[- ]?\d{3,4}"
    r"(?![A-Za-z0-9_]|[.-][A-Za-z0-9])",
    re.ASCII,
)
AMERICAN_PHONE = re.compile(
    r"(?<![A-Za-z0-9_.(-])(?<!\d )(?:\+?1[-. ]?)?(?:\(\d{3}\)[ -]?|\d{3}([-. ]))\d{3}(?(1)\1"
    r"|[-. ])\d{4}"
    r"(?![A-Za-z0-9_]|[.-][A-Za-z0-9])",
    re.ASCII,
)
INTERNATIONAL_PHONE = re.compile(
    r"(?<![A-Za-z0-9_.+-])(?<!\d )(?:\+|00(?=[1-9]))\d(?:[ .()-]{0,2}\d){7,14}"
    r"(?![A-Za-z0-9_]|[.-][A-Za-z0-9])",
    re.ASCII,
)
ANNOUNCED_PHONE = re.compile(
    r"(?<![A-Za-z0-9_.+-])(?<!\d )(?:0\d{2,4}(?:[ -]?\d{2,4}){2,3}|\d{10}|\d{3}-\d{4})"
    r"(?![A-Za-z0-9_]|[.-][A-Za-z0-9])",
    re.ASCII,
)
"""Numbers that are telephone numbers only where a word says so."""
PHONE_CUE = re.compile(
    r"phone|\btel\b|\btel[ekx]|mobile|\bcell|\bcall|\bdial|\bring\b|\btext\b|whatsapp|\bfax|contact"
    r"|reach|voicemail|\bsms\b|landline|\bhome\b|\bwork\b|\bis on\b|number"
    r"|电话|手机|致电|拨|联系|座机|传真|来电|热线|打给|打不通|换号|号码|机主|\bmob\b",
    re.ASCII | re.IGNORECASE,
)
_HELPLINE = (
    r"hot ?line|help ?line|life ?line|crisis (?:line|cent(?:er|re))"
    r"|热线|援助(?:电话|中心)|危机(?:干预|电话)|(?:举报|投诉|报警|急救|服务|客服)电话"
)
_NOT_OURS = r"(?![我你您他她]|[先女][生士]|自己|个人|座机|家里|\b(?:my|your|his|her|our|home)\b)"
HELPLINE_BEFORE = re.compile(
    rf"(?:{_HELPLINE})(?:{_NOT_OURS}[^.。!！?？;；\n]){{0,24}}$", re.ASCII | re.IGNORECASE
)
"""A landline behind it is a service's: no person in between."""
HELPLINE_BEHIND = re.compile(
    rf" ?(?:[(（]|[-–—] ?|[是为]|is (?:the|a|an)\b)(?:{_NOT_OURS}[^.。!！?？;；,，\n\d]){{0,24}}?"
    rf"(?:{_HELPLINE})",
    re.ASCII | re.IGNORECASE,
)
NUMBER_CUE_BEFORE = re.compile(
    r"(?:order|tracking|invoice|serial|ticket|\bid|\bsku|\bpart|model|score|isbn|revenue|timestamp"
    r"|订单|单号|编号|序列号|型号|流水号|时间戳|营收|工号|学号|条码|证号)[^\n\d]{0,12}$",
    re.ASCII | re.IGNORECASE,
)
"""What says that the number behind it counts or names a thing."""
UNIT_AFTER = re.compile(
    r" ?(?:%|[元块万亿人个条次件名吨页步票]|美元|英镑|dollars?\b|yuan\b|usd\b|points?\b|euros?\b"
    r"|people\b"
    r"|bytes?\b|views?\b|times\b|units?\b|million\b|billion\b)",
    re.ASCII | re.IGNORECASE,
)

RESIDENT_ID = re.compile(
    r"(?<![A-Za-z0-9.-])[1-8]\d{5}([ -]?)(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"\1\d{3}[\dXx](?![A-Za-z0-9]|[.-]\d)",
    re.ASCII,
)
BANK_CARD = re.compile(
    r"(?<![A-Za-z0-9_.-])(?:\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?"
    r"|\d{4}([ -])\d{6}\2\d{4,5})(?![A-Za-z0-9_]|[.-]\d| \d{4}(?!\d|/))",
    re.ASCII,
)
CARD_CUE = re.compile(
    r"card|visa|amex|mastercard|unionpay|\bpan\b|debit|credit|卡|账户|账号|帐号|存折|储蓄|收款|转账",
    re.ASCII | re.IGNORECASE,
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}", re.ASCII)
SOCIAL_SECURITY = re.compile(
    r"(?<![A-Za-z0-9_.-])(?:\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}|\d{9})(?![A-Za-z0-9_]|[.-]\w)",
    re.ASCII,
)
SOCIAL_SECURITY_CUE = re.compile(
    r"ssn|social|社安号|社会安全|社保号|纳税", re.ASCII | re.IGNORECASE
)
PASSPORT = re.compile(
    r"(?:passport|护照|台胞证|通行证)[^\n\d]{0,40}?(?<![A-Za-z0-9])"
    r"((?-i:[A-Z]{1,2}\d{6,9}|[A-Z]\d{2}[A-Z0-9]{5,6}|[A-Z]\d{5,6}[A-Z]\d{1,2})|\d{9})"
    r"(?![A-Za-z0-9]|[.-]\d)",
    re.ASCII | re.IGNORECASE,
)
CHINESE_PLATE = re.compile(
    rf"[{PROVINCES}][A-HJ-NP-Z] ?[·•・.-]? ?(?=[A-Z]{{0,2}}\d|\d)[A-HJ-NP-Z0-9]{{4,5}}"
    r"[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])",
    re.ASCII,
)
PLATE = re.compile(
    r"(?:\bplates?\b|registration)[^\n]{0,24}?(?<![A-Za-z0-9])"
    r"((?-i:[A-Z]{1,4}[ -]?\d{2,4}(?:[ -]?[A-Z]{1,3})?|[A-Z]{1,2}-[A-Z]{1,2} \d{2,4}"
    r"|\d[A-Z]{3}[ -]?\d{3}|\d{2,4}[ -]?[A-Z]{2,3}))(?![A-Za-z0-9]|[.-]\d)",
    re.ASCII | re.IGNORECASE,
)
_LINK = r"[ \t\"'“”‘’(（)）\[\]:：,，=＝-]"
_SAYS = (
    r"(?:id|account|username|user name|handle|number|no\.?|is|as|at)(?![a-z])"
    r"|号码?|账号|帐号|帐户|名|是|为|叫|同号|联系|搜索?|群"
)
ACCOUNT = re.compile(
    r"(?:(?P<qq>(?<![A-Za-z])QQ|扣扣|企鹅)|(?P<link>(?<![A-Za-z0-9.])t\.me/)"
    r"|(?P<chat>(?<![A-Za-z])(?:wechat|weixin|telegram|vx|wx|tg)(?![A-Za-z])|微信|薇信|威信|[Vv]信"
    r"|加[Vv]|电报))"
    rf"(?P<gap>(?:{_LINK}{{0,3}}(?:{_SAYS})){{0,3}}{_LINK}{{0,5}}@?)"
    r"(?P<value>[A-Za-z][A-Za-z0-9_-]{4,31}|[1-9]\d{4,10})(?![A-Za-z0-9_@/]|[.:]\w)",
    re.ASCII | re.IGNORECASE,
)

IPV4 = re.compile(
    r"(?<![A-Za-z0-9_.-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
    r"(?![A-Za-z0-9_-]|\.\w)",
    re.ASCII,
)
IPV6 = re.compile(
    r"(?<![A-Za-z0-9_:.])[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}"
    r"(?![A-Za-z0-9_:])",
    re.ASCII,
)
NETWORK_CUE = re.compile(
    r"\bip\b|ip_|_ip|ipv4|addr|server|host|ssh|ping|from|client|remote|gateway|地址|服务器|来源|登录|网关"
    r"|白名单|黑名单|主机",
    re.ASCII | re.IGNORECASE,
)
VERSION_CUE = re.compile(
    r"(?:version|release|build|update|kernel|firmware|driver|section|chapter|clause|figure|\boid\b"
    r"|windows|\bto\b|\bv|版本?|升级到?|更新|第|节|章|型号)[^\n\d]{0,6}$|[A-Za-z]/$",
    re.ASCII | re.IGNORECASE,
)

ADDRESS_EN = re.compile(
    rf"(?<![A-Za-z0-9.,$-]){_ADDRESS_EN_CORE}\.?"
    r"(?:,? (?:#|Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room)\b\.? ?[A-Za-z0-9-]{1,5}"
    r"|,? \d{1,2}(?:st|nd|rd|th) Floor)?"
    r"(?:, (?:[A-Z][A-Za-z.]{1,18} ?){1,3})?(?:,? [A-Z]{2},? \d{5}(?:-\d{4})?)?"
    r"(?:, [A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2})?"
    r"|(?<![A-Za-z0-9])(?:P\.? ?O\.? Box|PO BOX) \d{1,6}(?:, (?:[A-Z][A-Za-z.]{1,18} ?){1,3})?"
    r"(?:,? [A-Z]{2},? \d{5})?",
    re.ASCII,
)
ADDRESS_ZH = re.compile(
    rf"{_ADDRESS_ZH_CORE}"
    rf"(?:(?:附|[{_HAN}]{{2,8}}(?=\d|[A-Z]座))?(?:\d{{1,5}}|[A-Z])(?:号楼|号|栋|幢|座|单元|室|层|楼|组|弄|房"
    r"|-|(?![0-9A-Za-z]))){0,5}",
    re.ASCII,
)
REGION = re.compile(rf"[{_HAN}]{{2,7}}(?:省|自治区|市|区|县|镇|乡)")
ADDRESS_CUE = re.compile(
    r"地址|住址|住在|家在|寄|收货|送到|送货|搬到|户籍|户口|签收|快递|骑手|门牌|公司在"
)
ADDRESS_LEAD = re.compile(
    r".{0,40}(?:地址[是为]?|住址|住在|家在|搬到|位于|寄[到回给往]|送[到往]|写的?是|在|是|到|放)"
)
