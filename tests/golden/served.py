"""An exporter in front of an API, and the part of its `/metrics` that is the same at every run."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NoReturn

import yaml

from exporter.config.load import Config, parse
from exporter.lifecycle import Exporter
from exporter.sources.vendors import SOURCES
from tests.e2e.rig import run_inventories
from tests.support.http import fetched

API: Final = "http://api.example.net"
"""What a page shows in place of the address of a server on loopback."""
KEPT: Final = ("serverfleet_server_", "serverfleet_group_", "serverfleet_source_",
               "serverfleet_collector_")  # fmt: skip
"""The beginnings of the families of a page; the others are about the process and its calls."""
CHANGING: Final = re.compile(
    "serverfleet_collector_(.*_timestamp_seconds|duration_seconds|interval_seconds|runs_total"
    "|.*calls|.*requests|consecutive_failures|data_served)"
)
"""Families that depend on the schedule, or repeat what others say."""
NO_FAILURE: Final = re.compile(r"serverfleet_collector_failures_total\{.*} 0")
"""Left out: there is one for each collector and reason, hundreds in all."""


class FrozenClock:
    """A clock that always shows the same time; `sleep` never returns: nothing runs again."""

    def __init__(self, now: float) -> None:
        self._now = now

    def wall(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return 5000.0

    async def sleep(self, seconds: float) -> NoReturn:
        del seconds
        while True:
            await asyncio.Event().wait()


def config_of(entries: Sequence[Mapping[str, Any]]) -> Config:
    """Return a configuration of these sources."""
    types = {name: kind.settings for name, kind in SOURCES.items()}
    text = yaml.safe_dump({"sources": [dict(each) for each in entries]})
    return parse(text, types, {}, origin="golden")


async def page_of(config: Config, now: float, base_url: str) -> str:
    """Run every collector once, fetch `/metrics`, and return its stable part.

    Args:
        config: The sources.
        now: The Unix time of the exporter.
        base_url: The address of the API, which the page shows as `API`.
    """
    exporter = Exporter(config, FrozenClock(now))
    await exporter.scheduler.run_all_once()
    # The inventory shows operating systems, which another collector reads, from its next run.
    await run_inventories(exporter)
    async with exporter.serving("127.0.0.1", 0) as port:
        answer = await fetched(f"http://127.0.0.1:{port}/metrics")
    assert answer.status == 200
    return stable(answer.text.replace(base_url, API))


def stable(text: str) -> str:
    """Leave out families that depend on time or machine; sort the series of the others.

    Args:
        text: An exposition in the text format.
    """
    lines = []
    for name, family in groupby(text.splitlines(), _Families()):
        if name.startswith(KEPT) and not CHANGING.fullmatch(name):
            lines += _sorted(family)
    return "\n".join([*lines, ""])


class _Families:
    """Names the family of each line of an exposition, in order."""

    def __init__(self) -> None:
        self._name = ""

    def __call__(self, line: str) -> str:
        if line.startswith("# HELP "):
            self._name = line.split(" ")[2]
        return self._name


def _sorted(family: Iterable[str]) -> list[str]:
    lines = [line for line in family if not NO_FAILURE.fullmatch(line)]
    described = [line for line in lines if line.startswith("#")]
    return [*described, *sorted(line for line in lines if line and not line.startswith("#"))]
