"""Which text of a vendor may become a label value, or a part of an error?"""

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

import msgspec

LONGEST = 256
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_NOTHING = frozenset({"", "none", "null", "n/a", "unknown", "undefined"})
_LONGEST_NOTHING = max(map(len, _NOTHING))


def clean(text: object) -> str:
    """Return text that is safe as a label value; the empty string where the vendor says nothing.

    Both vendors write literal words for a missing value (`"None"`, `"null"`, `"N/A"`) and pad with
    blanks; label values are bounded, so a longer text is cut.
    """
    if not isinstance(text, str):
        return ""
    # Nearly every text is plain, and a fleet has dozens of them per server.
    plain = text if text.isascii() and text.isprintable() else _CONTROL.sub(" ", text)
    plain = plain.strip()[:LONGEST]
    return "" if len(plain) <= _LONGEST_NOTHING and plain.lower() in _NOTHING else plain


def without_brackets(address: str) -> str:
    """Return an IPv6 address that stands in brackets, as in a URL, without them."""
    return address[1:-1] if address.startswith("[") and address.endswith("]") else address


def concealed(text: str, secrets: Iterable[str]) -> str:
    """Cut secrets out of what an API says, should it repeat what it was sent.

    Args:
        text: The API's own words, of any length.
        secrets: Whatever it could repeat; each is also found as it stands in a form or in JSON.
    """
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def _forms(secret: str) -> tuple[str, ...]:
    in_json = msgspec.json.encode(secret.encode("utf-8", "replace").decode()).decode()[1:-1]
    in_url = (quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace"))
    return secret, in_json, *in_url
