"""How does a command get its configuration, and what does it say if that cannot be used?"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

from exporter.config.load import Config, ConfigError, described, load, warnings
from exporter.config.source import SourceSettings
from exporter.sources.types import SOURCES
from exporter.streams import complain
from exporter.web.limits import Limits
from exporter.web.protection import Protected
from exporter.web.server import Door

_log = structlog.get_logger("exporter.config")

T = TypeVar("T")


def configuration(path: Path) -> Config | None:
    """Load the configuration, or write every mistake to stderr and return None."""
    return _loaded(lambda: read(path), path, "configuration")


def read(path: Path) -> Config:
    """Load the configuration.

    Raises:
        ConfigError: With every mistake at once.
    """
    return load(path, {name: kind.settings for name, kind in SOURCES.items()})


def door_of(path: Path | None, limits: Limits) -> Door | None:
    """Load the web configuration, or write every mistake to stderr and return None."""
    if path is None:
        return Door(limits)
    return _loaded(lambda: Door(limits, Protected(path)), path, "web configuration")


def _loaded(load: Callable[[], T], path: Path, what: str) -> T | None:
    try:
        return load()
    except ConfigError as error:
        _complain(error, what)
    except Exception as error:  # noqa: BLE001 - whatever a file holds: a sentence, no traceback
        _complain(ConfigError(str(path), [described(error)]), what)
    return None


def _complain(error: ConfigError, what: str) -> None:
    count = len(error.problems)
    noun = "problem" if count == 1 else "problems"
    complain(f"{error.origin}: {count} {noun} in the {what}:")
    for problem in error.problems:
        complain(f"  - {problem}")


def source_named(config: Config, path: Path, name: str) -> SourceSettings | None:
    """Return a source of the configuration, or write to stderr which ones there are."""
    found = next((each for each in config.sources if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in config.sources)
        complain(f"{path}: there is no source {name!r}; its sources: {known}")
    return found


def advice(config: Config) -> list[str]:
    """Name settings that are allowed but rarely wise."""
    return warnings(config, {name: kind.intervals for name, kind in SOURCES.items()})


def log_advice(config: Config) -> None:
    """Write the advice to the log."""
    for sentence in advice(config):
        _log.warning(sentence)
