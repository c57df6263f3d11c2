"""What does an exporter cost that is written in the obvious way? The yardstick for our own.

aiohttp with keep-alive and all pages at the same time, `json.loads`, and a custom collector of
prometheus_client, as its documentation asks of exporters: each poll builds the families anew and
swaps them, and a scrape writes and compresses them. It serves the same series as ours from the same
calls (a test compares them), but only those of the main collectors: servers or devices, and alerts.
It handles no error and no drift, and nothing of it is shared with the exporter.
"""

import asyncio
import gzip
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from yarl import URL

IDENTITY = ("source", "vendor", "serial", "server")
NOTHING = {"", "none", "null", "n/a", "unknown", "undefined"}
HEALTH = {"OK": "ok", "READY": "ok", "WARNING": "warning", "CRITICAL": "critical",
          "UNKNOWN": "unknown", "NOT_PRESENT": "unknown"}  # fmt: skip
SEVERITY = {"OK": 0, "READY": 0, "WARNING": 1, "CRITICAL": 2}
POWER = {"ON": "on", "OFF": "off", "POWERING_ON": "powering_on", "POWERING_OFF": "powering_off",
         "RESET": "powering_on", "UNKNOWN": "unknown"}  # fmt: skip
COMPONENTS = {
    "airFilter": "air_filter", "bios": "bios", "fans": "fans", "healthLED": "health_led",
    "liquidCooling": "liquid_cooling", "memory": "memory", "network": "network",
    "powerSupplies": "power_supplies", "processor": "processor", "smartStorage": "smart_storage",
    "storage": "storage", "temperature": "temperature",
}  # fmt: skip
REDUNDANT = {"fanRedundancy": "fans", "liquidCoolingRedundancy": "liquid_cooling",
             "powerSupplyRedundancy": "power_supplies"}  # fmt: skip
REDUNDANCY = {"REDUNDANT": "redundant", "NON_REDUNDANT": "non_redundant",
              "FAILED_REDUNDANT": "failed"}  # fmt: skip
OME_HEALTH = {1000: "ok", 2000: "unknown", 3000: "warning", 4000: "critical", 5000: "unknown"}
OME_POWER = {1: "unknown", 17: "on", 18: "off", 20: "powering_on", 21: "powering_off"}
HEALTHS = ("ok", "warning", "critical", "unknown")
POWERS = ("on", "off", "powering_on", "powering_off", "unknown")
SUBSCRIPTIONS = ("subscribed", "required", "expired")
UPDATES = ("ok", "failed", "skipped", "not_updated")
SERVER_FIELDS = (
    "id,name,hardware,host,state,maintenanceMode,oneview,processorVendor,serverGeneration,"
    "lastFullInventoryCollectionAt,lastFirmwareUpdate"
)
ALERT_FIELDS = "id,severity,device,serverId,cleared,clearedAt,message,description"
DESCRIBED = ("id", "model", "generation", "processor", "hostname", "os", "bmc_address",
             "bmc_model", "bmc_version", "chassis", "device_type")  # fmt: skip


def clean(text: Any) -> str:
    """Return a text for a label, empty where it says nothing."""
    if not isinstance(text, str):
        return ""
    text = text.strip()
    return "" if text.lower() in NOTHING else text


def word(text: Any) -> str:
    """Return a word in the spelling of the documentation."""
    return re.sub(r"[\s-]+", "_", text.strip()).upper() if isinstance(text, str) else ""


def seconds(text: str | None) -> float | None:
    """Read a time; what is no time, or stands for none, is None."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if time.year < 2000:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


class Families:
    """Families that are being filled."""

    def __init__(self) -> None:
        """Begin with none."""
        self.by_name: dict[str, GaugeMetricFamily] = {}

    def add(self, name: str, whose: tuple[str, ...], value: float | None, **labels: str) -> None:
        """Add a sample."""
        if value is None:
            return
        family = self.by_name.get(name)
        if family is None:
            own = IDENTITY[: len(whose)]
            family = GaugeMetricFamily(name, "Help.", labels=(*own, *labels))
            self.by_name[name] = family
        family.add_metric((*whose, *labels.values()), value)

    def add_states(
        self, name: str, whose: tuple[str, ...], states: Iterable[str], now: str, **labels: str
    ) -> None:
        """Add one sample for each state, 1 for the present one."""
        if now:
            for state in states:
                self.add(name, whose, float(state == now), **labels, state=state)


class Fleet(Collector):
    """What the last poll gave."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.families: dict[str, list[GaugeMetricFamily]] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the families, those of all sources together."""
        merged: dict[str, GaugeMetricFamily] = {}
        for families in self.families.values():
            for family in families:
                if family.name in merged:
                    both = GaugeMetricFamily(family.name, family.documentation)
                    both.samples = [*merged[family.name].samples, *family.samples]
                    merged[family.name] = both
                else:
                    merged[family.name] = family
        yield from merged.values()

    def scrape(self) -> bytes:
        """Answer a scrape."""
        return gzip.compress(generate_latest(self.registry))


class Exporter:
    """Polls the sources of a configuration."""

    def __init__(self, sources: list[dict[str, Any]], session: aiohttp.ClientSession) -> None:
        """Take the entries of `sources`."""
        self.fleet = Fleet()
        self._sources = sources
        self._session = session
        self._headers: dict[str, dict[str, str]] = {}

    async def poll(self) -> None:
        """Read everything once."""
        await asyncio.gather(
            *(self._com(each) if each["type"] == "com" else self._ome(each)
              for each in self._sources)
        )  # fmt: skip

    async def _com(self, source: dict[str, Any]) -> None:
        name = source["name"]
        if name not in self._headers:
            form = {
                "grant_type": "client_credentials",
                "client_id": source["client_id"],
                "client_secret": source["client_secret"],
            }
            async with self._session.post(source["token_url"], data=form) as answer:
                token = (await answer.json())["access_token"]
            self._headers[name] = {"Authorization": f"Bearer {token}"}
        base = f"{source['url']}/compute-ops-mgmt/v1"

        async def page(path: str, query: str, limit: int, skip: int) -> dict[str, Any]:
            url = f"{base}/{path}?limit={limit}&offset={skip}{query}"
            return await self._get(name, url)

        servers, reported = await _all(
            lambda skip: page("servers", f"&select={SERVER_FIELDS}", 100, skip), 100, "items",
            "total",
        )  # fmt: skip
        query = f"&filter=clearedAt%20eq%20null&select={ALERT_FIELDS}"
        alerts, _ = await _all(lambda skip: page("alerts", query, 1000, skip), 1000, "items",
                               "total")  # fmt: skip
        self.fleet.families[name] = com_families(name, servers, reported, alerts)

    async def _ome(self, source: dict[str, Any]) -> None:
        name, base = source["name"], f"{source['url']}/api"
        if name not in self._headers:
            login = {"UserName": source["username"], "Password": source["password"],
                     "SessionType": "API"}  # fmt: skip
            async with self._session.post(f"{base}/SessionService/Sessions", json=login) as answer:
                self._headers[name] = {"X-Auth-Token": answer.headers["X-Auth-Token"]}

        async def page(path: str, query: str, top: int, skip: int) -> dict[str, Any]:
            return await self._get(name, f"{base}/{path}?{query}&$top={top}&$skip={skip}")

        query = "$filter=Type%20eq%201000&$orderby=Identifier"
        devices, reported = await _all(
            lambda skip: page("DeviceService/Devices", query, 200, skip), 200, "value",
            "@odata.count",
        )  # fmt: skip
        alerts: list[dict[str, Any]] = []
        still_open = "StatusType%20eq%202000"
        for code in (16, 8):
            where = f"$filter=SeverityType%20eq%20{code}%20and%20{still_open}"
            found, _ = await _all(
                lambda skip, where=where: page(  # type: ignore[misc]
                    "AlertService/Alerts", f"{where}&$orderby=TimeStamp%20desc", 500, skip
                ),
                500, "value", "@odata.count",
            )  # fmt: skip
            alerts += found
        rest = await page("AlertService/Alerts", f"$filter={still_open}", 1, 0)
        others = rest["@odata.count"] - len(alerts)
        self.fleet.families[name] = ome_families(name, devices, reported, alerts, others)

    async def _get(self, source: str, url: str) -> dict[str, Any]:
        headers = {**self._headers[source], "Accept": "application/json"}
        where = URL(url, encoded=True)
        async with self._session.get(where, headers=headers) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = json.loads(await answer.read())
            return found


async def _all(
    page: Callable[[int], Awaitable[dict[str, Any]]], size: int, items: str, total: str
) -> tuple[list[dict[str, Any]], int]:
    """Read the first page, and then all others at the same time."""
    first = await page(0)
    others = await asyncio.gather(*(page(skip) for skip in range(size, first[total], size)))
    return [item for each in (first, *others) for item in each[items]], first[total]


def com_families(
    source: str, servers: list[dict[str, Any]], reported: int, alerts: list[dict[str, Any]]
) -> list[GaugeMetricFamily]:
    """Map a workspace."""
    families = Families()
    by_id: dict[str, tuple[str, ...]] = {}
    serials = set()
    for record in sorted(servers, key=lambda each: str(each["id"])):
        hardware, host = record.get("hardware") or {}, record.get("host") or {}
        serial = clean(hardware.get("serialNumber")) or record["id"].rpartition("+")[2]
        if serial in serials:
            continue
        serials.add(serial)
        name = clean(record.get("name")) or clean(host.get("hostname")) or serial
        whose = by_id[record["id"]] = (source, "hpe", serial, name)
        _com_server(families, whose, record, hardware, host)
    still_open = [
        (_device(each), _severity(each)) for each in alerts
        if not each.get("cleared") and not seconds(each.get("clearedAt"))
    ]  # fmt: skip
    _count_alerts(families, (source, "hpe"), by_id, still_open)
    families.add("serverfleet_source_servers", (source, "hpe"), len(by_id))
    families.add("serverfleet_source_servers_reported", (source, "hpe"), reported)
    return list(families.by_name.values())


def _device(alert: dict[str, Any]) -> str:
    device = (alert.get("device") or {}).get("id") or alert.get("serverId")
    return str(device or "")


def _severity(alert: dict[str, Any]) -> str:
    return {"CRITICAL": "critical", "WARNING": "warning"}.get(word(alert.get("severity")), "info")


def _com_server(
    families: Families,
    whose: tuple[str, ...],
    record: dict[str, Any],
    hardware: dict[str, Any],
    host: dict[str, Any],
) -> None:
    add, state, bmc = families.add, record.get("state") or {}, hardware.get("bmc") or {}
    address = clean(bmc.get("ip")) or clean((bmc.get("userDefined") or {}).get("host"))
    names = (clean(host.get("osName")), clean(host.get("osVersion")))
    described = (
        record["id"], clean(hardware.get("model")), clean(record.get("serverGeneration")),
        clean(record.get("processorVendor")), clean(host.get("hostname")),
        " ".join(each for each in names if each), address, clean(bmc.get("model")),
        clean(bmc.get("version")), "", "server",
    )  # fmt: skip
    add("serverfleet_server_info", whose, 1, **dict(zip(DESCRIBED, described, strict=True)))
    health = hardware.get("health") or {}
    now = HEALTH.get(word(health.get("summary")), "")
    families.add_states("serverfleet_server_health", whose, HEALTHS, now)
    now = POWER.get(word(hardware.get("powerState")), "")
    families.add_states("serverfleet_server_power_state", whose, POWERS, now)
    for key, part in COMPONENTS.items():
        severity = SEVERITY.get(word(health.get(key)))
        add("serverfleet_server_component_health_severity", whose, severity, component=part)
    for key, part in REDUNDANT.items():
        now = REDUNDANCY.get(word(health.get(key)), "")
        families.add_states("serverfleet_server_redundancy", whose, REDUNDANCY.values(), now,
                            component=part)  # fmt: skip
    add("serverfleet_server_connected", whose, state.get("connected"))
    add("serverfleet_server_managed", whose, state.get("managed"))
    modes = {record.get("maintenanceMode"), (record.get("oneview") or {}).get("maintenanceMode")}
    maintenance = any(modes) if modes != {None} else None
    add("serverfleet_server_maintenance", whose, maintenance)
    if memory := hardware.get("memoryMb"):
        add("serverfleet_server_memory_bytes", whose, memory * 2**20)
    at = seconds(record.get("lastFullInventoryCollectionAt"))
    add("serverfleet_server_inventory_timestamp_seconds", whose, at)
    now = word(state.get("subscriptionState")).lower()
    families.add_states("serverfleet_server_subscription", whose, SUBSCRIPTIONS, now)
    end, tier = seconds(state.get("subscriptionExpiresAt")), clean(state.get("subscriptionTier"))
    name = "serverfleet_server_subscription_end_timestamp_seconds"
    add(name, whose, end, tier=tier.lower())
    now = word((record.get("lastFirmwareUpdate") or {}).get("status")).lower()
    families.add_states("serverfleet_server_firmware_update", whose, UPDATES, now)


def ome_families(
    source: str,
    devices: list[dict[str, Any]],
    reported: int,
    alerts: list[dict[str, Any]],
    others: int,
) -> list[GaugeMetricFamily]:
    """Map an appliance."""
    families = Families()
    by_id: dict[str, tuple[str, ...]] = {}
    ids: dict[str, str] = {}
    for record in sorted(devices, key=lambda each: int(each["Id"])):
        serial = clean(record["Identifier"]) or clean(record["DeviceServiceTag"])
        if serial and serial not in ids:
            ids[serial] = str(record["Id"])
            whose = (source, "dell", serial, clean(record["DeviceName"]) or serial)
            by_id[str(record["Id"])] = whose
            _ome_device(families, whose, record)
    found = [
        (
            device if (device := str(each["AlertDeviceId"])) in by_id
            else ids.get(clean(each["AlertDeviceIdentifier"]), device),
            {16: "critical", 8: "warning"}[each["SeverityType"]],
        )
        for each in alerts
    ]  # fmt: skip
    _count_alerts(families, (source, "dell"), by_id, found, others)
    families.add("serverfleet_source_servers", (source, "dell"), len(by_id))
    families.add("serverfleet_source_servers_reported", (source, "dell"), reported)
    return list(families.by_name.values())


def _ome_device(families: Families, whose: tuple[str, ...], record: dict[str, Any]) -> None:
    management: dict[str, Any] = next(
        (
            each for each in record["DeviceManagement"]
            if each["ManagementType"] == 2
            and clean(each["NetworkAddress"]).strip("[]") not in ("", "::", "0.0.0.0")  # noqa: S104
        ),
        {},
    )  # fmt: skip
    profiles = [each for each in management.get("ManagementProfile", []) if clean(each["Version"])]
    profile = profiles[0] if profiles else {}
    # A server that is in no chassis has its own tag here.
    tag = record["ChassisServiceTag"]
    chassis = "" if tag == record["Identifier"] else clean(tag)
    described = (
        str(record["Id"]), clean(record["Model"]), "", "", clean(management.get("DnsName")), "",
        clean(management.get("NetworkAddress")), clean(profile.get("AgentName")),
        clean(profile.get("Version")), chassis, "server",
    )  # fmt: skip
    add = families.add
    add("serverfleet_server_info", whose, 1, **dict(zip(DESCRIBED, described, strict=True)))
    now = OME_HEALTH.get(record["Status"], "unknown")
    families.add_states("serverfleet_server_health", whose, HEALTHS, now)
    now = OME_POWER.get(record["PowerState"], "unknown")
    families.add_states("serverfleet_server_power_state", whose, POWERS, now)
    add("serverfleet_server_connected", whose, record["ConnectionState"])
    add("serverfleet_server_managed", whose, record["ManagedState"] == 3000)
    at = seconds(record["LastInventoryTime"])
    add("serverfleet_server_inventory_timestamp_seconds", whose, at)


def _count_alerts(
    families: Families,
    source: tuple[str, ...],
    by_id: dict[str, tuple[str, ...]],
    alerts: list[tuple[str, str]],
    info: int | None = None,
) -> None:
    """Count alerts by server; `info` are those that were counted and not listed."""
    counts, whole, apart = Counter(alerts), Counter[str](), Counter[str]()
    for device, severity in alerts:
        whole[severity] += 1
        apart[severity] += device not in by_id
    for id, whose in by_id.items():
        for severity in ("critical", "warning"):
            number = counts[id, severity]
            families.add("serverfleet_server_alerts", whose, number, severity=severity)
    if info is not None:
        whole["info"] = info
    for severity in ("critical", "warning", "info"):
        families.add("serverfleet_source_alerts", source, whole[severity], severity=severity)
        if severity != "info" or info is None:
            name = "serverfleet_source_alerts_unassigned"
            families.add(name, source, apart[severity], severity=severity)
