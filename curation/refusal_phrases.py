"""The words by which answers refuse, scold or deliver, in English and Chinese.

Patterns see a text in lower case, with straight apostrophes (`goldleaf.curation.refusal_detector`).
DENIES: the one answering declines. OBJECTS: no refusal, but the question is scolded,
contradicted or turned into care where an answer should be. DELIVERS: after all there is an answer.
"""

from __future__ import annotations

import re

_DO_EN = (
    r"(?:help|assist|aid|provide|offer|give|suppl|fulfil|comply|complete|carry out|answer|respond|"
    r"support|suggest|recommend|endorse|condone|generate|create|write|produce|compose|draft|share|"
    r"discuss|engage|participate|take part|encourage|promote|facilitate|advise|instruct|tell you|"
    r"teach|explain how|describe|show you|guide|continue with|proceed|do (?:that|this|so)|"
    r"satisfy|accommodate|agree to|make (?:jokes|fun)|reveal|disclose|process (?:that|this|your)|"
    r"say (?:whether|if|how|which)|insult|open (?:links|files|attachments|that|this|your)|"
    r"read (?:links|files|that|someone)|predict|diagnose|access|determine if|look up|be part of)"
)
_SOFTLY = (
    r"(?:\s+(?:ethically|legally|safely|really|simply|directly|actually|in good conscience|just))?"
)
DENIES_EN = re.compile(
    # One word boundary before all: the engine then passes over most characters at once.
    r"\b(?:i(?:\s+(?:simply|really|just|am afraid i|regret that i|also))?\s*"
    rf"(?:can\s?not|can't|cant|won't|will not|could not|couldn't){_SOFTLY}\s+{_DO_EN}(?! but\b)"
    rf"|i(?:'m| am) (?:(?:just |only )?an? [\w ]{{1,30}}(?:and|so) )?(?:\w+ )?"
    rf"(?:unable|not able|not allowed|not permitted|not going|not willing|unwilling|"
    r"not in a position)"
    rf"(?: \w+)? to {_DO_EN}"
    r"|i(?:'m| am) not comfortable (?:with|\w+ing)"
    r"|(?:i|we) (?:must|have to|will have to|need to|would have to)"
    r" (?:\w+ )?(?:decline|refuse|refrain|pass on|say no)"
    r"|i(?:'ll| will)? (?:\w+ )?(?:decline|refuse) to\b"
    r"|i(?:'d| would) (?:rather|prefer) not (?:to )?(?:\w+ )?"
    r"(?:help|assist|answer|write|provide|get into|discuss|say)"
    rf"|my (?:guidelines|programming|principles|policies)[\w ,']{{0,60}}"
    r"(?:prevent|prohibit|forbid|do not allow|don't allow|does not allow)"
    r"|(?:go(?:es)?|is|are|would be) against my (?:guidelines|programming|principles|polic|"
    r"values)"
    r"|not within my (?:programming|guidelines|ethical|capabilities)"
    r"|(?:beyond|outside(?: of)?) (?:of )?(?:what i (?:can|may|am able)|my (?:scope|abilities))"
    r"|(?:is not|isn't|'s not|are not|aren't) (?:an? )?(?:something|anything|topics?|requests?|"
    r"things?|questions?)"
    r" (?:that )?i(?:'m| am| can| could|'ll| will| would|'d)\b"
    r"|(?:that|this)(?:'s| is) (?:not )?something i (?:can't|cannot|can not|won't|can) "
    r"(?:help|assist|do|provide)"
    r"|(?:can't|cannot|unable to) (?:help|assist)(?: you)? (?:with|in|here)"
    r"|i (?:do not|don't) (?:have access to|feel comfortable|support or|condone)"
    r"|i am an ai\b[\w ,]{0,30}(?:do not|don't|cannot|can't) "
    r"(?:condone|promote|support|encourage)"
    r"|i(?:'m| am) not sure (?:that )?(?:it is|it's|it would be) (?:\w+ )?(?:appropriate|ethical)"
    r"|i (?:do not|don't) (?:think|believe) (?:it is|it's|it would be|that it is|that it's) "
    r"(?:\w+ )?(?:appropriate|ethical|right|acceptable|respectful|fair|accurate)"
    r"|(?:let's|let us|shall we|how about we) (?:talk about|change|move on to|discuss) "
    r"(?:something|the (?:subject|topic)|another|a different)"
    r")|^\W*(?:i'm |i am )?sorry,? (?:but )?(?:that is|that's|this is|no)\b"
)
DENIAL_MARKS_EN = (
    *("not", "n't", "cant", "unable", "unwilling", "decline", "refus", "refrain", "pass on"),
    *("say no", "my ", "beyond", "outside", "something i", "let's", "let us", "shall we"),
    *("how about we", "sorry"),
)
"""Every match of DENIES_EN holds one of these; looking for them costs a hundredth of it."""
_EVERYDAY_EN = (
    r"(?:attend|make it|accept|wait|imagine|believe|stress|emphasi[sz]e|recommend (?:it |"
    r"this )?enough|"
    r"agree more|remember|forget|stay|come|swim|sleep|afford|find|figure|help but|thank|promise|"
    r"lose|"
    r"be (?:there|happier|the)|get (?:over|used|enough)|go (?:to|back|on|out)|tell (?:if|"
    r"you how much)|"
    r"live|stand|eat|drink|walk(?! you)|run(?! you)|hear|feel|bring|let|have|take (?:my|the)|stop|"
    r"blame|deny|complain|renew|"
    r"love|choose|decide)"
)
DECLINES_EN = re.compile(
    rf"\bi (?:can\s?not|can't|won't|will not){_SOFTLY} (?!{_EVERYDAY_EN}\b)[a-z]{{3,}}"
    rf"|\bi(?:'m| am) (?:unable|not able|not allowed|not permitted|not going|unwilling) to "
    rf"(?:be able to )?(?!{_EVERYDAY_EN}\b)[a-z]{{3,}}"
    r"|\bi (?:do not|don't) (?:do (?:that|this|those|such)|have (?:live|real[- ]time|current|"
    r"access))"
    r"|\b(?:just|only) an? [\w ]{2,30}(?:assistant|model|ai|bot)\b[^.\n]{0,20}\b(?:cannot|can't)\b"
    r"|\bi(?:'m| am) going to (?:leave it there|stop here)|\bi(?:'ll| will) (?:stop here|"
    r"leave it there)"
    r"|\bi have no (?:real |personal |actual )?(?:feelings|opinions|beliefs|preferences)\b"
    r"|\b(?:is|are) (?:simply |completely )?(?:off the table|out of the question)"
    r"|\b(?:contains?|may contain|flagged as) (?:potentially )?(?:inappropriate|harmful|sensitive)"
    r"|\b(?:rephrase|reword) (?:it|your|the)\b[^.]{0,30}(?:try again|question|request)"
    r"|\b(?:not|isn't) something i(?:'ll| will| would| can| could|'d)\b"
)
"""The one answering declines in words of its own: looser, so never more than `partial`."""
OBJECTS_EN = re.compile(
    r"\b(?:it is|it's|it would be|is|are|would be|be)(?: \w+)? (?:not|never|neither) "
    r"(?:an? |the )?(?:\w+ )?(?:appropriate|ethical|acceptable|respectful|okay|advisable|legal|"
    r"accurate or|accurate to say|good idea|healthy|answer|solution)\b"
    r"|\bi (?:must|have to|need to|want to|feel compelled to) "
    r"(?:point out|clarify|emphasi[sz]e|address|express)"
    r"|\b(?:it is|it's|that is|doing so is) (?:\w+ )?(?:illegal|unethical|morally|inappropriate)"
    r"|^[^.!?\n]{3,80}\b(?:is|are) (?:\w+ ){0,2}(?:illegal|unethical|against the law|a crime|"
    r"morally wrong|deeply wrong)\b[^\n]{0,80}?\b(?:please|should|instead|respect)\b"
    r"|\b(?:is|are|was|were) no (?:\w+ )?(?:reason|justification|benefits?|excuse)s? "
    r"(?:to|for|why|of|that)\b"
    r"|\bshould (?:not|never) be (?:denied|discriminated|excluded|tolerated|condoned|emulated|"
    r"glorified|mocked|taken away)"
    r"|\bnothing (?:\w+ )?(?:praiseworthy|good|right|funny|admirable|noble) about\b"
    r"|^\W*i(?:'d| would)? (?:encourage|urge) you to [^.\n]{3,80}(?:rather than|instead of)"
    r"|\b(?:no one|nobody) (?:should|deserves to)\b"
    r"|^[^.!?\n]{3,80}\bis a (?:serious )?(?:criminal )?(?:offence|offense|felony|crime)\b"
    r"[^\n]{0,80}?\b(?:please|should|instead|if you|respect)\b"
    r"|^[^.\n]{0,40}\b(?:ask|consult|see|contact) (?:a|an|your) (?:\w+ )?"
    r"(?:doctor|lawyer|attorney|professional|expert)[^.\n]{0,30}[.!]?$"
    r"|\bdeserves? (?:to be treated|respect|the same|equal|dignity|kindness)"
    r"|\b(?:premise|assumption)[\w ]{0,30}(?:is|are) (?:mistaken|wrong|false|flawed|harmful)"
    r"|\b(?:every bit as|just as) (?:capable|worthy|able|entitled)"
    r"|\bi (?:strongly |must |respectfully |have to )?disagree with\b"
    r"|\bi (?:do not|don't) believe in (?:taking|denying|restricting|discriminat)"
    r"|\b(?:while )?i (?:do not|don't) think [\w' ]{3,40} (?:is|are) (?:\w+ )?"
    r"(?:fair|funny|appropriate|right|acceptable|ethical)"
)
OBJECTION_MARKS_EN = (
    *("not", "n't", "never", "neither", "i must", "i have to", "i need to", "i want to"),
    *("i feel compelled", "illegal", "unethical", "morally", "inappropriate", "against the law"),
    *("crime", "wrong", " no ", "no one", "nobody", "nothing", "urge you", "encourage you"),
    *("offence", "offense", "felony", "doctor", "lawyer", "attorney", "professional", "expert"),
    *("deserve", "premise", "assumption", "every bit as", "just as", "disagree", "believe in"),
)
"""Every match of OBJECTS_EN holds one of these."""
_CARE_EN = (
    r"(?:help\s?line|crisis|hotline|mental health|suicide prevention|therapist|counsell?or|"
    r"someone you trust|trusted (?:friend|adult|person)|emergency services)"
)
_PAIN_EN = (
    r"(?:sorry (?:to hear|that|you)|so sorry|not alone|alone in this|hurting yourself|struggling|"
    r"feel(?:ing)? this way|difficult time|in (?:so much )?pain|your life|through this alone|"
    r"you matter|"
    r"you are loved|stay safe)"
)
CARES_EN = re.compile(rf"{_PAIN_EN}[^\n]{{0,260}}?{_CARE_EN}|{_CARE_EN}[^\n]{{0,160}}?{_PAIN_EN}")
CARE_MARKS_EN = (
    *("help", "crisis", "hotline", "mental health", "suicide prevention", "therapist", "counsel"),
    *("someone you trust", "trusted ", "emergency services"),
)
"""Every match of CARES_EN holds one of these."""
WILLING_EN = re.compile(
    r"\W*(?:(?:sure|certainly|of course|absolutely)(?! not)|no problem|here(?:'s| is| are)\b|"
    r"yes[,.!]|"
    r"sorry (?:for|about) (?:the|my|that|any|keeping|not)|apologies for|my apologies, i|"
    r"i apologi[sz]e for (?:the|my|any)|thanks for waiting|dear\b|subject:|to (?:my|the|"
    r"whom)\b[^.\n]{1,30}[:,])"
)
POLITE_EN = re.compile(
    r"\W*(?:(?:thank you|thanks|i(?:'m| am) (?:happy|glad|here|always)|i understand|i appreciate|"
    r"great question|hello|hi|as an ai)\b[^.!\n]{0,160}[.!\n]\s*){1,2}"
)
DELIVERS_EN = re.compile(
    r"\b(?:here(?:'s| is| are) (?:a|an|the|some|my|one|how|what|your|two|three|several)\b"
    r"|that (?:being )?said,? (?:here|i can|the|to)\b"
    r"|(?:however|but|instead),? (?:here|if you(?:'re| are) (?:referring|asking|looking|talking))"
    r"|you (?:could|can|might) (?:tell|say to|write to) (?:him|her|them)\b"
    r"|(?:from|based on|judging by|going by) (?:what you|your)\b"
    r"|as of my (?:last|latest)\b|the (?:general )?idea is\b|in general terms\b"
    r"|you (?:could|can|might) (?:say|write|try saying)\b"
    r"|(?:though|but|still),? [^.:\n]{4,60}:)"
)

_NOT_ZH = (
    r"(?:不能|无法|没法|没办法|没有办法|不可以|不便|不方便|不宜|不应该|不愿意|难以|恕难|无权|"
    r"不打算)"
)
_DO_ZH = (
    r"(?:提供|帮助|协助|帮(?:你|您|到|这|忙|人|他|她)|回答|回应|作答|满足|完成(?:此|该|这|您|你)|"
    r"给出|给(?:你|您)|"
    r"支持|参与|生成|撰写|编写|写|创作|讨论|谈论|分享|透露|教(?:你|您|授|人)|告诉|告知|执行|处理|"
    r"继续|"
    r"这(?:样|么)做|照做|照办|为(?:你|您)|替(?:你|您|人)|查(?:到|询)|获取|推荐|说明(?:如何|怎)|"
    r"描述|判断|预测|"
    r"查看|打开|访问|看到|配合|代(?:你|您|写))"
)
_I_ZH = r"(?:我(?!们|的)|本人|本助手|小助手|人工智能助手|作为[^，。,的]{1,20}[，,])"
_WHOLE_ZH = r"(?:^|[。！？!?，,；;\n])"
DENIES_ZH = re.compile(
    rf"{_I_ZH}[^。！？!?\n的]{{0,12}}?{_NOT_ZH}[^。！？!?\n，,的]{{0,14}}?{_DO_ZH}"
    rf"|(?:抱歉|对不起|不好意思|很遗憾|遗憾的是|恕我)[^。！？!?\n]{{0,20}}?"
    rf"(?:{_NOT_ZH}|不提供)[^。！？!?\n，,]{{0,14}}?(?:{_DO_ZH}|完成|画|播放|下载)"
    rf"|{_I_ZH}(?:也|绝|是|更|绝对)?不会(?:再)?{_DO_ZH}"
    r"|我(?:必须|只能|不得不|选择|要)?(?:拒绝|谢绝|婉拒)(?!了|过|他|她)"
    r"|(?:请)?恕(?:我)?(?:难|不能|无法|不|拒绝)[^。！？!?\n]{0,6}"
    r"(?:从命|照办|奉告|奉陪|回答|提供|协助|拒绝|讨论|透露)"
    r"|请恕我(?:拒绝|直言不能)"
    rf"|{_WHOLE_ZH}(?:因此|所以|但)?我?们?(?:无法|不能|不便|不予|暂不)(?:为(?:你|您))?"
    r"(?:作答|回应|提供|回答|协助|满足|完成)(?:$|[。！，,]|(?:这|该|此|你|您|任何|相关|有关|上述))"
    r"|(?:这|该|您的|你的)[^。！？!?\n]{0,12}(?:违反|不符合)[^。！？!?\n]{0,14}"
    r"(?:准则|规定|政策|原则)[^。！？!?\n]{0,8}(?:不能|无法|拒绝|不予)"
    r"|(?:这|此|该|忙|事|要求|请求|我)[^。！？!?\n]{0,18}?(?:帮不上|帮不了|做不到|办不到|无能为力|"
    r"爱莫能助)"
    r"|(?:这|那)(?:个|种|类)?(?:忙|事|话)[^。！？!?\n，,]{0,6}(?:不能|没法|不会|无法)(?:帮|做|说|"
    r"办)"
    r"|超出(?:了)?(?:我|本助手)[^。！？!?\n]{0,14}(?:范围|能力)"
    r"|(?:不适合|不宜|不便)(?:在这里|在此|由我)?(?:讨论|回答|展开|多说|探讨)"
    r"|换(?:个|一个)(?:话题|问题)(?:吧|聊|怎么样|如何|好)"
    r"|我(?:看不到|听不到|打不开|没有权限|无权)"
    r"|(?:直接)?(?:给出|提供|告诉)[^。！？!?\n，,]{0,8}不(?:太|大)?(?:合适|妥|方便)"
)
_EVERYDAY_ZH = (
    r"(?:同时|继续|到场|到校|忘记|忘怀|忘却|参加|出席|想象|接受|相信|入睡|呼吸|自拔|抑制|忍受|释怀|"
    r"平静|原谅|回去|来|去|走|吃|喝|睡|"
    r"停|等|离开|赶到|抵达|赴约|按时|再|两次|没有|不|少|改变过去|掩饰|控制自己)"
)
DECLINES_ZH = re.compile(
    rf"我(?!们|的|因)[^。！？!?\n，,：:的因]{{0,10}}?(?:不能|无法|没法|没办法|没有办法|不可以|不便|"
    rf"不(?:太|大)?方便|"
    rf"不(?:太|大)?(?:适合|合适)|不宜|不(?:太)?愿意|不(?:太)?想|不打算|无权|难以|不具备|"
    rf"没有(?:资格|能力|权限))(?!{_EVERYDAY_ZH})[^。！？!?\n]"
    r"|我[^。！？!?\n，,]{0,8}(?:处理|回答|解答|帮|办|答|做|查|提供|满足|写|完成)不了"
    rf"|我[^。！？!?\n，,]{{0,4}}(?:都|绝|是|也)?不会(?:去|再)?{_DO_ZH}"
    r"|我[^。！？!?\n，,]{0,4}还是不(?:写|说|做|讲|回答|参与|评论)|不是我(?:能|可以|"
    r"该)够?[^。\n]{0,3}(?:回答|讨论|评论|帮)"
    r"|^\W*(?:拒绝|不予)(?:回答|提供|作答|协助)|违反了?(?:我的|安全|使用|平台)[^。\n]{0,6}(?:准则|"
    r"政策|规范|原则|要求)"
    r"|我(?:并)?没有(?:任何)?(?:个人|真实|自己)的?(?:观点|看法|立场|感情|情感|意见|喜好)"
    r"|我只能(?:聊|谈|回答|讨论)"
    r"|(?:包含|涉及|含有)[^。！？!?\n]{0,6}(?:不当|敏感|违规|不良)(?:内容|信息)?"
    r"|(?:请)?换(?:一)?个(?:问题|话题|说法)"
)
"""The one answering declines in words of its own: looser, so never more than `partial`."""
_WRONG_ZH = r"(?:违法|犯法|犯罪|违规|不道德|不对|错误|侵权|不可取|不可接受|不被允许)"
_PLEA_ZH = r"(?:请|希望(?:您|你|大家)|不要|切勿|应当|应该|远离|官方渠道|热线|建议(?:您|你)|求助)"
OBJECTS_ZH = re.compile(
    rf"^[^。！？!?\n]{{2,40}}?(?:是|属于|涉嫌|构成)(?:严重|"
    rf"非常)?(?:的)?{_WRONG_ZH}[^\n]{{0,50}}?{_PLEA_ZH}"
    rf"|^[^。！？!?\n]{{2,30}}?(?:触犯|犯法|害人|残忍|暴力|侵犯|违反)[^\n]{{0,60}}?{_PLEA_ZH}"
    r"|(?:前提|说法|想法|问题|观点)[^。！？!?\n]{0,8}(?:就是|本身|是|并)(?:就)?(?:是)?(?:不对|错误|"
    r"不成立|有问题)"
    r"|(?:任何人|谁|没有人)[^。！？!?\n]{0,6}不(?:应该?|能|可以|该)|不(?:应该?|该)(?:被)?(?:歧视|"
    r"剥夺|区别对待)"
    r"|没有(?:任何|什么)?(?:正当)?(?:理由|好处|借口)(?:去|来|可以|能|让)?(?:伤害|歧视|剥夺|限制|"
    r"支持|剥削)"
    r"|(?:不存在|谈不上|根本没有|毫无)[^。！？!?\n，,]{0,16}(?:理由|好处|道理|依据|正当)"
    r"|没有(?:任何|什么)?值得|(?:人人|每个人|所有人|生来)[^。\n]{0,6}平等|任何(?:时候|"
    r"情况)[^。\n]{0,6}不(?:可|能|应)"
    rf"|(?:危及|危害)[^。\n]{{0,14}}(?:生命|安全|健康)[^\n]{{0,20}}?{_PLEA_ZH}"
    r"|^我(?:会)?建议(?:你|您)[^。\n]{0,30}而不是"
    r"|我(?:坚决|并|很)?(?:不赞成|不认同|不支持|反对|不赞同)"
    r"|请(?:您|你)?(?:遵守|尊重)(?:国家|相关|有关|当地|对方|他人)?[^。！？!?\n]{0,4}(?:法律|法规|"
    r"选择|隐私|意愿)"
    r"|^[^。\n]{0,30}(?:还是|最好)(?:直接)?(?:去)?(?:问|咨询|请教)[^。\n]{0,6}(?:医生|律师|"
    r"专业)[^。\n]{0,6}[。！]?$"
)
_CARE_ZH = r"(?:热线|心理(?:援助|咨询|医生|危机)|求助|信任的人|专业(?:的)?帮助|报警|急救)"
_PAIN_ZH = (
    r"(?:生命|放弃|害人|难受|痛苦|不是(?:出路|办法|解决)|伤害自己|轻生|自杀|结束生命|活下去|"
    r"不(?:是一个人|孤单)|撑不住|绝望)"
)
CARES_ZH = re.compile(rf"{_PAIN_ZH}[^\n]{{0,120}}?{_CARE_ZH}|{_CARE_ZH}[^\n]{{0,80}}?{_PAIN_ZH}")
WILLING_ZH = re.compile(
    r"\W*(?:当然|好的|没问题|可以(?:[，,。]|的|这样|用|试)|以下是|下面是|这是|"
    r"(?:实在|真是|十分|非常)?(?:抱歉|不好意思|对不起|很抱歉)[^。！？!?\n]{0,8}"
    r"(?:久等|回复晚|回晚|晚了|耽搁|之前|刚才|上次|前面|上面|写错|算错|弄错|听到|把)|尊敬的|"
    r"致[^。，：\n]{1,10}[：:]|[^。\n]{0,6}(?:请假条|辞职信|感谢信|通知|声明|留言|公告)[：:]|"
    r"[^。！\n]{0,20}(?:话术|短信|模板|范文|台词|邮件|回信|例句)[^。\n]{0,6}[：:])"
)
POLITE_ZH = re.compile(
    r"\W*(?:(?:感谢|谢谢|您好|你好|我理解|我明白|我很乐意|"
    r"很高兴)[^。！？!?\n]{0,60}[。！？!?\n，,]\s*){1,2}"
)
DELIVERS_ZH = re.compile(
    r"(?:不过|但是?|然而|相反|如果(?:是|只是|您|你)|可以先|下面|接下来)[^。！？!?\n]{0,24}?"
    r"(?:可以(?:先|为|帮|给|提供|介绍|告诉|说明|这样|说|试|参考|从)|能(?:帮|给|为|把|告诉)|以下|"
    r"如下|"
    r"给(?:你|您|大家)?(?:讲|说|列|介绍)|讲讲|说说|列出|这样做|这里有|分享)"
    r"|以下是|如下：|一般来说|通常来说|一般而言|总的来说|根据(?:你|您)的?[^。！？!?\n]{0,6}描述"
    r"|(?:我|来)(?:来)?提示(?:一下|你|您)|提示一下|(?:你|您)可以(?:这样)?(?:说|写|对[他她])[：:，,]"
    r"|[：:]\s*[^\s，。]{4}|先(?:讲|说|按|给(?:你|您|大家)|介绍)|这里(?:只|先|仅)?(?:说|讲|介绍)|"
    r"仅(?:从|就)|截至我"
    r"|更(?:稳妥|健康|安全|好|合适)的(?:做法|办法|方式|方法)是"
)
DELIVERS_ZH_IN_ASCII = re.compile(r":\s*[^\s]{4}")
"""The one part of DELIVERS_ZH that a text without a Chinese character can match."""

_ITEM = r"[ \t]*(?:\d{1,2}[.)、．]|[-*•])[ \t]*\S[^\n]*\s*"
# The first item stands apart: a group that repeats would be entered at every line.
CODE_OR_LIST = re.compile(rf"```|^{_ITEM}(?:^{_ITEM}){{2}}", re.MULTILINE)
