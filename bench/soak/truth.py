"""Is what a scrape says what the fleet was when it was asked?

A collector's last success and its duration say between which two times the APIs were asked.
What is served has to have been true at a time between them, and all that was true at each of them
has to be served; and that time may be no longer ago than the freshness contract allows.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench.soak.page import Page
from exporter.polling.timing import max_staleness
from exporter.simulators import Simulation
from exporter.simulators.episodes import Situation
from exporter.simulators.machines import SERVER

SOURCES = {"com": "com-demo", "ome": "ome-demo"}
INVENTORIES = {"com-demo": "servers", "ome-demo": "devices"}
_KEPT = 5400.0
"""Seconds of the fleet for which the truth is remembered."""
_LONGEST_RUN = 900.0
"""Seconds of the fleet that a run may have taken of which nothing is known."""
_MARGIN = 10.0
"""Seconds of the fleet, for what takes no time in a fleet but does in a machine."""


@dataclass(frozen=True)
class State:
    """What is true of a server."""

    health: str
    power: str
    connected: float
    situation: Situation
    """All of it but the time, of which the above is compared in each scrape."""
    subscribed: bool = True
    """COM knows little of a server without a subscription."""


@dataclass(frozen=True)
class Moment:
    """What is true of the fleet at a time."""

    at: float
    servers: Mapping[str, Mapping[str, State]]
    """By source and serial."""


@dataclass(frozen=True)
class Lie:
    """A time in which answers of a vendor were valid, and wrong about its servers."""

    source: str
    begins: float
    ends: float


@dataclass
class Truth:
    """Remembers what was true of a simulated fleet."""

    simulation: Simulation
    lies: list[Lie] = field(default_factory=list)
    _moments: deque[Moment] = field(default_factory=deque)
    _took: dict[str, tuple[float, float]] = field(default_factory=dict)

    def note(self) -> None:
        """Remember what is true now."""
        world = self.simulation.world
        at = world.clock()
        of_com = {
            each.serial: State(
                each.situation.health.lower(),
                _power(each.situation.power),
                float(each.situation.connected),
                replace(each.situation, changed_at=0),
                each.subscription == "SUBSCRIBED",
            )
            for each in world.com_servers(at)
        }
        of_ome = {
            each.identifier: State(
                each.situation.health.lower(),
                _power(each.situation.power),
                float(each.situation.connected),
                replace(each.situation, changed_at=0),
            )
            for each in world.ome_devices(at)
            if each.type == SERVER
        }
        self._moments.append(Moment(at, {"com-demo": of_com, "ome-demo": of_ome}))
        while self._moments[0].at < at - _KEPT:
            self._moments.popleft()

    def steady_since(self, begins: float) -> set[str]:
        """Name the servers, by serial, of which nothing has changed since a time."""
        fleets = [
            {
                serial: state
                for states in moment.servers.values()
                for serial, state in states.items()
            }
            for moment in self._moments
            if moment.at >= begins
        ]
        first = fleets[0] if fleets else {}
        return {
            serial
            for serial, state in first.items()
            if all(fleet.get(serial) == state for fleet in fleets)
        }

    def broken(self, page: Page, timeout: float) -> Iterator[str]:
        """Name what a scrape says that is not or no longer true, and what it lacks.

        Args:
            page: The scrape.
            timeout: That of a call, in seconds of the fleet.
        """
        ended = page.of_collectors("serverfleet_collector_last_success_timestamp_seconds")
        served = page.of_collectors("serverfleet_collector_data_served")
        interval = page.of_collectors("serverfleet_collector_interval_seconds")
        for key in ended:
            age, limit = page.asked - ended[key], max_staleness(interval[key], timeout)
            if served[key] and age > limit:
                yield f"{'/'.join(key)} is served {age:.0f} s after its last success"
        for source, collector in INVENTORIES.items():
            key = source, collector
            listed = _by_serial(page, "serverfleet_server_info", source)
            if key in ended and _ends_meanwhile(
                page, ended[key] + max_staleness(interval[key], timeout)
            ):
                continue
            if served.get(key):
                yield from self._compared(page, source, ended[key], listed)
            elif listed:
                yield f"{source} serves {len(listed)} servers, and says that it serves none"

    def _compared(
        self, page: Page, source: str, ended: float, listed: Mapping[str, float]
    ) -> Iterator[str]:
        moments = self._between(ended - self._duration(page, source, ended), ended)
        if not moments:
            yield f"{source}: nobody remembers what was true at {ended:.0f}"
            return
        fleets = [moment.servers[source] for moment in moments]
        ever = set().union(*fleets)
        for serial in listed.keys() - ever:
            yield f"{source} serves {serial}, which was not there"
        if any(
            lie.source == source and lie.begins <= moments[-1].at and lie.ends >= moments[0].at
            for lie in self.lies
        ):
            return
        for serial in set(fleets[0]).intersection(*fleets) - listed.keys():
            yield f"{source} lost {serial}"
        yield from _wrong(source, _said(page, source), fleets)

    def _between(self, begins: float, ends: float) -> list[Moment]:
        """Give what was true between two times, with the last moment before and the first after.

        On a busy machine moments may be far apart, and what was true between two of them was so
        at one of them.
        """
        before = [each for each in self._moments if each.at < begins - _MARGIN]
        within = [each for each in self._moments if begins - _MARGIN <= each.at <= ends + _MARGIN]
        after = [each for each in self._moments if each.at > ends + _MARGIN]
        return [*before[-1:], *within, *after[:1]]

    def _duration(self, page: Page, source: str, ended: float) -> float:
        """Say how long the last successful run took; a failed one since then hides it."""
        key = source, INVENTORIES[source]
        if page.of_collectors("serverfleet_collector_success").get(key):
            took = page.of_collectors("serverfleet_collector_duration_seconds")[key]
            self._took[source] = ended, took
        known, took = self._took.get(source, (0.0, 0.0))
        return took if known == ended else _LONGEST_RUN


def _ends_meanwhile(page: Page, limit: float) -> bool:
    """Tell whether data are withdrawn just while a scrape is written."""
    return page.asked - _MARGIN <= limit <= page.had + _MARGIN


def _power(power: str) -> str:
    """A restart is served as the state that it leads out of."""
    return "powering_on" if power == "RESET" else power.lower()


def _by_serial(page: Page, family: str, source: str) -> dict[str, float]:
    return {own["serial"]: n for own, n in page.family(family) if own["source"] == source}


def _said(page: Page, source: str) -> dict[str, dict[str, object]]:
    """Return what is served of each property, by serial."""
    current: dict[str, dict[str, object]] = {
        name: {
            own["serial"]: own["state"]
            for own, number in page.family(f"serverfleet_server_{family}")
            if own["source"] == source and number
        }
        for name, family in (("health", "health"), ("power", "power_state"))
    }
    connected: dict[str, object] = {**_by_serial(page, "serverfleet_server_connected", source)}
    return {**current, "connected": connected}


def _wrong(
    source: str,
    said: Mapping[str, Mapping[str, object]],
    fleets: Sequence[Mapping[str, State]],
) -> Iterator[str]:
    """Name the properties of servers that they had at no time."""
    for serial in set().union(*fleets):
        states = [fleet[serial] for fleet in fleets if serial in fleet]
        if not states[0].subscribed:
            continue
        for name, by_serial in said.items():
            true = {getattr(state, name) for state in states}
            found = by_serial.get(serial)
            # Now and then COM has no health of a server that is well.
            quirk = name == "health" and source == "com-demo" and "ok" in true
            if found is None and (quirk or any(serial not in fleet for fleet in fleets)):
                continue
            if found not in true:
                yield f"{source}: {name} of {serial} is {found}, and was {sorted(map(str, true))}"
