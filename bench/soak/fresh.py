"""Does an exporter that lived through storms serve what one that was just started serves?

A second exporter polls the healed fleet once, before and again after every collector of the
watched one has run. What both of its pages have in common was true all the while, so it has to be
on a page in between; and what is on that page has to be on one of them.
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bench.soak.clock import FastCalendar, FastClock
from bench.soak.page import Page
from exporter.commands.options import read
from exporter.config.load import Config
from exporter.config.source import SourceSettings
from exporter.lifecycle import Exporter

_REMEMBERED = "serverfleet_server_energy_joules_total"
"""Carried on by the state file, which a new exporter does not have."""
_RESTLESS = (
    "serverfleet_server_temperature_celsius",
    "serverfleet_server_power_watts",
    "serverfleet_server_power_headroom_watts",
    "serverfleet_server_power_minimum_watts",
    "serverfleet_server_power_peak_watts",
    "serverfleet_server_utilization_ratio",
)
"""Readings that go up and down, come and go all the time: two say nothing of a third."""

_TIMEOUT = 120.0
"""Seconds of the machine for a call of the new exporter."""

_SERIAL = re.compile('serial="([^"]*)"')

Series = Mapping[str, str]
"""Values by series."""


async def fresh(config: Path, clock: FastClock) -> Series | None:
    """Return the series of servers that a new exporter serves; None if a collector failed."""
    exporter = Exporter(_patient(read(config)), FastCalendar(clock))
    try:
        succeeded = await exporter.scheduler.run_all_once()
        # The inventory of OME says which system runs only after another collector has read it.
        succeeded &= await exporter.scheduler.run_all_once()
        now = clock.wall()
        return of_servers(Page(now, now, exporter.exposition().decode())) if succeeded else None
    finally:
        await exporter.scheduler.stop()


def _patient(config: Config) -> Config:
    """Let calls last long: this exporter is not watched, and the machine may be busy."""
    return replace(config, sources=tuple(map(_with_time, config.sources)))


def _with_time(source: SourceSettings) -> SourceSettings:
    http = source.http.model_copy(update={"timeout": _TIMEOUT})
    return source.model_copy(update={"http": http})


def of_servers(page: Page) -> Series:
    """Return the series of servers on a page that any exporter would serve."""
    return {
        series: number
        for series, number in page.samples()
        if 'serial="' in series and not series.startswith((_REMEMBERED, *_RESTLESS))
    }


def only(series: Series, serials: Container[str]) -> Series:
    """Return the series of some servers."""
    return {
        each: number
        for each, number in series.items()
        if (serial := _SERIAL.search(each)) and serial[1] in serials
    }


def differences(before: Series, between: Series, after: Series) -> Iterator[str]:
    """Name what is lost, invented or wrong on the page in between."""
    for series in before.keys() & after.keys() - between.keys():
        yield f"lost: {series}"
    for series in between.keys() - before.keys() - after.keys():
        yield f"invented: {series}"
    for series in before.keys() & after.keys() & between.keys():
        if before[series] == after[series] != between[series]:
            yield f"wrong: {series} is {between[series]}, and was {before[series]}"
