"""Personal data in a text, with its places: e-mail, phone, identity, bank, plate, account, address.

Rules, no model: a shape (`personal_data_patterns`), then a checksum or number
plan (`goldleaf.curation.private_data.personal_data_checks`), then the words around it. Names of
people are not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from goldleaf.curation.private_data import personal_data_checks as checks
from goldleaf.curation.private_data import personal_data_patterns as patterns
from goldleaf.curation.texts.text_spans import Span, half_width, without_overlaps

_CHINESE_STREET = re.compile(patterns.CHINESE_STREET)
_SPELLED_AT = re.compile(r"[\[(] ?at ?[\])]")
SURE, LIKELY, POSSIBLE = 0.95, 0.8, 0.5
"""Scores: a checksum or a word that announces it; a telling shape; a suggestion for a person."""


def personal_data(text: str) -> list[Span]:
    """Return what is personal in a text, in its order, without overlaps.

    >>> [(span.verdict, span.score) for span in personal_data("Mail ann@farrow-moor.dk, v1.2.3.4")]
    [('email', 0.95)]
    """
    text = half_width(text)
    return without_overlaps(span for find in _DETECTORS for span in find(text))


def _before(text: str, at: int, length: int = 24) -> str:
    """Return what stands before a place, of its line."""
    return text[max(0, at - length) : at].rpartition("\n")[2]


def _emails(text: str) -> Iterator[Span]:
    if "@" not in text and not _SPELLED_AT.search(text):
        return
    for found in patterns.EMAIL.finditer(text):
        local = re.split(r"@| ?[\[(]", found.group(), maxsplit=1)[0]
        domain = re.sub(r" ?[\[(] ?dot ?[\])] ?", ".", found[1])
        in_url = "://" in _before(text, found.start(), 40).rpartition(" ")[2]
        if not in_url and checks.is_email(local, domain, text[found.end() : found.end() + 2]):
            yield Span(*found.span(), "email", SURE, "e-mail address")


def _resident_ids(text: str) -> Iterator[Span]:
    for found in patterns.RESIDENT_ID.finditer(text):
        if checks.is_resident_id(found.group()):
            yield Span(
                *found.span(), "resident_id", SURE, "resident identity number, checksum right"
            )


def _cards(text: str) -> Iterator[Span]:
    for found in patterns.BANK_CARD.finditer(text):
        start, end = found.span()
        issuer = checks.card_issuer(found.group())
        if not issuer and found[1] and end - start > 19:  # four groups, and a date behind them
            end = start + 19
            issuer = checks.card_issuer(text[start:end])
        if not issuer:
            continue
        announced = patterns.CARD_CUE.search(_before(text, found.start(), 30))
        if not announced and patterns.NUMBER_CUE_BEFORE.search(_before(text, found.start())):
            continue
        score = SURE if announced else LIKELY
        yield Span(start, end, "bank_card", score, f"bank card ({issuer}), checksum right")


def _ibans(text: str) -> Iterator[Span]:
    for found in patterns.IBAN.finditer(text):
        length = checks.iban_length(text[found.start() : found.start() + 45])
        if length:
            start = found.start()
            yield Span(start, start + length, "iban", SURE, f"IBAN ({text[start : start + 2]})")


def _social_security(text: str) -> Iterator[Span]:
    for found in patterns.SOCIAL_SECURITY.finditer(text):
        announced = patterns.SOCIAL_SECURITY_CUE.search(_before(text, found.start(), 40))
        if (announced or "-" in found.group()) and checks.is_social_security(found.group()):
            score = SURE if announced else LIKELY
            yield Span(*found.span(), "ssn", score, "US social security number")


def _ip_addresses(text: str) -> Iterator[Span]:
    if "." in text:
        for found in patterns.IPV4.finditer(text):
            before = _before(text, found.start(), 30)
            behind = text[found.end() : found.end() + 3]
            if patterns.VERSION_CUE.search(before[-20:]) or "版" in behind:
                continue
            small = max(map(int, found.group().split("."))) < 32
            if small and not patterns.NETWORK_CUE.search(before):
                continue
            if checks.is_public_address(found.group()):
                yield Span(*found.span(), "ip", LIKELY, "public IPv4 address")
    if ":" in text:
        for found in patterns.IPV6.finditer(text):
            if checks.is_public_address(found.group()):
                yield Span(*found.span(), "ip", LIKELY, "public IPv6 address")


def _passports(text: str) -> Iterator[Span]:
    for found in patterns.PASSPORT.finditer(text):
        yield Span(*found.span(1), "passport", SURE, "number behind a word for passport")


def _plates(text: str) -> Iterator[Span]:
    for found in patterns.CHINESE_PLATE.finditer(text):
        if sum(char.isdigit() for char in found.group()) >= 2:
            yield Span(*found.span(), "licence_plate", LIKELY, "Chinese licence plate")
    for found in patterns.PLATE.finditer(text):
        if sum(char.isdigit() for char in found[1]) >= 2:
            yield Span(*found.span(1), "licence_plate", LIKELY, "plate behind a word for it")


def _accounts(text: str) -> Iterator[Span]:
    for found in patterns.ACCOUNT.finditer(text):
        if _is_account(found, text[found.end() : found.end() + 2]):
            yield Span(*found.span("value"), "account", LIKELY, "account of a messenger")


def _is_account(found: re.Match[str], behind: str) -> bool:
    """Return whether what follows the name of a messenger is an account on it."""
    value, gap = found["value"], found["gap"]
    if found["qq"]:
        return value.isdigit() and not re.match(r"[年月日人个万亿元]", behind)
    if value.isdigit() or value.lower() in ("https", "wechat", "telegram", "weixin"):
        return False
    if found["link"] or gap.endswith("@"):
        return True
    if re.search(r"[\d_]", value):
        return bool(gap.strip()) or not found.group()[0].isascii()
    named = re.search(r"[:：=]|\bid\b|user ?name|号", gap, re.IGNORECASE)
    ends = not behind or re.match(r"[\"'”’)）\n,，。;；、]|\.(?:$|\s)", behind)
    return bool(named and ends and value == value.lower())


def _phones(text: str) -> Iterator[Span]:
    for pattern in (
        patterns.INTERNATIONAL_PHONE,
        patterns.CHINESE_MOBILE,
        patterns.CHINESE_LANDLINE,
        patterns.AMERICAN_PHONE,
        patterns.ANNOUNCED_PHONE,
    ):
        for found in pattern.finditer(text):
            span = _phone(text, found, only_announced=pattern is patterns.ANNOUNCED_PHONE)
            if span:
                yield span


def _phone(text: str, found: re.Match[str], *, only_announced: bool) -> Span | None:
    number, (start, end) = found.group(), found.span()
    before, behind = _before(text, start, 30), text[end : end + 12]
    announced = bool(
        patterns.PHONE_CUE.search(before) or patterns.PHONE_CUE.search(behind.partition("\n")[0])
    )
    if patterns.UNIT_AFTER.match(behind) or patterns.NUMBER_CUE_BEFORE.search(before):
        return None
    bare = number.isdigit()
    if not announced and (only_announced or (bare and _is_computed(before, behind))):
        return None
    if bare and number.startswith("0") and not announced:
        return None
    if len(number) == 8 and number[3] == "-":  # 555-0143: without an area nothing can be checked
        short = re.search(
            r"(?:call|dial|phone|ring|number|tel)[^\n\d]{0,12}$", before, re.IGNORECASE
        )
        return Span(start, end, "phone", POSSIBLE, "local number") if short else None
    helpline = bool(
        patterns.HELPLINE_BEFORE.search(_before(text, start, 40))
        or patterns.HELPLINE_BEHIND.match(text[end : end + 40])
    )
    region = checks.phone_region(number, announced=announced, helpline=helpline)
    if not region:
        return None
    return Span(start, end, "phone", SURE if announced else LIKELY, f"phone number ({region})")


def _is_computed(before: str, behind: str) -> bool:
    """Return whether a bare number stands among operators or in code, as one to count with."""
    return bool(
        (
            re.search(
                r"(?:[-+*/<>=^]|==|\b(?:and|between|range\(|in|limit|计算)) ?[\[(]?$", before, re.I
            )
            and not re.search(r"[a-z_\"']=$", before, re.I)
        )
        or re.match(r" ?[-+*/<>=^] ?\d| (?:and|mod)\b", behind, re.I)
    )


def _addresses(text: str) -> Iterator[Span]:
    for found in patterns.ADDRESS_EN.finditer(text):
        if not re.match(
            r"(?:123|1234) (?:Main|Any\w*|Fake|Elm|Maple|Oak|Example)\b", found.group()
        ):
            yield Span(*found.span(), "address", POSSIBLE, "street and number")
    if not _CHINESE_STREET.search(text):
        return
    for found in patterns.ADDRESS_ZH.finditer(text):
        lead = patterns.ADDRESS_LEAD.match(found.group())
        start = found.start() + (lead.end() if lead else 0)
        if start > found.end() - 5:
            start = found.start()
        address = text[start : found.end()]
        numbers = len(re.findall(r"\d+", address))
        announced = patterns.ADDRESS_CUE.search(_before(text, start) + found.group()[:12])
        if re.search(r"[这那该哪每]条", address):
            continue
        if announced or numbers >= 2 or patterns.REGION.match(address):
            yield Span(start, found.end(), "address", POSSIBLE, "street and number")


_DETECTORS: tuple[Callable[[str], Iterator[Span]], ...] = (
    _emails,
    _resident_ids,
    _ibans,
    _cards,
    _social_security,
    _ip_addresses,
    _passports,
    _plates,
    _accounts,
    _phones,
    _addresses,
)
"""The surest first: where two find the same characters, the earlier one names them."""
