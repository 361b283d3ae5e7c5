"""Damage that real corpora show, to English and Chinese rows, each kind in two variants.

The kinds were written down before the rules were read against them. Rules were then mended on the
first variant and some rows; the second variant and other rows are what figures are reported of.

    python benchmarks/bad_rows.py --rows DATA --corpus-damage
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

Row = tuple[str, str]
"""Prompt and answer."""


@dataclass(frozen=True)
class Case:
    """A row that is to be damaged.

    Attributes:
        row: prompt and answer.
        near: another row in the same language.
        foreign: another row in the other language.
        translated: the prompt in the other language, "" where that is not known.
        draw: for what is chosen.
        zh: whether the row is in Chinese.
    """

    row: Row
    near: Row
    foreign: Row
    translated: str
    draw: random.Random
    zh: bool


Damage = Callable[[Case], Row]
"""Returns the row as it is where a kind of damage cannot be done to it."""
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")
_ITEM = re.compile(r"^(\s*(?:[-*•]|\d{1,2}[.)、])\s*).+$", re.MULTILINE)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_HAN = re.compile(r"(?<=[\u3400-\u9fff，。、；：！？])(?=[\u3400-\u9fff，。、；：！？])")


def _said(change: Callable[[str, Case], str]) -> Damage:
    """Return what changes the answer alone."""
    return lambda case: (case.row[0], change(case.row[1], case))


def _asked(change: Callable[[str, Case], str]) -> Damage:
    """Return what changes the prompt alone."""
    return lambda case: (change(case.row[0], case), case.row[1])


def _instead(english: str, chinese: str) -> Damage:
    """Return what puts a sentence in place of the answer."""
    return _said(lambda answer, case: chinese if case.zh else english)


def _after(english: str, chinese: str) -> Damage:
    """Return what adds a text to the answer."""
    return _said(lambda answer, case: answer + (chinese if case.zh else english))


def _before(english: str, chinese: str) -> Damage:
    """Return what puts a text in front of the answer."""
    return _said(lambda answer, case: (chinese if case.zh else english) + answer)


def _sentences(text: str) -> list[str]:
    return [each for each in _SENTENCE.split(text.strip()) if each]


def _cut_in_word(answer: str, case: Case) -> str:
    """Cut between two letters, after a third of the answer at least."""
    inside = [
        place
        for place in range(len(answer) // 3, len(answer) - 3)
        if answer[place - 2 : place + 1].isalpha()
    ]
    return answer[: case.draw.choice(inside)] if inside else answer


def _cut_at(share: float) -> Callable[[str, Case], str]:
    """Return what cuts a share off, in a word and in a line that is no title."""

    def cut(answer: str, case: Case) -> str:
        place = int(len(answer) * share)
        while place < len(answer) - 3 and not answer[place - 2 : place + 1].isalpha():
            place += 1
        return answer[:place]

    return cut


def _emptied(answer: str, case: Case) -> str:
    """Take the text of each item of a list."""
    return _ITEM.sub(r"\1", answer) if len(_ITEM.findall(answer)) > 2 else answer


def _emptied_but_one(answer: str, case: Case) -> str:
    """Take the text of each item of a list but the first."""
    items = list(_ITEM.finditer(answer))
    if len(items) < 4:
        return answer
    return answer[: items[0].end()] + _ITEM.sub(r"\1", answer[items[0].end() :])


def _to_fill_in(english: str, chinese: str) -> Damage:
    """Return what puts an unfilled slot in place of a word, twice."""

    def change(answer: str, case: Case) -> str:
        pattern = r"[\u4e00-\u9fff]{2}" if case.zh else r"\b[a-z]{5,}\b"
        places = list(re.finditer(pattern, answer))
        if len(places) < 4:
            return answer
        for found in sorted(case.draw.sample(places, 2), key=lambda each: -each.start()):
            slot = chinese if case.zh else english
            answer = answer[: found.start()] + slot + answer[found.end() :]
        return answer

    return _said(change)


def _numbers(sign: Callable[[str], str]) -> Damage:
    """Return what puts signs in place of all numbers, where there are two or more."""

    def change(answer: str, case: Case) -> str:
        body = re.sub(r"^\s*\d{1,2}[.)、]", "", answer, flags=re.MULTILINE)
        many = len(_NUMBER.findall(body)) > 1
        return _NUMBER.sub(lambda found: sign(found.group()), answer) if many else answer

    return _said(change)


def _without_spaces(answer: str, case: Case) -> str:
    """Take the spaces, not the line breaks, of an English answer."""
    return answer if case.zh else re.sub("[ \t]", "", answer)


def _without_breaks(answer: str, case: Case) -> str:
    """Join the words over line ends and after commas and full stops: half of all spaces."""
    if case.zh:
        return answer
    return re.sub(" ", lambda _: " " if case.draw.random() < 0.3 else "", answer)


def _spaced(answer: str, case: Case) -> str:
    """Put a space between each two characters."""
    return _HAN.sub(" ", answer) if case.zh else " ".join(answer)


def _spaced_start(answer: str, case: Case) -> str:
    """Put a space between each two characters of the first half."""
    half = len(answer) // 2
    return _spaced(answer[:half], case) + answer[half:]


def _again(times: int) -> Callable[[str, Case], str]:
    """Return what repeats the last sentence."""

    def change(answer: str, case: Case) -> str:
        last = _sentences(answer)[-1:]
        between = "" if case.zh else " "
        return answer + between + between.join(last * times) if last else answer

    return change


def _gbk(errors: str) -> Callable[[str, Case], str]:
    """Return what reads UTF-8 as GBK."""

    def change(answer: str, case: Case) -> str:
        curly = answer.replace("'", "\u2019").replace('"', "\u201c")
        return curly.encode().decode("gb18030", errors) if not curly.isascii() else answer

    return change


def _cp1252(answer: str, case: Case) -> str:
    """Read UTF-8 as Windows' Western code page, what it lacks left out."""
    curly = answer.replace("'", "\u2019").replace('"', "\u201c")
    return curly.encode().decode("cp1252", "ignore") if not curly.isascii() else answer


def _escaped(answer: str, case: Case) -> str:
    """Write line breaks and quotes as JSON does."""
    return answer.replace("\n", "\\n").replace('"', '\\"') if "\n" in answer else answer


def _unicode_escaped(answer: str, case: Case) -> str:
    """Write each character outside ASCII as JSON does."""
    curly = answer.replace("'", "\u2019").replace('"', "\u201d")
    return "".join(each if each.isascii() else f"\\u{ord(each):04x}" for each in curly)


def _tagged(answer: str, case: Case) -> str:
    """Put each sentence in a tag, as a page does."""
    sentences = "</p>\n<p>".join(_sentences(answer))
    return f'<div class="answer"><p>{sentences}</p></div>'


def _entities(answer: str, case: Case) -> str:
    """Write quotes, apostrophes and some spaces as entities."""
    text = answer.replace('"', "&quot;").replace("'", "&#39;")
    return "&nbsp;".join(_sentences(text)) if len(_sentences(text)) > 1 else text


def _translated(answer: str, case: Case) -> str:
    return case.translated or answer


KINDS: dict[str, tuple[Damage, Damage]] = {
    "cut in a word": (_said(_cut_in_word), _said(_cut_at(0.6))),
    "the prompt, translated": (_said(_translated), _said(_translated)),
    "in the other language": (
        _said(lambda answer, case: case.foreign[1]),
        _said(lambda answer, case: "\n".join(_sentences(case.foreign[1])[:2])),
    ),
    "another row's answer after it": (
        _said(lambda answer, case: f"{answer}\n\n{case.near[1]}"),
        _said(lambda answer, case: f"{answer} {case.near[1]}"),
    ),
    "another row whole after it": (
        _said(lambda answer, case: f"{answer}\n\n{case.near[0]}\n\n{case.near[1]}"),
        _said(
            lambda answer, case: (
                f"{answer}\n\n{'问题' if case.zh else 'Question'}: {case.near[0]}\n"
                f"{'回答' if case.zh else 'Answer'}: {case.near[1]}"
            )
        ),
    ),
    "the answer twice": (
        _said(lambda answer, case: answer + answer),
        _said(lambda answer, case: f"{answer}\n\n{'答案' if case.zh else 'Answer'}: {answer}"),
    ),
    "last sentence again": (_said(_again(1)), _said(_again(3))),
    "HTML around": (_said(_tagged), _said(_entities)),
    "JSON escapes left": (_said(_escaped), _said(_unicode_escaped)),
    "UTF-8 read as GBK": (_said(_gbk("replace")), _said(_gbk("ignore"))),
    "UTF-8 read as Latin-1": (
        _said(lambda answer, case: answer.replace("'", "\u2019").encode().decode("latin-1")),
        _said(_cp1252),
    ),
    "list without its items": (_said(_emptied), _said(_emptied_but_one)),
    "code fence never closed": (
        _after("\n\n```python\nprint('result')\n", "\n\n```python\nprint('结果')\n"),
        _before("```\n", "```markdown\n"),
    ),
    "cannot see the file": (
        _instead(
            "As an AI, I cannot see the file you are referring to. Please paste its content here.",
            "作为人工智能，我无法看到您上传的文件。请将内容粘贴到这里。",
        ),
        _instead(
            "I'm sorry, but I don't have access to the attachment, so I can't open it.",
            "抱歉，我打不开您发送的附件，无法查看其中的内容。",
        ),
    ),
    "slots to be filled in": (
        _to_fill_in("{{name}}", "{{名称}}"),
        _to_fill_in("[Insert name here]", "【此处插入名称】"),
    ),
    "to do": (
        _instead("TODO: write the answer.", "待补充：此处填写答案。"),
        _said(
            lambda answer, case: (
                (_sentences(answer)[0] if _sentences(answer) else "")
                + (" （此处待补充）" if case.zh else " [TODO: add the rest]")
            )
        ),
    ),
    "numbers blanked": (_numbers(lambda number: "###"), _numbers(lambda number: "XX")),
    "spaces lost": (_said(_without_spaces), _said(_without_breaks)),
    "a space between characters": (_said(_spaced), _said(_spaced_start)),
    "a label without its text": (
        _asked(lambda prompt, case: prompt + ("\n\n输入：" if case.zh else "\n\nInput:")),
        _asked(lambda prompt, case: prompt + ("\n文本：\n" if case.zh else "\n\n### Context:\n")),
    ),
    "words of a web page": (
        _after(
            "\n\nShare this: Facebook | Twitter | Email\nCopyright © 2021. All rights reserved.",
            "\n\n分享到：微信 微博 QQ空间\n版权所有，转载请注明出处。",
        ),
        _after(
            "\n\nRead more » Subscribe to our newsletter. Leave a comment",
            "\n\n点击关注我们的公众号，阅读原文",
        ),
    ),
    "words of a chat page": (
        _said(
            lambda answer, case: f"ChatGPT\n{answer}\nCopy code\nRegenerate response",
        ),
        _after("\n2 / 2", "\n复制代码\n重新生成"),
    ),
    "marks of a search": (
        _said(
            lambda answer, case: "".join(
                f"{each}【{number}†source】" for number, each in enumerate(_sentences(answer), 3)
            )
        ),
        _said(
            lambda answer, case: " ".join(
                f"{each} [citation:{number}]" for number, each in enumerate(_sentences(answer), 1)
            )
        ),
    ),
    "thoughts cut in half": (
        _before(
            "<think>\nThe user wants an answer. I should be brief.\n\n",
            "<think>\n用户想要一个答案，我应该简短。\n\n",
        ),
        _before(
            "The user wants an answer. I should be brief.\n</think>\n\n",
            "好的，用户想要答案。\n</think>\n\n",
        ),
    ),
}
"""What a corpus shows: the variant that rules were mended on, and the one that is reported."""
