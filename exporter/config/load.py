"""Reads and checks the configuration file.

All mistakes of a file are reported at once, each with its path.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from exporter.config import files
from exporter.config.document import TreeError, checked, join, tree_of
from exporter.config.quantities import ListenAddress
from exporter.config.source import SourceSettings, Strict
from exporter.shard import WHOLE, Shard

DEFAULT_LISTEN = ("", 10450)
SHORTEST_INTERVAL = 15.0
_VARIABLE = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\}|\{[^}]*\}?)")


class ConfigError(Exception):
    """The configuration cannot be used; `problems` names each mistake with its path."""

    def __init__(self, origin: str, problems: list[str]) -> None:
        """Keep the file's name and the mistakes."""
        super().__init__("\n".join(problems))
        self.origin = origin
        self.problems = problems


def described(error: Exception) -> str:
    """Describe an error that nobody foresaw in one sentence that quotes no setting."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, TimeoutError):
        return "it takes too long: a file system does not answer"
    return f"cannot be used ({type(error).__name__})"


@dataclass(frozen=True, slots=True)
class Config:
    """A whole, checked configuration."""

    listen: tuple[str, int]
    """Host (empty: every address) and port."""
    sources: tuple[SourceSettings, ...]
    shard: Shard = WHOLE
    """Which of the servers are served; never from the file, which is the same for every shard."""


class _TopLevel(Strict):
    listen: ListenAddress = DEFAULT_LISTEN
    sources: list[Any] = Field(min_length=1)


def load(
    path: Path,
    types: Mapping[str, type[SourceSettings]],
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Read and check a configuration file.

    Args:
        path: The YAML file.
        types: The settings of each `type` of source.
        environ: Where `${NAME}` is looked up.

    Raises:
        ConfigError: With every mistake at once.
    """
    try:
        text = files.read_text(path, files.LARGE)
    except OSError as error:
        raise ConfigError(str(path), [f"cannot read the file: {error.strerror}"]) from None
    return parse(text, types, environ, origin=str(path))


def parse(
    text: str, types: Mapping[str, type[SourceSettings]], environ: Mapping[str, str], *, origin: str
) -> Config:
    """Check the text of a configuration.

    Raises:
        ConfigError: With every mistake at once.
    """
    unresolved: list[str] = []
    tree = _substituted(_tree(text, origin), environ, "", unresolved)
    problems: list[str] = []
    top = checked(_TopLevel, tree, "", problems)
    entries = tree.get("sources")
    sources = tuple(_sources(entries if isinstance(entries, list) else [], types, problems))
    if unresolved or problems or top is None:
        raise ConfigError(origin, unresolved + _about_others(problems, unresolved))
    return Config(listen=top.listen, sources=sources)


def _tree(text: str, origin: str) -> dict[str, Any]:
    try:
        tree = tree_of(text)
    except TreeError as error:
        raise ConfigError(origin, [str(error)]) from None
    if not isinstance(tree, dict):
        raise ConfigError(origin, ["the file must be a mapping with the key `sources`"])
    return tree


def _substituted(value: Any, environ: Mapping[str, str], path: str, problems: list[str]) -> Any:
    """Replace `${NAME}` in every string value; `$$` is a dollar."""
    if isinstance(value, dict):
        return {
            key: _substituted(item, environ, join(path, key), problems)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _substituted(item, environ, f"{path}[{index}]", problems)
            for index, item in enumerate(value)
        ]
    return _expanded(value, environ, path, problems) if isinstance(value, str) else value


def _expanded(text: str, environ: Mapping[str, str], path: str, problems: list[str]) -> str:
    def replacement(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        if match[1] is None:
            problems.append(
                f"{path}: write a variable as ${{NAME}}, and a dollar before a brace as $$"
            )
            return ""
        if match[1] not in environ:
            problems.append(f"{path}: the environment variable {match[1]} is not set")
            return "unset"
        return environ[match[1]]

    return _VARIABLE.sub(replacement, text)


def _about_others(problems: list[str], unresolved: list[str]) -> list[str]:
    """Leave out what is only wrong because a variable of the same setting is."""
    paths = {_path(problem) for problem in unresolved}
    return [problem for problem in problems if _path(problem) not in paths]


def _path(problem: str) -> str:
    return problem.partition(": ")[0]


def _sources(
    entries: list[Any], types: Mapping[str, type[SourceSettings]], problems: list[str]
) -> Iterator[SourceSettings]:
    names: dict[str, str] = {}
    for index, entry in enumerate(entries):
        path = f"sources[{index}]"
        if not isinstance(entry, dict):
            problems.append(f"{path}: must be a mapping with name and type")
            continue
        name = entry.get("name")
        if isinstance(name, str) and name in names:
            problems.append(f"{path}.name: {name!r} is the name of {names[name]} already")
        elif isinstance(name, str):
            names[name] = path
        source = _source(entry, path, types, problems)
        if source is not None:
            yield source


def _source(
    entry: dict[Any, Any], path: str, types: Mapping[str, type[SourceSettings]], problems: list[str]
) -> SourceSettings | None:
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in types:
        problems.append(f"{path}.type: must be one of {', '.join(types)}")
        return None
    source = checked(types[kind], entry, path, problems)
    problems.extend(f"{path}.{key}: {text}" for key, text in types[kind].mistakes(entry))
    return source


def warnings(config: Config, defaults: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Name settings that are allowed but rarely wise.

    Args:
        config: A checked configuration.
        defaults: Default intervals by type of source and collector.
    """
    found = []
    for source in config.sources:
        if source.http.insecure_skip_verify:
            found.append(f"{source.name}: its certificate is not verified; ca_file is better")
        for name, settings in source.by_collector.items():
            interval = settings.interval or defaults[source.type][name]
            if settings.enabled and interval < SHORTEST_INTERVAL:
                found.append(f"{source.name}: {name} every {interval:g} s asks a lot of the API")
    return found
