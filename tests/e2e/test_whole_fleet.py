"""What is served is what the APIs gave: every server and value, nothing more, nothing less."""

import math
import ssl
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)

from exporter.catalogue import FAMILIES
from exporter.exposition.text import Format
from exporter.simulators import Simulation
from exporter.simulators.machines import SERVER
from tests.e2e.rig import Labels, Rig, StoppedClock, samples, value
from tests.support.http import fetched

NOW = 1_780_000_000.0
HEALTH = {"OK": "ok", "WARNING": "warning", "CRITICAL": "critical", "UNKNOWN": "unknown"}


@pytest.fixture(scope="module")
def fleet() -> Simulation:
    return Simulation(servers=700, seed=3, clock=lambda: NOW)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(fleet: Simulation) -> bytes:
    async with fleet.serving() as base_url:
        rig = Rig(fleet, base_url, StoppedClock(NOW))
        exporter = rig.exporter()
        try:
            assert await exporter.scheduler.run_all_once()
            return exporter.exposition()
        finally:
            await rig.close()


async def test_every_server_past_every_page_size_is_served_once(
    fleet: Simulation, page: bytes
) -> None:
    info = samples(page)["serverfleet_server_info"]

    expected = {("com-demo", server.serial) for server in fleet.world.com_servers(NOW)} | {
        ("ome-demo", device.identifier)
        for device in fleet.world.ome_devices(NOW)
        if device.type == SERVER
    }
    assert len(expected) == 700
    assert {(dict(own)["source"], dict(own)["serial"]) for own in info} == expected


async def test_health_power_and_connection_are_the_truth(fleet: Simulation, page: bytes) -> None:
    found = samples(page)
    health = current(found["serverfleet_server_health"])
    power = current(found["serverfleet_server_power_state"])
    connected = by_serial(found["serverfleet_server_connected"])
    for device in fleet.world.ome_devices(NOW):
        if device.type != SERVER:
            continue
        situation = device.situation
        assert health[device.identifier] == HEALTH[situation.health]
        assert power[device.identifier] == situation.power.lower()
        assert connected[device.identifier] == situation.connected
    for server in fleet.world.com_servers(NOW):
        if server.subscription == "SUBSCRIBED":
            assert connected[server.serial] == server.situation.connected
            # Now and then COM has no health (null) of a server that is well.
            assert health.get(server.serial, "ok") == HEALTH[server.situation.health]
        else:
            assert server.serial not in health, "no health is known without a subscription"


async def test_power_and_energy_are_the_truth(fleet: Simulation, page: bytes) -> None:
    found = samples(page)
    joules = by_serial(found["serverfleet_server_energy_joules_total"])
    watts = by_serial(found["serverfleet_server_power_watts"])
    assert len(joules) > 250
    for device in fleet.world.ome_devices(NOW):
        if device.type != SERVER:
            continue
        truth = fleet.world.power(device)
        if device.identifier in joules:
            assert math.isclose(joules[device.identifier], truth.kwh * 3.6e6, abs_tol=3.6e6)
        # Power Manager gathers every 15 minutes: what has changed since then it does not know yet,
        # and the load moves in between.
        if device.identifier in watts and NOW - device.situation.changed_at > 1800:
            assert math.isclose(watts[device.identifier], truth.watts, rel_tol=0.25)
    slots = {server.serial: server.slot for server in fleet.world.com_servers(NOW)}
    for window, length in (("hour", 3600), ("day", 86400)):
        energy = by_serial(found[f"serverfleet_server_energy_last_{window}_joules"])
        ends = found[f"serverfleet_source_energy_last_{window}_end_timestamp_seconds"]
        [finish] = ends.values()
        assert len(energy) > 250
        for serial, number in energy.items():
            truth_window = fleet.world.energy(slots[serial], finish - length, finish, NOW)
            assert truth_window.complete
            assert truth_window.joules is not None
            assert math.isclose(number, truth_window.joules, rel_tol=1e-3)


async def test_open_alerts_are_counted_for_every_server(fleet: Simulation, page: bytes) -> None:
    found = samples(page)["serverfleet_server_alerts"]
    counted = {
        (dict(own)["serial"], dict(own)["severity"]): number for own, number in found.items()
    }
    serials = {server.serial for server in fleet.world.com_servers(NOW)} | {
        device.identifier for device in fleet.world.ome_devices(NOW) if device.type == SERVER
    }
    assert set(counted) == {(s, severity) for s in serials for severity in ("critical", "warning")}
    whole = samples(page)["serverfleet_source_alerts"]
    apart = samples(page)["serverfleet_source_alerts_unassigned"]
    for severity in ("critical", "warning"):
        total = sum(n for own, n in whole.items() if dict(own)["severity"] == severity)
        unassigned = sum(n for own, n in apart.items() if dict(own)["severity"] == severity)
        assert sum(n for (_, own), n in counted.items() if own == severity) == total - unassigned
    assert sum(counted.values()) > 0


async def test_every_family_of_the_catalogue_is_served_or_says_why_not(page: bytes) -> None:
    served = {name.removesuffix("_bucket").removesuffix("_count") for name in samples(page)}
    not_without_cause = {
        "serverfleet_api_limit_requests_per_second",
        "serverfleet_api_retries_total",
        "serverfleet_collector_failures_total",
        "serverfleet_source_certificate_not_after_timestamp_seconds",
        # Only where an API has changed, or is going to.
        "serverfleet_api_deprecated",
        "serverfleet_api_sunset_timestamp_seconds",
        "serverfleet_collector_missing_fields",
        "serverfleet_collector_unknown_values",
        # Only a running event loop is watched, and only an open port refuses and is configured.
        "serverfleet_event_loop_lag_seconds",
        "serverfleet_web_config_last_reload_successful",
        "serverfleet_web_refused_total",
    }
    missing = {family.name for family in FAMILIES} - served - not_without_cause
    assert {name for name in missing if not name.startswith("serverfleet_ledger_")} == set()


async def test_one_hot_families_are_complete(page: bytes) -> None:
    found = samples(page)
    for family in FAMILIES:
        if not family.states:
            continue
        groups: dict[Labels, dict[str, float]] = {}
        for own, number in found[family.name].items():
            rest = frozenset(pair for pair in own if pair[0] != "state")
            groups.setdefault(rest, {})[dict(own)["state"]] = number
        for group in groups.values():
            assert set(group) == set(family.states)
            assert sum(group.values()) == 1


async def test_openmetrics_parses_strictly_with_and_without_narrowing(rig: Rig) -> None:
    exporter = rig.exporter()
    assert await exporter.scheduler.run_all_once()
    async with exporter.serving("127.0.0.1", 0) as port:
        for query in ("", "?source=com-demo", "?collector=power&collector=health"):
            answer = await fetched(
                f"http://127.0.0.1:{port}/metrics{query}",
                {"Accept": "application/openmetrics-text;version=1.0.0"},
            )
            assert answer.headers["Content-Type"] == Format.OPENMETRICS.value
            families = list(openmetrics_families(answer.text))  # type: ignore[no-untyped-call]
            assert len(families) > 3


async def test_the_apis_are_verified_over_tls_and_their_certificate_is_watched(
    tmp_path: Path,
) -> None:
    authority, simulation = trustme.CA(), Simulation(servers=10, seed=2)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    async with simulation.serving(ssl_context=context) as base_url:
        rig = Rig(simulation, base_url)
        trusted = rig.exporter(http={"ca_file": str(ca_file)})
        assert await trusted.scheduler.run_all_once()
        untrusted = rig.exporter()
        assert not await untrusted.scheduler.run_all_once()
        await rig.close()

    good, bad = trusted.exposition(), untrusted.exposition()
    expiry = "serverfleet_source_certificate_not_after_timestamp_seconds"
    verified = "serverfleet_source_tls_verification_enabled"
    for source, collector in (("com-demo", "servers"), ("ome-demo", "devices")):
        assert (value(good, expiry, source=source) or 0) > NOW
        assert value(good, verified, source=source) == 1
        where: dict[str, Any] = {"source": source, "collector": collector, "reason": "tls"}
        assert value(bad, "serverfleet_collector_failures_total", **where) == 1


def by_serial(series: Any) -> dict[str, float]:
    return {dict(own)["serial"]: number for own, number in series.items()}


def current(series: Any) -> dict[str, str]:
    """Return the state that is 1 for each serial."""
    return {dict(own)["serial"]: dict(own)["state"] for own, number in series.items() if number}
