"""Which servers are in the pictures, and how does the exporter reach them?"""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
import yaml

from exporter.config.load import Config, parse
from exporter.simulators import Simulation
from exporter.sources.types import SOURCES
from grafana.gallery.clock import LeapingClock

Collectors = Mapping[str, Mapping[str, Any]]
"""Settings of the collectors of a kind of source: by type, then by collector."""
CERTIFICATE_DAYS = {"eu": 23, "us": 310}


@dataclass(frozen=True, slots=True)
class Site:
    """A simulated COM workspace and a simulated OME appliance."""

    name: str
    simulation: Simulation

    def source(self, kind: str) -> str:
        """Name the source of a type."""
        return f"{kind}-{self.name}"


@dataclass(frozen=True, slots=True)
class Fleet:
    """The simulated sites while they are served."""

    sites: tuple[Site, ...]
    addresses: tuple[str, ...]
    ca_file: Path

    def config(self, collectors: Collectors) -> Config:
        """Return the configuration of an exporter for all sites."""
        entries = [entry for site in self._entries(collectors) for entry in site]
        types = {name: kind.settings for name, kind in SOURCES.items()}
        return parse(yaml.safe_dump({"sources": entries}), types, {}, origin="gallery")

    def site(self, name: str) -> Site:
        """Return a site by its name."""
        return next(site for site in self.sites if site.name == name)

    def _entries(self, collectors: Collectors) -> Iterator[list[dict[str, Any]]]:
        for site, address in zip(self.sites, self.addresses, strict=True):
            entries = yaml.safe_load(site.simulation.sources_yaml(address))["sources"]
            for entry in entries:
                entry["name"] = site.source(entry["type"])
                entry["http"] = {"ca_file": str(self.ca_file)}
                entry["collectors"] = dict(collectors.get(entry["type"], {}))
            yield entries


@asynccontextmanager
async def served_fleet(clock: LeapingClock, folder: Path) -> AsyncIterator[Fleet]:
    """Serve two sites of different size over TLS while the context is entered."""
    sites = (
        Site("eu", Simulation(servers=260, seed=11, clock=clock.wall, com_share=0.55)),
        Site("us", Simulation(servers=140, seed=12, clock=clock.wall, com_share=0.4)),
    )
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    async with AsyncExitStack() as stack:
        addresses = [
            await stack.enter_async_context(
                site.simulation.serving(ssl_context=_tls(authority, site.name))
            )
            for site in sites
        ]
        yield Fleet(sites, tuple(addresses), ca_file)


def _tls(authority: trustme.CA, site: str) -> ssl.SSLContext:
    ends = datetime.now(UTC) + timedelta(days=CERTIFICATE_DAYS[site])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_after=ends).configure_cert(context)
    return context
