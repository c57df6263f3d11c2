"""Hiding the secrets of a source in whatever its API says.

An API can repeat what it was sent: as it is, in capitals, encoded for a URL, for HTML or for JSON,
several times over, or in base64, as in a header of basic authentication. So text is decoded step by
step and compared without regard to case; the forms that are not undone by decoding are searched for
themselves.
"""

import base64
import html
import re
from collections import deque
from collections.abc import Iterable
from contextvars import ContextVar
from urllib.parse import unquote

SHORTEST = 4
"""Characters of the shortest secret that is searched for: a shorter one is in every other word."""
HIDDEN = "***"
MOST_ROUNDS = 4
"""How many times over an encoding is undone."""
REMEMBERED = 3
"""Secrets of each kind that are known at the same time: one may be repeated after it was changed.
"""
_SHORTEST_BASE64 = 6
_JSON_ESCAPES = re.compile(r'((?:\\u[0-9a-f]{4})+)|\\x([0-9a-f]{2})|\\(["\\/])', re.IGNORECASE)


class Redactor:
    """Knows the secrets of one source."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Start with secrets that do not change."""
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
        shown = decoded = self._masked(text)
        for _ in range(MOST_ROUNDS):
            if "%" not in decoded and "&" not in decoded and "\\" not in decoded:
                break
            decoded = _decoded(decoded)
            masked = self._masked(decoded)
            if masked is not decoded:
                shown = decoded = masked
        return shown

    def _masked(self, text: str) -> str:
        small = text.lower()
        size = len(small)
        for each in self._needles:
            if len(each) > size:
                break
            if each in small:
                return self._pattern.sub(HIDDEN, text)
        return text

    def _compile(self) -> None:
        secrets = {each for known in self._known.values() for each in known}
        forms = {form for each in secrets if len(each) >= SHORTEST for form in _forms(each)}
        # The shortest first: most labels are shorter than most forms.
        self._needles = tuple(sorted({form.lower() for form in forms}, key=len))
        self.shortest = min(map(len, self._needles), default=2**62)
        """Characters of the shortest text that can hold a secret."""
        longest_first = sorted({*forms, *self._needles}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


redactor: ContextVar[Redactor | None] = ContextVar("redactor", default=None)
"""That of the source whose answers the running task reads."""


def hidden(text: str) -> str:
    """Return text of an API without the secrets of its source."""
    found = redactor.get()
    return text if found is None else found.hide(text)


def basic(user: str, password: str) -> str:
    """Return the credentials of basic authentication, without the padding."""
    pair = f"{user}:{password}".encode("utf-8", "replace")
    return base64.b64encode(pair).decode().rstrip("=")


def _forms(secret: str) -> Iterable[str]:
    """Yield the forms of a secret that decoding does not undo."""
    yield from (secret, secret.upper(), secret.replace(" ", "+"))
    data = secret.encode("utf-8", "replace")
    yield data.hex()
    for before in range(3):
        form = _within_base64(data, before)
        if len(form) >= _SHORTEST_BASE64:
            yield from (form, form.replace("+", "-").replace("/", "_"))


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


def _decoded(text: str) -> str:
    """Undo each encoding once."""
    return unquote(html.unescape(_JSON_ESCAPES.sub(_character, text)))


def _character(found: re.Match[str]) -> str:
    if found[1]:
        digits = found[1].lower().replace("\\u", "")
        return bytes.fromhex(digits).decode("utf-16-be", "replace")
    return chr(int(found[2], 16)) if found[2] else found[3]
