"""What did a client really ask for? The query string, decoded as strictly as the appliances do.

A raw `+` is a blank to both APIs, but neither understands it as a blank between the words of a
filter. It is kept apart as `PLUS_BLANK`, so that the filter's parser can tell the two.
"""

from typing import Final
from urllib.parse import unquote

PLUS_BLANK: Final = "\ue000"


class BadQueryError(Exception):
    """The query is refused; `parameter` names the guilty one."""

    def __init__(self, parameter: str, message: str) -> None:
        """Keep which parameter is wrong and why."""
        super().__init__(message)
        self.parameter = parameter
        self.message = message


def parameters(raw: str) -> dict[str, str]:
    """Split a raw query string; a blank sent as `+` comes out as `PLUS_BLANK`.

    Raises:
        BadQueryError: A parameter is there twice, or the bytes are not UTF-8.
    """
    found: dict[str, str] = {}
    for part in filter(None, raw.split("&")):
        name, _, value = part.partition("=")
        name = _decoded(name, name)
        if name in found:
            raise BadQueryError(name, f"The parameter {name} is given twice.")
        found[name] = _decoded(value, name)
    return found


def plain(value: str) -> str:
    """Return a value whose plus signs mean blanks, as everywhere but in a filter."""
    return value.replace(PLUS_BLANK, " ")


def whole_number(value: str, name: str, *, highest: int | None = None) -> int:
    """Return a number that is zero or more.

    Raises:
        BadQueryError: It is no such number, or above `highest`.
    """
    if not (value.isascii() and value.isdigit()) or len(value) > 15:
        raise BadQueryError(name, f"The value of {name} must be a whole number of zero or more.")
    number = int(value)
    if highest is not None and number > highest:
        raise BadQueryError(name, f"The value of {name} must not exceed {highest}.")
    return number


def _decoded(text: str, name: str) -> str:
    try:
        return unquote(text.replace("+", PLUS_BLANK), errors="strict")
    except UnicodeDecodeError as error:
        raise BadQueryError(name, f"The parameter {name} is not UTF-8.") from error
