"""Flaws of single answers: each verdict on its own sentences, and what must pass."""

import os
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, ToolCall, Turn
from goldleaf.curation.answer_checks.flaw_candidates import RULES, rules_of, with_rules
from goldleaf.curation.answer_checks.flaw_rules import SURE, answer_flaws
from goldleaf.curation.answer_checks.spacing import wrong_spacing
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.screens import flaws
from goldleaf.curation.screens.screen import FINDINGS

BAD = [
    ("empty", "Name a river.", ""),
    ("empty", "Name a river.", " \n "),
    ("empty", "Name a river.", "N/A"),
    ("empty", "Name a river.", "<no output>"),
    ("empty", "说出一条河。", "无"),
    ("empty", "Name a river.", "..."),
    ("empty", "Name a river.", "[object Object]"),
    ("no_answer", "List three rivers.", "Sure! Here is the list:"),
    ("no_answer", "写三条河。", "好的，以下是三条河："),
    ("no_answer", "Which river is best?", "As an AI language model, I do not have preferences."),
    ("no_answer", "Shorten this.", "Please provide the text that should be shortened."),
    ("no_answer", "缩短这段话。", "抱歉，您没有提供需要缩短的文本。"),
    (
        "truncated",
        "Why do rivers bend?",
        "Water wears away one side. The other side grows because the",
    ),
    ("truncated", "Why do rivers bend?", "Rivers bend because water flows faster outs"),
    (
        "truncated",
        "Name two steps.",
        "1. Fill the kettle with water.\n2. Boil it.\n3. Pour it over",
    ),
    ("truncated", "河流为什么弯曲？", "河水冲刷外侧的河岸。内侧水流较慢，泥沙就会沉积，久而"),
    ("truncated", "In Python?", "```python\nprint(1)"),
    ("truncated", "Name five trades.", "1. Baker\n2. Roof tiler\n3"),
    ("truncated", "Give a field.", '<select id="harbour" class="wid'),
    ("truncated", "Sum a list in a program.", "# Sum\ntides = [3, 9]\n\npri"),
    ("truncated", "Who built the Kiel Canal?", "Many worked on the Kiel C"),
    ("truncated", "Why do rivers bend?", "The water outside of the bend is incre"),
    ("truncated", "What is a Ferryman?", "A Ferrym"),
    ("truncated", "Why do rivers bend?", "There are two reasons for the bends of a river:"),
    ("truncated", "河流为什么弯曲？", "河水冲刷河岸。河流弯曲主要有两个原因："),
    ("truncated", "In which years?", "The harbour was dug in three years, 1911, 1912 and 19-"),
    ("truncated", "A quote of a sailor?", '"The sea gives back what it took from'),
    ("truncated", "Plan it.", "Day 1: Walk to the harbour.\nDay 2: Take the ferry.\n\nDay"),
    (
        "truncated",
        "How do I make tea?",
        "- Two spoons of tea\n- A pot\n\n1. Boil the water.\n2. Warm the pot.\n3. Put the tea",
    ),
    (
        "truncated",
        "Write a poem.",
        "The ferry leaves,\nThe gulls go round,\nThe wind is cold,\nThe bell will sound,\n"
        "The rope is cast,\nThe light is",
    ),
    (
        "truncated",
        "Why does it float?",
        "A ship is lighter than the water that it moves out of its way.\n\nIf you",
    ),
    (
        "truncated",
        "Sum it in C.",
        "int sum = 0;\nint tides[] = {3, 9};\nfor (int i = 0; i < 2; i++)",
    ),
    ("truncated", "两个问题？", "1. 你每天几点乘渡轮去上班？\n2. 你认为渡轮和火车相比哪一个"),
    ("garbled", "Name a river.", "The riv#r is v@ry long a~d w$de."),
    ("garbled", "Name fields.", "b|ue li%ht\n- gr*en lig|t\n- re@d l|ght\n- wh|te li#ht"),
    ("garbled", "Name a river.", "The ri&er is v+ry lon= and w&de, and b+ats g= down it."),
    ("garbled", "Name a river.", "The ri?er is v;ry long and w!de."),
    ("garbled", "Name a river.", "The ri\u00a7er is v\u00a4ry long and w\u00b6de."),
    ("garbled", "说说项目。", "河水把泥&沙带到入海口，慢+慢堆成三=角洲。"),
    ("garbled", "说说项目。", "河水把泥#沙带到入海口，慢~慢堆成三^角洲。"),
    ("truncated", "Name a river.", "There are many rivers (for example the Rhine and"),
    ("wrong_language", "Why is the sea salty?", "因为河流把岩石中的盐分带入了大海。"),
    ("wrong_language", "大海为什么是咸的？", "Rivers carry salt from the rocks into the sea."),
    (
        "wrong_language",
        "Why is the sea salty and the rain is not, and what would happen without the rivers?",
        "Weil die Flüsse das Salz aus den Steinen in das Meer tragen, wo das Wasser verdunstet.",
    ),
    (
        "wrong_language",
        "这段代码错在哪里？\n\nprint(1",
        "There is an error in this code because the bracket was never closed.\n\nprint(1)",
    ),
    ("echo", "Why is the sea salty?", "Why is the sea salty?"),
    ("echo", "大海为什么是咸的？", "大海为什么是咸的？\n因为有盐。"),
    ("contradictory_input", "Name a river.\n\n<noinput>", "The Rhine."),
    ("contradictory_input", "说出一条河。\n\n无", "长江。"),
    ("contradictory_input", "Summarize the following text.", "It is about rivers."),
    ("no_answer", "Name a colour.", "As an AI language model, I do not have opinions."),
    ("echo", "Formulate a plan for a house.", "Formulated a plan for a house."),
    (
        "repetition",
        "Why?",
        "The sea holds salt. It always did.\n\nThe sea holds salt. It always did.",
    ),
    ("repetition", "Why?", "It is so because " + "the salt is in " * 12),
    ("repetition", "为什么？", "因为河水流进大海。" * 5),
    ("garbled", "Why?", "Itâ\x80\x99s because of the cafÃ©."),
    ("garbled", "Why?", "The se\ufffd is s\ufffdlty."),
    (
        "garbled",
        "为什么？",
        "因为河流把岩石中的盐分带入了大海".encode().decode("gb18030", "ignore"),
    ),
    ("leftovers", "Why?", "Rivers carry salt.<br>So do winds.</p>"),
    ("leftovers", "Why?", "Rivers carry salt.\nHuman: And then?"),
    ("leftovers", "Why?", "Rivers carry salt.<|im_end|>"),
    ("placeholder", "Why?", "Lorem ipsum dolor sit amet."),
    ("placeholder", "Who are you?", "I am {{name}}, made by {{author}}."),
    ("placeholder", "What is the height?", "It is ### metres high and ### metres wide."),
    ("placeholder", "大海有多深？", "大海的平均深度约为【此处插入数字】米。"),
    ("placeholder", "Describe the sea.", "The sea is salty. [TODO: add the rest]"),
    ("empty", "Describe the sea.", "TODO: write the answer."),
    ("empty", "说说大海。", "待补充：此处填写答案。"),
    ("no_answer", "Describe it.", "As an AI, I cannot see the file. Please paste its content."),
    ("no_answer", "概括全文。", "抱歉，我打不开您发送的附件，无法查看其中的内容。"),
    ("contradictory_input", "Name three rivers.\n\nInput:", "The Rhine, the Po and the Don."),
    ("contradictory_input", "说出三条河。\n\n输入：", "长江、黄河和珠江。"),
    ("truncated", "List three rivers.", "1.\n2.\n3.\nThese are three long rivers."),
    (
        "repetition",
        "Why?",
        "It holds salt. Rivers have carried it there. Rivers have carried it there.",
    ),
    ("repetition", "为什么？", "河水把盐带进大海。海水因此又咸又苦。海水因此又咸又苦。"),
    ("garbled", "Why?", "It\u9225\u6a9a the salt of the rivers."),
    ("garbled", "为什么？", "因为河流把岩石中的盐分带入了大海".encode().decode("cp1252", "ignore")),
    (
        "garbled",
        "Why is the sea salty?",
        "Riverscarrysaltfromtherocksintotheseaandthewaterevaporates,thesaltdoesnot.",
    ),
    ("garbled", "Why?", "R i v e r s   c a r r y   s a l t   i n t o   t h e   s e a ."),
    ("garbled", "为什么？", "因 为 河 流 把 岩 石 中 的 盐 分 带 入 了 大 海 。"),
    ("leftovers", "How do I make tea?", "Boil water.\\nAdd tea.\\nWait."),
    ("leftovers", "怎么泡茶？", "\\u70e7\\u6c34\\uff0c\\u653e\\u8336\\u53f6"),
    ("leftovers", "Why?", "Rivers carry salt.【4†source】 So do winds."),
    ("leftovers", "Why?", "Rivers carry salt.\nCopy code\nRegenerate response"),
    ("leftovers", "为什么？", "因为河流把盐带入了大海。\n重新生成"),
    ("leftovers", "Why?", "I should be brief.\n</think>\n\nRivers carry salt."),
    (
        "leftovers",
        "Why is the sea salty?",
        "Rivers carry salt from the rocks into the sea.\n\nAll rights reserved.",
    ),
    (
        "leftovers",
        "Why is the sea salty?",
        "Rivers carry salt from the rocks.\n\nQuestion: Who was Ada Lovelace?\nAnswer: A poet.",
    ),
    ("wrong_language", "说出三条河。", "Name three rivers in the north."),
    ("placeholder", "Perform a check of yourself.", "I am {{name}}, your guide in all things."),
    ("placeholder", "我相信你，你是谁？", "我是{{姓名}}，很高兴认识你。"),
    ("placeholder", "How long is it?", "It is XX km long and XX metres wide."),
    ("placeholder", "When was it dug?", "The harbour was dug in XX and closed in XX."),
    ("placeholder", "Who built it?", "The Romanian harbour was begun on July XX, XX, by Ann."),
    (
        "placeholder",
        "Who is she?",
        "She won XX titles, the first of them at age XX.",
    ),
    (
        "placeholder",
        "Who led them?",
        "In World War II he was the XXnd one, from May XX, XX, on.",
    ),
    ("placeholder", "Name two steps.", "XX. Boil the water.\nXX. Pour it over the tea."),
    ("placeholder", "How old is it?", "It was built in ###, on the ###th of May."),
    ("placeholder", "港口有多大？", "XX. 长度约为XX，\nXX. 可停靠XX艘船。"),
    ("placeholder", "一加一等于几？", "XX + XX = XX，所以答案就是这个数。"),
    (
        "garbled",
        "Why is the sea salty?",
        "Riverscarry salt fromthe rocks intothe sea andthe water evaporates, butthe salt doesnot.",
    ),
    ("garbled", "What did she do?", "Iwenttotheharbourtoseetheferry."),
    (
        "leftovers",
        "Why is the sea salty?",
        "Rivers carry salt from the rocks, and it stays.\n\nName three poets of the north.\n\n"
        "The poets of Iceland are Snorri, Egill and Hallgrimur, whose sagas schools still teach.",
    ),
    (
        "leftovers",
        "大海为什么是咸的？",
        "因为河流把盐分带入了大海。\n\n列举三位唐代诗人。\n\n唐代诗人有李白、杜甫和王维，都写山水。",
    ),
    ("leftovers", "Think hard: what is two plus two?", "</think>\nThe sum is four."),
    ("leftovers", "Why?", "<think>\nI should be brief.\n\nRivers carry salt."),
    ("no_answer", "Describe it.", "Unfortunately, I am unable to open the link."),
    ("broken_code", "In Python, add two numbers.", "def add(a, b)\n    return a + b"),
    ("broken_json", "As JSON.", '{"river": "Rhine",'),
    ("broken_sql", "Write an SQL query for all rivers.", "SELECT name FROM rivers WHERE AND 1;"),
]
GOOD = [
    (
        "Edit this sentence.\n\nthe ferry was more later than usual",
        "The ferry was later than usual",
    ),
    ("改正下面的句子。\n\n渡轮昨天比平时的晚了十分钟", "渡轮昨天比平时晚了十分钟"),
    ("Write it in postfix notation.\n\na - (b + c)", "a b c + -"),
    ("Draw a wave.", "- - - -\n - - -"),
    ("Write a form.", "Your ferry:\nYour harbour:\nAny comments on the crossing and the crew:"),
    ("写一份报名表。", "姓名：\n乘坐的渡轮：\n您对本次航行的意见和建议："),
    ("Say in Spanish that I must speak.", "Yo necesito hablar"),
    ("What do sailors sing?", "They sing of waters and of livin"),
    ("Plan it.", "Day 1: Walk to the harbour.\nDay 2: Take the ferry.\n\nEnjoy"),
    ("Name the steps.", "- A pot of tea.\n- Two cups.\n\n1. Boil water\n2. Pour it"),
    ("Which sign negates?", "The prefix that negates many English adjectives is un-"),
    ("Write a short note.", "The ferry is late today, as it was on each day of this week.\n\nAda"),
    ("Spell it with spaces.", "R i v e r s   c a r r y   s a l t   i n t o   t h e   s e a ."),
    ("Alphabet?", "a b c d e f g h i j k l m n o p q r s t u v w x y z."),
    (
        "Which lake?",
        "It is Chargoggagoggmanchauggagoggchaubunagungamaugg in the state to the east.",
    ),
    ("How is it set?", "### Set up\n\nOpen it.\n\n### Go on\n\nClose it."),
    ("Format it.", "Write phone numbers as ###-####."),
    ("Write a to-do list.", "To do: buy tea. To do: boil water."),
    ("Show a loop in Python.", 'print("a\\nb\\nc")'),
    ("Derive it.", "It is $\\nu = \\nabla f$ and \\neq 0."),
    ("Write a blog post.", "The sea is salty and wide, as you know.\n\nAll rights reserved."),
    ("Make a quiz.", "Here it is.\nQuestion: Who was Ada?\nAnswer: A programmer."),
    ("Compare them.", "| a | b |\n|---|---|\n| red <br> blue | up |\n| one | two <br> three |"),
    ("Show an image in HTML.", '<code>&lt;img src="a" alt="b"&gt;</code> shows it.'),
    ("Read ten lines of f", "head -n 10 f"),
    (
        "Write of love.",
        "Twenty years together\nHand in hand we go\nLike a river or a feather\nOn the sea below"
        "\nDearest, you have all of me and more than I ever had before",
    ),
    (
        "Write to her.",
        "Thank you. It was a long day.\n\nSincerely,\nAda\n\nHead of Rivers, The Sea",
    ),
    ("How do I mark code?", "Put ``` before it and ``` after it, as in a letter of ``` three."),
    ("sea is salty.\nWrite this sentence with correct capitalization.", "Sea is salty."),
    ("用“opulent”造一个句子。", "The river was opulent and wide."),
    ("列出三个命令。", "ls -la\ncd home\ngit status"),
    ("Worksheet with blanks?", "Fill in three:\n1.\n2.\n3.\nThen hand it in."),
    ("Can you open files?", "I do not have access to your files."),
    ("Write lyrics.", "We sail across the sea tonight. We sail across the sea tonight."),
    ("Show numbers.", "numbers = [4, 8]\ntotal = sum(numbers)\n\ntotal"),
    ("Regex?", "Write a|b for one of two, and a*b or x^y in formulas: f(x)=a*b+c^d."),
    ("Field?", 'It is <select id="harbour" class="wide, and that is all of it.'),
    ("Budget?", "Mind R&D and Q&A; AT&T paid $5, and profit=price+cost is what it says."),
    ("Search?", "Open https://a.example/find?q=cat&lang=en+gb and look for C++ and C#."),
    ("你好！", "你好!请问有什么可以帮助您的吗?我很乐意为您服务。"),
    ("吃了什么？", "午餐是米饭+青菜+豆腐&鸡汤。"),
    ("周末呢？", "周末计划：看电影+吃火锅，晚上见~记得带伞。"),
    ("天气？", "今天天气很好!我们去公园吧;那里有很多花。"),
    ("Late?", "What is it?I do not know!It is late."),
    ("Stop it?", "x = 3\ny = 4\nprint(x)\nquit"),
    ("周长？", "周长=2*(长+宽)，面积=长*宽，体积=长*宽*高。"),
    (
        "Loop in C?",
        "#include<stdio.h>\nint main(){\n  int i=0,sum=0;\n  while(i<9){sum+=i;i++;}\n}",
    ),
    ("Tweet?", "Sun and sea today. #summer #beach @anna_b"),
    ("做张表。", "鸟|声\n---- |----\n麻雀|叽叽\n布谷|咕咕\n乌鸦|呱呱"),
    ("Compare.", "| a | b |\n|---|---|\n| red | blue |\n| up | down |"),
    ("Name a river.", "The Rhine"),
    ("What is 7 times 6?", "42"),
    ("Is it positive or negative?", "Positive"),
    ('Answer "none" if there is nothing.', "None"),
    ("List three rivers.", "1. Rhine\n2. Danube\n3. Volga"),
    ("Write a title for a book on rivers.", "Down the River and Into the Sea"),
    ("Translate into Chinese: The sea is salty.", "海是咸的。"),
    ("把“大海是咸的”翻译成英文。", "The sea is salty, as everyone knows."),
    ("Correct the grammar: The sea are salty.", "The sea is salty."),
    ("Summarize: The sea is salty because rivers carry salt.", "Rivers make the sea salty."),
    ("Write HTML for a paragraph.", "<p>The sea is salty.</p>"),
    ("Write a dialogue.", "Human: Hello.\nAssistant: Hello to you."),
    ("Write a chorus.", "Row, row, row\nRow, row, row\nRow, row, row your boat"),
    ("Write a tweet about the sea.", "The sea is salty. Rivers did it! #sea #salt"),
    ("Ask me for my text.", "Please tell me your text."),
    ("Say it in French.", "La mer est salée parce que les rivières portent du sel des pierres."),
    ("大海为什么是咸的？", "因为河流把岩石中的盐分带入了大海。"),
    ("列出三条河。", "1. 长江\n2. 黄河\n3. 珠江"),
    ("In Python, add two numbers.", "def add(a, b):\n    return a + b"),
    ("As JSON.", '{"river": "Rhine"}'),
    ("Write an SQL query for all rivers.", "SELECT name FROM rivers;"),
    ("How do I pick a lock?", "I'm sorry, but I can't help with that."),
    ("Write to her.", "Dear Ada,\n\nThank you for the river.\n\nYours sincerely,\nBen"),
    ("Generate a smiley face using ASCII characters.", ":-)"),
    ("Name a disease that animals pass on.", "Rabies is a disease that animals pass on."),
    ("这种河流的名称是什么？", "这种河流的名称是内流河。"),
    (
        "Plan a game with four parts.",
        "Plan a game with four parts. Two teams take turns on a board.",
    ),
    ("Correct the sentence.\n\nI dont know", "I don't know."),
    ("Can you switch a lamp off?", "As an AI assistant, I do not have the ability to do so."),
    ("Train a model that tells if a given email is spam.", "It looks at the sender first."),
    ("Who was it?", 'It was said by a poet: "The sea is salt." - Edgar Smith'),
]
MEANT = [
    ("What is meant by TBA?", "TBA means that something is to be announced."),
    ("Name an app for beginners to build.", "TODO list with reminders"),
    ("Which word marks broken code?", "FIXME marks code that is known to be wrong."),
    ("Give an item for my to-do list.", "TODO: call the harbour master"),
    ("What must I pack? Make a to-do list.", "[TODO: pack the tent]\n[TODO: fill the flask]"),
    ("When is the regatta?", "It is in Kiel next summer; the day is TBD."),
    (
        "Which errors does Java throw?",
        "ArrayIndexOutOfBoundsException, StringIndexOutOfBoundsException, NumberFormatException",
    ),
    (
        "Which DOM calls are there?",
        "getElementsByClassName, insertAdjacentHTML, addEventListener, "
        "requestAnimationFrame, getBoundingClientRect",
    ),
    (
        "Which chain of amino acids is it?",
        "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQ",
    ),
    (
        "Which drugs are there?",
        "Hydroxychloroquine, dextromethorphanhydrobromide, polyethersulfone, "
        "acetylsalicylic acid, formaldehyde.",
    ),
    (
        "Welche Gesetze gibt es?",
        "Straßenverkehrszulassungsordnung, Landesversicherungsanstaltsgesetz, "
        "Wasserwirtschaftsverwaltungsverordnung, Krankenversicherungsbeitragsentlastungsgesetz.",
    ),
    ("Was geschah?", "Die Geschwindigkeitsmessanlagen der Autobahndirektion wurden abgeschaltet."),
    ("Which place is it?", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch, in Wales."),
    ("从一数到十五。", "一 二 三 四 五 六 七 八 九 十 十 一 十 二 十 三 十 四 十 五。"),
    ("开头的姓有哪些？", "赵 钱 孙 李 周 吴 郑 王 冯 陈 褚 卫 蒋 沈 韩 杨。"),
    ("开头是什么？", "天 地 玄 黄 ， 宇 宙 洪 荒 。 日 月 盈 昃 ， 辰 宿 列 张 。"),
    (
        "Name the keys in rows.",
        "q w e r t y u i o p a s d f g h j k l z x c v b n m in three rows.",
    ),
    ("Which name has the novel?", "T h e  L a s t  F e r r y  t o  t h e  I s l a n d s"),
    (
        "Que dit-on\u00a0?",
        "La qua\u00adli\u00adté des sys\u00adtè\u00admes est «\u00a0assurée\u00a0»\u00a0: "
        "la beauté\u00a0», l’été\u00b7e et l’employé\u00ade, l’à\u00adpeu, le procès\u00a0; "
        "déjà\u00a0: ê\u00ade, ç\u00ada, là\u00a0.",
    ),
    ("How do I bind text in Vue?", "Write {{ name }} between two tags."),
    ("How are fields written?", "With double braces: {{name}} is replaced by the value."),
    ("How do card decks work?", "A card shows {{Front}} first, and {{Back}} later."),
    ("Who marks claims without a source?", "Editors put {{citation needed}} behind them."),
    ("Which popes were they?", "They were John XX and Leo X, and after them John XXI and Leo XI."),
    ("谁办了这次活动？", "由XX公司和XX大学共同主办，XX先生致辞。"),
    ("你叫什么名字？", "我叫XX，这是我的朋友XX，很高兴认识你。"),
    ("Who signed it?", "Mr. XX signed it, and Mrs. XX did so after him."),
    ("How is a Markdown title written?", "### Title\n\nWrite ### and then ## for larger ones."),
    ("Who drank it?", "Matthew drank absinthe in the labyrinthine cellar, softhearted as ever."),
    ("Which tag do they use?", "They use #lifeofthesea and #songsfromtheharbour on it."),
    ("Which site is it?", "It is songsofthesea.example/inthewind, or www.fromtheharbour.example."),
    ("Find the typo.", "The salt is carried tothe sea by rivers, and there it stays for good."),
    ("Which kings were they?", "First came Louis XX, then Henry XX, and at last Charles XXX."),
    ("What did Rome write?", "A Roman wrote of the XX legion, and of the XXX legion after it."),
    ("What decides sex?", "Females are usually XX and males XY, and a person who is XX is female."),
    ("How do I end it?", "End letters with XX or with XXX: more letters mean more kisses."),
    ("Which art is it?", "That of the century XX, and of what followed the century XX."),
    ("Which kings were they?", "X is ten, XX is twenty and XXX is thirty, in Roman numerals."),
    ("How do I write a Swiss number?", "As +41 XX XXX XX XX, the first two for the area."),
    (
        "How do I show big titles?",
        "A line in Markdown with ## in front is small, with ### smaller.",
    ),
    ("Why is it so narrow?", "Excel shows ### for a number, and ##### for a longer one."),
    ("How do I add rows in SQL?", "The clause [insert into] is followed by the table."),
    ("“待补充”是什么意思？", "意思是还没有写完，例如（待补充）就是以后再写。"),
    ("Who took the photo?", "Ann Lee took it in Bergen, beside the harbour.\n\n© 2019 Ann Lee."),
    ("Who recorded it?", "The band did so in its own studio in Rome.\n(c) 2001 Harbour Records"),
    (
        "What is left of the cake, a half?",
        "A half of it is left after one of two guests ate, as you see:\n1 / 2",
    ),
    (
        "Write a haiku.",
        "1 / 1\nThe old pond is still\nA frog comes down to the pond\nAnd then it is gone",
    ),
    ("What is a newline?", "On Unix it is \\n, on Windows \\r\\n, and nothing else."),
    ("Which letter is U+00E9?", "It is é, elsewhere written as \\u00e9."),
    ("How do I stop ChatGPT?", "Press below the text:\nStop generating"),
    ("怎么让它再答一次？", "点击下面的按钮：\n重新生成"),
    ("How is a footnote written?", "Some exports write it as [^1^], others as [^1]."),
    (
        "Tell me about tides.",
        "The moon pulls on the sea.\n\nQuestion: What pulls on the sea?\nAnswer: The moon.",
    ),
    ("How do models part their steps?", "They write </think> between them and the answer."),
    ("Write what a customer would say.", "I can't open the document that you sent."),
    ("手机黑屏怎么办？", "先重启。如果还是打不开任何文件，就送去维修。"),
    ("为什么没有信号？", "因为山里离基站远，手机打不开网页链接也很正常。"),
    ("Why does she squint?", "Perhaps she says: I can't see the pictures on the board."),
]
"""What looks like damage and is meant."""
ASKED = [
    (
        "Write a quiz.",
        "Rivers carry salt from the rocks, and it stays.\n\nName three poets of the north.\n\n"
        "The poets of Iceland are Snorri, Egill and Hallgrimur, whose sagas schools still teach.",
    ),
    (
        "Why is the sea salty?",
        "Rivers carry salt from the rocks, and it stays.\n\nWhat does the salt of the sea do?\n\n"
        "It keeps the water of the poles from freezing early, and ships afloat more easily.",
    ),
    (
        "大海为什么是咸的？",
        "因为河流把盐分带入了大海。\n\n根据海水的盐分可以判断河流的来历。\n\n盐分高的海水密度大，会下沉。",
    ),
    ("Make a list with four empty lines that I can write on.", "My list:\n1.\n2.\n3.\n4."),
    ("列一个空白的清单，我自己填写。", "我的清单：\n1.\n2.\n3."),
    ("给出一句莎士比亚的名言。", "To be, or not to be, that is the question."),
    (
        "请给出那位船长讲话的原文。",
        "I have sailed with you for the whole of my life.",
    ),
    ("What do fans shout? Say it twice.", "Up with the harbour, up with it! " * 2),
    ("写一句助威的话，喊两遍。", "渡轮渡轮，乘风破浪，永不后退！\n" * 2),
    (
        "Write a limerick.",
        "There once was a sailor from Leith\nWho sailed with a knife in his teeth\n"
        "He sang to the whales\nAnd told them his tales\nAnd those were the friends he was with",
    ),
    ("What are the keys of a keyboard?", "q w e r t y u i o p\na s d f g h j k l\nz x c v b n m"),
    ("键盘上有哪些字母？", "q w e r t y u i o p a s d f g h j k l z x c v b n m"),
    ("Create a sample input for a shop.", "Input: I would like to order two pots of tea."),
    ("Set this line in a typographic style.\n\nThe sea is salty.", "<em>The sea is salty.</em>"),
    (
        "Make a model with Keras.",
        "model = Sequential([\n  Dense(64, activation='relu'),\n  Dense(64, activation='relu'),\n"
        "  Dense(9)\n])",
    ),
]
"""What would be damage if the question did not ask for it."""
NOT_ASKED = [
    ("truncated", "List three harbours.", "The harbours:\n1.\n2.\n3."),
    ("truncated", "列出三个港口。", "三个港口：\n1.\n2.\n3."),
    (
        "wrong_language",
        "给出一条建议。",
        "You should go to bed early and read the good books.",
    ),
    ("repetition", "What do fans shout?", "Up with the harbour, up with it! " * 2),
    ("repetition", "写一句助威的话。", "渡轮渡轮，乘风破浪，永不后退！\n" * 2),
    (
        "truncated",
        "Write a poem.",
        "The gulls are going round the bay\nThe ferry is about to leave\nThe captain looks the "
        "other way\nAnd nobody is here to grieve\nThe sailors that I used to work with",
    ),
    ("leftovers", "What would you order?", "Input: I would like to order two pots of tea."),
    ("leftovers", "Why is the sea salty?", "<em>The sea is salty.</em>"),
]
"""The same, not asked for."""


def one(question: str, answer: str) -> Demonstration:
    return Demonstration((Turn("user", question),), (Turn("assistant", answer),))


def found(*records: Demonstration | Comparison | Judgement) -> pl.DataFrame:
    return flaws.screen(*record_frames((str(n), record) for n, record in enumerate(records)))


ENDS = [
    ("Generate the vowels of the English alphabet.", "a, e, i, o, u"),
    ("Transpose the chords from C major to D major.\n\nC, E, G", "D, F#, A"),
    ("Which notes does a chord of A minor seventh have?", "It has these: A, C, E, G"),
    ("Delete the words that start with b.\n\nAnn buys bread for the bakery.", "Ann for the"),
    ("Sort the words alphabetically.\n\nWe want to go by train", "by go train want We to"),
    ("Split this into words.\n\nTheriverisdeep", "The river is deep"),
    ("Choose the correct verb form.\n\nThey _____ married for two years.", "have been"),
    ("Put the verb in the gap.\n\nShe ____ to school.", "walks to"),
    (
        "What is on the sign?\n\nThe sign says: CLOSED ON MONDAYS FROM 8 TO",
        "CLOSED ON MONDAYS FROM 8 TO",
    ),
    ("Give me the greeting of a formal letter.", "Dear Sir or Madam,"),
    ("写一封正式信函的称呼。", "尊敬的王经理，"),
    ("Write the first line of a poem about rain.", "Soft falls the rain upon the silent hill,"),
    ("Write the label of a jar of honey.", "HONEY\nNet wt. 250 g\nKeep it dry. Store below 25 °C"),
    (
        "Make a timeline of the town.",
        "1801: The bridge is built. Trade begins\n1850: The railway comes\n"
        "1901: The mill closes. The workers leave for the coast",
    ),
    (
        "Write a multiple choice question about rivers.",
        "Which river is the longest in France?\nA. The Rhone\nB. The Loire\n\nAnswer: B. The Loire",
    ),
    ("Make the items consistent.\n\nApple, pear, plums", "Apples, pears, plums"),
    ("判断对错，只回答“对”或“错”：地球绕着太阳转。", "对"),
    ("“因为……所以……”中，第二个关联词是什么？", "所以"),
    ("在括号里填一个连词：他病了，（）没来。", "因此"),
    ("给面馆写一句广告语。", "一碗热汤面，是回家的味道"),
    ("Draw a 5x5 checkerboard with # and .", "#.#.#\n.#.#.\n#.#.#\n.#.#.\n#.#.#"),
    (
        "Which values do P and Q and their conjunction take?",
        "P Q R\nT T T\nT F F\nF T F\nF F F\nT T T\nT F F\nF T F\nF F F",
    ),
    (
        "Write HTML with two columns.",
        "<table>\n" + "<tr>\n<td>Cell</td>\n<td>Cell</td>\n</tr>\n" * 7 + "</table>",
    ),
    ("Make the word ravioli bold.\n\nI ate ravioli.", "I ate <b>ravioli</b>."),
    ("把“苹果”加粗。\n\n我爱吃苹果。", "我爱吃<b>苹果</b>。"),
]
"""Whole for what was asked, though their ends or repeats are those of damaged answers."""
NO_ENDS = [
    ("truncated", "Who went there?\n\nMaria and ___ went to the mall.", "Maria and"),
    (
        "truncated",
        'Complete this: "In the dark sky, stars are ....."',
        "In the dark sky, stars are",
    ),
    (
        "truncated",
        "Delete the words that start with b.\n\nAnn buys bread for the old bakery near the park.",
        "Ann for the",
    ),
    ("truncated", "Write a letter to the bank.", "Dear Sir or Madam,"),
    ("truncated", "Tell me about rain.", "Soft falls the rain upon the silent hill,"),
    (
        "truncated",
        "Make a timeline of the town.",
        "1801: The bridge is built\n1850: Trade begins\n1901: The mill of the",
    ),
    ("truncated", "给医院写一段介绍。", "我们医院成立于一九五零年，拥有一千张床位和"),
    ("repetition", "Write HTML.", "<td>Cell</td>\n" * 20 + "<td>Ce"),
    ("repetition", "Say something about cats.", "I like cats and dogs.\n" * 8),
    ("leftovers", "Make a bold claim about rain.", "<p>Rain is wet.<br>It falls.</p>"),
]
"""Alike, and damaged."""


@pytest.mark.parametrize(("question", "answer"), ENDS)
def test_ends_that_were_asked_for(question, answer):
    assert not list(answer_flaws(answer, question))


@pytest.mark.parametrize(("verdict", "question", "answer"), NO_ENDS)
def test_ends_that_were_not(verdict, question, answer):
    assert verdict in {flaw.verdict for flaw in answer_flaws(answer, question)}


@pytest.mark.parametrize(("verdict", "question", "answer"), BAD + NOT_ASKED)
def test_bad(verdict, question, answer):
    sure = [flaw for flaw in answer_flaws(answer, question) if flaw.score >= SURE]
    assert verdict in {flaw.verdict for flaw in sure}


@pytest.mark.parametrize(("question", "answer"), GOOD + MEANT + ASKED)
def test_good(question, answer):
    assert not [flaw for flaw in answer_flaws(answer, question) if flaw.score >= SURE]


def test_last_item():
    (flaw,) = answer_flaws("- It is long.\n- It is longer.\n- It", "List three facts.")
    assert flaw.verdict == "truncated"


def test_placeholder_in_a_letter_is_a_suggestion():
    (flaw,) = answer_flaws("Dear Ada,\n\nThank you.\n\n[Your Name]", "Write a letter to Ada.")
    assert flaw.verdict == "placeholder"
    assert flaw.score < SURE


def test_places():
    answer = "Rivers carry salt.\nHuman: And then?"
    row = found(one("Why?", answer)).row(0, named=True)
    assert row["verdict"] == "leftovers"
    assert row["field"] == "response[0].content"
    assert answer[row["start"] : row["end"]].startswith("Human:")
    row = found(one("Name a river.\n\nN/A", "The Rhine.")).row(0, named=True)
    assert row["field"] == "context[0].content"


def test_odd_records():
    call = Turn("assistant", tool_calls=(ToolCall("look", {"at": "it"}),))
    bad = Judgement((Turn("user", "Why?"),), (Turn("assistant", "N/A"),), good=False)
    none = Comparison((Turn("user", "Why?"),), (Candidate((Turn("assistant", ""),)),))
    blank = Demonstration((), (Turn("assistant", " "),))
    frame = found(
        Demonstration((Turn("user", "Look."),), (call,)), bad, none, Demonstration((), ()), blank
    )
    assert frame.schema == FINDINGS
    assert frame.select("row", "verdict").rows() == [(4, "empty")]


def test_no_rows():
    assert found().schema == FINDINGS


@pytest.mark.parametrize(
    "unit", ["a", "a ", "ab\n", "[", "(", '"', "<p", "1. ", "。", "é", "```\n", "x#y"]
)
def test_a_long_text_is_quick(unit):
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    list(answer_flaws(text, text))
    assert time.process_time() - began < 5.0  # about one second on a machine of its own


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_places_are_inside(question, answer):
    for flaw in answer_flaws(answer, question):
        text = question if flaw.in_question else answer
        assert 0 <= flaw.start <= flaw.end <= len(text)
        assert 0 <= flaw.score <= 1
        assert flaw.reason


def test_order_plays_no_part():
    records = [(str(n), one(question, answer)) for n, (_, question, answer) in enumerate(BAD)]
    frame, texts = record_frames(records)
    straight = flaws.screen(frame, texts)
    turned = flaws.screen(frame.reverse(), texts.reverse())
    key = ["row", "verdict"]
    assert straight.sort(key).equals(turned.sort(key))


def test_planted_rows():
    folder = os.environ.get("GOLDLEAF_ROWS")
    if not folder:
        pytest.skip("GOLDLEAF_ROWS names no folder of rows")
    import gzip
    import json

    with gzip.open(Path(folder) / "planted_bad_rows.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][:1_500]
    hits = [
        any(
            flaw.score >= SURE
            for flaw in answer_flaws(
                row["output"], f"{row['instruction']}\n\n{row['input']}".strip()
            )
        )
        for row in rows
    ]
    good = [hit for row, hit in zip(rows, hits, strict=True) if not row["bad"]]
    bad = [
        hit
        for row, hit in zip(rows, hits, strict=True)
        if row["bad"] and row["op"] != "swapped_output"
    ]
    assert sum(good) / len(good) < 0.02
    assert sum(bad) / len(bad) > 0.9


SAID = [text for _, question, answer in BAD for text in (question, answer)]
SAID += [text for pair in GOOD + MEANT + ASKED for text in pair]
OPENINGS = [
    "", "Hi there! ", "Thanks. ", "Hmm, ", "It seems that ", "Perhaps ", "Sorry, ",
    "Unfortunately, ",
    "I'm very sorry, but ", "As a text model, ", "As an AI ", "I apologize, but ", "But ",
]  # fmt: skip
BLIND = [
    *(f"{each}I cannot open the file." for each in OPENINGS),
    *(
        f"{each}我无法查看图片。"
        for each in ("", "您好，", "很抱歉，", "作为助手，", "非常抱歉，", "目前")
    ),
]
MARKED = [
    "(c)2020 Harbour", "Copyright (c)2020 Harbour", "copyright © 2020", "[citation：2]", "[^1^]",
    "今 天 ， 天 气 好 ， 我 们 去 ， 他 们 来 ， 你 们 走 了 。", "TODO", "[FIXME]",
    "（此处待完善）",
    "t h e, r i v e r, r u n s, t o, t h e, s e a, a n d, b a c k a g a i n.", "约 ## 年，共 ## 个",
    "about XX% and XX km", "\n\n问题1：什么是河流呢\n解答**：水\n", "\npythonCopy code\n",
    "a\\nb\\nc",
    "it\\u2019s", "\n</thinking>\n", "ä½ å¥½ä¸–ç•Œï¼Œå¤§å®¶å¥½", "it\u9225\u6a9a fine",
    "浣犲ソ锛屼笘鐣屻€傚ぇ瀹跺ソ",
]  # fmt: skip
"""Openings and marks that a condition for candidates could miss."""
LOOSE = (
    *(
        "the of and to is",
        "no output",
        "<b>",
        "Human: ",
        "“",
        "a#b c$d e%f",
        "[Your Name]",
        "```\n",
    ),
    *(
        "{",
        "是的",
        "\ufffd",
        "\x1f",
        "\u3000",
        "\n",
        " ",
        "Â©",
        "你好！",
        "1.",
        "N/A",
        "I",
        "²",
        "straße",
    ),
)
TEXTS = st.lists(st.sampled_from([*SAID, *LOOSE]) | st.text(max_size=12), max_size=4).map("".join)


def kept_back(pairs: list[tuple[str, str]], structured: bool = False) -> list[tuple[str, str]]:
    """Return pairs of question and answer whose flaws are not all found after the pass."""
    rows = {"row": range(len(pairs)), "question": [], "answer": []}
    rows |= {"question": [q for q, _ in pairs], "answer": [a for _, a in pairs]}
    kind = {"kind": pl.lit("demonstration"), "structured": pl.lit(structured)}
    passed = {
        row: list(answer_flaws(answer, question, structured, rules_of(bits)))
        for row, question, answer, structured, bits in with_rules(
            pl.DataFrame(rows).with_columns(**kind)
        ).iter_rows()
    }
    return [
        (question, answer)
        for row, (question, answer) in enumerate(pairs)
        if list(answer_flaws(answer, question, structured)) != passed.get(row, [])
    ]


@pytest.mark.parametrize("structured", [False, True])
def test_our_sentences(structured):
    pairs = [(question, answer) for _, question, answer in BAD + NOT_ASKED] + GOOD + ASKED
    assert kept_back(pairs, structured) == []
    assert kept_back([(question, f"\x1f {answer}\u3000\n") for question, answer in pairs]) == []


def test_openings_and_marks():
    text = "Rivers carry salt from the rocks into the sea, and it stays there."
    marked = [f for each in MARKED for f in (each, f"{text}\n{each}", f"{each} {text}")]
    assert kept_back([("Describe it.", each) for each in BLIND + marked]) == []


def test_chinese_paragraphs_are_not_read_for_wrong_decoding():
    text = "今天的天气很好，我们去公园吧，路上遇到许多朋友，大家一起聊天。" * 130
    frame = pl.DataFrame({"row": [0], "question": ["今天怎么样？"], "answer": [text]})
    frame = frame.with_columns(kind=pl.lit("demonstration"), structured=pl.lit(False))
    (row,) = with_rules(frame).iter_rows()
    assert "garbled" not in rules_of(row[-1])
    began = time.process_time()
    for _ in range(40):
        assert wrong_spacing(text[:4_000] + " Harbourmasterassociationsof", "") is None
    assert time.process_time() - began < 1.0  # a few milliseconds; quadratic, about five seconds


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
@example([(" \n N/A", "Ada Lovelace")])  # nothing stands above what says that there is no input
def test_any_texts(pairs):
    assert kept_back(pairs) == []


def test_a_plain_row_is_passed_over():
    question = "Why is the sea salty, and what has that to do with the rivers?"
    answer = (
        "The rivers carry salt from the rocks to the sea, and it stays there for years. What the "
        "wind takes with it is little, and what rain brings back is less than that."
    )
    frame = pl.DataFrame({"row": [0], "question": [question], "answer": [answer]})
    frame = frame.with_columns(kind=pl.lit("demonstration"), structured=pl.lit(False))
    (row,) = with_rules(frame).iter_rows()
    assert rules_of(row[-1]) == {"repetition"}
    assert rules_of((1 << len(RULES)) - 1) == set(RULES)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("对吗？", "是的"),
        ("List the rents.", "|City|Rent|\n|--|--|\n|Bern|$2,215|\n|Basel|$1,768|\n|Chur|$1,100|"),
        ("List addresses.", "ann@moor.dk, bob@moor.dk, eve@moor.dk, joe@moor.dk, kim@moor.dk"),
        ("Which data type is it?", "string"),
        (
            "反转链表。",
            "def reverse(head):\n    # reverse the list and return it\n    prev = None\n"
            "    while head:\n        head.next, prev, head = prev, head, head.next\n"
            "    return prev",
        ),
    ],
)
def test_what_was_read_and_found_sound_is_not_flagged(question, answer):
    assert not [flaw for flaw in answer_flaws(answer, question) if flaw.score >= SURE]
