"""Text of a vendor that may become a label value, or a part of an error."""

from collections.abc import Iterable

from exporter.printable import blanked
from exporter.sources.redaction import Redactor, redactor

LONGEST = 256
LOOKED_AT = 16 * LONGEST
"""Characters of a text that are read at all."""
_MOST_REMEMBERED = 1024
"""Texts of one source whose clean form is remembered."""
NOTHING = frozenset({"", "none", "null", "n/a", "unknown", "undefined"})
_LONGEST_NOTHING = max(map(len, NOTHING))


def clean(text: object) -> str:
    """Return text that is safe as a label value; the empty string where the vendor says nothing.

    Both vendors write literal words for a missing value (`"None"`, `"null"`, `"N/A"`) and pad with
    blanks; label values are bounded, so a longer text is cut. Neither secrets of the source nor
    characters that cannot be shown are left in it.
    """
    if not isinstance(text, str):
        return ""
    known = redactor.get()
    if known is None:
        return _cleaned(text, known)
    # A fleet has dozens of texts per server, and most of them are those of many servers.
    seen = known.cleaned
    found = seen.get(text)
    if found is None:
        found = _cleaned(text, known)
        if len(seen) >= _MOST_REMEMBERED:
            seen.clear()
        if len(text) <= LONGEST:
            seen[text] = found
    return found


def _cleaned(text: str, known: Redactor | None) -> str:
    if len(text) > LOOKED_AT:
        text = text[:LOOKED_AT] if known is None else known.hide_within(text, LOOKED_AT)
    elif known is not None and len(text) >= known.shortest:
        text = known.hide(text)
    plain = text if text.isascii() and text.isprintable() else blanked(text)
    plain = plain.strip()[:LONGEST]
    return "" if len(plain) <= _LONGEST_NOTHING and plain.lower() in NOTHING else plain


def without_brackets(address: str) -> str:
    """Return an IPv6 address that stands in brackets, as in a URL, without them."""
    return address[1:-1] if address.startswith("[") and address.endswith("]") else address


def concealed(text: str, secrets: Iterable[str]) -> str:
    """Cut secrets out of what an API says, should it repeat what it was sent.

    Args:
        text: The API's own words; what is beyond `LOOKED_AT` is dropped, and a secret across it.
        secrets: Whatever it could repeat, in any form that `Redactor` knows.
    """
    return Redactor(secrets).hide_within(text, LOOKED_AT)
