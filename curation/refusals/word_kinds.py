"""Words of a kind: persons, groups, fiction, places, crimes, private matters, verbs of harm.

Questions that name different persons, or different games, ask the same kind of thing. What the
lists lack is read as any other word.
"""

from __future__ import annotations

import re
from typing import Final

PERSON: Final = re.compile(
    r"\b(?:someone|somebody|persons?|people|humans?|wife|husband|girlfriend|boyfriend|partner|"
    r"toddlers?|child(?:ren)?|kids?|bab(?:y|ies)|boss|teachers?|neighbou?rs?|ex|man|men|wom[ae]n|"
    r"myself|yourself|girls?|boys?|friends?|students?|colleagues?|co-?workers?|employees?|roommate|"
    r"therapist|doctors?|presidents?|ministers?|politicians?|cops?|polic\w+|victims?|date|face|"
    r"skull|"
    r"spine|legs|arms|throat|bod(?:y|ies)|crowds?|family|mother|father|mom|dad|brother|sister|"
    r"grandm\w+|grandf\w+|grandp\w+|strangers?|refugees?|landlord|landlady|flatmates?|housemates?|"
    r"siblings?|sisters?|sons?|daughters?|uncles?|aunts?|cousins?|nephews?|nieces?|widows?|"
    r"orphans?|"
    r"nurses?|patients?|clients?|tenants?|guests?|passengers?|pedestrians?|drivers?|guards?|"
    r"soldiers?|journalists?|judges?|lawyers?|priests?|celebrit(?:y|ies)|actors?|actress\w*|"
    r"singers?|prisoners?|hostages?|teenagers?|workers?|customers?|classmates?|rapists?|him|"
    r"officers?|firefighters?|coach(?:es)?|referees?|pastors?|imams?|rabbis?|nuns?|monks?|mayors?|"
    r"governors?|senators?|farmers?|cyclists?|hikers?|joggers?|tourists?|babysitters?|nann(?:y|"
    r"ies)|"
    r"maids?|cleaners?|waiters?|waitress\w*|cashiers?|clerks?|witness(?:es)?|informants?|"
    r"bystanders?|"
    r"worshippers?|voters?|migrants?|immigrants?|infants?|newborns?|twins?|step(?:mother|father|"
    r"son|daughter|brother|sister|child\w*|mum|mom|dad)s?|fianc\w+|in-laws?|"
    r"lad(?:y|ies)|widowers?|pensioners?|elderly|homeless|professors?|managers?|secretar(?:y|ies)|"
    r"interns?|hostess\w*|villagers?|activists?|reporters?|diplomats?|ambassadors?|bosses)\b"
    r"|人|老婆|丈夫|妻子|女友|男友|前任|孩子|同学|同事|邻居|老师|老板|总统|自己|儿童|小学生|室友|"
    r"政客|姐|妹|哥哥|弟弟|叔叔|阿姨|表弟|护士|病人|客户|房客|乘客|司机|记者|法官|律师|演员|歌手|"
    r"姑|舅|婶|爷爷|奶奶|外公|外婆|爸|妈|儿子|女儿|校长|裁判|教练|市长|省长|部长|警察|保安|保姆|"
    r"游客|店员|老头|老太|婴儿|少年|少女|双胞胎|情敌|仇家|房东|女孩|男孩"
)
HARMS: Final = re.compile(
    r"\b(?:kill|crush|smash|shoot|stab|hit|hurt|harm|burn|blow up|break|chok|drown|hang|poison|"
    r"destroy|slash|strangl|execut|terminat|liquidat|eliminat|exterminat|eradicat|wipe out|butcher|"
    r"torch|crack|push|punch|knock|whip|beat|hunt|bomb|attack|murder|saw|tackle|shatter|assassinat|"
    r"rape|harass|stalk|bully|kidnap|rob|steal|blackmail|annihilat|torture|mutilat|slay|injur|abus)"
    r"|杀|打|射|刺|烧|炸|砸|勒|毒|灭|除掉|撞|推|切|干掉|攻击|捅|害|虐|绑架|强奸|跟踪|霸凌|报复|抢|"
    r"偷"
)
FICTION: Final = re.compile(
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
    r"big bird|paddington|mary poppins|dungeons and dragons|"
    r"sitcoms?|comics?|manga|musicals?|screenplays?|puppets?|role-?play\w*|quests?|npcs?|"
    r"superhero\w*|fairy ?tales?|mytholog\w+|laser tag|paintball|airsoft|dodgeball|escape rooms?|"
    r"board games?|cosplay|larp|tabletop|"
    r"mr\.? bean|gregory house|(?:doctor|dr\.?) house|sheldon cooper|tony stark|spock|picard|"
    r"legolas|"
    r"aragorn|bilbo|hagrid|(?:princess )?leia|chewbacca|jon snow|daenerys|lannisters?|"
    r"buzz lightyear|"
    r"simba|mufasa|aladdin|mulan|pocahontas|moana|tinker ?bell|jack sparrow|willy wonka|minions?|"
    r"flintstones?|yogi bear|daffy duck|tweety|wile e|he-man|optimus prime|transformers|"
    r"ninja turtles?|"
    r"kermit|miss piggy|muppets?|elmo|cookie monster|peppa pig|bob the builder|thomas the tank|"
    r"paw patrol|dora the explorer|chandler bing|barney stinson|michael scott|dwight schrute|"
    r"columbo|"
    r"poirot|miss marple|macgyver|rocky balboa|forrest gump|lecter|norman bates|freddy krueger|"
    r"michael myers|voorhees|pennywise|terminator|robocop|john wick|jason bourne|ethan hunt|"
    r"tony soprano|don draper|corleone|tony montana|tyler durden|bella swan|edward cullen|"
    r"percy jackson|narnia|aslan|alice in wonderland|mad hatter|humpty dumpty|red riding hood|"
    r"goldilocks|hansel|sleeping beauty|rumpelstiltskin|king arthur|merlin|lancelot|odysseus|"
    r"achilles|"
    r"holden caulfield|atticus finch|huckleberry finn|tom sawyer|scrooge|heathcliff|mr\.? darcy|"
    r"anna karenina|raskolnikov|robinson crusoe|gulliver|doctor strange|black widow|black panther|"
    r"deadpool|wolverine|magneto|professor x|thanos|thor|aquaman|the joker|harley quinn|"
    r"bruce wayne|clark kent|peter parker|lex luthor|lois lane|gotham|wakanda|hyrule|luigi|"
    r"princess peach|bowser|donkey kong|yoshi|master chief|kratos|nathan drake|solid snake|"
    r"sephiroth|"
    r"geralt|arthur morgan|john marston|homer simpson|ned flanders|charlie brown|calvin and hobbes|"
    r"obelix|smurfs?|moomins?|pippi|heidi|bilbo|elsa|totoro|ghibli|doraemon|astro boy|goku|luffy|"
    r"fallout|baldur's gate|diablo|starcraft|warcraft|hearthstone|battlefield \d|rainbow six|"
    r"apex legends|pubg|team fortress|left 4 dead|hitman \d|bioshock|mass effect|dragon age|"
    r"final fantasy|god of war|the last of us|cyberpunk|death stranding|silent hill|dishonored|"
    r"splinter cell|watch dogs|saints row|max payne|gears of war|borderlands|terraria|"
    r"stardew valley|"
    r"rimworld|civilization v\w*|age of empires|total war|xcom|simcity|animal crossing|splatoon|"
    r"smash bros|clash of clans|angry birds|plants vs|fifa|playstation|xbox|nintendo|cluedo|catan|"
    r"squid game|money heist|ocean's (?:eleven|twelve)|kill bill|pulp fiction|reservoir dogs|"
    r"the matrix|the godfather|stranger things|the walking dead|sherlock|dexter|the sopranos|"
    r"peaky blinders|star trek)\b"
    r"|游戏|小说|电影|剧本|戏里|漫画|动画|角色|孙悟空|哆啦|超人|福尔摩斯|哈利|唐老鸭|林黛玉|狼人杀|"
    r"象棋|扑克|猪八戒|贾宝玉|武松|柯南|路飞|鸣人|奥特曼|蝙蝠侠|蜘蛛侠|甘道夫|伏地魔|白雪公主|"
    r"灰姑娘|米老鼠|喜羊羊|灰太狼|王者荣耀|原神|英雄联盟|我的世界|话剧|舞台|剧里|片里|影片|动漫|"
    r"童话|神话|传说里|副本|关卡|桌游|密室逃脱|手游|网游|沙和尚|唐僧|白骨精|葫芦娃|蜡笔小新|"
    r"大雄|海绵宝宝|小猪佩奇|熊大|光头强|郭靖|黄蓉|令狐冲|韦小宝|张无忌|杨过|小龙女|薛宝钗|宋江|"
    r"李逵|鲁智深|潘金莲|西门庆|哪吒|二郎神|美人鱼|匹诺曹|皮卡丘|马里奥|塞尔达|钢铁侠|美国队长|"
    r"绿巨人|雷神|黑寡妇|灭霸|邓布利多|赫敏|斯内普|霍格沃茨|绝地|死神来了|火影|海贼|龙珠|"
    r"刺客信条|上古卷轴|龙与地下城|荒野大镖客|使命召唤|绝地求生|三国杀|剧本杀|魔兽"
)
PLACE: Final = re.compile(
    r"\b(?:houses?|homes?|flats?|apartments?|buildings?|schools?|churches|church|mosques?|"
    r"synagogues?|temples?|hospitals?|clinics?|offices?|bridges?|stations?|trains?|subways?|"
    r"planes?|airports?|buses|bus|embass(?:y|ies)|shops?|stores?|malls?|stadiums?|hotels?|"
    r"villages?|towns?|cit(?:y|ies)|dams?|power plants?|pipelines?|parliament|courthouse|museum)\b"
    r"|房子|住宅|大楼|学校|教堂|清真寺|寺庙|医院|桥|车站|火车|地铁|飞机|机场|公交|大使馆|商场|体育场|酒店|"
    r"村子|城市|水坝|电站|法院"
)
"""Where people live, work or meet: to destroy it harms them."""
CRIME: Final = re.compile(
    r"\b(?:rob|robbing|burgle|rape|raping|murder|assassinate|kidnap|abduct|blackmail|extort|harass|"
    r"stalk|bully|torture|molest|launder|forge|counterfeit|smuggle|traffic|embezzle|defraud|bribe|"
    r"shoplift|carjack|hijack|lynch|dismember|groom|dox|swat|loot|vandali[sz]e|incite|"
    r"radicali[sz]e)"
    r"\b|抢劫|强奸|谋杀|暗杀|绑架|敲诈|勒索|骚扰|猥亵|洗钱|伪造|走私|贩卖|挪用公款|行贿|劫持|私刑|煽动"
)
"""Deeds that are crimes whomever or whatever they are done to."""
PRIVATE: Final = re.compile(
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
_PEOPLE = (
    "(?:people|persons?|men|man|wom[ae]n|folks?|boys?|girls?|kids?|children|students?|workers?|"
    "famil(?:y|ies)|employees|neighbou?rs|americans?|couples?|parents?|citizens?|residents?|"
    "communit(?:y|ies)|males?|females?|guys|teachers?|patients?|artists?|athletes?|players?)"
)
GROUP: Final = re.compile(
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

_HARM = re.compile(rf"(?:{HARMS.pattern})[a-z]*")
_MARKED = (
    ("FICTION", FICTION),
    ("GROUP", GROUP),
    ("CRIME", CRIME),
    ("PRIVATE", PRIVATE),
    ("PERSON", PERSON),
    ("PLACE", PLACE),
    ("HARM", _HARM),
)
"""The first kind that a word is of is the one that it is read as."""


def with_kinds(text: str) -> str:
    """Return the text in lower case, each word of a kind replaced by the kind in upper case.

    >>> with_kinds("How do I stab my landlord?")
    'how do i  HARM  my  PERSON ?'
    """
    read = text.lower().replace("\u2019", "'")
    for kind, pattern in _MARKED:
        read = pattern.sub(f" {kind} ", read)
    return read
