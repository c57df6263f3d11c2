"""Hiding the secrets of a source in whatever its API says.

An API can repeat what it was sent: as it is, in capitals, encoded for a URL, for HTML or for JSON,
several times over, or in base64, as in a header of basic authentication. So text is decoded step by
step and compared without regard to case; the forms that are not undone by decoding are searched for
themselves. Base64 and hexadecimal digits may have line ends, blanks or colons in between, so a text
that has room for them is compared without its separators. A secret that is not ASCII may come back
decomposed, or decoded with the wrong character set.
"""

import base64
import html
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import cached_property

SHORTEST = 4
"""Characters of the shortest secret that is searched for: a shorter one is in every other word."""
HIDDEN = "***"
MOST_ROUNDS = 4
"""How many times over an encoding is undone."""
REMEMBERED = 3
"""Secrets of each kind that are known at the same time: one may be repeated after it was changed.
"""
PAIR = "pair"
"""The kind of credentials of basic authentication, which are in base64 already."""
_SHORTEST_BASE64 = 6
_LINE = 60
"""Characters of the shortest lines into which base64 is commonly broken."""
_MOST_PER_CHARACTER = 8
"""Characters that an encoding makes of one, such as `&#x1F600;`, compared with hexadecimal digits.
"""
_SMALL = bytes(range(128)).lower() + bytes(range(128, 256))
_SEPARATORS = bytes(code for code in range(128) if not chr(code).isalnum())
"""What may be between encoded bytes, and what differs between the alphabets of base64."""
_ESCAPES = re.compile(
    r"""((?:\\u[0-9a-f]{4})+)|((?:\\x[0-9a-f]{2})+)|\\(["\\/'nrt])""", re.IGNORECASE
)
_LINE_ENDS = {"n": "\n", "r": "\r", "t": "\t"}
_PERCENT = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)


class _Needles:
    """Texts that are searched for without regard to case."""

    def __init__(self, forms: Iterable[str]) -> None:
        """Take the forms of secrets, in any case."""
        forms = set(forms)
        # The shortest first: most labels are shorter than most forms.
        self.folded = tuple(sorted({each.casefold() for each in forms}, key=len))
        self.fitting = _by_size(self.folded)
        self._forms = forms

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Matches every form; most APIs never repeat a secret, and it takes a while to compile."""
        longest_first = sorted({*self._forms, *self.folded}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def masked(self, text: str) -> str:
        """Return text without what is searched for; the same object where there is nothing."""
        small = text.casefold()
        size, fitting = len(small), self.fitting
        for each in fitting[size] if size < len(fitting) else self.folded:
            if each in small:
                return self._replaced(text)
        return text

    def _replaced(self, text: str) -> str:
        shown = self._pattern.sub(HIDDEN, text)
        small = shown.casefold()
        # A few letters, such as the sharp s, are folded to what a pattern does not take for them.
        left = any(each in small for each in self.folded)
        return self._pattern.sub(HIDDEN, small) if left else shown


def _by_size(needles: Sequence[str]) -> list[tuple[str, ...]]:
    """Return for each size of a text the needles that it has room for.

    Args:
        needles: The shortest first.
    """
    found: list[tuple[str, ...]] = []
    for count, each in enumerate(needles):
        found += [tuple(needles[:count])] * (len(each) - len(found))
    return found


class Redactor:
    """Knows the secrets of one source."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Start with secrets that do not change."""
        self.cleaned: dict[str, str] = {}
        """Texts and their clean form, as long as the same secrets are known."""
        self._known: dict[str, deque[str]] = {"": deque(secrets)}
        self._compile()

    def learn(self, kind: str, secret: str) -> None:
        """Add a secret; of each kind the last few are known."""
        known = self._known.setdefault(kind, deque(maxlen=REMEMBERED))
        if secret not in known:
            known.append(secret)
            self._compile()

    def hide(self, text: str) -> str:
        """Return text without secrets; unchanged where it has none."""
        if len(text) < self.shortest:
            return text
        shown = self._masked(text)
        if "%" not in shown and "&" not in shown and "\\" not in shown:
            return shown
        decoded = shown
        for _ in range(MOST_ROUNDS):
            encoded, decoded = decoded, _decoded(decoded)
            if decoded == encoded:
                break
            masked = self._masked(decoded)
            if masked is not decoded:
                shown = decoded = masked
        return shown

    def hide_within(self, text: str, longest: int) -> str:
        """Return the beginning of a text without secrets, and without a part of one at its end.

        Args:
            text: Of any length; only little more than the beginning is read.
            longest: Characters of the beginning.
        """
        shown = self.hide(text[:longest])
        if len(text) <= longest:
            return shown
        # A secret that is cut at the end of one is whole in the other, and hidden there.
        more = self.hide(text[: longest + self._margin])
        pairs = enumerate(zip(shown, more, strict=False))
        return shown[: next((place for place, (one, other) in pairs if one != other), len(shown))]

    def _masked(self, text: str) -> str:
        if len(text) < self._roomy and "\n" not in text:
            found = self._all.masked(text)
        else:
            found = self._without_encoded(self._plain.masked(text))
        return self._odd.masked(found) if self._odd and not found.isascii() else found

    def _without_encoded(self, text: str) -> str:
        """Mask base64 and hexadecimal digits, whatever separates them."""
        compact = _compact(text)
        size, fitting = len(compact), self._fitting
        for each in fitting[size] if size < len(fitting) else self._encoded:
            if each in compact:
                break
        else:
            return text
        spans = sorted(span for each in self._encoded for span in _spans(each, compact))
        kept = [place for place, each in enumerate(text) if each.isascii() and each.isalnum()]
        return _masked_at(text, ((kept[start], kept[end - 1] + 1) for start, end in spans))

    def _compile(self) -> None:
        self.cleaned.clear()
        known = {
            kind: {each for each in found if len(each) >= SHORTEST}
            for kind, found in self._known.items()
        }
        pairs = known.pop(PAIR, set())
        secrets = {each for found in known.values() for each in found}
        plain = {form for each in secrets for form in _forms(each)}
        odd = {each for each in plain if not each.casefold().isascii()}
        encoded = {form for each in secrets for form in _encoded_forms(each)} | pairs
        bare = {each for each in encoded if len(_compact(each)) < _SHORTEST_BASE64}
        self._all = _Needles((plain | encoded) - odd)
        self._plain = _Needles((plain | bare) - odd)
        self._odd = _Needles(odd) if odd else None
        """What no ASCII text can hold."""
        self._encoded = tuple(sorted({_compact(each) for each in encoded - bare}, key=len))
        self._fitting = _by_size(self._encoded)
        sizes = [len(each) for form in plain | encoded for each in (form, form.casefold())]
        self.shortest = min(sizes, default=2**62)
        """Characters of the shortest text that can hold a secret."""
        self._margin = _MOST_PER_CHARACTER * max(sizes, default=0)
        least = min((len(each.encode("utf-8", "replace")) for each in secrets), default=2**62)
        self._roomy = min(3 * least - 1, _LINE)
        """Characters of the shortest text with room for encoded secrets with separators."""


redactor: ContextVar[Redactor | None] = ContextVar("redactor", default=None)
"""That of the source whose answers the running task reads."""


def hidden(text: str, longest: int | None = None) -> str:
    """Return text of an API without the secrets of its source.

    Args:
        text: The text.
        longest: Characters that are kept of a longer one.
    """
    found = redactor.get()
    if found is None:
        return text[:longest]
    return found.hide(text) if longest is None else found.hide_within(text, longest)


def basic(user: str, password: str) -> str:
    """Return the credentials of basic authentication, without the padding."""
    pair = f"{user}:{password}".encode("utf-8", "replace")
    return base64.b64encode(pair).decode().rstrip("=")


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms of a secret as text that decoding does not undo."""
    yield from (secret, secret.replace(" ", "+"))
    if not secret.isascii():
        yield from _compositions(secret)
        for data in _as_bytes(secret):
            yield data.decode("latin-1")
            yield data.decode("cp1252", "replace")
            yield data.decode("utf-8", "replace")


def _compositions(secret: str) -> set[str]:
    return {secret, unicodedata.normalize("NFC", secret), unicodedata.normalize("NFD", secret)}


def _encoded_forms(secret: str) -> Iterator[str]:
    """Yield the forms of a secret in hexadecimal digits and within base64."""
    for data in _as_bytes(secret):
        yield data.hex()
        for before in range(3):
            form = _within_base64(data, before)
            if len(form) >= _SHORTEST_BASE64:
                yield from (form, form.replace("+", "-").replace("/", "_"))


def _as_bytes(secret: str) -> set[bytes]:
    """Encode a secret in every usual way."""
    forms = _compositions(secret)
    found = {each.encode("utf-8", "replace") for each in forms}
    for each in forms:
        with suppress(UnicodeEncodeError):
            found.add(each.encode("latin-1"))
    return found


def _within_base64(data: bytes, before: int) -> str:
    """Return what is the same wherever data is in base64.

    Args:
        data: The secret.
        before: Bytes before it, modulo 3.
    """
    text = base64.b64encode(bytes(before) + data).decode().rstrip("=")
    # The first and the last character have bits of what is around the secret.
    start, end = (0, 2, 3)[before], len(text) - bool((before + len(data)) % 3)
    return text[start:end]


def _compact(text: str) -> str:
    """Return the ASCII letters and digits of a text, in lower case."""
    return text.encode("ascii", "ignore").translate(_SMALL, _SEPARATORS).decode("ascii")


def _spans(needle: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a needle starts and ends in a text."""
    start = text.find(needle)
    while start >= 0:
        yield start, start + len(needle)
        start = text.find(needle, start + 1)


def _masked_at(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Mask parts of a text, which are in order and may overlap."""
    pieces, place = [], 0
    for start, end in spans:
        if start >= place:
            pieces += [text[place:start], HIDDEN]
        place = max(place, end)
    return "".join([*pieces, text[place:]])


def _decoded(text: str) -> str:
    """Undo each encoding once."""
    if "\\" in text:
        text = _ESCAPES.sub(_character, text)
    if "&" in text:
        text = html.unescape(text)
    return _PERCENT.sub(_unquoted, text) if "%" in text else text


def _character(found: re.Match[str]) -> str:
    if found[1]:
        digits = found[1].lower().replace("\\u", "")
        return bytes.fromhex(digits).decode("utf-16-be", "replace")
    if found[2]:
        return _text(bytes.fromhex(found[2].lower().replace("\\x", "")))
    return _LINE_ENDS.get(found[3].lower(), found[3])


def _unquoted(found: re.Match[str]) -> str:
    return _text(bytes.fromhex(found[0].replace("%", "")))


def _text(data: bytes) -> str:
    """Decode bytes as UTF-8, and those that are something else as Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
