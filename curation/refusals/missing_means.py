"""Is what an answer lacks its means? No live data, no tool, no device: no over-refusal.

"I cannot look up today's air quality" is an honest limit of a model without a search: right or
wrong by what the model is given, not by how harmless the question is. Told by what is missing. A
refusal to tell how something is done is none, and neither is one that calls the request wrong.
"""

from __future__ import annotations

from goldleaf.curation.refusals.refusal_detector import plain
from goldleaf.curation.texts.case_insensitive import AnyCase

READ = 600
"""Characters looked at: the ground stands beside the refusal."""

_NOT_EN = (
    r"\b(?:can(?:not|'t| not)|could(?: not|n't)|unable to|not (?:able|connected) to"
    r"|do(?: not|n't)(?: currently)? have|have no|lack(?:s|ing)?|without|no)\b"
)
_NOT_ZH = r"(?:无法|不能|没法|没办法|没有办法|没有|不具备|缺乏|缺少|尚未|未能|不支持|办不到|做不到)"
_NEAR_ZH = r"(?:(?!如何|怎[么样]|教|告诉|讨论)[^。！？!?；;\n])"
"""A character of the same sentence; behind the words left out it is the telling that is refused."""
_TURN_ON_ZH = (
    r"(?:控制|操[控作]|遥控|连接|接入|打开|开启|关[闭掉]|启动|调[节高低]|拨[打通]|播放|设置|发送"
    r"|预[订定约]|下单|购买|(?:你|您|直接|法|能)[开关打放订定叫买点])"
)
_DEVICES_ZH = (
    r"(?:空调|灯|电视|音箱|窗帘|家电|家居|设备|电器|硬件|闹钟|提醒|电话|短信|音乐|歌|导航|蓝牙"
    r"|摄像头|扫地机|热水器|外卖|披萨|餐|[车机船]票|航班|酒店)"
)
_LIVE_ZH = (
    r"(?:[今明][天日]|当[前日下]|目前|现在|此刻|即时|最新|[本当]地|实际)?的?"
    r"(?:[^。！？!?，,；;\n]{0,8}的)?(?:天气|气温|空气质量|路况|行情|[股金油]价|价格|汇率|比分|航班"
    r"|新闻|时间|日期|位置|定位)"
)
_MEANS = AnyCase(
    # What is live, and the way to it.
    rf"{_NOT_EN}[^.!?\n]{{0,60}}\b(?:real[- ]?time|up[- ]to[- ]the[- ]minute|up[- ]to[- ]date"
    r"|live (?:\w+ ){0,2}(?:data|information|info|updates?|prices?|feeds?|scores?|weather|news)"
    r"|the internet|internet (?:access|connection)|web browser|(?:browse|search) the web"
    r"|your (?:current )?(?:location|calendar|contacts|microphone|camera))\b"
    # Devices, tools, and what is no text.
    rf"|{_NOT_EN} (?:\w+ ){{0,4}}?(?:(?:control|operate|turn (?:on|off)|connect(?:ed)? to|adjust"
    r"|switch (?:on|off)) (?:\w+ ){0,3}?(?:lights?|lamps?|air[- ]condition\w{2,4}|thermostat"
    r"|appliances?|devices?|tv|television|smart[- ]home|hardware)"
    r"|(?:mak|plac)(?:e|ing) (?:phone )?calls|play(?:ing)? (?:music|songs?)"
    r"|(?:order|book)(?:ing)? (?:an? )?(?:flights?|pizzas?|tickets?|hotels?|food)"
    r"|send(?:ing)? (?:e-?mails?|texts|text messages|sms)"
    r"|set(?:ting)? (?:an? )?(?:alarms?|timers?|reminders?)"
    r"|(?:create|display|generate|draw) (?:\w+ ){0,3}?(?:images?|pictures?|graphic\w*|audio"
    r"|videos?))\b"
    r"|\b(?:do(?: not|n't) have|have no|lack) (?:\w+ ){0,3}?(?:tools?|functions?|means|sensors?"
    r"|plug-?ins?|capability|ability) (?:to|for) (?:access|browse|search|look up|control|operate"
    r"|check|see|hear|play|call|place|send|open|turn|set|connect)\b"
    r"|\bexternal tasks?\b|\bcurrent capabilities (?:are limited|allow)\b"
    r"|\btext[- ](?:based|only) (?:\w+ ){0,2}?(?:assistant|model|ai|program|chatbot|system)\b",
    rf"{_NOT_ZH}{_NEAR_ZH}{{0,16}}(?:实时|联网|上网|互联网|(?:接入|连接)网络|网络连接|搜索引擎)"
    rf"|{_NOT_ZH}{_NEAR_ZH}{{0,8}}(?:获[取得知]|查[询到看]|得知|访问|读取|感知|知道|看到|提供|预测)"
    rf"{_NEAR_ZH}{{0,4}}{_LIVE_ZH}"
    rf"|{_NOT_ZH}{_NEAR_ZH}{{0,12}}{_TURN_ON_ZH}{_NEAR_ZH}{{0,8}}{_DEVICES_ZH}"
    r"(?![^。！？!?\n，,]{0,6}(?:方法|步骤|教程|指南))"
    rf"|{_NOT_ZH}{_NEAR_ZH}{{0,6}}(?:画图|绘图|(?:生成|创建|显示)[^。！？!?\n，,此这]{{0,4}}"
    r"(?:图[像片]|音频|视频))"
    r"|(?:没有|不具备|缺少|尚未|未)(?:(?!提供|回答|讨论|帮助|协助|告诉)[^。！？!?\n，,]){0,14}"
    r"(?:功能|工具|插件|接口|传感器)"
    r"|(?:没有|不具备|缺乏)(?:联网|上网|搜索|查询|控制|操控|拨打|播放|定位)[^。！？!?\n，,]{0,10}"
    r"(?:能力|权限)"
    r"|外部任务|物理任务|(?:能力|功能)(?:目前|暂时)?(?:仅|只)限于"
    r"|[只仅]?是(?:一[个名]|个)?纯?文[本字][类型]?的?(?:助手|模型|程序|机器人|ai|人工智能)",
)
_CALLED_WRONG = AnyCase(
    r"\b(?:illegal|unlawful|unethical|harmful|inappropriate|immoral|dangerous|violen(?:t|ce)"
    r"|crim(?:e|inal)|offensive|guidelines|polic(?:y|ies)|ethical|violat\w{1,4}|privacy)\b",
    r"违法|非法|犯罪|违反|不道德|有害|伤害|危害|危险|暴力|歧视|不恰当|不合适|侵犯|隐私|准则|规定|政策|敏感",
)


def lacks_means(answer: str) -> bool:
    """Return whether an answer that refuses gives missing data, tools or devices as its ground.

    >>> lacks_means("Sorry, I can't say: I have no access to real-time data.")
    True
    >>> lacks_means("抱歉，我没有控制空调的功能。"), lacks_means("抱歉，我无法提供帮助。")
    (True, False)
    """
    read = plain(answer.strip()[:READ])
    return _MEANS.found(read) and not _CALLED_WRONG.found(read)
