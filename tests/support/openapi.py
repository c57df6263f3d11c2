"""Requests and answers checked against an OpenAPI 3.1 description."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Schema = Mapping[str, Any]

_ROOT = "urn:description"
_PARAMETER = re.compile(r"\{([^}]*)\}")
_STANDARD_HEADERS = frozenset({"host", "authorization", "accept", "accept-encoding", "user-agent"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it was received, and the answer to it."""

    method: str
    path: str
    query: str
    """Encoded, without the question mark."""
    request_headers: Mapping[str, str]
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Violation:
    """A point in which an exchange differs from the description."""

    path: str
    """The path of the description, with its parameters in braces."""
    place: str
    """`query limit`, `header Tenant-Acid`, or the keys that lead to a value of the body."""
    rule: str
    """The keyword of the schema that the value breaks, or why there is no schema for it."""
    message: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path of the description."""

    path: str
    method: str
    parameters: tuple[Schema, ...]
    responses: Schema

    def of_kind(self, kind: str) -> dict[str, Schema]:
        """Return the parameters in `query`, `header` or `path` by name."""
        return {each["name"]: each for each in self.parameters if each["in"] == kind}


class Description:
    """An OpenAPI description."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the whole document; only the operations that are asked for are looked at."""
        self._document = document
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self._patterns = {path: _pattern(path) for path in document["paths"]}
        self._validator_of = cache(self._new_validator)

    @classmethod
    def read(cls, file: Path) -> "Description":
        """Read a description in JSON."""
        return cls(json.loads(file.read_bytes()))

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation that a request to a decoded path calls."""
        for template, pattern in self._patterns.items():
            found = self._document["paths"][template].get(method.lower())
            if found is not None and pattern.fullmatch(path):
                parameters = tuple(
                    self._contents(each["$ref"]) if "$ref" in each else each
                    for each in found.get("parameters", ())
                )
                return Operation(template, method.lower(), parameters, found["responses"])
        return None

    def has_field(self, operation: Operation, path: Sequence[str]) -> bool:
        """Return whether the answer of an operation has a field, below lists as well."""
        pointer = _response(operation, 200)
        assert pointer is not None
        content = self._contents(pointer)["content"]
        found = [each["schema"] for each in content.values()]
        for name in path:
            parts = (part for schema in found for part in self._parts(schema))
            found = [part["properties"][name] for part in parts if name in part["properties"]]
        return bool(found)

    def _parts(self, schema: Schema) -> Iterator[Schema]:
        """Yield the objects that a schema allows, or those of its list."""
        if "$ref" in schema:
            yield from self._parts(self._contents(schema["$ref"]))
        for branch in ("allOf", "oneOf", "anyOf"):
            for each in schema.get(branch, ()):
                yield from self._parts(each)
        if "items" in schema:
            yield from self._parts(schema["items"])
        if "properties" in schema:
            yield schema

    def request_violations(self, exchange: Exchange) -> Iterator[Violation]:
        """Yield what the description does not allow in a request."""
        operation = self.operation(exchange.method, exchange.path)
        if operation is None:
            yield Violation(exchange.path, "", "unknown operation", exchange.method)
            return
        for kind, values in (
            ("query", _query(exchange)),
            ("header", _headers(exchange)),
            ("path", _path_values(operation, exchange)),
        ):
            yield from self._parameters(operation, kind, values)

    def answer_violations(self, exchange: Exchange) -> Iterator[Violation]:
        """Yield what the description does not allow in an answer.

        The rule is `required (select)` where a key is missing after the request selected keys.
        """
        operation = self.operation(exchange.method, exchange.path)
        if operation is None:
            yield Violation(exchange.path, "", "unknown operation", exchange.method)
            return
        pointer = _response(operation, exchange.status)
        if pointer is None:
            yield Violation(operation.path, "", f"status {exchange.status}", str(exchange.body))
            return
        if exchange.content_type not in self._contents(pointer)["content"]:
            yield Violation(operation.path, "", "media type", exchange.content_type)
            return
        validator = self._validator_of(pointer + _steps("content", exchange.content_type, "schema"))
        selects = any(name == "select" for name, _ in _query(exchange))
        for error in _leaves(validator.iter_errors(json.loads(exchange.body))):
            rule = str(error.validator)
            if selects and rule == "required":
                rule = "required (select)"
            yield Violation(operation.path, _place(error.absolute_path), rule, error.message)

    def _parameters(
        self, operation: Operation, kind: str, values: Sequence[tuple[str, str]]
    ) -> Iterator[Violation]:
        known = {_name(kind, name): each for name, each in operation.of_kind(kind).items()}
        sent = {_name(kind, name) for name, _ in values}
        for name, parameter in known.items():
            if parameter.get("required") and name not in sent:
                yield Violation(operation.path, f"{kind} {name}", "required", "it is missing")
        for name, value in values:
            place = f"{kind} {name}"
            if _name(kind, name) not in known:
                yield Violation(operation.path, place, "unknown parameter", value)
                continue
            schema = known[_name(kind, name)]["schema"]
            for error in self._new_validator(schema).iter_errors(_typed(value, schema)):
                yield Violation(operation.path, place, str(error.validator), error.message)

    def _contents(self, pointer: str) -> Schema:
        found: Schema = self._registry.resolver(_ROOT).lookup(pointer).contents
        return found

    def _new_validator(self, schema: Schema | str) -> Any:
        if isinstance(schema, str):
            schema = {"$ref": _ROOT + schema}
        return _Validator(schema, registry=self._registry, format_checker=_FORMATS)


def _one_of(
    validator: Any, branches: Sequence[Schema], instance: Any, schema: Schema
) -> Iterator[ValidationError]:
    """Take the branch that the discriminator names; alone, branches without demands overlap."""
    discriminator = schema.get("discriminator", {})
    name = discriminator.get("propertyName")
    value = instance.get(name) if isinstance(instance, dict) else None
    reference = discriminator.get("mapping", {}).get(value)
    if reference is None:
        yield from OAS31Validator.VALIDATORS["oneOf"](validator, branches, instance, schema)
    else:
        yield from validator.descend(instance, {"$ref": reference})


_Validator: Any = extend(OAS31Validator, {"oneOf": _one_of})  # type: ignore[no-untyped-call]
_FORMATS = OAS31Validator.FORMAT_CHECKER


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Replace an error of `oneOf` or `anyOf` by those of the branch that has the fewest."""
    for error in errors:
        branches: dict[Any, list[ValidationError]] = {}
        for each in error.context or ():
            branches.setdefault(each.relative_schema_path[0], []).append(each)
        if branches:
            fewest = min(branches.values(), key=len)
            yield from _leaves(fewest)
        else:
            yield error


def _place(path: Iterable[str | int]) -> str:
    return "/".join(key for key in path if isinstance(key, str))


def _response(operation: Operation, status: int) -> str | None:
    found = operation.responses.get(str(status))
    if found is None:
        return None
    steps = _steps("paths", operation.path, operation.method, "responses", str(status))
    return str(found["$ref"]) if "$ref" in found else "#" + steps


def _steps(*keys: str) -> str:
    escaped = (key.replace("~", "~0").replace("/", "~1") for key in keys)
    return "".join("/" + quote(key, safe="~") for key in escaped)


def _pattern(path: str) -> re.Pattern[str]:
    literals = [re.escape(each) for each in _PARAMETER.split(path)[::2]]
    return re.compile("([^/]+)".join(literals))


def _query(exchange: Exchange) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in exchange.query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in parts]


def _headers(exchange: Exchange) -> list[tuple[str, str]]:
    sent = exchange.request_headers.items()
    return [(name, value) for name, value in sent if name.lower() not in _STANDARD_HEADERS]


def _path_values(operation: Operation, exchange: Exchange) -> list[tuple[str, str]]:
    found = _pattern(operation.path).fullmatch(exchange.path)
    assert found is not None
    return list(zip(_PARAMETER.findall(operation.path), found.groups(), strict=True))


def _name(kind: str, name: str) -> str:
    return name.lower() if kind == "header" else name


def _typed(value: str, schema: Schema) -> Any:
    if schema["type"] == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if schema["type"] == "boolean":
        return {"true": True, "false": False}.get(value, value)
    return value
