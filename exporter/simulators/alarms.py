"""Which alerts are open at a time, and which ones were cleared before?

An alert is the trace of an episode: raised when the episode starts, cleared when it ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from exporter.simulators.episodes import (
    CRITICAL_FAULT,
    INFORMATION,
    UNRATED_EVENT,
    WARNING_FAULT,
    WINDOW,
    Episode,
)
from exporter.simulators.identity import COM, FIRST_OTHER_SLOT, OME
from exporter.simulators.load import DAY
from exporter.simulators.overrides import AlertWish, Override
from exporter.simulators.world import World

HISTORY: Final = 180 * DAY
"""Seconds for which cleared alerts can be read."""
HISTORY_LIMIT: Final = 10_000
"""How many cleared alerts a vendor keeps at most; a big fleet's history is shorter by it."""

SEVERITIES: Final = {
    CRITICAL_FAULT: "CRITICAL",
    WARNING_FAULT: "WARNING",
    INFORMATION: "OK",
    UNRATED_EVENT: "UNKNOWN",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; `key` (slot, window, ordinal) is unique, times are Unix seconds.

    `severity` is CRITICAL, WARNING, OK (a mere information) or UNKNOWN. `serial` is that of the
    machine which stood in the slot when the alert was raised.
    """

    key: tuple[int, int, int]
    slot: int
    serial: str
    severity: str
    component: str
    raised_at: float
    cleared_at: float | None


class Alarms:
    """The alerts of a world's fleet."""

    def __init__(self, world: World) -> None:
        """Watch a world."""
        self._world = world
        self._past = lru_cache(maxsize=4)(self._past_episodes)

    def open(self, vendor: int, t: float) -> list[Alert]:
        """Return the alerts that are open at a time, those set by hand included."""
        manual = self._overridden(vendor, t)
        natural = [
            self._alert(episode, None)
            for episode in self._current(vendor, t)
            if episode.lasts(t) and episode.slot not in manual
        ]
        wished = [alert for alerts in manual.values() for alert in alerts]
        return natural + wished

    def of_slot(self, slot: int, t: float) -> list[Alert]:
        """Return the alerts of a slot, open and cleared ones, the newest first."""
        manual = self._overridden(slot & 1, t).get(slot)
        found = list(manual or ())
        now = self._world.episodes.number(slot, t)
        for number in range(now, now - int(HISTORY // WINDOW), -1):
            episode = self._world.episodes.of(slot, number)
            if episode.role not in SEVERITIES or episode.starts > t:
                continue
            if episode.lasts(t) and manual is not None:
                continue
            found.append(self._alert(episode, None if episode.lasts(t) else episode.ends))
        return found

    def cleared_count(self, vendor: int, t: float) -> int:
        """Return how many cleared alerts can be read."""
        return len(self._past(vendor, t, self._world.roster.version))

    def cleared(self, vendor: int, t: float, offset: int, count: int) -> list[Alert]:
        """Return a part of the cleared alerts, the newest windows first."""
        episodes = self._past(vendor, t, self._world.roster.version)[offset : offset + count]
        return [self._alert(episode, episode.ends) for episode in episodes]

    def recently_cleared(self, vendor: int, t: float) -> list[Alert]:
        """Return the alerts that were cleared within the last window of time."""
        ended = [each for each in self._current(vendor, t) if each.ends <= t]
        for group in self._world.roster.groups(vendor):
            ended.extend(self._played(group, self._world.episodes.number(group, t) - 1))
        ended.extend(self._of_chassis(vendor, t, 1))
        return [self._alert(each, each.ends) for each in ended if each.ends > t - WINDOW]

    def _current(self, vendor: int, t: float) -> Iterator[Episode]:
        for group in self._world.roster.groups(vendor):
            number = self._world.episodes.number(group, t)
            yield from self._played(group, number)
        yield from self._of_chassis(vendor, t, 0)

    def _of_chassis(self, vendor: int, t: float, back: int) -> Iterator[Episode]:
        if vendor == OME and FIRST_OTHER_SLOT in self._world.roster.members:
            number = self._world.episodes.number(FIRST_OTHER_SLOT, t)
            yield self._world.episodes.of(FIRST_OTHER_SLOT, number - back)

    def _played(self, group: int, number: int) -> Iterator[Episode]:
        episodes, members = self._world.episodes, self._world.roster.members
        for role in SEVERITIES:
            slot = episodes.player(group, number, role)
            # The first chassis has a course of its own.
            if slot == FIRST_OTHER_SLOT or slot not in members:
                continue
            if not self._is_unsubscribed(slot):
                yield episodes.of(slot, number)

    def _is_unsubscribed(self, slot: int) -> bool:
        return slot & 1 == COM and self._world.subscription(slot) == "REQUIRED"

    def _past_episodes(self, vendor: int, t: float, version: int) -> list[Episode]:
        del version  # part of the cache's key only
        groups = self._world.roster.groups(vendor)
        each = max(1, len(groups)) * len(SEVERITIES)
        depth = min(int(HISTORY // WINDOW), HISTORY_LIMIT // each)
        found = [episode for episode in self._current(vendor, t) if episode.ends <= t]
        for back in range(1, depth + 1):
            for group in groups:
                found.extend(self._played(group, self._world.episodes.number(group, t) - back))
            found.extend(self._of_chassis(vendor, t, back))
        return found

    def _alert(self, episode: Episode, cleared_at: float | None) -> Alert:
        return Alert(
            key=(episode.slot, episode.number, 0),
            slot=episode.slot,
            serial=self._world.serial_of(episode.slot, episode.starts),
            severity=SEVERITIES[episode.role],
            component=self._world.episodes.component(episode),
            raised_at=episode.starts,
            cleared_at=cleared_at,
        )

    def _overridden(self, vendor: int, t: float) -> dict[int, list[Alert]]:
        found = {}
        for serial, override in self._world.overrides.items():
            wishes = override.open_alerts()
            slot = override.slot
            if wishes is None or t < override.at or slot & 1 != vendor:
                continue
            # A machine that was replaced since takes its override with it.
            if self._world.serial_of(slot, t) == serial:
                found[slot] = _wished(slot, serial, override, wishes)
        return found


def _wished(
    slot: int, serial: str, override: Override, wishes: tuple[AlertWish, ...]
) -> list[Alert]:
    return [
        Alert((slot, int(override.at), ordinal), slot, serial, wish.severity, wish.component,
              override.at, None)
        for ordinal, wish in enumerate(wishes, start=1)
    ]  # fmt: skip
