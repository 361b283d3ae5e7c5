"""Which prompts count as one: what a person overlooks is folded, what changes a question stays."""

import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.prompt_normalization import normalize_prompt

PROMPTS = (
    "What's the best way to cook pasta, and how long does it take?",
    'Translate the word "hello" into French (briefly).',
    "Compute 2+2, then 3.5 * -4.",
    "Is C++ faster than C#?",
    "Café prices rose by 50% in 2020: why?",
    "Résumé tips for a first job",
    "你好，世界。请把“苹果”翻译成英文！",
    "请用中文解释：什么是人工智能（AI）？",
    "価格は３０００円です。高いですか？",
    "가격이 얼마예요? 알려 주세요.",
    "Сколько стоит билет до Москвы?",
    'Fix this code: print("a", x[0]) if x == "b" else f(y)',
    "Who said 'to be or not to be'?",
    "List the U.S. states, e.g. Ohio.",
)

WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)} | {" ": "\u3000"})
TYPOGRAPHIC = str.maketrans({"'": "’"})

VARIANTS = {
    "no mark at the end": lambda text: text.rstrip("?.!。？！"),
    "another mark at the end": lambda text: text.rstrip("?.!。？！") + "!",
    "many marks": lambda text: text.rstrip("?.!。？！") + "?!?",
    "an ellipsis": lambda text: text.rstrip("?.!。？！") + "…",
    "a wide mark at the end": lambda text: text.rstrip("?.!。？！") + "？",
    "a space before the mark": lambda text: f"{text[:-1]} {text[-1]}" if text[-1] in "?." else text,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "compatible": lambda text: unicodedata.normalize("NFKC", text),
    "full width": lambda text: text.translate(WIDE),
    "capitals": str.upper,
    "small": str.lower,
    "title": lambda text: " ".join(word.capitalize() for word in text.split(" ")),
    "spaces": lambda text: f"\n  {text.replace(' ', '  ')}\t\n",
    "lines": lambda text: text.replace(" ", "\r\n"),
    "hard spaces": lambda text: text.replace(" ", "\u00a0"),
    "zero width": lambda text: "\u200b".join(text),
    "byte order mark": lambda text: "\ufeff" + text,
    "bidi": lambda text: f"\u202a{text}\u202c",
    "soft hyphens": lambda text: text.replace("a", "a\u00ad"),
    "typographic apostrophes": lambda text: text.translate(TYPOGRAPHIC),
    "quoted whole": lambda text: text if "=" in text else f"“{text}”",
    "commas gone": lambda text: text if "=" in text else text.replace(", ", " ").replace("，", ""),
    "semicolons": lambda text: text if "=" in text else text.replace(", ", "; "),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_a_person_overlooks_makes_no_other_prompt(prompt, variant):
    assert normalize_prompt(VARIANTS[variant](prompt)) == normalize_prompt(prompt)


@pytest.mark.parametrize("one", VARIANTS)
def test_variants_of_variants_are_one_prompt(one):
    for prompt in PROMPTS[:3] + PROMPTS[6:8]:
        for other in VARIANTS.values():
            assert normalize_prompt(other(VARIANTS[one](prompt))) == normalize_prompt(prompt)


SAME = [
    ("“Hello”", '"hello"'),
    ("‘hello’", "hello"),
    ("«bonjour»", "bonjour"),
    ("What is AI (artificial intelligence)?", "What is AI, artificial intelligence"),
    ("Wait…what?", "Wait... what"),
    ("milk – a drink", "milk - a drink"),
    ("milk—a drink", "milk -- a drink"),
    ("milk — a drink", "milk, a drink"),
    ("1990–2000", "1990-2000"),
    ("1990—2000", "1990-2000"),
    ("e\u2011mail", "e-mail"),
    ("−5 degrees", "-5 degrees"),
    ("Hello，world", "Hello, world"),
    ("Hello,world", "hello, world"),
    ("x²", "x^2"),
    ("10⁻³", "10^-3"),
    ("CO₂", "CO_2"),
    ("½ cup", "1/2 cup"),
    ("½ cup", "1⁄2 cup"),
    ("ﬁne", "fine"),
    ("¿Qué hora es?", "qué hora es"),
    ("Straße", "STRASSE"),
    ("请解释 AI 是什么", "请解释AI是什么"),
    ("《红楼梦》的作者是谁", "「红楼梦」的作者是谁？"),
    ("真的？我不信", "真的！我不信。"),
    ("苹果、香蕉", "苹果，香蕉"),
    ("价格：5元", "价格: 5 元"),
    ("第一。5个", "第一，5个"),
    ("Explain item 17!", "Explain item 17."),
    ("Vitamin C!", "vitamin c"),
    ("❤️", "❤"),
    ("Write a poem.\n\nInput:\nautumn", "write a poem. Input: autumn"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_to_a_person(one, other):
    assert normalize_prompt(one) == normalize_prompt(other)


DIFFERENT = [
    ("2+2", "2-2"),
    ("2 + 2", "2 - 2"),
    ("2 * 3", "2 / 3"),
    ("-5", "5"),
    ("- 5", "5"),
    ("+5", "5"),
    (".5", "5"),
    ("0.5", "05"),
    ("1.5", "15"),
    ("1,5", "15"),
    ("1.5", "1,5"),
    ("12:30", "1230"),
    ("12:30", "12.30"),
    ("3-4", "34"),
    ("C", "C++"),
    ("C++", "C#"),
    ("C", "C#"),
    ("net", ".NET"),
    ("a*b", "ab"),
    ("a*b", "a+b"),
    ("x²", "x2"),
    ("x²", "x₂"),
    ("x²", "x³"),
    ("m²", "m2"),
    ("1½", "11/2"),
    ("!x", "x"),
    ("if !done: stop", "if done: stop"),
    ("50%", "50"),
    ("$5", "5"),
    ("$5", "€5"),
    ("£5", "¥5"),
    ("#1", "1"),
    ("@home", "home"),
    ("a < b", "a > b"),
    ("a = b", "a != b"),
    ("a == b", "a = b"),
    ("a & b", "a | b"),
    ("~x", "x"),
    ("what is 5!", "what is 5"),
    ("compute n!", "compute n"),
    ("5! / 3!", "5 / 3"),
    ("计算5!", "计算5"),
    ("5!是多少", "5是多少"),
    ("(2 + 3) * 4", "2 + 3 * 4"),
    ("(a and b) or c", "a and (b or c)"),
    ("(alpha + beta) * gamma", "alpha + beta * gamma"),
    ("(0, 1)", "[0, 1]"),
    ("(0, 1)", "(0, 1]"),
    ("f(x) = 2", "f x = 2"),
    ('x = "a"', "x = a"),
    ('print("5")', "print(5)"),
    ('"5" + "5"', "5 + 5"),
    ("`a`", "a"),
    ("don't", "dont"),
    ("we're", "were"),
    ("e-mail", "email"),
    ("re-sign", "resign"),
    ("résumé", "resume"),
    ("to go", "togo"),
    ("a 5' board", 'a 5" board'),
    ("a 5' board", "a 5 board"),
    ('What does "?" mean in SQL?', 'What does "!" mean in SQL?'),
    ("问号“？”是什么", "叹号“！”是什么"),
    ("标点“？”怎么用", "标点“！”怎么用"),
    ("温度是-5度", "温度是5度"),
    ("概率是.5", "概率是5"),
    ("3.14是什么", "314是什么"),
    ("涨了5%", "涨了5"),
    ("你好", "您好"),
    ("?", "!"),
    ("?", ""),
    ("...", "."),
    ("\u200b", ""),
    (" ", ""),
    ("🙂", "🙁"),
    ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴"),
    ("A", "B"),
    ("", "a"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_to_a_person(one, other):
    assert normalize_prompt(one) != normalize_prompt(other)


ALPHABET = (
    string.ascii_letters
    + string.digits
    + string.punctuation * 3
    + " \n\t\u00a0\u3000" * 4
    + "“”‘’«»—–−…¿。，、；：！？（）《》「」［］＋－"
    + "你好世界算是アのㄅ가éßİſŉ²³₂½⅓㎡㏒ﬁ"
    + "\u200b\u202e\ufeff\u00ad\u0301\ufe0f\U0001f3f4\U000e0067\U000e007f🙂"
)
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=24) | st.text(max_size=12)


@given(TEXTS)
def test_the_key_of_a_key_is_the_key(text):
    assert normalize_prompt(normalize_prompt(text)) == normalize_prompt(text)


@given(TEXTS)
def test_only_an_empty_prompt_has_an_empty_key(text):
    assert bool(normalize_prompt(text)) == bool(text)


@given(TEXTS, st.sampled_from(["NFC", "NFD"]))
def test_normal_forms_have_one_key(text, form):
    assert normalize_prompt(unicodedata.normalize(form, text)) == normalize_prompt(text)


@given(st.lists(st.sampled_from(["why", "is", "it", "C++", "-5", "50%", "x", "好"]), min_size=1))
def test_marks_at_the_ends_of_words_make_no_difference(words):
    marked = "".join(
        word + mark for word, mark in zip(words, [", ", "; ", "?! "] * 99, strict=False)
    )
    assert normalize_prompt(marked) == normalize_prompt(" ".join(words))


@pytest.mark.parametrize("part", ["5' ", '"5" ', "5! ", "(a ", "'.", "。“", "--a", " - ab", "!?."])
def test_a_long_prompt_takes_time_in_proportion(part):
    took = []
    for times in (4_000, 32_000):
        began = time.process_time()
        normalize_prompt(part * times)
        took.append(time.process_time() - began)
    assert took[1] < 24 * max(took[0], 0.01)
