"""Whatever an API answers: a counted failure with its reason, and nobody else is harmed."""

from typing import Any

import aiohttp
import pytest
import structlog

from exporter.lifecycle import Exporter
from tests.commands.program import NEVER
from tests.e2e.rig import Rig, run_inventories, samples, value

LISTINGS = {"com": "/v1/servers$", "ome": "/DeviceService/Devices$"}
INVENTORY = {"com": ("com-demo", "servers"), "ome": ("ome-demo", "devices")}
OTHER_LISTS = {
    "com": "/compute-ops-mgmt/(?!v1/servers$)",
    "ome": "/api/(?!DeviceService/Devices$|SessionService)",
}
OTHER = {"com": ("ome-demo", "devices"), "ome": ("com-demo", "servers")}

WHOLE_ANSWERS: list[tuple[str, dict[str, Any], str]] = [
    ("html", {}, "decode"),
    ("empty_body", {}, "decode"),
    ("truncated_json", {}, "decode"),
    ("status", {"code": 400}, "http_4xx"),
    ("status", {"code": 401}, "auth"),
    ("status", {"code": 403}, "forbidden"),
    ("status", {"code": 404}, "http_4xx"),
    ("status", {"code": 409}, "http_4xx"),
    ("status", {"code": 429}, "rate_limited"),
    ("status", {"code": 451}, "http_4xx"),
    ("status", {"code": 500}, "http_5xx"),
    ("status", {"code": 502}, "http_5xx"),
    ("status", {"code": 503}, "http_5xx"),
    ("redirect", {}, "redirect"),
    ("reset", {}, "connect"),
    ("close_midway", {}, "connect"),
    ("stall_body", {}, "timeout"),
    ("slow_drip", {"chunk": 1, "seconds": 0.5}, "timeout"),
    ("delay", {"seconds": NEVER}, "timeout"),
    ("oversize", {"bytes": 20_000_000}, "too_large"),
    ("endless", {"bytes": 50_000_000}, "too_large"),
    ("gzip_bomb", {"bytes": 50_000_000}, "too_large"),
    ("many_records", {"records": 200_000}, "too_large"),
    ("many_records", {"records": 200_000, "record": '{"id":"a"}'}, "too_large"),
    ("huge_field", {"bytes": 5_000_000}, "too_large"),
    ("empty_list", {}, "truncated"),
    ("empty_list", {"total": "zero"}, "empty"),
]


@pytest.mark.parametrize("vendor", ["com", "ome"])
@pytest.mark.parametrize(
    ("kind", "options", "reason"),
    WHOLE_ANSWERS,
    ids=[f"{kind}-{'-'.join(map(str, options.values()))}" for kind, options, _ in WHOLE_ANSWERS],
)
async def test_a_bad_inventory_is_a_failure_with_its_reason_and_harms_no_other_source(
    rig: Rig, vendor: str, kind: str, options: dict[str, Any], reason: str
) -> None:
    exporter = rig.exporter(http={"timeout": "10m", "max_response_bytes": "4MiB"})
    await run_inventories(exporter)
    good = served_servers(exporter)
    if reason == "timeout":
        impatient(exporter, INVENTORY[vendor][0])
    rig.simulation.faults.add(vendor=vendor, path=LISTINGS[vendor], kind=kind, **options)

    with structlog.testing.capture_logs() as lines:
        succeeded = await run_inventories(exporter)

    page = exporter.exposition()
    source, collector = INVENTORY[vendor]
    where = {"source": source, "collector": collector}
    assert not succeeded
    assert value(page, "serverfleet_collector_failures_total", **where, reason=reason) == 1
    assert value(page, "serverfleet_collector_success", **where) == 0
    assert value(page, "serverfleet_source_up", source=source) == 0
    assert value(page, "serverfleet_collector_data_served", **where) == 1
    assert served_servers(exporter) == good
    other_source, other_collector = OTHER[vendor]
    other = {"source": other_source, "collector": other_collector}
    assert value(page, "serverfleet_collector_success", **other) == 1
    assert value(page, "serverfleet_source_up", source=other_source) == 1
    assert_no_secret(rig, page.decode() + repr(lines))


@pytest.mark.parametrize("vendor", ["com", "ome"])
@pytest.mark.parametrize("record", ["0", '{"id":"a","Id":1}', "[[]]"])
async def test_no_collector_takes_more_records_than_a_page_may_have(
    rig: Rig, vendor: str, record: str
) -> None:
    exporter = rig.exporter()
    rig.simulation.faults.add(
        vendor=vendor, path=OTHER_LISTS[vendor], kind="many_records", records=200_000, record=record
    )

    await exporter.scheduler.run_all_once()

    source, _ = INVENTORY[vendor]
    reasons = {
        each.collector: each.reason for each in exporter.scheduler.board if each.source == source
    }
    # The firmware is read from the same path as the inventory, which is answered well.
    assert {reasons.pop(each, "") for each in ("servers", "devices", "firmware")} == {""}
    assert set(reasons.values()) == {"too_large"}


@pytest.mark.parametrize("vendor", ["com", "ome"])
@pytest.mark.parametrize("kind", ["nulls", "unknown_codes", "missing_fields", "duplicate_items"])
async def test_odd_records_never_break_the_exposition(rig: Rig, vendor: str, kind: str) -> None:
    exporter = rig.exporter()
    rig.simulation.faults.add(vendor=vendor, kind=kind)

    await exporter.scheduler.run_all_once()

    page = exporter.exposition()
    states = samples(page).get("serverfleet_server_health", {})
    by_server: dict[str, float] = {}
    for labels, number in states.items():
        serial = dict(labels)["source"] + "/" + dict(labels)["serial"]
        by_server[serial] = by_server.get(serial, 0) + number
    assert set(by_server.values()) <= {1.0}
    assert_no_secret(rig, page.decode())


@pytest.mark.parametrize("vendor", ["com", "ome"])
@pytest.mark.parametrize(
    ("kind", "options"), [("short_list", {"drop": 1}), ("wrong_types", {"every": 2})]
)
async def test_an_inventory_that_is_odd_in_parts_is_served_and_named(
    rig: Rig, vendor: str, kind: str, options: dict[str, Any]
) -> None:
    exporter = rig.exporter()
    await run_inventories(exporter)
    good = served_servers(exporter)
    rig.simulation.faults.add(vendor=vendor, path=LISTINGS[vendor], kind=kind, **options)

    with structlog.testing.capture_logs() as lines:
        assert await run_inventories(exporter)

    lost = good - served_servers(exporter)
    source, _ = INVENTORY[vendor]
    assert value(exporter.exposition(), "serverfleet_source_up", source=source) == 1
    assert len(lost) == (1 if kind == "short_list" else 0)
    named = [line["event"] for line in lines if line["log_level"] == "warning"]
    expected = "unknown value" if kind == "wrong_types" else "its count is taken to be wrong"
    assert any(expected in event for event in named)


@pytest.mark.parametrize("vendor", ["com", "ome"])
async def test_an_item_that_moves_between_pages_is_not_lost(rig: Rig, vendor: str) -> None:
    exporter = rig.exporter()
    rig.simulation.faults.add(vendor=vendor, path=LISTINGS[vendor], kind="shifting_pages", times=2)

    await exporter.scheduler.run_all_once()

    source, _ = INVENTORY[vendor]
    page = exporter.exposition()
    served = value(page, "serverfleet_source_servers", source=source)
    if served is None:
        source, collector = INVENTORY[vendor]
        where = {"source": source, "collector": collector, "reason": "truncated"}
        assert value(page, "serverfleet_collector_failures_total", **where) == 1
    else:
        assert served == value(page, "serverfleet_source_servers_reported", source=source)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (400, "auth"),
        (401, "auth"),
        (403, "forbidden"),
        (429, "rate_limited"),
        (500, "http_5xx"),
        (503, "http_5xx"),
    ],
)
async def test_a_refused_login_counts_by_what_the_login_answered(
    rig: Rig, code: int, reason: str
) -> None:
    exporter = rig.exporter()
    rig.simulation.faults.add(path="/token|/Sessions$", kind="status", code=code)

    await exporter.scheduler.run_all_once()

    page = exporter.exposition()
    for source, collector in INVENTORY.values():
        where = {"source": source, "collector": collector, "reason": reason}
        assert value(page, "serverfleet_collector_failures_total", **where) == 1
        assert (value(page, "serverfleet_api_login_failures_total", source=source) or 0) >= 1
    assert not any(name.startswith("serverfleet_server_") for name in samples(page))
    assert_no_secret(rig, page.decode())


def impatient(exporter: Exporter, name: str) -> None:
    """Let every further call of a source time out soon; nothing else has to be in time."""
    source: Any = next(each.source for each in exporter.scheduler.sources if each.name == name)
    source.parts.transport._session._timeout = aiohttp.ClientTimeout(total=0.4)


def served_servers(exporter: Exporter) -> set[str]:
    """Return source and serial of every server that has a health or info sample."""
    info = samples(exporter.exposition())["serverfleet_server_info"]
    return {f"{dict(labels)['source']}/{dict(labels)['serial']}" for labels in info}


def assert_no_secret(rig: Rig, text: str) -> None:
    secrets = (
        rig.simulation.com_credentials.client_secret,
        rig.simulation.ome_credentials.password,
    )
    assert not [secret for secret in secrets if secret in text]
