"""How does a Prometheus come to know days that it did not run through?

The exporter polls the simulated fleet as it was then, what it would have served is written down
with the time, and the shipped rules are evaluated on it afterwards.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from grafana.gallery import alerts, rules
from grafana.gallery.clock import LeapingClock
from grafana.gallery.fleet import served_fleet
from grafana.gallery.past import Stretch, lived_through
from grafana.gallery.prometheus import (
    Prometheus,
    running_prometheus,
    write_rules,
    write_samples,
)
from grafana.gallery.story import Subject, story

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
WEEK_GROUPS = ("serverfleet-power", "serverfleet-energy")
SCARCE = 4 * MINUTE
"""Below five minutes, beyond which Prometheus sees a gap."""
RECENT = 5 * HOUR
SHORTEST = RECENT + HOUR
DAYS = 8.2
"""So much must have been lived for a week of energy of a day."""
RESTING = {"enabled": False}


@dataclass(frozen=True, slots=True)
class Past:
    """What the pictures are taken of: until when, and which servers."""

    moment: float
    hpe: Subject
    dell: Subject


@dataclass(frozen=True, slots=True)
class Lived:
    """A past whose exporter still answers, on a port of this machine."""

    past: Past
    port: int


@asynccontextmanager
async def lived(moment: float, folder: Path, days: float = DAYS) -> AsyncIterator[Lived]:
    """Live through the past `days` up to a moment, in Unix seconds, and stay there."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    week, recent = _week(moment, days), _recent(moment)
    clock = LeapingClock(week.begins)
    async with served_fleet(clock, folder) as fleet:
        _say(f"{days:g} days of polls")
        async with lived_through(week, fleet, clock, (), raw):
            pass
        told = story(fleet)
        _say("the last hours")
        async with lived_through(recent, fleet, clock, told.events, raw) as port:
            past = Past(moment, told.hpe, told.dell)
            (folder / "past.json").write_bytes(msgspec.json.encode(asdict(past)))
            yield Lived(past, port)


def known(folder: Path) -> Past | None:
    """Return the past that a folder already holds."""
    file = folder / "past.json"
    return msgspec.json.decode(file.read_bytes(), type=Past) if file.exists() else None


async def write_history(past: Past, folder: Path) -> None:
    """Make Prometheus' data of the expositions, the recording rules and the alerts."""
    data = folder / "data"
    _say("blocks of the scrapes")
    for file in sorted((folder / "raw").glob("*.om")):
        await write_samples(file, data)
        file.unlink()
    recordings = rules.recordings()
    of_week = rules.needed(recordings, WEEK_GROUPS)
    for number, step in enumerate(rules.steps(recordings), start=1):
        _say(f"recording rules, step {number}")
        # A server that runs does not see blocks that are new.
        async with running_prometheus(data) as server:
            await write_rules(step, server, _recent_span(past.moment), data)
            if also := [rule for rule in step if rule in of_week]:
                await write_rules(also, server, _week_span(past.moment), data)
    _say("alerts")
    await _write_alerts(past.moment, folder)


def _week(moment: float, days: float) -> Stretch:
    slow = {"interval": "1h"}
    return Stretch(
        begins=moment - max(days * DAY, SHORTEST),
        ends=moment - RECENT,
        every=SCARCE,
        file_every=DAY,
        families=rules.families_read(rules.needed(rules.recordings(), WEEK_GROUPS)),
        collectors={
            "com": {"servers": slow, "alerts": RESTING},
            "ome": {"devices": slow, "power": slow, "alerts": RESTING, "health": RESTING},
        },
        served=False,
    )


def _recent(moment: float) -> Stretch:
    return Stretch(
        begins=moment - RECENT,
        ends=moment,
        every=MINUTE,
        file_every=2 * HOUR,
        collectors={},
        served=True,
    )


def _week_span(moment: float) -> tuple[float, float, float]:
    return moment - 7.2 * DAY, moment - RECENT, SCARCE


def _recent_span(moment: float) -> tuple[float, float, float]:
    return moment - RECENT, moment, MINUTE


async def _write_alerts(moment: float, folder: Path) -> None:
    data, file = folder / "data", folder / "alerts.om"
    begin = moment - RECENT + MINUTE
    async with running_prometheus(data) as server:
        with file.open("w", encoding="utf-8") as lines:
            for rule in rules.alertings():
                found = await _truths(rule, server, begin, moment)
                lines.writelines(found)
            lines.write("# EOF\n")
    await write_samples(file, data)


async def _truths(
    rule: rules.Alerting, server: Prometheus, begin: float, moment: float
) -> list[str]:
    answer = await server.over(rule.expression, begin, moment, MINUTE)
    return list(alerts.exposition(rule, answer, MINUTE, moment))


def _say(what: str) -> None:
    sys.stderr.write(f"gallery: {what}\n")
