"""A YAML document: its text read within bounds, and its values fitted to a model.

Problems are described with the place and the fix; no value is quoted.
"""

import difflib
import re
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

DEEPEST: Final = 32
"""Levels of nesting; a configuration has eight."""
LARGEST: Final = 200_000
"""Values in a file, those behind an alias counted at each use."""

_MERGE: Final = "tag:yaml.org,2002:merge"
_NOT_READ: Final = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")


class TreeError(Exception):
    """The text cannot be read; the message says where and never quotes a value."""


def tree_of(text: str) -> Any:
    """Read YAML.

    Raises:
        TreeError: It is broken, has a key twice, or would grow beyond the bounds.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > LARGEST:
            raise TreeError("the file has too many values, or an alias that contains itself")
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise TreeError(_syntax_problem(error)) from None


class _Loader(yaml.SafeLoader):
    """Plain values only: no tags, no dates, and no number that Python cannot read."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.yaml_implicit_resolvers = {
            first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NOT_READ]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse what would fail later with a message that quotes it, and what nests too deeply."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None):
            raise _refusal("tags have no use here; put a value that begins with ! in quotes", event)
        if isinstance(event, yaml.AliasEvent) and event.anchor not in self.anchors:
            raise _refusal("unknown alias; put a value that begins with * in quotes", event)
        if self._depth > DEEPEST:
            raise _refusal("nested too deeply", event)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError:
            raise _refusal("this number cannot be read; put it in quotes", node) from None


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Count the values from a node on, as if every alias were written out.

    Raises:
        ConstructorError: A key is not a string, or is given twice, which YAML would silently
            resolve to the later one.
    """
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = LARGEST + 1  # what a node finds that contains itself
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        _check_keys(node)
        children = [value for _, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    known[id(node)] = 1 + sum(_size(child, known) for child in children)
    return known[id(node)]


def _check_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.tag == _MERGE:
            continue
        if key.tag != "tag:yaml.org,2002:str":
            raise _refusal("a key must be a word; put it in quotes", key)
        if key.value in seen:
            raise _refusal(f"the key {key.value} is given twice", key)
        seen.add(key.value)


def _refusal(problem: str, at: Any) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, at.start_mark)


def _syntax_problem(error: yaml.YAMLError) -> str:
    """Say where the YAML is broken, without quoting the line, which may hold a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        # A password that begins with ! looks like a tag handle, the one thing that is quoted.
        problem = re.sub("(tag handle) .*", r"\1", error.problem or "", flags=re.DOTALL)
        return f"line {mark.line + 1}, column {mark.column + 1}: not valid YAML: {problem}"
    return "not valid YAML: the file has a character that YAML does not allow"


WORDS = {
    "missing": "is missing",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_type": "must be a string; put it in quotes",
    "string_pattern_mismatch": "use lower-case letters, digits, '_', '.' and '-', "
    "beginning with a letter or digit",
    "path_type": "must be the path of a file",
    "model_type": "must be a mapping of settings",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
}

ModelT = TypeVar("ModelT", bound=BaseModel)


def checked(model: type[ModelT], tree: Any, path: str, problems: list[str]) -> ModelT | None:
    """Fit values to a model; what does not fit is added to `problems`, each with its path."""
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        problems.extend(_problem(model, detail, path) for detail in error.errors(include_url=False))
    return None


def _problem(model: type[BaseModel], detail: ErrorDetails, path: str) -> str:
    where = path
    for step in detail["loc"]:
        where = f"{where}[{step}]" if isinstance(step, int) else join(where, step)
    return f"{where or 'the file'}: {_message(model, detail)}"


def _message(model: type[BaseModel], detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown setting" + _suggestion(model, detail["loc"])
    message = WORDS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    return message[:1].lower() + message[1:]


def _suggestion(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Name the settings that are known at the place of an unknown one."""
    section: Any = model
    for step in location[:-1]:
        field = getattr(section, "model_fields", {}).get(step)
        section = field.annotation if field else None
    known = list(getattr(section, "model_fields", {}))
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(known)}" if known else ""


def join(path: str, key: object) -> str:
    """Write the path of a key within a section."""
    return f"{path}.{key}" if path else str(key)
