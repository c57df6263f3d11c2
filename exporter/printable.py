"""Text in which nothing acts on a terminal.

Neither control characters, U+0080 to U+009F among them, nor bidirectional controls, line separators
or lone surrogates are printable, nor letters and marks that leave no trace on the screen; whoever
shows text that comes from elsewhere replaces them.
"""

import json
import re
from itertools import groupby

_INVISIBLE = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    r"\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)
"""What Python takes for printable and Unicode for ignorable (`Default_Ignorable_Code_Point`), and
characters that are drawn blank."""


def is_printable(text: str) -> bool:
    """Return whether every character of a text can be seen, or is a plain blank."""
    return text.isprintable() and (text.isascii() or _INVISIBLE.search(text) is None)


def blanked(text: str) -> str:
    """Return text with one blank in place of each run of characters that are not printable."""
    if is_printable(text):
        return text
    runs = groupby(text, is_printable)
    return "".join("".join(run) if visible else " " for visible, run in runs)


def escaped(text: str, keep: str = "") -> str:
    r"""Return text with escapes such as `\x9b` in place of characters that are not printable.

    Args:
        text: What is shown.
        keep: Characters that stay, such as line ends.
    """
    if is_printable(text):
        return text
    return "".join(
        each if is_printable(each) or each in keep else ascii(each)[1:-1] for each in text
    )


def escaped_json(document: str) -> str:
    r"""Return a JSON document with escapes such as `\u009b` in its strings; it stays the same."""
    return "".join(
        each if is_printable(each) or each in "\n\t\r" else json.dumps(each)[1:-1]
        for each in document
    )
