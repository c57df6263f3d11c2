"""Which values are safe by their look: times, numbers, versions, product names?"""

import re

from exporter.capture.lexicon import is_known, is_lexical

_CLOCK = r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_ZONE = r"(?: ?Z| ?[+-]\d{2}:?\d{2}| ?UTC| ?GMT)?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
TIME = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[T -]{_CLOCK}{_ZONE})?"  # RFC 3339, and the appliance's own
    r"|(?:19|20)\d{12}\.\d{1,6}[+-]\d{3}"  # CIM
    rf"|{_DAY},? \d{{1,2}} {_MONTH} \d{{4}} {_CLOCK}{_ZONE}"  # of HTTP
    rf"|{_DAY} {_MONTH} +\d{{1,2}} {_CLOCK} \d{{4}}{_ZONE}"
    rf"|{_CLOCK}"
)
NUMBER = re.compile(r"[+-]?\d{1,7}(?:\.\d{1,9})?")
SIZE = re.compile(r"\d{1,7}(?:\.\d{1,9})? ?[KMGT]i?B", re.IGNORECASE)
BUILT_IN = re.compile(r"\d{1,2}\.0")
"""An id of a setting, as some builds write it."""
MESSAGE_ID = re.compile(r"[A-Z]{2,5}\d{3,4}|HPE-GL-[A-Z_]{1,20}-\d{1,7}")
PRODUCT_ID = re.compile(r"[A-Z0-9]\d{5}-[A-Z]?\d{2,3}")
"""A part number of HPE, such as `P52560-B21`."""

_HEX = "[0-9A-Fa-f]"
HARDWARE_ADDRESS = (
    rf"(?<!{_HEX}){_HEX}{{2}}(?P<pair>[:._ -]){_HEX}{{2}}(?:(?P=pair){_HEX}{{2}}){{4,18}}(?!{_HEX})"
    rf"|(?<!{_HEX}){_HEX}{{4}}(?P<four>[:._ -]){_HEX}{{4}}(?:(?P=four){_HEX}{{4}}){{1,2}}(?!{_HEX})"
    rf"|(?<![^\W_:]){_HEX}{{1,2}}(?::{_HEX}{{1,2}}){{5,7}}(?![^\W_:])"
)
"""A MAC address or a WWN: `5C:F9:DD:01:02:03`, `5cf9.dd01.0203`, `0:25:b5:0:0:f`."""
IPV6 = rf"(?<![^\W_:])(?:{_HEX}{{0,4}}:){{2,7}}{_HEX}{{0,4}}(?![^\W_:])"
IPV4_APART = r"(?<![0-9])[0-9]{1,3}(?P<gap>[_-])[0-9]{1,3}(?:(?P=gap)[0-9]{1,3}){2,}(?![0-9])"
"""An IPv4 address as names of machines contain it: `10-67-130-113`."""
PHONE_NUMBER = (
    r"\+[0-9](?:[ ()/.-]{0,2}[0-9]){6,14}(?![0-9])"
    r"|(?<![^\W_])(?<!\.)\(?[0-9](?:[ ()/-]{0,2}[0-9]){6,14}(?![^\W_]|\.[0-9])"
    r"|(?<![0-9.])[0-9]{3}\.[0-9]{3}\.[0-9]{4}(?![0-9]|\.[0-9])"
)
_ADDRESS = re.compile(
    rf"(?:{HARDWARE_ADDRESS})"
    rf"|(?<![^\W_:])(?=[0-9A-Fa-f:]*::|(?:{_HEX}{{1,4}}:){{4}})(?:{_HEX}{{0,4}}:){{2,7}}{_HEX}{{0,4}}"
    rf"|(?=[0-9_-]*[0-9]{{2}})(?:{IPV4_APART})"
    # What begins with one digit is rather a version, such as 7.00.30.00.
    r"|[0-9]{2,3}(?:\.[0-9]{1,3}){3}"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}\.0[0-9]{2}(?![0-9])"
)
_DATE = re.compile(r"\b(?:\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2})\b", re.ASCII)
_PHONE_NUMBER = re.compile(PHONE_NUMBER)
_WORD = re.compile(r"\d+(?:\.\d+)+[a-z]?|[^\W_]+")
_VERSION = re.compile(r"v?\d{1,5}(?:\.\d{1,5})*[a-z]?", re.ASCII)
_CODE = re.compile(
    r"[A-Z]{0,2}\d{1,4}[a-z]{0,2}|[A-Z]?\d{3,4}[A-Z]{1,2}|\d{1,3}[A-Z]{1,2}|[A-Z]\d?|0x[0-9a-f]{1,4}",
    re.ASCII,
)
"""Parts of names of models, ROMs and slots: `R660xs`, `MX750c`, `A43`, `6740P`, `10G`."""
_NUMBERED = re.compile(r"([A-Za-z]{2,12})(\d{1,5})", re.ASCII)
"""A known word with a number, such as `Gen11` or `DDR4`."""
_BUILD = re.compile(r"\bbuild[ -]?\d{1,9}\b", re.IGNORECASE)
_MOST_CODES = 8


def is_time(text: str) -> bool:
    """Tell whether a text is a time in one of the forms that the APIs write, and nothing else."""
    return TIME.fullmatch(text) is not None


def is_technical(text: str) -> bool:
    """Tell whether a text is made of known words, versions and short codes of products only."""
    plain = _BUILD.sub("build", text)
    if not text.isascii() or _ADDRESS.search(plain) or _PHONE_NUMBER.search(_DATE.sub("", plain)):
        return False
    words = _WORD.findall(plain)
    codes = [word for word in words if not is_known(word)]
    return len(codes) <= _MOST_CODES and all(map(_is_code, codes))


def _is_code(word: str) -> bool:
    numbered = _NUMBERED.fullmatch(word)
    if numbered and is_lexical(numbered[1]):
        return True
    return any(pattern.fullmatch(word) for pattern in (_VERSION, _CODE))
