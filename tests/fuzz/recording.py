"""What do the simulators answer to every collector, and who asks what?"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec import Struct, structs

from exporter.config.load import parse
from exporter.config.source import SourceSettings
from exporter.errors import NotAvailableError
from exporter.model import Inventory, Status
from exporter.simulators import Simulation
from exporter.sources import transport
from exporter.sources.com import records as com_records
from exporter.sources.com import server_record
from exporter.sources.com.vocabulary import HEALTH_KEYS
from exporter.sources.contract import Surroundings
from exporter.sources.observer import Silence
from exporter.sources.ome import device_records
from exporter.sources.ome import records as ome_records
from exporter.sources.transport import Answer, Request, Transport
from exporter.sources.vendors import SOURCES
from tests.e2e.rig import StoppedClock

Way = tuple[str | int, ...]
"""The steps from the top of a document to a value."""
Place = tuple[Way, Any]
"""The way to a value, and the value."""
RECORDS = {"com": (server_record, com_records), "ome": (device_records, ome_records)}
NOW = 1_780_000_000.0
MOST_ITEMS = 20
SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
"""Answers that were captured from real systems; not part of the project."""
CAPTURED = {
    "v1/servers": "com/servers_v1beta2_list_DL325Gen10Plus_OK.repaired.json",
    "DeviceService/Devices": "ome/GET_DeviceService_Devices.json",
    "AlertService/Alerts": "ome/GET_AlertService_Alerts.json",
    "Devices(id)/SubSystemHealth": "ome/GET_DeviceService_Devices_id_SubSystemHealth_server.json",
    "Devices(id)/Power": "ome/GET_DeviceService_Devices_id_Power.json",
    "Devices(id)/Temperature": "ome/GET_DeviceService_Devices_id_Temperature.json",
    "JobService/Jobs": "ome/GET_JobService_Jobs.json",
    "TemplateService/Baselines": "ome/GET_TemplateService_Baselines.json",
    "WarrantyService/Warranties": "ome/GET_WarrantyService_Warranties.json",
    "PowerService/MonitoredDevices": "ome/GET_PowerService_MonitoredDevices.json",
    "MetricService/Metrics": "ome/POST_MetricService_Metrics_response.json",
}
"""The call that each of some captures answers."""


@dataclass(frozen=True)
class Recording:
    """Every answer to one type of source, and the settings that fit them."""

    settings: SourceSettings
    secrets: tuple[str, ...]
    answers: Mapping[str, Mapping[tuple[str, bytes | None], Answer]]
    """By template of the call, then by address without host, and body."""
    asked: Mapping[str, tuple[str, ...]]
    """The templates that each collector asks for, those of its login included."""


@lru_cache(maxsize=1)
def recordings() -> Mapping[str, Recording]:
    """Ask the simulators everything once, for each type of source."""
    return asyncio.run(_recordings())


async def _recordings() -> Mapping[str, Recording]:
    simulation = Simulation(servers=8, seed=5, clock=lambda: NOW)
    types = {name: each.settings for name, each in SOURCES.items()}
    # Reading the system's certificates takes longer than everything else.
    with patch.object(transport, "context_for", lambda *_: True):
        async with simulation.serving() as url:
            config = parse(simulation.sources_yaml(url), types, {}, origin="recording")
            found = {each.type: await _recorded(each, simulation, url) for each in config.sources}
    return found


async def _recorded(settings: SourceSettings, simulation: Simulation, url: str) -> Recording:
    answers: dict[str, dict[tuple[str, bytes | None], Answer]] = {}
    asked: dict[str, tuple[str, ...]] = {}
    calls: list[str] = []
    real = Transport.send

    async def send(self: Transport, request: Request) -> Answer:
        answer = await real(self, request)
        calls.append(request.endpoint)
        key = request.url.removeprefix(url), None if request.private else request.body
        answers.setdefault(request.endpoint, {})[key] = _shortened(answer)
        return answer

    with patch.object(Transport, "send", send):
        for fleet_alerts in (False, True):
            simulation.com_fleet_alerts = fleet_alerts
            clock = StoppedClock(NOW)
            source = SOURCES[settings.type].build(settings, Surroundings(clock, Silence()))
            inventory = Inventory()
            for collector in source.collectors:
                calls.clear()
                try:
                    collected = await collector.collect(inventory)
                except NotAvailableError:
                    continue
                if collected.servers is not None:
                    statuses: Any = {column.facet: column.by_id for column in collected.columns}[
                        Status
                    ]
                    inventory = Inventory(collected.servers, statuses)
                asked[collector.name] = tuple(
                    dict.fromkeys((*asked.get(collector.name, ()), *calls))
                )
            await source.close()
    secrets = (simulation.com_credentials.client_secret, simulation.ome_credentials.password)
    return Recording(settings, secrets, answers, asked)


def _shortened(answer: Answer) -> Answer:
    """Leave some of the items of a long list out, which would only take time."""
    document = json.loads(answer.body or b"null")
    items = document.get("value") if isinstance(document, dict) else None
    if not isinstance(items, list) or len(items) <= MOST_ITEMS or "@odata.count" not in document:
        return answer
    document.update({"value": items[:MOST_ITEMS], "@odata.count": MOST_ITEMS})
    return Answer(answer.status, answer.headers, json.dumps(document).encode())


@cache
def bodies(kind: str, call: str) -> tuple[bytes, ...]:
    """Give the different good answers to a call, and what was captured of it from a real system."""
    own = [each.body for each in recordings()[kind].answers[call].values() if each.body]
    captured = SAMPLES / CAPTURED.get(call, "none")
    return (*dict.fromkeys(own), *([captured.read_bytes()] if captured.is_file() else []))


@cache
def places(kind: str, call: str, which: int) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Give every value of one answer: those with a name that we read, and all; the top is last."""
    top, *inner = walk(json.loads(bodies(kind, call)[which]), ())
    every, known = (*inner, top), _names(kind)
    read = tuple(
        (way, value)
        for way, value in every
        if all(isinstance(step, int) or step in known for step in way)
    )
    return read, every


def walk(node: Any, way: Way) -> Iterator[Place]:
    """Give a document and every value within it, each with the way to it."""
    yield way, node
    if isinstance(node, dict | list):
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from walk(child, (*way, step))


@cache
def _names(kind: str) -> frozenset[str]:
    """Name every field of every record of a type of source."""
    kinds = [
        each for module in RECORDS[kind] for each in vars(module).values() if isinstance(each, type)
    ]
    records = [each for each in kinds if issubclass(each, Struct)]
    fields = {field.encode_name for each in records for field in structs.fields(each)}
    return frozenset(fields | {"access_token", "expires_in", "Id"} | HEALTH_KEYS)
