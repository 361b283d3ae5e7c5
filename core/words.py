"""What a reader sees, in English and Chinese: `wording/en.toml` and `wording/zh.toml`.

Both files hold the same keys (a test holds that); a key is `section.name`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


@cache
def wording(lang: str) -> dict[str, str]:
    """Return every text of one language, by key."""
    content = files("goldleaf.core").joinpath("wording", f"{lang}.toml").read_text("utf-8")
    sections = tomllib.loads(content)
    return {f"{section}.{key}": text for section, m in sections.items() for key, text in m.items()}


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language: `words("demo.title", count=3)`."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        """Return the text `key` with its `{placeholders}` filled."""
        return wording(self.lang)[key].format(**values)
