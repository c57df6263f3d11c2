"""Stand-ins of the same look as the originals, the same for the same original.

Nothing is random but the key, which is drawn for one capture and never written: without it the
originals cannot be found again by trying all serial numbers or addresses.
"""

import hashlib
import hmac
import ipaddress
import re
import string
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count, islice, repeat
from urllib.parse import unquote

CODES_BELOW = 100
"""Numbers of things below this are the same everywhere: they are built in, or codes."""
_DOCUMENTATION = tuple(
    ipaddress.IPv4Network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)
_BENCHMARKS = ipaddress.IPv4Network("198.18.0.0/15")
"""For fleets with more addresses than the 768 that are meant for documents."""
_TRIES_IN_DOCUMENTATION = 12
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HEX = "[0-9A-Fa-f]"
_PIECES = re.compile(
    rf"""
    (?P<mail>[A-Za-z0-9.!\#$%&'*/=?^_`{{|}}~+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{{2,24}})
    |(?P<uuid>\b{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}\b|\b{_HEX}{{32}}\b)
    |(?P<mac>(?<!{_HEX}){_HEX}{{2}}(?P<gap>[:-]){_HEX}{{2}}(?:(?P=gap){_HEX}{{2}}){{4,6}}(?!{_HEX}))
    |(?P<ipv6>(?<![^\W_:])(?:{_HEX}{{0,4}}:){{2,7}}{_HEX}{{0,4}}(?![^\W_:]))
    |(?P<ipv4>(?<![\d.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\d.]))
    |(?P<product>\b[A-Z0-9]\d{{5}}-[A-Z]?\d{{2,3}}(?=\+))
    |(?P<dns>\b(?:{_LABEL}\.)+[A-Za-z]{{2,24}}\b)
    |(?P<word>(?:[^\W_]|[^\x00-\x7f])+)
    """,
    re.VERBOSE,
)
_SHORTEST_SECRET = 4
_LETTERS_OTHER = "äéïôüñçø"
_UNIQUE_FROM = 3
"""Characters: of shorter words there are too few to avoid the original itself."""


class Pseudonyms:
    """Draws replacements and remembers them, so that two originals never share one."""

    def __init__(self, key: bytes, secrets: Iterable[str] = ()) -> None:
        """Begin with a secret key.

        Args:
            key: The same one makes the same stand-ins.
            secrets: Texts of the configuration that may stand nowhere, whatever they look like.
        """
        self._key = key
        hidden = [re.escape(each) for each in secrets if len(each) >= _SHORTEST_SECRET]
        self._secrets = re.compile("|".join(hidden) or r"(?!)", re.IGNORECASE)
        self._made: dict[str, str] = {}
        self._taken: set[str] = set()

    def is_secret(self, text: str) -> bool:
        """Report whether a text holds something of the configuration that may not be shown."""
        return self._secrets.search(text) is not None

    def text(self, original: str) -> str:
        """Replace every word: names, addresses and ids by their own stand-ins."""
        if "%" in original and (plain := unquote(original)) != original:
            return self.text(plain)
        if not any(sign.isspace() for sign in original.strip()):
            return self._pieces(original, self.word)
        # The words of a sentence have no stand-ins of their own: those that are frequent in
        # a language could be recognized by how often they come.
        return self._sentence(original)

    def word(self, original: str) -> str:
        """Replace a run of letters and digits: letter by letter, digit by digit, in its case."""
        folded = "".join(_lower(sign) for sign in original)
        made = self._drawn(f"word {folded}", folded, lambda stream: _shaped(folded, stream))
        return _in_case_of(original, made)

    def number(self, original: int) -> int:
        """Replace the number of a thing by one with as many digits; codes stay."""
        if abs(original) < CODES_BELOW:
            return original
        made = int(self.word(str(abs(original))))
        return made if original > 0 else -made

    def hexadecimal(self, original: str) -> str:
        """Replace hexadecimal digits in any grouping, such as a UUID; zeros stay."""
        digits = re.sub(r"[^0-9A-Fa-f]", "", original).lower()
        if not digits.strip("0"):
            return original
        made = self._drawn(f"hex {digits}", digits, lambda stream: _hexadecimal(digits, stream))
        return _regrouped(original, made)

    def hardware_address(self, original: str) -> str:
        """Replace a MAC address or a WWN by a locally administered one; zeros stay."""
        digits = re.sub(r"[^0-9A-Fa-f]", "", original).lower()
        if not digits.strip("0"):
            return original
        made = self._drawn(
            f"mac {digits}", digits, lambda stream: "02" + _hexadecimal(digits[2:], stream)
        )
        return _regrouped(original, made)

    def ipv4(self, original: str) -> str:
        """Replace an address by one that is meant for documents; "any" and loopback stay."""
        address = ipaddress.IPv4Address(original)
        if address.is_unspecified or address.is_loopback:
            return original
        networks = chain((_DOCUMENTATION,) * _TRIES_IN_DOCUMENTATION, repeat((_BENCHMARKS,)))

        def drawn(stream: Iterator[int]) -> str:
            place = int.from_bytes(bytes(islice(stream, 4)), "big")
            choice = next(networks)
            network = choice[place % len(choice)]
            return str(network[1 + place // 4 % (network.num_addresses - 2)])

        return self._drawn(f"ipv4 {address}", original, drawn)

    def ipv6(self, original: str) -> str:
        """Replace an address by one of 2001:db8::/32; "any" and loopback stay."""
        address = ipaddress.IPv6Address(original)
        if address.is_unspecified or address.is_loopback:
            return original

        def drawn(stream: Iterator[int]) -> str:
            host = int.from_bytes(bytes(islice(stream, 8)), "big")
            return str(ipaddress.IPv6Address((0x20010DB8 << 96) + host))

        return self._drawn(f"ipv6 {address}", str(address), drawn)

    def _sentence(self, original: str) -> str:
        def drawn(stream: Iterator[int]) -> str:
            def word(each: str) -> str:
                if not each.isalpha():
                    return self.word(each)
                return _in_case_of(each, _shaped(each.lower(), stream))

            return self._pieces(original, word)

        return self._drawn(f"text {original}", original, drawn)

    def _pieces(self, original: str, word: Callable[[str], str]) -> str:
        def piece(match: re.Match[str]) -> str:
            kind = match.lastgroup or "word"
            return word(match[0]) if kind == "word" else self._special(kind, match[0])

        return _PIECES.sub(piece, original)

    def _special(self, kind: str, found: str) -> str:
        if kind == "mail":
            return f"{self.word(re.sub(r'[^0-9A-Za-z]', '', found))}@mail.example"
        if kind == "product":
            return found
        if kind == "dns":
            return self._domain_name(found)
        try:
            return {
                "uuid": self.hexadecimal,
                "mac": self.hardware_address,
                "gap": self.hardware_address,
                "ipv4": self.ipv4,
                "ipv6": self.ipv6,
            }[kind](found)
        except ipaddress.AddressValueError:
            return re.sub(r"[0-9A-Fa-f]+", lambda match: self.word(match[0]), found)

    def _domain_name(self, found: str) -> str:
        """Replace a name by one below `.example`, its first label as where it is alone."""
        label, _, domain = found.partition(".")
        first = self._pieces(label, self.word)
        return f"{first}.{self.word(re.sub(r'[^0-9A-Za-z]', '', domain))}.example"

    def _drawn(self, what: str, original: str, draw: Callable[[Iterator[int]], str]) -> str:
        if what not in self._made:
            self._made[what] = self._unused(what, original, draw)
        return self._made[what]

    def _unused(self, what: str, original: str, draw: Callable[[Iterator[int]], str]) -> str:
        """Draw until nobody else has it; the last resort is a longer one."""
        kind = what.partition(" ")[0]
        for attempt in count():
            made = draw(self._stream(what, attempt))
            made += "0" * max(0, attempt - 100)
            same = len(original) >= _UNIQUE_FROM and made.lower() == original.lower()
            if not same and f"{kind} {made}" not in self._taken:
                self._taken.add(f"{kind} {made}")
                return made
        raise AssertionError("unreachable: longer ones are never used up")

    def _stream(self, what: str, attempt: int) -> Iterator[int]:
        """Give bytes without end that follow from the key and the original alone."""
        for block in count():
            message = f"{attempt} {block} {what}".encode("utf-8", "surrogatepass")
            yield from hmac.digest(self._key, message, hashlib.sha256)


def _shaped(folded: str, stream: Iterator[int]) -> str:
    first_of_number = folded.isdecimal() and folded[:1] != "0"
    return "".join(
        _sign(sign, next(stream), from_one=first_of_number and place == 0)
        for place, sign in enumerate(folded)
    )


def _sign(sign: str, chance: int, *, from_one: bool) -> str:
    if sign in string.ascii_lowercase:
        return string.ascii_lowercase[chance % 26]
    if sign.isdecimal():
        return str(1 + chance % 9) if from_one else str(chance % 10)
    return _LETTERS_OTHER[chance % len(_LETTERS_OTHER)]


def _hexadecimal(digits: str, stream: Iterator[int]) -> str:
    return "".join("0123456789abcdef"[next(stream) % 16] for _ in digits)


def _lower(sign: str) -> str:
    lower = sign.lower()
    return lower if len(lower) == 1 else sign


def _in_case_of(original: str, made: str) -> str:
    longer = made[len(original) :]
    return (
        "".join(
            new.upper() if old.isupper() else new for old, new in zip(original, made, strict=False)
        )
        + longer
    )


def _regrouped(original: str, digits: str) -> str:
    """Put other hexadecimal digits into the grouping and case of the original."""
    stream = iter(digits.upper() if re.search("[A-F]", original) else digits)
    return re.sub(r"[0-9A-Fa-f]", lambda _: next(stream), original)
