"""Text in which nothing acts on a terminal.

Neither control characters, U+0080 to U+009F among them, nor bidirectional controls, line separators
or lone surrogates are printable; whoever shows text that comes from elsewhere replaces them.
"""

import json
from itertools import groupby


def blanked(text: str) -> str:
    """Return text with one blank in place of each run of characters that are not printable."""
    if text.isprintable():
        return text
    runs = groupby(text, str.isprintable)
    return "".join("".join(run) if is_printable else " " for is_printable, run in runs)


def escaped(text: str, keep: str = "") -> str:
    r"""Return text with escapes such as `\x9b` in place of characters that are not printable.

    Args:
        text: What is shown.
        keep: Characters that stay, such as line ends.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in keep else ascii(each)[1:-1] for each in text
    )


def escaped_json(document: str) -> str:
    r"""Return a JSON document with escapes such as `\u009b` in its strings; it stays the same."""
    return "".join(
        each if each.isprintable() or each in "\n\t\r" else json.dumps(each)[1:-1]
        for each in document
    )
