"""Which text of a vendor may become a label value?"""

import re

LONGEST = 256
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_NOTHING = frozenset({"", "none", "null", "n/a", "unknown", "undefined"})


def clean(text: object) -> str:
    """Return text that is safe as a label value; the empty string where the vendor says nothing.

    Both vendors write literal words for a missing value (`"None"`, `"null"`, `"N/A"`) and pad with
    blanks; label values are bounded, so a longer text is cut.
    """
    if not isinstance(text, str):
        return ""
    plain = _CONTROL.sub(" ", text).strip()[:LONGEST]
    return "" if plain.lower() in _NOTHING else plain
