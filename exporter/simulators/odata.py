"""How is an OData filter understood? The small grammar that both APIs speak.

`eq ne gt ge lt le in`, `contains()`, `toupper()`, `tolower()`, `and or not` and parentheses;
literals are 'text' (a quote is doubled), numbers, RFC 3339 times, true, false and null. `not` binds
tighter than `and`, `and` tighter than `or`. Fields are checked against a schema, and so are the
types of the literals they are compared with.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from exporter.simulators.conditions import (
    CASES,
    CHANGES,
    COMPARE,
    Literal,
    Node,
    ODataError,
    Operand,
    Predicate,
    among,
    both,
    either,
    equality,
    moment_of,
    ordered,
    unchanged,
    within,
)
from exporter.simulators.query import PLUS_BLANK


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a vendor's filters may contain.

    `fields` maps each path to its kind: text, nocase (text compared without regard to case),
    number, bool or time.
    """

    fields: Mapping[str, str]
    operators: frozenset[str] = frozenset({"eq", "ne", "gt", "ge", "lt", "le", "in"})
    functions: frozenset[str] = frozenset({"contains", "toupper", "tolower"})


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter ready for use: `matches` takes a function from path to value.

    `pinned` are the conditions that hold for every match (`field eq literal` joined by `and`), so
    that a caller can narrow its search; `paths` are all fields that are looked at.
    """

    matches: Predicate
    pinned: Mapping[str, Any]
    paths: frozenset[str]


def parse(text: str, dialect: Dialect) -> Filter:
    """Understand a filter.

    Raises:
        ODataError: It is not of the grammar, or names an unknown field.
    """
    parser = _Parser(list(_tokens(text)), dialect)
    node = parser.disjunction()
    parser.finish()
    return Filter(node.predicate, dict(node.pinned), frozenset(parser.paths))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


_TOKEN: Final = re.compile(
    rf"(?P<blank>[ ]+)|(?P<plus>{PLUS_BLANK})|(?P<text>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<word>[A-Za-z_][\w./]*)|(?P<mark>[(),])"
)
_WORDS: Final = {"true": ("bool", True), "false": ("bool", False), "null": ("null", None)}
_ACCEPTS: Final = {
    "text": {"text"},
    "nocase": {"text"},
    "number": {"number"},
    "bool": {"bool"},
    "time": {"time", "text"},
}


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup == "plus":
            raise ODataError(f"unexpected character at position {place}")
        place = match.end()
        kind = match.lastgroup or ""
        if kind != "blank":
            yield _Token(kind, match.group())
    yield _Token("end", "")


class _Parser:
    """Recursive descent, one method for each level of precedence."""

    def __init__(self, tokens: list[_Token], dialect: Dialect) -> None:
        self._tokens = tokens
        self._place = 0
        self._dialect = dialect
        self.paths: set[str] = set()

    def disjunction(self) -> Node:
        node = self._conjunction()
        while self._accept("or"):
            left, right = node.predicate, self._conjunction().predicate
            node = Node(either(left, right))
        return node

    def finish(self) -> None:
        if self._peek().kind != "end":
            raise ODataError(f"unexpected {self._peek().text!r}")

    def _conjunction(self) -> Node:
        node = self._negation()
        while self._accept("and"):
            right = self._negation()
            node = Node(both(node.predicate, right.predicate), node.pinned + right.pinned)
        return node

    def _negation(self) -> Node:
        if self._accept("not"):
            inner = self._negation().predicate
            return Node(lambda resolve: not inner(resolve))
        if self._accept("("):
            node = self.disjunction()
            self._expect(")")
            return node
        return self._condition()

    def _condition(self) -> Node:
        if self._peek().text == "contains" and "contains" in self._dialect.functions:
            return self._contains()
        operand = self._operand()
        operator = self._next().text
        if operator not in self._dialect.operators:
            raise ODataError(f"unknown operator {operator!r}")
        if operator == "in":
            return Node(among(operand, self._list(operand)))
        literal = self._literal(operand)
        if operator in ("eq", "ne"):
            return equality(operand, literal, negated=operator == "ne")
        return Node(ordered(operand, literal, COMPARE[operator]))

    def _contains(self) -> Node:
        self._next()
        self._expect("(")
        operand = self._operand()
        self._expect(",")
        literal = self._literal(operand)
        self._expect(")")
        if literal.kind != "text":
            raise ODataError("contains() looks for a text")
        return Node(within(operand, literal.value))

    def _operand(self) -> Operand:
        token = self._next()
        if token.text in ("toupper", "tolower") and token.text in self._dialect.functions:
            self._expect("(")
            inner = self._operand()
            self._expect(")")
            return Operand(inner.path, "text", CASES[token.text])
        if token.kind != "word" or token.text not in self._dialect.fields:
            raise ODataError(f"unknown field {token.text!r}")
        self.paths.add(token.text)
        kind = self._dialect.fields[token.text]
        return Operand(token.text, kind, CHANGES.get(kind, unchanged))

    def _list(self, operand: Operand) -> list[Literal]:
        self._expect("(")
        found = [self._literal(operand)]
        while self._accept(","):
            found.append(self._literal(operand))
        self._expect(")")
        return found

    def _literal(self, operand: Operand) -> Literal:
        literal = _literal_of(self._next())
        if literal.kind != "null" and literal.kind not in _ACCEPTS[operand.kind]:
            raise ODataError(f"{operand.path} cannot be compared with a {literal.kind}")
        if literal.value is None:
            return literal
        if operand.kind == "time":
            return Literal("time", moment_of(literal.value))
        return Literal(literal.kind, operand.change(literal.value)
                        if operand.kind == "nocase" else literal.value)  # fmt: skip

    def _peek(self) -> _Token:
        return self._tokens[self._place]

    def _next(self) -> _Token:
        token = self._peek()
        if token.kind == "end":
            raise ODataError("unexpected end")
        self._place += 1
        return token

    def _accept(self, text: str) -> bool:
        if self._peek().text == text and self._peek().kind in ("word", "mark"):
            self._place += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise ODataError(f"{text!r} expected, not {self._peek().text!r}")


def _literal_of(token: _Token) -> Literal:
    if token.kind == "text":
        return Literal("text", token.text[1:-1].replace("''", "'").replace(PLUS_BLANK, " "))
    if token.kind == "number":
        return Literal("number", float(token.text))
    if token.kind == "time":
        return Literal("time", token.text)
    if token.text in _WORDS:
        return Literal(*_WORDS[token.text])
    raise ODataError(f"a value expected, not {token.text!r}")
