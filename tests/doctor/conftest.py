"""Simulated APIs behind TLS, and what the doctor says of them."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from exporter.clock import Clock
from exporter.config.load import parse
from exporter.config.source import SourceSettings
from exporter.doctor.examination import examine
from exporter.doctor.findings import Examined, Finding
from exporter.simulators import Simulation
from exporter.sources.vendors import SOURCES

TYPES = {name: kind.settings for name, kind in SOURCES.items()}
FEW = {
    "com": ("servers", "jobs"),
    "ome": ("devices", "jobs"),
}
"""The collectors that are switched on."""


def settings(entry: Mapping[str, Any]) -> SourceSettings:
    text = yaml.safe_dump({"sources": [dict(entry)]})
    return parse(text, TYPES, {}, origin="test").sources[0]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(made)
    return made


class Clinic:
    """A simulation that is served, and what an examination finds."""

    def __init__(self, simulation: Simulation, url: str) -> None:
        self.simulation = simulation
        self.url = url

    @property
    def secrets(self) -> list[str]:
        com, ome = self.simulation.com_credentials, self.simulation.ome_credentials
        return [com.client_secret, ome.password]

    def entry(self, kind: str = "ome", **changes: Any) -> dict[str, Any]:
        listed = yaml.safe_load(self.simulation.sources_yaml(self.url))["sources"]
        (made,) = (each for each in listed if each["type"] == kind)
        off = {
            name: {"enabled": False} for name in SOURCES[kind].intervals if name not in FEW[kind]
        }
        return {**made, "collectors": off, **changes}

    async def examined(
        self, kind: str = "ome", clock: Clock | None = None, limit: float = 60.0, **changes: Any
    ) -> Examined:
        (found,) = await examine([settings(self.entry(kind, **changes))], limit, clock)
        written = repr(found)
        assert [secret for secret in self.secrets if secret in written] == []
        return found


Admit = Callable[..., Awaitable[Clinic]]


@pytest.fixture
async def admit() -> AsyncIterator[Admit]:
    async with AsyncExitStack() as stack:

        async def admitted(tls: ssl.SSLContext | None = None) -> Clinic:
            simulation = Simulation(servers=6, seed=5)
            url = await stack.enter_async_context(simulation.serving(ssl_context=tls))
            return Clinic(simulation, url)

        yield admitted


def finding(examined: Examined, step: str, subject: str = "") -> Finding:
    """Return the one finding of a step."""
    (only,) = [each for each in examined.findings if each.step == step and subject in each.subject]
    return only


def verdicts(examined: Examined) -> dict[str, str]:
    """Return every verdict by step, collectors by their own name."""
    return {
        each.subject if each.step == "collector" else each.step: each.verdict.value
        for each in examined.findings
    }
