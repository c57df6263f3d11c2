"""What happens to a machine, and when?

Time runs in windows of twenty minutes. Machines form groups of 64; in every window each machine of
a group plays another one of 64 roles, most of them uneventful. So every state occurs in a group
at any time, one machine in about twenty is not well, and the state of one machine at one time is
found without looking at any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from exporter.simulators.hashing import noise, unit
from exporter.simulators.identity import FIRST_OTHER_SLOT

Health = Literal["OK", "WARNING", "CRITICAL", "UNKNOWN"]
Power = Literal["ON", "OFF", "POWERING_ON", "POWERING_OFF", "RESET", "UNKNOWN"]

WINDOW: Final = 1200.0
GROUP: Final = 64
_STRIDE: Final = 7
_STRIDE_BACK: Final = pow(_STRIDE, -1, GROUP)

(
    CRITICAL_FAULT, WARNING_FAULT, UNKNOWN_HEALTH, POWERED_OFF, DISCONNECTED, MAINTENANCE,
    RESETTING, NETWORK_UNKNOWN, INFORMATION, UNRATED_EVENT, NO_STATUS, EVENTFUL,
) = range(12)  # fmt: skip
"""The roles; those from EVENTFUL on are quiet."""

COMPONENTS: Final = (
    "fans", "memory", "power_supplies", "processor", "storage", "temperature", "network", "bios",
)  # fmt: skip

_SALT_PHASE, _SALT_TURN, _SALT_START, _SALT_END, _SALT_COMPONENT = 201, 202, 203, 204, 205


@dataclass(frozen=True, slots=True)
class Episode:
    """A role of a machine in a window: Unix seconds of its begin and end (exclusive)."""

    slot: int
    role: int
    number: int
    starts: float
    ends: float

    def lasts(self, t: float) -> bool:
        """Tell whether the episode is on at a time."""
        return self.starts <= t < self.ends


@dataclass(frozen=True, slots=True)
class Situation:
    """The state of a machine at a time, in words of neither vendor.

    `components` names only those that are not OK. `changed_at` is a Unix time in seconds.
    """

    health: Health = "OK"
    components: Mapping[str, Health] = field(default_factory=lambda: MappingProxyType({}))
    power: Power = "ON"
    connected: bool = True
    maintenance: bool = False
    managed: bool = True
    rated: bool = True
    changed_at: float = 0.0


class Episodes:
    """The course of events of a fleet, a pure function of the seed."""

    def __init__(self, seed: int) -> None:
        """Remember the seed; phases of groups are kept once computed."""
        self._seed = seed
        self._turn = noise(seed, _SALT_TURN) % GROUP
        self._phases: dict[int, float] = {}

    def number(self, slot: int, t: float) -> int:
        """Return the number of the window that is on for a slot at a time."""
        return int((t + self._phase(slot)) // WINDOW)

    def at(self, slot: int, t: float) -> Episode:
        """Return the episode of a slot whose window is on at a time."""
        return self.of(slot, self.number(slot, t))

    def of(self, slot: int, number: int) -> Episode:
        """Return the episode of a slot in the window with a number."""
        role = self._role(slot, number)
        begin = number * WINDOW - self._phase(slot)
        if role >= EVENTFUL:
            return Episode(slot, role, number, begin, begin + WINDOW)
        starts = begin + 0.03 * WINDOW * unit(self._seed, _SALT_START, slot, number)
        ends = begin + WINDOW * (0.9 + 0.1 * unit(self._seed, _SALT_END, slot, number))
        return Episode(slot, role, number, starts, ends)

    def player(self, slot: int, number: int, role: int) -> int:
        """Return the slot that plays a role in a window of the group that a slot belongs to."""
        index = (role - self._turn - _STRIDE * number) % GROUP
        return ((slot >> 7 << 6 | index) << 1) | (slot & 1)

    def between(self, slot: int, role: int, begin: float, end: float) -> Iterator[Episode]:
        """Yield the episodes of a slot in a role that may touch a span of Unix seconds."""
        wanted = (role - (slot >> 1) - self._turn) * _STRIDE_BACK % GROUP
        first = self.number(slot, begin)
        for number in range(first + (wanted - first) % GROUP, self.number(slot, end) + 1, GROUP):
            yield self.of(slot, number)

    def component(self, episode: Episode) -> str:
        """Return the component that a fault is in."""
        return COMPONENTS[noise(self._seed, _SALT_COMPONENT, episode.slot, episode.number) % 8]

    def situation(self, slot: int, t: float) -> Situation:
        """Return the state of a slot at a time."""
        episode = self.at(slot, t)
        if episode.role >= EVENTFUL or not episode.lasts(t):
            return Situation(changed_at=_last_change(episode, t))
        return self._eventful(episode, t)

    def _eventful(self, episode: Episode, t: float) -> Situation:
        if episode.role in (CRITICAL_FAULT, WARNING_FAULT):
            health: Health = "CRITICAL" if episode.role == CRITICAL_FAULT else "WARNING"
            parts = {self.component(episode): health}
            return Situation(health, parts, changed_at=episode.starts)
        if episode.role == POWERED_OFF:
            return _powered_off(episode, t)
        if episode.role == RESETTING:
            return Situation(power="RESET" if t < episode.starts + 120 else "ON",
                             changed_at=episode.starts)  # fmt: skip
        return _PLAIN.get(episode.role, Situation)(changed_at=episode.starts)

    def _role(self, slot: int, number: int) -> int:
        if slot == FIRST_OTHER_SLOT:
            # One chassis is always in trouble, so that alerts of devices that are no servers exist.
            return number % 2
        return ((slot >> 1) + self._turn + _STRIDE * number) % GROUP

    def _phase(self, slot: int) -> float:
        group = slot >> 7 << 1 | slot & 1
        phase = self._phases.get(group)
        if phase is None:
            phase = self._phases[group] = WINDOW * unit(self._seed, _SALT_PHASE, group)
        return phase


def off_span(episode: Episode) -> tuple[float, float]:
    """Return the Unix seconds between which a machine that is switched off draws standby power."""
    return episode.starts + 60, episode.ends - 60


def _last_change(episode: Episode, t: float) -> float:
    if t >= episode.ends:
        return episode.ends
    return episode.starts if t >= episode.starts else episode.starts - 0.1 * WINDOW


def _powered_off(episode: Episode, t: float) -> Situation:
    begin, end = off_span(episode)
    if not begin <= t < end:
        power: Power = "POWERING_OFF" if t < begin else "POWERING_ON"
        return Situation(power=power, changed_at=episode.starts)
    # A machine that is off cannot see its network, and COM then often calls its BIOS a warning.
    parts: dict[str, Health] = {"network": "UNKNOWN"}
    if episode.slot & 2:
        parts["bios"] = "WARNING"
    health: Health = "WARNING" if episode.slot & 2 else "OK"
    return Situation(health, parts, power="OFF", changed_at=begin)


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A situation that depends on the role alone."""

    health: Health = "OK"
    power: Power = "ON"
    connected: bool = True
    maintenance: bool = False
    managed: bool = True
    rated: bool = True
    parts: tuple[str, ...] = ()

    def __call__(self, *, changed_at: float) -> Situation:
        parts: dict[str, Health] = dict.fromkeys(self.parts, "UNKNOWN")
        return Situation(
            self.health, parts, self.power, self.connected, self.maintenance, self.managed,
            self.rated, changed_at,
        )  # fmt: skip


_PLAIN: Final = {
    UNKNOWN_HEALTH: _Fixed(health="UNKNOWN", power="UNKNOWN"),
    DISCONNECTED: _Fixed(connected=False),
    MAINTENANCE: _Fixed(maintenance=True, managed=False),
    NETWORK_UNKNOWN: _Fixed(parts=("network",)),
    NO_STATUS: _Fixed(health="UNKNOWN", rated=False),
}
