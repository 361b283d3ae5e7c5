"""Whether what has the shape of personal data is some: checksums, number plans, placeholders.

Examples of documentation are not personal: reserved domains (RFC 2606), addresses of
documentation and private networks (RFC 5737, 3849, 1918), published test cards, masks such as
`XXX-XX-XXXX`.
"""

from __future__ import annotations

import datetime
import ipaddress
import re

_FILE_ENDINGS = frozenset(
    "png jpg jpeg gif svg webp ico css js ts jsx tsx py md txt json yaml yml html xml csv pdf zip"
    " gz mp3 mp4 local localhost invalid test example internal lan".split()
)
_PLACEHOLDER_DOMAIN = re.compile(
    r"(?:.*\.)?(?:example|domain|(?:your|my|some)[a-z-]{0,24}|xx+|abc|foo|bar|test|company|email)"
    r"\.[a-z]{2,4}(?:\.[a-z]{2})?"
)
_PLACEHOLDER_NAME = re.compile(
    r"(?:your|my)[._-]?(?:name|email|mail|address|id)|x{2,}|git"
    r"|(?:example|sample|test|user)(?:[._-]?(?:user|name|e?mail|account|address))?(?:\d|123)?"
    r"|name|first[._-]?name(?:[._-]?last[._-]?name)?"
    r"|(?:no|do[._-]?not)[._-]?reply(?:[._+-].{0,40})?|mailer-daemon"
)
"""Local parts that are nobody's: examples at any host, and senders that nobody reads."""
_TOLL_FREE = frozenset("800 833 844 855 866 877 888".split())
"""Area codes of North America that cost the caller nothing (NANPA)."""
_NORTH_AMERICAN = re.compile(r"\+?1(?:[-. ] ?\(?|\()\d{3}\)?[-. ]{0,2}\d{3}[-. ]\d{4}")
"""With the trunk digit set off: 1-212-..., 1 (212) .... Without a sign it is a Chinese mobile."""
_BRITISH_FICTION = re.compile(r"02079460\d{3}|02896496\d{3}|02920180\d{3}")
"""Ofcom keeps these free for fiction; 020, 028 and 029 are Chinese area codes, too."""
_TEST_CARDS = frozenset(
    "4111111111111111 4242424242424242 4012888888881881 4222222222222 5555555555554444"
    " 5105105105105100 378282246310005 371449635398431 6011111111111117 6011000990139424"
    " 3530111333300000 3566002020360505 30569309025904 38520000023237 4000056655665556"
    " 5200828282828210 2223003122003222 6200000000000005 4000000000000002 6212345678901232".split()
)
"""Published by payment services for tests."""
_PROVINCE_CODES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
    " 71 81 82 83".split()
)
"""GB/T 2260: first two digits of a resident identity number."""
_IBAN_LENGTHS = {
    name: int(length)
    for name, length in (
        pair.split(":")
        for pair in (
            "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28"
            " CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18"
            " GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32"
            " LI:21 LT:20 LU:20 LV:21 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 PK:24"
            " PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 TN:24 TR:26"
            " UA:29 VA:22 VG:24 XK:20"
        ).split()
    )
}
"""Characters of an IBAN by country (SWIFT IBAN registry)."""
_PUBLIC_RESOLVERS = frozenset(
    "1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 114.114.114.114 223.5.5.5 223.6.6.6 119.29.29.29"
    " 208.67.222.222 208.67.220.220".split()
)
_DOCUMENTATION = tuple(
    map(ipaddress.ip_network, ("2001:db8::/32", "3fff::/20", "192.0.2.0/24", "198.51.100.0/24"))
)


def is_email(local: str, domain: str, behind: str) -> bool:
    """Return whether an address is somebody's: not an example, a file name or a git remote.

    Args:
        local: before the `@`.
        domain: behind it.
        behind: the two characters that follow.
    """
    domain = domain.lower()
    if domain.rpartition(".")[2] in _FILE_ENDINGS or ".example." in f".{domain}":
        return False
    if _PLACEHOLDER_DOMAIN.fullmatch(domain) or _PLACEHOLDER_NAME.fullmatch(local.lower()):
        return False
    return not re.match(r":[A-Za-z~/]|/\w", behind) and ".." not in local


def phone_region(number: str, *, announced: bool, helpline: bool = False) -> str:
    """Return where a telephone number belongs (`CN`, `US`, `+44`...), "" where it is none.

    Free and service numbers are not personal. A number that its country has not assigned counts
    only where a word announces it and it has the right length (numbers of films and books).

    Args:
        number: as written.
        announced: whether a word near it says that it is a telephone number.
        helpline: whether such a word says that it is a service's; a mobile stays personal.
    """
    import phonenumbers

    digits = re.sub(r"\D", "", number)
    american = _NORTH_AMERICAN.fullmatch(number) is not None
    if _is_counted(digits) or _is_free(digits, american):
        return ""
    if _BRITISH_FICTION.fullmatch(digits):
        return "GB" if announced else ""
    if number.startswith("00"):
        number = f"+{number[2:]}"
    regions: tuple[str | None, ...] = (None,)
    if not number.lstrip("(").startswith("+"):
        mobile = not american and re.fullmatch(r"(?:86)?1[3-9]\d{9}", digits) is not None
        regions = ("CN", "GB") if digits.startswith("0") else ("CN",) if mobile else ("US",)
    possible = ""
    for region in regions:
        try:
            parsed = phonenumbers.parse(number.replace("(+", "+(", 1), region)
        except phonenumbers.NumberParseException:
            continue
        name = region or f"+{parsed.country_code}"
        if phonenumbers.is_valid_number(parsed):
            kinds = phonenumbers.PhoneNumberType
            services = {kinds.TOLL_FREE, kinds.PREMIUM_RATE, kinds.SHARED_COST}
            if helpline:
                services |= {kinds.FIXED_LINE, kinds.FIXED_LINE_OR_MOBILE}
            return "" if phonenumbers.number_type(parsed) in services else name
        if announced and region != "CN" and phonenumbers.is_possible_number(parsed):
            possible = possible or name
    return possible if len(digits) >= 10 and not re.match(r"1?(?:123|000|111|555)", digits) else ""


def _is_free(digits: str, american: bool) -> bool:
    """Return whether a number is free for its caller, or a Chinese one of services (400)."""
    if american:
        return digits[1:4] in _TOLL_FREE
    return len(digits) == 10 and (digits[:3] in _TOLL_FREE or digits.startswith("400"))


def _is_counted(digits: str) -> bool:
    """Return whether a number is a placeholder: one digit again and again, or counting up."""
    tail = digits[-8:]
    return len(set(tail)) == 1 or tail in "01234567890123456789" or tail in "98765432109876543210"


def is_resident_id(number: str) -> bool:
    """Return whether 18 characters are a Chinese resident identity number (GB 11643-1999)."""
    from stdnum.cn import ric

    compact = re.sub(r"[ -]", "", number).upper()
    if compact[:2] not in _PROVINCE_CODES or ric.calc_check_digit(compact) != compact[-1]:
        return False
    try:
        born = datetime.date(int(compact[6:10]), int(compact[10:12]), int(compact[12:14]))
    except ValueError:
        return False
    return born.year >= 1900 and len(set(compact[:17])) > 3


def card_issuer(number: str) -> str:
    """Return whose card a number can be (ISO/IEC 7812), "" where it is none: range and Luhn."""
    from stdnum import luhn

    digits = re.sub(r"[ -]", "", number)
    if digits in _TEST_CARDS or len(set(digits)) < 4 or not luhn.is_valid(digits):
        return ""
    length, start = len(digits), int(digits[:4])
    if digits.startswith(("62", "81")) and 16 <= length <= 19:
        return "UnionPay"
    if digits.startswith("9558") and length == 19:
        return "UnionPay"
    if digits.startswith(("34", "37")) and length == 15:
        return "American Express"
    if length == 16:
        if digits.startswith("4"):
            return "Visa"
        if 5100 <= start <= 5599 or 2221 <= start <= 2720:
            return "Mastercard"
        if 3528 <= start <= 3589:
            return "JCB"
        if start == 6011 or 6440 <= start <= 6599:
            return "Discover"
    return "Diners Club" if digits.startswith(("36", "38")) and length == 14 else ""


def iban_length(text: str) -> int:
    """Return how many characters of a text, from its start, are an IBAN; 0 where it is none."""
    from stdnum import iban

    wanted, end = _IBAN_LENGTHS.get(text[:2], 0), 0
    while wanted and end < len(text):
        wanted -= text[end] != " "
        end += 1
    if not end or wanted or re.match(r"[A-Za-z0-9]", text[end : end + 1]):
        return 0
    return end if iban.is_valid(text[:end]) else 0


def is_social_security(number: str) -> bool:
    """Return whether nine digits can be a US social security number, and are no known example."""
    from stdnum.us import ssn

    digits = re.sub(r"\D", "", number)
    if digits in ("123456789", "111223333", "123121234") or len(set(digits)) < 3:
        return False
    return bool(ssn.is_valid(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"))


def is_public_address(text: str) -> bool:
    """Return whether an IP address is one of a machine: public, and not of documentation."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if text in _PUBLIC_RESOLVERS or not address.is_global or address.is_multicast:
        return False
    return not any(address in network for network in _DOCUMENTATION)
