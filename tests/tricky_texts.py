"""Texts that a Markdown renderer spoils: ours, and rows of real data where it is there."""

from __future__ import annotations

import gzip
import json
import os
import random
from pathlib import Path

DATA = Path(os.environ.get("GOLDLEAF_ROWS", "no rows given"))

TRICKY = [
    r"Since \(a^2 + b^2 = c^2\), we have \[ c = \sqrt{a^2 + b^2} \\ \{x \mid x > 0\} \]",
    r"\begin{bmatrix} a & b \\ c & d \end{bmatrix} and \_x\_, \*y\*, \#1, \|z\|, \`q\`",
    "It costs $5 and $10, so $x_1 * y_1 * z$ and $$\\int_0^1 f(x)\\,dx$$ hold.",
    "$$\n\\sum_{i=1}^n a_i * b_i * c_i\n$$\nand \\[\nx**y**z\n\\]",
    "Define `__init__` and __init__, __all__, _private_, a__b__c, __bold?__",
    "C:\\*.txt and C:\\Users\\*\\_cache_\\~x\\#1, \\\\server\\share\\",
    r"^\s*(\d+)\.(\*|\+)\[a-z_]{2,}$|\bword\b|(?:a|b)*?\\",
    "rm *.log *.tmp; ls **/*.py **/test_*.py && echo \"$HOME\" '*' `date` x=`date`",
    "def f(*args, **kwargs):\n    return g(*args, **kwargs) ** 2 ** 3\n",
    "f(**a, **b) and {**a, **b}; int **p, **q; /** doc **/ 2 ** 3 ** 4 and 2**3**4",
    "print(a, **b)\n# a comment\nx = 1  # another\n## not a title\n",
    "#!/bin/bash\n# set up\n\n# run\n./a.sh\n",
    "a <b>c</b> <tags> </x> <!-- c --> <img src=x onerror=alert(1)> &lt; &amp; &nbsp; &#42; & &&",
    "tabs:\tone\t\ttwo, several     blanks,  two at the end  \n\n\n\nthree blank lines\n\n",
    "    four blanks first\n\tand a tab\n      six",
    "Title\n---\ntext\n===\nmore\n***\n___\n- - -\n",
    "7. seven\n8. eight\n\n10) ten\n1. one\n1. one\n   - sub\n     * subsub\n+ plus\n",
    "[link](http://127.0.0.1/x) <http://127.0.0.1/> http://127.0.0.1/a_b_c ![i](u) [r][s]\n\n"
    '[s]: http://127.0.0.1/ref "title"\n[^1]: note',
    "| a | b \\| c |\n|:--|--:|\n| `x|y` | **z** |\n| 1 | 2 | 3 |\n||\nafter",
    "a | b\n--|--\n1 | 2\n",
    "|not|a table|\nbecause | no dashes",
    "```python title=x\nif a < b:  # &amp;\n\tprint('**x**', `y`)\n```\nafter",
    "````markdown\n```js\nconst a = `t`;\n```\n````\n~~~\n```\n~~~",
    "```\nnever closed **x** <b>\n\n  end",
    "1. first\n   ```sh\n   $ ls -la\n   ```\n2. second",
    "trailing backslash\\\nhard break  \nnext\\",
    "> quoted **bold**\n>> twice\n> \n",
    "这是**重点。**然后**“引号”**，**全角！**（**括号**）**结束**",
    "中文**粗体**中文，2**3，**不闭合 和 ** 空 ** 格",
    "**Step 1:** do. **Bold** and ***both*** and *one* and **a*b** **`code`** **x\ny**",
    "~~gone~~ ~one~ H~2~O x^2^ ==mark== :smile: {{7*7}} ${x} $answer",
    "``hello'' and ``bye'' `a`b` `` ` `` ``` ``` `one` `` `two` ``",
    "## Title with `code` and **bold** ##\n\n### Next\n#tag\n# one\n####### seven\n",
    "line one\r\nline two\rline three\nbell \x07 escape \x1b[0m nul \x00 del \x7f",
    "\n\nstarts with empty lines\u00a0nbsp\u3000wide\u2028separator",
    '{"a": [1, 2], "b": "c\\n\\"d\\""}',
    "SELECT COUNT(*) FROM t WHERE a*b > 2 AND c LIKE '%\\_%' -- note\nGROUP BY `x`;",
    "E = mc^2, a_1 * a_2 * a_3, |x| < |y|, x < y > z, f: A -> B, 3*4*5 = 60",
    "a\\tb\\nc \\' \\\" \\u00e9 %20 100% @user #1 ~/.bashrc !important",
    "-----BEGIN X-----\nabc\n-----END X-----",
]
"""Each was seen, or is likely, to lose a character in some renderer."""


def rows(name: str, count: int) -> list[dict[str, object]]:
    """Return some rows of a shared data set, the same in every run; none where it is not there."""
    path = DATA / name
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        every = [json.loads(line) for line in lines]
    return random.Random(7).sample(every, min(count, len(every)))


def strings(value: object) -> list[str]:
    """Return every text in a row."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in inner for text in strings(part)]
