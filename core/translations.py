"""What a reader sees, in English and Chinese: `locales/en.toml` and `locales/zh.toml`.

Both files hold the same keys (a test holds that); a key is `section.name`.
The titles of behaviours are in `behaviours.toml`, those of screens and their verdicts in
`verdicts.toml`; a recipe's own come from the recipe.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from goldleaf.core.behaviours import BUILT_IN
from goldleaf.core.screen_verdicts import titles_by_key

LANGUAGES = ("en", "zh")


@cache
def load_translations(lang: str) -> dict[str, str]:
    """Return every text of one language by key, with its `{placeholders}` unfilled.

    The languages are `LANGUAGES`. The dict is shared by all callers: do not change it.
    """
    content = files("goldleaf.core").joinpath("locales", f"{lang}.toml").read_text("utf-8")
    sections = tomllib.loads(content)
    sections["behaviour"] = {name: known.titles[lang] for name, known in BUILT_IN.items()}
    texts = {f"{section}.{key}": text for section, m in sections.items() for key, text in m.items()}
    return texts | dict(titles_by_key(lang))


@cache
def _verdicts() -> frozenset[str]:
    """Return the keys of the texts that screens and their verdicts have."""
    return frozenset(key for key, _ in titles_by_key("en"))


@dataclass(frozen=True, slots=True)
class Translations:
    """Texts of one language: `words("demo.title", count=3)`."""

    lang: str
    own: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)
    """Texts of the user's own, by key: they go before ours."""

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text `key` with its `{placeholders}` filled; a text of `own` as it is.

        Raises:
            KeyError: there is no such key, or a placeholder has no value.
            FileNotFoundError: there is no such language.
        """
        return self.own.get(key) or load_translations(self.lang)[key].format(**values)

    def listed(self, texts: Iterable[str]) -> str:
        """Return texts joined as a list: by `, `, in Chinese by `、`; "" for none."""
        return ("、" if self.lang == "zh" else ", ").join(texts)

    def reason(self, code: str) -> str:
        """Return a reason's code, and its meaning behind it: in Chinese `json（...）`.

        In English `flaw.truncated (...)`: only for verdicts of screens, because other codes are
        English words already. The code alone where the meaning is not known.
        """
        if self.lang == "en" and f"reason.{code}" not in _verdicts():
            return code
        return self.explained(code)

    def explained(self, code: str) -> str:
        """Return a reason's code and its meaning, in English too; the code where it has none."""
        meaning = self.known(f"reason.{code}")
        if not meaning:
            return code
        return f"{code}（{meaning}）" if self.lang == "zh" else f"{code} ({meaning})"

    def known(self, key: str) -> str:
        """Return the text `key` with its placeholders unfilled, or "" where there is none.

        Names of other packages' plugins have no text of ours.
        """
        return self.own.get(key) or load_translations(self.lang).get(key, "")
