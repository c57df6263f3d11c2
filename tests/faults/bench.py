"""How do an exporter and both APIs meet in a test, so that one of them can be disturbed?"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from exporter.catalogue import OWN_FAMILIES
from exporter.config.load import parse
from exporter.exposition.text import Format
from exporter.lifecycle import Exporter
from exporter.polling.board import CollectorState
from exporter.polling.source import PolledSource
from exporter.simulators import Simulation
from exporter.sources.contract import Collector
from exporter.sources.vendors import SOURCES
from tests.faults.clock import NOW, HandClock
from tests.faults.ends import Ends
from tests.faults.polled import SOURCE, VENDORS, Polled, Vendor, of
from tests.support.certificates import HOST
from tests.support.exposition import joined

_NAMES: Final = {family.name: family.all_labels for family in OWN_FAMILIES}
SERVERS: Final = 8
"""Of the vendor that suffers: enough for three pages of three."""
OF_THE_OTHER: Final = 2
PATIENCE: Final = 30.0
"""Seconds that a call may take while all is well."""
LIMIT: Final = "1MiB"


class Bench:
    """An exporter before both APIs; the one that suffers can be taken off the net."""

    def __init__(self, vendor: Vendor, simulation: Simulation, ends: Ends) -> None:
        self.vendor = vendor
        self.simulation = simulation
        self.ends = ends
        self.clock = HandClock()
        self.exporter: Exporter
        self.base_url = ""

    def build(self, base_url: str, *, through_port: bool, secret_file: Path | None = None) -> None:
        """Build the exporter; `through_port` sends the vendor's calls to `ends`."""
        self.base_url = base_url
        tree = yaml.safe_load(self.simulation.sources_yaml(base_url))
        for entry in tree["sources"]:
            entry["http"] = {
                "timeout": f"{PATIENCE:g}s",
                "concurrency": 64,
                "max_response_bytes": LIMIT,
            }
            if through_port and entry["type"] == self.vendor:
                address = f"https://{HOST}:{self.ends.port}"
                for key in {"url", "token_url"} & entry.keys():
                    entry[key] = entry[key].replace(base_url, address)
                entry["http"]["ca_file"] = str(self.ends.ca_file)
            if secret_file and entry["type"] == self.vendor:
                key = "client_secret" if self.vendor == "com" else "password"
                del entry[key]
                entry[f"{key}_file"] = str(secret_file)
        types = {name: kind.settings for name, kind in SOURCES.items()}
        config = parse(yaml.safe_dump(tree), types, {}, origin="test")
        self.exporter = Exporter(config, self.clock)

    def polled(self, vendor: Vendor) -> PolledSource:
        return next(s for s in self.exporter.scheduler.sources if s.name == SOURCE[vendor])

    def collector(self, each: Polled) -> Collector:
        collectors = self.polled(each.vendor).source.collectors
        return next(found for found in collectors if found.name == each.name)

    async def run(self, each: Polled) -> None:
        """Run a collector, as the scheduler does when its time has come."""
        runner = self.exporter.scheduler._runner
        await runner.run(self.polled(each.vendor), self.collector(each))

    async def run_all(self, *vendors: Vendor) -> None:
        """Run every collector of vendors, the inventories first."""
        chosen = [of(vendor) for vendor in vendors]
        await asyncio.gather(*(self.run(each[0]) for each in chosen))
        await asyncio.gather(*(self.run(each) for some in chosen for each in some[1:]))

    def state(self, each: Polled) -> CollectorState:
        return self.exporter.scheduler.board.state(SOURCE[each.vendor], each.name)

    def page(self, each: Polled) -> bytes:
        """Return the series that a collector serves."""
        body = self.exporter._pages.narrowed(Format.TEXT, [SOURCE[each.vendor]], [each.name])
        return joined(body)

    def own(self, name: str, **labels: str) -> float:
        """Return the sum of the exporter's own series that have these labels."""
        wanted = {"source": SOURCE[self.vendor], **labels}.items()
        return sum(value for own, value in self._own(name) if wanted <= own.items())

    def _own(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Read one family where all of them are written from: the page has a thousand samples."""
        self.exporter._own._bring_up_to_date()
        metrics = self.exporter._metrics
        return [
            (dict(zip(_NAMES[name], labels, strict=True)), metrics.get(name, *labels) or 0.0)
            for labels in metrics.labels(name)
        ]

    def failures(self) -> Mapping[str, Counter[str]]:
        """Return the failures of the vendor's collectors by reason."""
        found: dict[str, Counter[str]] = {}
        for own, value in self._own("serverfleet_collector_failures_total"):
            if own["source"] == SOURCE[self.vendor] and value:
                found.setdefault(own["collector"], Counter())[own["reason"]] = int(value)
        return found

    def impatient(self, seconds: float) -> None:
        """Change the time limit of the vendor's calls."""
        source: Any = self.polled(self.vendor).source
        source.parts.transport._session._timeout = aiohttp.ClientTimeout(total=seconds)

    def forget_names(self) -> None:
        """Let the vendor's next call resolve its name."""
        source: Any = self.polled(self.vendor).source
        source.parts.transport._session.connector.clear_dns_cache()

    def forget_zone(self) -> None:
        """Let the next run ask the appliance for its time zone, as it does once an hour."""
        source: Any = self.polled("ome").source
        source.parts.zone._due = -math.inf

    def delay(self, each: Polled) -> float:
        """Return the seconds until the scheduler would run a collector again."""
        return self.exporter.scheduler._delay(self.polled(each.vendor), self.collector(each))


def fleet(vendor: Vendor) -> Simulation:
    """Found a fleet with most of its servers in the API of a vendor."""
    servers = SERVERS + OF_THE_OTHER
    share = (SERVERS if vendor == "com" else OF_THE_OTHER) / servers
    return Simulation(servers=servers, seed=7, clock=lambda: NOW, com_share=share)


@asynccontextmanager
async def bench(
    vendor: Vendor, folder: Path, simulation: Simulation, *, through_port: bool, odd: str = ""
) -> AsyncIterator[Bench]:
    """Serve both APIs, build an exporter, and let every collector succeed once."""
    ends = Ends(simulation, folder, odd)
    async with AsyncExitStack() as stack:
        made = Bench(vendor, simulation, ends)
        base_url = await stack.enter_async_context(simulation.serving())
        stack.push_async_callback(ends.stop)
        if through_port:
            stack.enter_context(ends.resolving())
            await ends.become("api")
        made.build(base_url, through_port=through_port)
        stack.push_async_callback(made.exporter.scheduler.stop)
        await made.run_all(*VENDORS)
        # The inventory of OME learns from the hardware which systems run.
        await made.run(of("ome")[0])
        yield made
