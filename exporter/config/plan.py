"""Compares two configurations: which sources come, go, change or stay.

Equal settings need no change. The content of `http.ca_file` is part of the settings: a renewed file
is a change. A secret's file is known by its path only, because it is read again when the API
refuses it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from exporter.config.load import Config
from exporter.config.source import SourceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Names of sources; each is in exactly one of the five, in the order of its configuration."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Other settings, the same servers: their data are served until newer ones are there."""
    moved: tuple[str, ...] = ()
    """The name now stands for another API, region or workspace: former data are let go."""
    unchanged: tuple[str, ...] = ()

    @property
    def ending(self) -> tuple[str, ...]:
        """Sources that are no longer polled as they were."""
        return (*self.removed, *self.changed, *self.moved)

    @property
    def starting(self) -> frozenset[str]:
        """Sources that have to be built."""
        return frozenset((*self.added, *self.changed, *self.moved))


NOTHING = Changes()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a reload."""

    changes: Changes = NOTHING
    problems: tuple[str, ...] = ()
    """Why the previous configuration stays in force; empty after a success."""
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the new configuration is in force."""
        return not self.problems


def changes(before: Iterable[SourceSettings], after: Sequence[SourceSettings]) -> Changes:
    """Compare the sources of two configurations."""
    previous = {settings.name: settings for settings in before}
    wanted = {settings.name for settings in after}
    kinds: dict[str, list[str]] = {"added": [], "changed": [], "moved": [], "unchanged": []}
    for settings in after:
        kinds[_kind(previous.get(settings.name), settings)].append(settings.name)
    removed = tuple(name for name in previous if name not in wanted)
    return Changes(removed=removed, **{kind: tuple(names) for kind, names in kinds.items()})


def _kind(before: SourceSettings | None, after: SourceSettings) -> str:
    if before is None:
        return "added"
    if before == after:
        return "unchanged"
    return "changed" if before.identity == after.identity else "moved"


def needing_restart(running: Config, wanted: Config) -> tuple[str, ...]:
    """Name the settings beside the sources that differ: a reload cannot change them."""
    return tuple(
        each.name
        for each in fields(Config)
        if each.name != "sources" and getattr(running, each.name) != getattr(wanted, each.name)
    )
