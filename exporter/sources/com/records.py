"""The fields of Compute Ops Management's answers that are read, and what each of them is for.

Records are lenient: every field but the id may be missing or null, because a server without a
subscription has next to none. `EXPECTED` is only what the documentation or a captured answer always
shows. Numbers are taken as they come (`object`), so that an absurd one costs its own reading and
not the record.
"""

import re
from typing import Annotated
from urllib.parse import unquote

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from exporter.sources.com.vocabulary import (
    ALERT_SEVERITY,
    APPLIANCE_STATES,
    COMPONENTS,
    ENERGY_IS_COMPLETE,
    FIRMWARE_UPDATE,
    HAS_SERVERS,
    HEALTH,
    IS_FIRMWARE,
    JOB_RESULTS,
    JOB_STATES,
    OF_GROUP,
    OF_SERVER,
    POWER,
    REDUNDANCY,
    REDUNDANT_COMPONENTS,
    SEVERITY,
    SUBSCRIPTION,
)
from exporter.sources.com.words import normal
from exporter.sources.fields import (
    ALERT_LOG,
    EXPECTED,
    IDENTITY,
    LINK,
    NAME,
    TIME,
    VERSION,
    Feeds,
    Keys,
    decides,
    expected,
    feeds,
    known,
)
from exporter.sources.text import clean

_UNPRINTABLE = (
    r"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f"
)
_IN_LINE = rf"[^{_UNPRINTABLE}]*"
Id = Annotated[
    str, Meta(pattern=rf"^{_IN_LINE}[^\s{_UNPRINTABLE}]{_IN_LINE}\Z", max_length=256), NAME
]
"""Becomes a label value and a part of a path as it is, so it has to be a line of bounded length."""


class Page(Struct, gc=False):
    """One page of any list; the items are decoded one by one, the numbers taken as they come."""

    items: list[Raw] | UnsetType | None = UNSET
    total: Annotated[object, feeds("serverfleet_source_servers_reported")] = None
    """Missing on several lists."""
    excluded: Annotated[
        object, decides("serverfleet_source_energy_window_end_timestamp_seconds")
    ] = None
    """Of energy: servers without data in the window; they are not among `total`."""


_INFO = "serverfleet_server_info"
_SUBSCRIPTION_END = "serverfleet_server_subscription_end_timestamp_seconds"
_ALERTS = (
    "serverfleet_server_alerts",
    "serverfleet_source_alerts",
    "serverfleet_source_alerts_unassigned",
)
_EMISSIONS = "serverfleet_server_emissions_window_grams"
_COST = "serverfleet_server_energy_cost_window_usd"
_WINDOW_END = "serverfleet_source_energy_window_end_timestamp_seconds"
_USED = ("serverfleet_server_power_average_watts", "serverfleet_server_energy_window_joules")
_MEASURED = (*_USED, _EMISSIONS, _COST, _WINDOW_END)
_UTILIZATION = "serverfleet_server_utilization_ratio"
_GROUP_INFO = "serverfleet_server_group_info"
_GROUP_SERVERS = "serverfleet_group_servers"
_GROUP_COMPLIANCE = "serverfleet_group_compliance"
_FIRMWARE_COMPLIANCE = (
    "serverfleet_server_firmware_compliance",
    "serverfleet_server_firmware_compliance_score_ratio",
)
_CONFIG_COMPLIANCE = "serverfleet_server_config_compliance"
_WARRANTY = "serverfleet_server_warranty_end_timestamp_seconds"
_JOBS = "serverfleet_source_jobs"
_FIRMWARE = "serverfleet_server_firmware_info"

_GENERATION = re.compile(r"GEN_?\d{1,2}(_PLUS)?", re.ASCII)
_OWN_FIRMWARE = re.compile(r"system rom|iLO( \d)?", re.IGNORECASE | re.ASCII)
"""Names of firmware that mean the same on every server."""


def _is_told(record: "ServerRecord") -> bool:
    """Report whether COM has all of a server: it is subscribed, and connected."""
    state = record.state
    return bool(state and state.connected and normal(state.subscription_state) == "SUBSCRIBED")


def _is_third_party(record: "ServerRecord") -> bool:
    """Report whether the address of a server is the one that its user has entered."""
    bmc = record.hardware.bmc if record.hardware else None
    return bool(bmc and bmc.user_defined and bmc.user_defined.host)


def _is_complete(record: "EnergyRecord | UtilizationRecord") -> bool:
    return normal(record.status) == "COMPLETE"


class UserDefined(Struct, gc=False):
    """`hardware.bmc.userDefined`; it may hold a password, so nothing else of it is read."""

    host: Annotated[str | None, feeds(_INFO, label="bmc_address", choice=2)] = None


class Bmc(Struct, rename="camel", gc=False):
    """`hardware.bmc`; a third-party server has its address in `userDefined`."""

    ip: Annotated[
        str | None,
        expected(otherwise=_is_third_party),
        feeds(_INFO, label="bmc_address", choice=1),
    ] = None
    model: Annotated[str | None, feeds(_INFO, label="bmc_model")] = None
    version: Annotated[str | None, feeds(_INFO, label="bmc_version"), VERSION] = None
    user_defined: UserDefined | None = None


class Hardware(Struct, rename="camel", gc=False):
    """`hardware`; missing as a whole without a subscription."""

    serial_number: Annotated[str | None, EXPECTED, feeds(IDENTITY, label="serial", choice=1)] = None
    model: Annotated[str | None, EXPECTED, feeds(_INFO, label="model")] = None
    memory_mb: Annotated[object, feeds("serverfleet_server_memory_bytes")] = None
    power_state: Annotated[
        str | None,
        expected(when=_is_told),
        feeds("serverfleet_server_power_state"),
        known(POWER),
    ] = None
    health: Annotated[
        dict[str, object] | None,
        expected(when=_is_told),
        Keys(
            {
                "summary": (
                    expected(when=_is_told),
                    feeds("serverfleet_server_health"),
                    known(HEALTH),
                ),
                **dict.fromkeys(
                    COMPONENTS,
                    (feeds("serverfleet_server_component_health_severity"), known(SEVERITY)),
                ),
                **dict.fromkeys(
                    REDUNDANT_COMPONENTS,
                    (feeds("serverfleet_server_redundancy"), known(REDUNDANCY)),
                ),
            }
        ),
    ] = None
    bmc: Bmc | None = None


class Host(Struct, rename="camel", gc=False):
    """`host`: the operating system."""

    hostname: Annotated[
        str | None, feeds(IDENTITY, label="server", choice=2), feeds(_INFO, label="hostname")
    ] = None
    os_name: Annotated[str | None, feeds(_INFO, label="os")] = None
    os_version: Annotated[str | None, feeds(_INFO, label="os")] = None


class State(Struct, rename="camel", gc=False):
    """`state`: the relation of a server to the management plane."""

    managed: Annotated[bool | None, EXPECTED, feeds("serverfleet_server_managed")] = None
    connected: Annotated[bool | None, EXPECTED, feeds("serverfleet_server_connected")] = None
    subscription_state: Annotated[
        str | None, EXPECTED, feeds("serverfleet_server_subscription"), known(SUBSCRIPTION)
    ] = None
    subscription_tier: Annotated[
        str | None,
        feeds(_SUBSCRIPTION_END, label="tier"),
        known(("STANDARD", "ENHANCED", "ADVANCED")),
    ] = None
    subscription_expires_at: Annotated[str | None, feeds(_SUBSCRIPTION_END), TIME] = None


class LastFirmwareUpdate(Struct, rename="camel", gc=False):
    """`lastFirmwareUpdate`."""

    status: Annotated[
        str | None,
        EXPECTED,
        feeds("serverfleet_server_firmware_update"),
        known(FIRMWARE_UPDATE),
    ] = None


class OneView(Struct, rename="camel", gc=False):
    """`oneview`: what the OneView appliance of a server says of it."""

    maintenance_mode: Annotated[bool | None, feeds("serverfleet_server_maintenance", choice=2)] = (
        None
    )


class ServerRecord(Struct, rename="camel", gc=False):
    """One item of `v1/servers`."""

    id: Annotated[
        Id,
        feeds(IDENTITY, label="serial", choice=2),
        feeds(_INFO, label="id"),
        feeds("serverfleet_source_servers"),
    ]
    name: Annotated[str | None, EXPECTED, feeds(IDENTITY, label="server", choice=1)] = None
    hardware: Annotated[Hardware | None, expected(when=_is_told)] = None
    host: Host | None = None
    state: Annotated[State | None, EXPECTED] = None
    maintenance_mode: Annotated[bool | None, feeds("serverfleet_server_maintenance", choice=1)] = (
        None
    )
    oneview: OneView | None = None
    processor_vendor: Annotated[str | None, feeds(_INFO, label="processor")] = None
    server_generation: Annotated[
        str | None,
        expected(when=_is_told),
        feeds(_INFO, label="generation"),
        known(lambda text: _GENERATION.fullmatch(text) is not None),
    ] = None
    last_full_inventory_collection_at: Annotated[
        str | None, feeds("serverfleet_server_inventory_timestamp_seconds"), TIME
    ] = None
    last_firmware_update: LastFirmwareUpdate | None = None


class Device(Struct, gc=False):
    """`server` of an alert."""

    id: str | None = None


class AlertedDevice(Struct, gc=False):
    """`device` of an alert: a server, or an appliance."""

    id: Annotated[str | None, expected(otherwise=lambda record: bool(devices_named(record)))] = None


def _of_server(choice: int) -> Feeds:
    """Declare one of the fields by which an alert names its server."""
    return feeds(_ALERTS[0], _ALERTS[2], label="server", choice=choice)


class AlertRecord(Struct, rename="camel", gc=False):
    """One item of `v1/alerts` or `v1/servers/{id}/alerts`; `server` is not documented."""

    id: Annotated[Id, decides(*_ALERTS)]
    severity: Annotated[
        str | None, EXPECTED, feeds(*_ALERTS, label="severity"), known(ALERT_SEVERITY)
    ] = None
    server_id: Annotated[str | None, _of_server(1)] = None
    device: Annotated[
        AlertedDevice | None,
        expected(otherwise=lambda record: bool(devices_named(record))),
        _of_server(2),
    ] = None
    server: Annotated[Device | None, _of_server(3)] = None
    resource_uri: Annotated[str | None, _of_server(4), LINK] = None
    cleared: Annotated[bool | None, decides(*_ALERTS)] = None
    cleared_at: Annotated[str | None, decides(*_ALERTS), TIME] = None
    message: Annotated[str | None, decides(ALERT_LOG)] = None
    description: Annotated[str | None, decides(ALERT_LOG)] = None


class Measure(Struct, gc=False):
    """A sum over a window; projections into the future are not read."""

    collected: Annotated[object, expected(when=_is_complete)] = None


class EntityDetails(Struct, gc=False):
    """`entityDetails` of an energy record."""

    location: Annotated[str | None, feeds("serverfleet_server_location_info", label="location")] = (
        None
    )


class EnergyRecord(
    Struct, rename={"co2e_kg": "co2eKg", "entity_details": "entityDetails"}, gc=False
):
    """One item of `energy-by-entity`: kWh, kg of CO2 equivalent, USD."""

    id: Annotated[Id, decides(*_MEASURED)]
    status: Annotated[str | None, EXPECTED, feeds(*_MEASURED), known(ENERGY_IS_COMPLETE)] = None
    entity_details: EntityDetails | None = None
    kwh: Annotated[
        Measure | None,
        expected(when=_is_complete),
        feeds(*_USED),
        feeds(_WINDOW_END, choice=1),
    ] = None
    co2e_kg: Annotated[
        Measure | None,
        expected(when=_is_complete),
        feeds(_EMISSIONS),
        feeds(_WINDOW_END, choice=2),
    ] = None
    cost: Annotated[
        Measure | None,
        expected(when=_is_complete),
        feeds(_COST),
        feeds(_WINDOW_END, choice=3),
    ] = None


class Average(Struct, gc=False):
    """`collected` of a utilization record: per cent over the days asked for."""

    average: Annotated[object, expected(when=_is_complete)] = None


_FULLNESS = known(("COMPLETE", "PARTIAL", "DATA_INSUFFICIENT"))


class UtilizationRecord(Struct, rename="camel", gc=False):
    """One item of `utilization-by-entity`."""

    id: Annotated[Id, decides(_UTILIZATION)]
    status: Annotated[str | None, EXPECTED, decides(_UTILIZATION), _FULLNESS] = None
    status_reason: Annotated[str | None, decides(_UTILIZATION), _FULLNESS] = None
    collected: Annotated[Average | None, expected(when=_is_complete), feeds(_UTILIZATION)] = None


class GroupDevice(Struct, rename="camel", gc=False):
    """One of `devices` of a group."""

    device_id: Annotated[str | None, feeds(_GROUP_INFO, label="serial", choice=1)] = None
    product_id: Annotated[str | None, feeds(_GROUP_INFO, label="serial", choice=2)] = None
    serial: Annotated[str | None, feeds(_GROUP_INFO, label="serial", choice=3)] = None


class Verdict(Struct, gc=False):
    """Compliance of a group with one of its settings."""

    status: Annotated[str | None, known(OF_GROUP)] = None


class GroupVerdicts(Struct, rename="camel", gc=False):
    """`groupCompliance`."""

    summary: Annotated[str | None, feeds(_GROUP_COMPLIANCE, choice=1), known(OF_GROUP)] = None
    firmware: Annotated[Verdict | None, feeds(_GROUP_COMPLIANCE, choice=3)] = None
    ilo_settings: Annotated[Verdict | None, feeds(_GROUP_COMPLIANCE, choice=4)] = None


class GroupRecord(Struct, rename="camel", gc=False):
    """One item of `v1/groups`."""

    id: Annotated[Id, decides(_GROUP_INFO, _GROUP_SERVERS, _GROUP_COMPLIANCE)]
    name: Annotated[
        str | None,
        EXPECTED,
        feeds(_GROUP_INFO, _GROUP_SERVERS, _GROUP_COMPLIANCE, label="group"),
    ] = None
    device_type: Annotated[
        str | None,
        EXPECTED,
        decides(*_FIRMWARE_COMPLIANCE, _CONFIG_COMPLIANCE),
        known(HAS_SERVERS),
    ] = None
    compliance_status: Annotated[
        str | None, feeds(_GROUP_COMPLIANCE, choice=2), known(OF_GROUP)
    ] = None
    group_compliance: GroupVerdicts | None = None
    devices: Annotated[list[GroupDevice] | None, EXPECTED, feeds(_GROUP_SERVERS)] = None


class ComplianceRecord(Struct, rename="camel", gc=False):
    """One item of a group's compliance: one server, and what is compared."""

    device_id: Annotated[Id, feeds(*_FIRMWARE_COMPLIANCE, _CONFIG_COMPLIANCE, label="serial")]
    compliance_category: Annotated[
        str | None, EXPECTED, decides(*_FIRMWARE_COMPLIANCE), known(IS_FIRMWARE)
    ] = None
    compliance_state: Annotated[
        str | None, EXPECTED, feeds(*_FIRMWARE_COMPLIANCE, _CONFIG_COMPLIANCE), known(OF_SERVER)
    ] = None
    score: Annotated[object, feeds(_FIRMWARE_COMPLIANCE[1])] = None


class WarrantyRecord(Struct, rename="camel", frozen=True, gc=False):
    """One item of `server-warranty`; a server may have several, told apart by all that they say."""

    device_id: Annotated[Id, feeds(_WARRANTY, label="serial")]
    id: Annotated[str | None, decides(_WARRANTY)] = None
    support_state: Annotated[
        str | None, EXPECTED, decides(_WARRANTY), known(("ACTIVE", "EXPIRED", "UNKNOWN"))
    ] = None
    support_level: Annotated[str | None, decides(_WARRANTY)] = None
    contract_level: Annotated[str | None, decides(_WARRANTY)] = None
    support_start_date: Annotated[str | None, decides(_WARRANTY), TIME] = None
    support_end_date: Annotated[
        str | None,
        expected(when=lambda record: normal(record.support_state) == "ACTIVE"),
        feeds(_WARRANTY),
        TIME,
    ] = None


class JobRecord(Struct, rename="camel", gc=False):
    """One item of `v1/jobs`."""

    id: Annotated[Id, decides(_JOBS)]
    state: Annotated[str | None, EXPECTED, feeds(_JOBS, label="state"), known(JOB_STATES)] = None
    result_code: Annotated[
        str | None,
        expected(when=lambda record: normal(record.state) == "COMPLETE"),
        feeds(_JOBS, label="state"),
        known(JOB_RESULTS),
    ] = None
    updated_at: Annotated[str | None, EXPECTED, feeds(_JOBS, label="state"), TIME] = None


class ApplianceRecord(Struct, gc=False):
    """One item of `appliances` or `oneview-appliances`."""

    id: Annotated[Id, decides("serverfleet_source_appliances")]
    state: Annotated[
        str | None,
        EXPECTED,
        feeds("serverfleet_source_appliances", label="state"),
        known(APPLIANCE_STATES),
    ] = None


class FirmwareItem(Struct, gc=False):
    """One of `firmwareInventory`."""

    name: Annotated[
        str | None,
        EXPECTED,
        feeds(_FIRMWARE, label="component"),
        known(lambda text: _OWN_FIRMWARE.fullmatch(text) is not None),
    ] = None
    version: Annotated[str | None, EXPECTED, feeds(_FIRMWARE, label="version"), VERSION] = None


class FirmwareRecord(Struct, rename={"firmware_inventory": "firmwareInventory"}, gc=False):
    """One item of `v1/servers`, with its firmware alone."""

    id: Annotated[Id, decides(_FIRMWARE)]
    firmware_inventory: Annotated[list[FirmwareItem] | None, EXPECTED] = None


page_decoder = msgspec.json.Decoder(Page)
server_decoder = msgspec.json.Decoder(ServerRecord)
alert_decoder = msgspec.json.Decoder(AlertRecord)
energy_decoder = msgspec.json.Decoder(EnergyRecord)
utilization_decoder = msgspec.json.Decoder(UtilizationRecord)
group_decoder = msgspec.json.Decoder(GroupRecord)
compliance_decoder = msgspec.json.Decoder(ComplianceRecord)
warranty_decoder = msgspec.json.Decoder(WarrantyRecord)
job_decoder = msgspec.json.Decoder(JobRecord)
appliance_decoder = msgspec.json.Decoder(ApplianceRecord)
firmware_decoder = msgspec.json.Decoder(FirmwareRecord)


ALERT_OF_SERVER = re.compile(r"/servers/(.+?)/alerts(?:/|$)")
"""The end of the `resourceUri` of an alert in the list of one server."""
LONGEST_URI = 1024
"""Characters of it that are searched: the time grows with the square of its length."""


def devices_named(record: AlertRecord) -> list[str]:
    """Return the ids of servers or appliances that an alert names, the plainest form first."""
    uri = ALERT_OF_SERVER.search(unquote((record.resource_uri or "")[:LONGEST_URI]))
    forms = (
        record.server_id,
        record.device.id if record.device else None,
        record.server.id if record.server else None,
        uri[1] if uri else None,
    )
    return [text for form in forms if (text := clean(form))]
