"""Whether a row says yes or no to training, in any common spelling: an explicit no always counts.

A no is looked for under every source, in the row and in what it says about itself (`metadata`,
`provenance`, ...), and never in its texts, tools or tool calls.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Record
from goldleaf.formats.format import Row
from goldleaf.formats.strict_json import parse_text

Answer: TypeAlias = Literal["yes", "no", ""]

_ABOUT = frozenset(
    "meta metadata provenance parents info source origin user author speaker privacy legal rights "
    "permission permissions extra extras attributes properties tags flags 元数据 来源 用户".split()
)
"""Where rows say something about themselves, besides their own columns."""
_NESTED = 4
"""How deep it is looked for."""

_YES = frozenset(
    "yes y true t 1 on ok given granted agree agreed accepted allowed opt_in opted_in oui ja si sí "
    "sim да 是 有 已同意 同意 授权 已授权 允许 許可 はい 네".split()
)
_NO = frozenset(
    "no n false f 0 off not_given denied deny refused refuse declined decline rejected reject "
    "disagree disagreed disallow disallowed not_allowed forbidden withdrawn withdrew withdraw "
    "revoked opt_out opted_out optout do_not_train not_granted nein non não nao нет いいえ 아니요 "
    "否 不 不是 无 無 非 没有 不同意 未同意 不允许 不允許 不可以 不授权 不授權 未授权 未授權 拒绝 "
    "拒絕 已拒绝 已拒絕 拒绝授权 撤回 已撤回 撤销 撤銷 已撤销 退出 已退出 禁止 ✗ ✘ ❌ ×".split()
)
_UNSAID = frozenset("none null nil nan n/a na unknown unstated undefined - 未知 未说明".split())
"""Neither yes nor no, and never the date or reason of a withdrawal."""

_CONSENTS = frozenset(
    "consent consented consents consenting opt_in opted_in optin allow_training allows_training "
    "training_allowed allowed_for_training may_train can_train trainable agree_to_training "
    "agreed_to_training 同意 是否同意 用户同意 同意训练 是否同意训练 授权 是否授权 训练授权".split()
)
_WITHDRAWALS = frozenset(
    "opt_out opted_out optout optedout withdrawn withdrew do_not_train donottrain dont_train "
    "no_train no_training noai 撤回 已撤回 是否撤回 退出 已退出 是否退出 不同意 拒绝 拒绝训练 "
    "禁止训练".split()
)
_WITHDRAWS = frozenset("withdrawn withdrew withdrawal revoked refused denied declined no".split())
_NOT_CONSENT = frozenset(
    "required needed requested asked date time version form id text language url at by".split()
)
_GIVEN = frozenset(
    "given granted value status state agreed training train model_training ai_training".split()
)
"""Keys inside `consent: {...}`."""


def consent_of(row: Row) -> tuple[Answer, str]:
    """Return whether a row consents to training (`yes`, `no` or ""), and where it says so.

    A `no` anywhere overrides a `yes`, and is returned with its value. "" means that the row says
    nothing, or nothing that is known. Of values only booleans, 1 and 0, and known words count.

    >>> consent_of({"prompt": "Hi", "consent": "yes"})
    ('yes', 'consent')
    >>> consent_of({"consent": True, "metadata": {"optOut": 1}})
    ('no', 'metadata.optOut is 1')
    """
    found: Answer = ""
    place = ""
    for where, key, value in _statements(row, "", _NESTED):
        answer = _answer(key, value)
        if answer == "no":
            return "no", f"{where} is {_shown(value)}"
        if answer and not found:
            found, place = answer, where
    return found, place


def is_statement(name: str) -> bool:
    """Return whether a column of this name may say whether a row consents.

    >>> is_statement("opt-out"), is_statement("metadata"), is_statement("colour")
    (True, True, False)
    """
    key = _word(name)
    return key in _ABOUT or any(_answer(key, value) for value in (True, False, "withdrawn"))


def check_consent(row: Row) -> None:
    """Raise BadRow if a row refuses consent to training; one that says nothing passes.

    What counts as a refusal, in which columns and words, is `consent_of`'s.

    Raises:
        BadRow: `no_consent`; the detail says where.
    """
    answer, where = consent_of(row)
    if answer == "no":
        raise BadRow("no_consent", where)


def check_parents(record: Record) -> None:
    """Raise BadRow if a parent of a record, or the answer for the whole file, refuses consent.

    Looked at is `Provenance.consent`, where the answer for the file is too. Unknown words pass.

    Raises:
        BadRow: `no_consent`.
    """
    for parent in record.parents:
        if parent.consent and _word(parent.consent) in _NO:
            raise BadRow("no_consent", f"consent is {_shown(parent.consent)}")


def _statements(value: Mapping[str, Any], where: str, depth: int) -> Iterator[tuple[str, str, Any]]:
    """Yield (place, key, value) of every statement of consent."""
    for name, content in value.items():
        key, place = _word(str(name)), f"{where}{name}"
        if not _matters(key):
            continue
        if isinstance(content, str) and key in _ABOUT and content.lstrip()[:1] in ("{", "["):
            content = _parsed(content)
        inner = [object_or_none(one) for one in list_or_none(content) or [content]]
        if not any(inner):
            yield place, key, content
        elif depth and (key in _ABOUT or _is_consent(key)):
            for one in inner:
                for at, own, answer in _statements(one or {}, f"{place}.", depth - 1):
                    # consent: {"given": false} speaks of consent, metadata: {"given": false} not
                    own = "consent" if own in _GIVEN and _is_consent(key) else own
                    yield at, own, answer


@lru_cache(4096)
def _matters(key: str) -> bool:
    """Return whether a column or key of this name can say anything of consent, or hold what does.

    Most columns of most rows cannot.
    """
    known = key in _ABOUT or key in _GIVEN or key in _WITHDRAWALS
    return known or _is_consent(key) or not {"withdrawn", "withdrew"}.isdisjoint(key.split("_"))


def _parsed(text: str) -> Any:
    try:
        return parse_text(text)
    except BadRow:
        return text


def _is_consent(key: str) -> bool:
    return key in _CONSENTS or "consent" in key.split("_")


def _answer(key: str, value: Any) -> Answer:
    parts = set(key.split("_"))
    withdraws = "consent" in parts and not parts.isdisjoint(_WITHDRAWS)
    if key in _WITHDRAWALS or withdraws or parts & {"withdrawn", "withdrew"}:
        return "no" if _holds(value) else ""
    if not _is_consent(key) or not parts.isdisjoint(_NOT_CONSENT):
        return ""
    if isinstance(value, (bool, int, float)):
        return "yes" if value == 1 else "no" if value == 0 else ""
    word = _word(value) if isinstance(value, str) else ""
    return "no" if word in _NO else "yes" if word in _YES else ""


def _holds(value: Any) -> bool:
    """Return whether a withdrawal took place: true, or its date or reason."""
    if isinstance(value, str):
        word = _word(value)
        is_no = word in _NO - {"withdrawn", "withdrew", "opted_out", "opt_out", "revoked"}
        chinese = word in {"撤回", "已撤回", "退出", "已退出", "拒绝", "已拒绝", "不同意", "撤销"}
        return bool(word) and word not in _UNSAID and (chinese or not is_no)
    return isinstance(value, (bool, int, float)) and value != 0


@lru_cache(4096)
def _word(text: str) -> str:
    """Return a name or answer in one spelling: `optOut`, `Opt-out` and `opt out` are `opt_out`."""
    text = unicodedata.normalize("NFKC", text).strip().strip(".!。！'\"“”")
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
    return re.sub(r"[\s\-_’']+", "_", text).strip("_") or text


def _shown(value: Any) -> str:
    return repr(value)[:40]
