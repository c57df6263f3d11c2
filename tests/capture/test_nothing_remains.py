"""Whatever identifies somebody, wherever it stands, is in no byte of a capture."""

import base64
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from multidict import CIMultiDict

from exporter.capture.addresses import is_time
from exporter.capture.exchanges import Exchanges
from exporter.clock import SystemClock
from exporter.exposition.store import Store
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.simulators import Simulation
from exporter.sources.contract import Surroundings
from exporter.sources.observer import Exchange
from exporter.sources.vendors import SOURCES
from tests.capture.conftest import (
    VENDORS,
    Listener,
    captured,
    config_of,
    exchanges,
    simulation,
)

API = "https://ome.acme-fra.example.com"
KINDS: tuple[Callable[[int], str], ...] = (
    lambda n: f"MXQ{n:07d}",
    lambda n: f"{n:04d}H63",
    lambda n: f"acmefra-esx{n:05d}",
    lambda n: f"ilo{n}.mgmt.acmefra.com",
    lambda n: f"10.{n % 200 + 20}.{n // 200 % 250 + 1}.{n % 97 + 101}",
    lambda n: f"fd00:acef:{n:x}::{n + 7:x}",
    lambda n: f"5C:F9:DD:{n // 65536 % 256:02X}:{n // 256 % 256:02X}:{n % 256:02X}",
    lambda n: f"5cf9dd{n:06x}",
    lambda n: f"admin{n}@acmefra.com",
    lambda n: f"{n:08x}-91b4-4f0a-8c3e-{n * 7919:012x}",
    lambda n: f"P06760-B21+CZJ{n:07d}",
    lambda n: f"{9_041_735_200 + n}",
    lambda n: f"sk-Acme{n}Zq==",
    lambda n: f"J\u00fcrgen M\u00fcller{n}",
    lambda n: f"\u0938\u0930\u094d\u0935\u0930{n}",
    lambda n: f"Please call Zaphod Beeblebrox{n}",
    lambda n: f"https://root:hunter{n}@ilo{n}.acmefra.com:8443/console?user=zaphod{n}",
    lambda n: f"acmefra{n}%20rack",
    lambda n: f"OK acmefra{n}",
    lambda n: f"/srv/acmefra{n}/share",
)
"""What users have in their systems; each number gives another one."""


class Planter:
    """Puts something in the place of every string, and remembers it."""

    def __init__(self) -> None:
        self.planted: list[str] = []
        self._numbers = itertools.count(4111)

    def another(self) -> str:
        number = next(self._numbers)
        self.planted.append(KINDS[number % len(KINDS)](number))
        return self.planted[-1]

    def everywhere(self, value: Any, *, keys: bool) -> Any:
        """Plant in every string, in a key of every object, and in every long number."""
        if isinstance(value, dict):
            found = {key: self.everywhere(item, keys=keys) for key, item in value.items()}
            return {**found, self.another(): 1} if keys else found
        if isinstance(value, list):
            return [self.everywhere(item, keys=keys) for item in value[:2]]
        if isinstance(value, str) and value.strip() and not is_time(value):
            return self.another()
        return value


def variants(planted: str) -> Iterator[bytes]:
    """How else an original could be written."""
    for text in {planted, planted.lower(), planted.upper()}:
        yield text.encode()
        yield quote(text, safe="").encode()
        yield msgspec.json.encode(text)[1:-1]
        yield base64.b64encode(text.encode()).rstrip(b"=")
        yield re.sub(r"[:-]", "", text).encode()


def remaining(planted: Iterable[str], saved: bytes) -> list[str]:
    """Originals that can be found."""
    return [
        each
        for each in planted
        if any(variant in saved for variant in variants(each) if len(variant) > 5)
    ]


async def heard(simulated: Simulation, vendor: str) -> list[Exchange]:
    """One round of a simulated source, as it passes over the wire."""
    listener = Listener()
    async with simulated.serving() as address:
        settings = config_of(simulated, address, vendor).sources[0]
        clock = SystemClock()
        source = SOURCES[vendor].build(settings, Surroundings(clock, listener))
        scheduler = Scheduler([PolledSource(settings, vendor, source)], Store(clock), clock)
        await scheduler.run_all_once()
        await scheduler.stop()
    return listener.heard


def saved(replacing: Exchanges, found: Iterable[Exchange]) -> bytes:
    """Everything that would be written of exchanges."""
    return b"\n".join(
        msgspec.json.encode([replacing.request(each), replacing.answer(each)]) for each in found
    )


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("status", [200, 403], ids=["answers", "errors"])
async def test_what_is_planted_in_every_string_field_is_gone(vendor: str, status: int) -> None:
    planter = Planter()
    spoilt = []
    for exchange in one_of_each(await heard(simulation(servers=6), vendor)):
        document = planter.everywhere(msgspec.json.decode(exchange.body), keys=True)
        body = msgspec.json.encode(document)
        spoilt.append(replace(exchange, status=status, body=body))

    text = saved(exchanges(vendor, API), spoilt)

    assert len(planter.planted) > 150
    assert remaining(planter.planted, text) == []


@pytest.mark.parametrize("kind", range(len(KINDS)))
@pytest.mark.parametrize("form", ["text/html", "application/json"])
def test_what_stands_in_a_text_that_is_not_json_is_gone(kind: int, form: str) -> None:
    planted = KINDS[kind](4321)
    body = f"<html><title>Error</title>The server {planted} is not known: '{planted}'</html>"
    if form == "application/json":
        body = '{"value": [{"DeviceName": "' + planted + '", "Id": 10'
    exchange = asked(f"{API}/api/x", body=body.encode(), status=200)

    assert remaining([planted], saved(exchanges(api=API), [exchange])) == []


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_what_stands_in_a_url_is_gone(kind: int) -> None:
    planted = KINDS[kind](54321)
    once, path = quote(planted, safe=""), quote(planted, safe="+")
    found = [
        asked(f"{API}/api/Devices({once})/Power"),
        asked(f"{API}/api/Devices('{once}')/Power"),
        asked(f"{API}/v1/servers/{path}/alerts"),
        asked(f"{API}/v1/servers?filter=Name%20eq%20%27{once}%27&Name={once}"),
        asked(f"{API}/v1/servers?filter=contains(name,%27{once}%27)%20or%20id%20in%20({once})"),
        asked(f"{API}/v1/servers?{once}=1"),
        asked(f"https://elsewhere.acme-fra.example.com/{path}"),
        asked(
            f"{API}/api/x", question=msgspec.json.encode({"EntityId": planted, planted: [planted]})
        ),
        asked(f"{API}/api/x", question=planted.encode()),
    ]

    text = saved(exchanges(api=API), found)

    assert remaining([planted, "acme-fra"], text) == []


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_what_stands_in_a_header_is_gone(kind: int) -> None:
    planted = KINDS[kind](4321)
    names = (
        "Content-Type", "Retry-After", "RateLimit-Limit", "X-RateLimit-Reset", "Deprecation",
        "Sunset", "Set-Cookie", "X-Auth-Token", "Authorization", "Location", "Link", "Server",
    )  # fmt: skip
    headers = {name: quote(planted, safe=" ") for name in names} | {planted[:5]: planted}
    exchange = asked(f"{API}/api/x", headers=headers)

    assert remaining([planted], saved(exchanges(api=API), [exchange])) == []


def test_only_headers_that_matter_to_a_client_are_kept() -> None:
    headers = {
        "Content-Type": "application/json; odata.metadata=minimal",
        "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT",
        "ratelimit-remaining": "59",
        "Set-Cookie": "JSESSIONID=1",
        "X-Auth-Token": "x",
        "Server": "Apache",
    }

    answer = exchanges(api=API).answer(asked(f"{API}/api/x", headers=headers))

    assert answer.headers == {
        "content-type": "application/json; odata.metadata=minimal",
        "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT",
        "ratelimit-remaining": "59",
    }


@pytest.mark.parametrize("vendor", VENDORS)
async def test_nothing_of_a_fleet_and_its_configuration_is_in_its_capture(
    vendor: str, tmp_path: Path
) -> None:
    simulated = simulation(servers=30)
    simulated.faults.add(kind="status", code=403, path="/v1/jobs")
    originals = set(identities(await heard(simulated, vendor)))
    com, ome = simulated.com_credentials, simulated.ome_credentials
    async with simulated.serving() as address:
        config = config_of(simulated, address, vendor, name="acme-frankfurt")
        await captured(config, tmp_path / "capture")
    originals |= {com.client_id, com.client_secret, com.workspace_id, ome.username, ome.password}
    port = address.rpartition(":")[2]
    originals |= {"acme-frankfurt", f"127.0.0.1:{port}", "Bearer", "eyJ"}
    originals |= {"access_token", "SessionService/Sessions"}

    text = everything_in(tmp_path)

    assert len(originals) > 100
    assert [each for each in originals if each.encode() in text] == []
    # Its digits may stand in the middle of a longer number that was measured.
    assert not re.search(rf"(?<![\w.]){port}(?![\w.])".encode(), text)


def everything_in(path: Path) -> bytes:
    """Names and contents of all files."""
    files = [each for each in path.rglob("*") if each.is_file()]
    return b"\n".join(each.name.encode() + b"\n" + each.read_bytes() for each in files)


def identities(found: Iterable[Exchange]) -> Iterator[str]:
    """Every name, serial number, id and address in the answers of the simulators.

    What is short, or of the addresses for documents, may by chance replace another.
    """
    for exchange in found:
        for field, parent, value in leaves(msgspec.json.decode(exchange.body)):
            is_known = {field, parent} & TECHNICAL or value in PUBLIC
            if IDENTIFYING.search(field) and not is_known and not HARMLESS.fullmatch(value):
                yield value


def leaves(value: Any, field: str = "", parent: str = "") -> Iterator[tuple[str, str, str]]:
    """Every string and whole number of a document, with the names of its field and its object."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, key, field or parent)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, field, parent)
    elif isinstance(value, str | int):
        yield field, parent, str(value)


def one_of_each(found: Iterable[Exchange]) -> list[Exchange]:
    """The longest exchange of each endpoint."""
    longest: dict[str, Exchange] = {}
    for exchange in sorted(found, key=lambda each: len(each.body)):
        longest[exchange.endpoint] = exchange
    return list(longest.values())


IDENTIFYING = re.compile(
    r"serial|tag$|identifier|name$|uuid|^mac$|macaddress|^id$|deviceid|serverid|subscriptionkey"
    r"|createdby|datacenter|^location$|groupid|dnsname|ip$|address$",
    re.IGNORECASE,
)
HARMLESS = re.compile(r"192\.0\.2\.\d+|198\.51\.100\.\d+|.{0,4}|\d{0,7}")
TECHNICAL = {
    "firmwareInventory", "firmwareInventoryUpdates", "JobStatus", "LastRunStatus", "JobType",
    "AgentName", "CatalogName", "CategoryName", "SubCategoryName", "SeverityName", "StatusName",
    "DeviceTypeName", "OsName", "osName", "componentName", "SourceName", "ComponentId",
}  # fmt: skip
PUBLIC = {"2F6D05BE-EE4B-4B0E-B873-C8D2F64A4625", "OpenManage Enterprise", "system"}


def asked(
    url: str,
    *,
    question: bytes | None = None,
    headers: dict[str, str] | None = None,
    body: bytes = b"{}",
    status: int = 200,
) -> Exchange:
    return Exchange(
        "x", "POST" if question else "GET", url, question, status, CIMultiDict(headers or {}), body
    )
