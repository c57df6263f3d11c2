"""Which families, labels and functions does an expression name?

The real parser checks the syntax (`test_promql.py`); this only finds names in what is correct.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"'
    r"|(?P<number>\d[\w.]*)"
    r"|\$\{?\w+\}?"
    r"|(?P<word>[a-zA-Z_:][\w:]*)"
    r"|(?P<sign>=~|!~|!=|==|<=|>=|[^\s\w])"
)
_MODIFIERS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_OPERATORS = {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan"}
_MATCHES = {"=", "!=", "=~", "!~"}


@dataclass(frozen=True)
class Selector:
    family: str
    labels: frozenset[str]
    """The labels that it is matched by."""
    function: str
    """The innermost function or aggregation around it; empty where there is none."""


@dataclass(frozen=True)
class Grouping:
    modifier: str
    """`by`, `on`, `group_left`, ..."""
    labels: tuple[str, ...]


def selectors(expression: str) -> Iterator[Selector]:
    tokens = _tokens(expression)
    calls: list[str] = []
    place = 0
    while place < len(tokens):
        token, following = tokens[place], _at(tokens, place + 1)
        if token in _MODIFIERS and following == "(":
            place = tokens.index(")", place)
        elif token in {"(", "["}:
            calls.append(_called(tokens, place) if token == "(" else "")
        elif token in {")", "]"}:
            calls.pop()
        elif _is_family(token, following):
            labels, place = _matchers(tokens, place + 1)
            function = next((call for call in reversed(calls) if call), "")
            yield Selector(token, frozenset(labels), function)
        place += 1


def groupings(expression: str) -> Iterator[Grouping]:
    tokens = _tokens(expression)
    for place, token in enumerate(tokens):
        if token in _MODIFIERS and _at(tokens, place + 1) == "(":
            inside = tokens[place + 2 : tokens.index(")", place)]
            yield Grouping(token, tuple(word for word in inside if word != ","))


def labels_named(expression: str) -> set[str]:
    """Every label that the expression matches or groups by."""
    matched = {label for selector in selectors(expression) for label in selector.labels}
    return matched | {label for grouping in groupings(expression) for label in grouping.labels}


def _tokens(expression: str) -> list[str]:
    return [match[0] for match in _TOKEN.finditer(expression)]


def _at(tokens: list[str], place: int) -> str:
    return tokens[place] if 0 <= place < len(tokens) else ""


def _is_word(token: str) -> bool:
    return bool(token) and (token[0].isalpha() or token[0] in "_:")


def _is_family(token: str, following: str) -> bool:
    if not _is_word(token) or following in {"(", "by", "without"}:
        return False
    return token not in _OPERATORS and token not in _MODIFIERS


def _called(tokens: list[str], place: int) -> str:
    """Name the function whose parenthesis opens here; `sum by (x) (` counts as `sum`."""
    before = _at(tokens, place - 1)
    if before == ")":
        start = max(index for index in range(place) if tokens[index] == "(")
        modifier = _at(tokens, start - 1)
        return _at(tokens, start - 2) if modifier in {"by", "without"} else ""
    return before if _is_word(before) and before not in _OPERATORS | _MODIFIERS else ""


def _matchers(tokens: list[str], place: int) -> tuple[set[str], int]:
    """Read `{a="b", ...}` from here; give the labels and the last token of it."""
    if _at(tokens, place) != "{":
        return set(), place - 1
    end = tokens.index("}", place)
    inside = range(place + 1, end)
    return {tokens[index] for index in inside if _at(tokens, index + 1) in _MATCHES}, end
