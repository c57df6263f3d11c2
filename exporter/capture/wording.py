"""How is a text replaced, so that what it names is still the same in every place?"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from exporter.capture.lexicon import is_known, is_lexical
from exporter.capture.pseudonyms import Pseudonyms
from exporter.capture.shapes import (
    HARDWARE_ADDRESS,
    IPV4_APART,
    IPV6,
    PHONE_NUMBER,
    PRODUCT_ID,
)

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_PIECES = re.compile(
    rf"""
    (?P<mail>[A-Za-z0-9.!\#$%&'*/=?^_`{{|}}~+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{{2,24}})
    |(?P<uuid>\b[0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}\b|\b[0-9A-Fa-f]{{32}}\b)
    |(?P<mac>{HARDWARE_ADDRESS})
    |(?P<ipv6>{IPV6})
    |(?P<ipv4>(?<![\d.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\d.])|{IPV4_APART})
    |(?P<com>\b{PRODUCT_ID.pattern}(?=\+))
    |(?P<dns>\b(?:{_LABEL}\.)+[A-Za-z]{{2,24}}\b)
    |(?P<phone>{PHONE_NUMBER})
    |(?P<word>(?:[^\W_]|[^\x00-\x7f])+)
    """,
    re.VERBOSE,
)
_SHORT_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_SHORTEST_SECRET = 4


class Wording:
    """Replaces texts of any kind."""

    def __init__(self, pseudonyms: Pseudonyms, secrets: Iterable[str] = ()) -> None:
        """Prepare.

        Args:
            pseudonyms: Give the replacements.
            secrets: Texts of the configuration that may stand nowhere, whatever they look like.
        """
        self.pseudonyms = pseudonyms
        hidden = {each for each in secrets if len(each) >= _SHORTEST_SECRET}
        found = "|".join(re.escape(each) for each in sorted(hidden) if not is_lexical(each))
        self._secrets = re.compile(found or r"(?!)", re.IGNORECASE)

    def is_secret(self, text: str) -> bool:
        """Tell whether a text holds something of the configuration that may not be shown."""
        return self._secrets.search(text) is not None

    def text(self, original: str) -> str:
        """Replace every word: names, addresses and ids by their own replacements."""
        if "%" in original and (plain := unquote(original)) != original:
            return self.text(plain)
        if not any(sign.isspace() for sign in original.strip()):
            return self._pieces(original, self.pseudonyms.word)
        # The words of a sentence have no replacements of their own: those that are frequent in
        # a language could be told by how often they come.
        return self.pseudonyms.sentence(
            original, lambda plain: self._pieces(original, self._unless_plain(plain))
        )

    def phrases(self, original: str) -> str:
        """Replace every word that is not in the vocabulary; for what an API says of itself."""

        def word(each: str) -> str:
            if is_known(each) and not self.is_secret(each):
                return each
            return each if _SHORT_NUMBER.fullmatch(each) else self.pseudonyms.word(each)

        return self._pieces(original, word)

    def host(self, original: str) -> str:
        """Replace the host of an address: a name or an IP address."""
        return self._pieces(original, self.pseudonyms.word)

    def _unless_plain(self, plain: Callable[[str], str]) -> Callable[[str], str]:
        def word(each: str) -> str:
            return plain(each) if each.isalpha() else self.pseudonyms.word(each)

        return word

    def _pieces(self, original: str, word: Callable[[str], str]) -> str:
        def piece(match: re.Match[str]) -> str:
            kind = match.lastgroup or "word"
            return word(match[0]) if kind == "word" else self._special(kind, match[0])

        return _PIECES.sub(piece, original)

    def _special(self, kind: str, found: str) -> str:
        names = self.pseudonyms
        if kind == "mail":
            return f"{names.word(re.sub(r'[^0-9A-Za-z]', '', found))}@mail.example"
        if kind == "com":
            return found
        if kind == "dns":
            return self._domain_name(found)
        if kind == "phone":
            return self._by_parts(found)
        try:
            return {
                "uuid": names.hexadecimal,
                "mac": names.hardware_address,
                "ipv4": self._ipv4,
                "ipv6": names.ipv6,
            }[kind](found)
        except ipaddress.AddressValueError:
            return self._by_parts(found)

    def _by_parts(self, found: str) -> str:
        return re.sub(r"[0-9A-Fa-f]+", lambda match: self.pseudonyms.word(match[0]), found)

    def _ipv4(self, found: str) -> str:
        """Replace an address however it is written; with zeros in front it is the same one."""
        parts = re.split(r"[._-]", found)
        made = self.pseudonyms.ipv4(".".join(part.lstrip("0") or "0" for part in parts))
        return re.sub(r"\.", re.sub(r"[0-9]", "", found)[0], made)

    def _domain_name(self, found: str) -> str:
        """Replace a name by one below `.example`, its first label as where it stands alone."""
        label, _, domain = found.partition(".")
        first = self._pieces(label, self.pseudonyms.word)
        return f"{first}.{self.pseudonyms.word(re.sub(r'[^0-9A-Za-z]', '', domain))}.example"
