"""What goes wrong in the last hours, so that there is something to see?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from exporter.simulators import FaultHandle
from exporter.simulators.machines import SERVER
from grafana.gallery.fleet import Fleet, Site

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens `before` the end, in seconds."""

    before: float
    happen: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that a picture shows."""

    source: str
    name: str
    serial: str


@dataclass(frozen=True, slots=True)
class Story:
    """What happens, the earliest first, and to which servers of the server dashboard."""

    events: Sequence[Event]
    hpe: Subject
    dell: Subject


def story(fleet: Fleet) -> Story:
    """Tell what happens to the fleet."""
    eu, us = fleet.site("eu"), fleet.site("us")
    hpe, dell = _subject(eu, "com", 29), _subject(eu, "ome", 4)
    events = [*_to_servers(eu, us, hpe, dell), *_to_sources(eu, us)]
    return Story(sorted(events, key=lambda event: -event.before), hpe, dell)


def _to_servers(eu: Site, us: Site, hpe: Subject, dell: Subject) -> Iterator[Event]:
    yield _wish(eu, hpe, 130, component={"power_supplies": "WARNING"})
    yield _wish(eu, hpe, 65, component={"power_supplies": "CRITICAL", "fans": "WARNING"})
    yield _wish(eu, dell, 110, component={"temperature": "WARNING"})
    yield _wish(eu, dell, 50, component={"temperature": "CRITICAL", "memory": "WARNING"})
    yield _wish(eu, _subject(eu, "com", 20), 95, component={"storage": "CRITICAL"})
    yield _wish(eu, _subject(eu, "com", 31), 80, component={"memory": "WARNING"})
    yield _wish(eu, _subject(eu, "ome", 17), 70, component={"processor": "CRITICAL"})
    yield _wish(eu, _subject(eu, "ome", 40), 55, component={"storage": "WARNING"})
    yield _wish(us, _subject(us, "com", 8), 60, component={"fans": "WARNING"})
    yield _wish(us, _subject(us, "com", 14), 48, power="OFF")
    yield _wish(us, _subject(us, "ome", 22), 40, power="OFF")
    for number in (25, 26, 28):
        yield _wish(us, _subject(us, "com", number), 35, connected=False)


def _to_sources(eu: Site, us: Site) -> Iterator[Event]:
    yield from _trouble(us, 150, 132, vendor="ome", kind="status", code=503)
    yield from _trouble(eu, 90, 80, vendor="com", kind="delay", seconds=0.4)
    yield from _trouble(eu, 75, 70, vendor="com", kind="status", code=429, retry_after=1)
    yield from _trouble(us, 30, 26, vendor="com", kind="not_json_type", path="alerts")


def _subject(site: Site, kind: str, number: int) -> Subject:
    world = site.simulation.world
    if kind == "com":
        server = world.com_servers()[number]
        return Subject(site.source(kind), server.name, server.serial)
    devices = (each for each in world.ome_devices() if each.type == SERVER)
    device = [each for each in devices if each.chassis_tag is None][number]
    return Subject(site.source(kind), device.name, device.identifier)


def _wish(site: Site, subject: Subject, minutes: float, **wishes: Any) -> Event:
    world = site.simulation.world
    return Event(minutes * MINUTE, lambda: world.override(subject.serial, **wishes))


def _trouble(site: Site, begins: float, ends: float, **order: Any) -> Iterator[Event]:
    faults = site.simulation.faults
    ordered: list[FaultHandle] = []

    def heal() -> None:
        for fault in ordered:
            fault.remove()

    yield Event(begins * MINUTE, lambda: ordered.append(faults.add(**order)))
    yield Event(ends * MINUTE, heal)
