"""The fields of Compute Ops Management's answers, except `v1/servers`, and what each is for.

Records are lenient: every field but the id may be missing or null, because a server without a
subscription has next to none. `EXPECTED` is only what the documentation or a captured answer always
shows. Numbers are taken as they come (`object`), so that an absurd one costs its own reading and
not the record.
"""

import re
from typing import Annotated
from urllib.parse import unquote

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from exporter.sources.com.server_record import Id
from exporter.sources.com.vocabulary import (
    ALERT_SEVERITY,
    APPLIANCE_STATES,
    ENERGY_IS_COMPLETE,
    HAS_SERVERS,
    IS_FIRMWARE,
    JOB_RESULTS,
    JOB_STATES,
    OF_GROUP,
    OF_SERVER,
    normal,
)
from exporter.sources.fields import (
    ALERT_LOG,
    EXPECTED,
    LINK,
    TIME,
    Feeds,
    decides,
    expected,
    feeds,
    known,
)
from exporter.sources.text import clean


class Page(Struct, gc=False):
    """One page of any list; the items are decoded one by one, the numbers taken as they come."""

    items: list[Raw] | UnsetType | None = UNSET
    total: Annotated[object, feeds("serverfleet_source_servers_reported")] = None
    """Missing on several lists."""
    excluded: Annotated[
        object,
        decides(
            "serverfleet_source_energy_last_hour_end_timestamp_seconds",
            "serverfleet_source_energy_last_day_end_timestamp_seconds",
        ),
    ] = None
    """Of energy: servers without data in the window; they are not among `total`."""


_ALERTS = (
    "serverfleet_server_alerts",
    "serverfleet_source_alerts",
    "serverfleet_source_alerts_unassigned",
)
_EMISSIONS = ("serverfleet_server_co2e_last_hour_grams", "serverfleet_server_co2e_last_day_grams")
_COST = ("serverfleet_server_energy_cost_last_hour", "serverfleet_server_energy_cost_last_day")
_WINDOW_END = (
    "serverfleet_source_energy_last_hour_end_timestamp_seconds",
    "serverfleet_source_energy_last_day_end_timestamp_seconds",
)
_USED = (
    "serverfleet_server_power_last_hour_average_watts",
    "serverfleet_server_power_last_day_average_watts",
    "serverfleet_server_energy_last_hour_joules",
    "serverfleet_server_energy_last_day_joules",
)
_MEASURED = (*_USED, *_EMISSIONS, *_COST, *_WINDOW_END)
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


def _is_complete(record: "EnergyRecord | UtilizationRecord") -> bool:
    return normal(record.status) == "COMPLETE"


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
        feeds(*_WINDOW_END, choice=1),
    ] = None
    co2e_kg: Annotated[
        Measure | None,
        expected(when=_is_complete),
        feeds(*_EMISSIONS),
        feeds(*_WINDOW_END, choice=2),
    ] = None
    cost: Annotated[
        Measure | None,
        expected(when=_is_complete),
        feeds(*_COST),
        feeds(*_WINDOW_END, choice=3),
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


page_decoder = msgspec.json.Decoder(Page)
alert_decoder = msgspec.json.Decoder(AlertRecord)
energy_decoder = msgspec.json.Decoder(EnergyRecord)
utilization_decoder = msgspec.json.Decoder(UtilizationRecord)
group_decoder = msgspec.json.Decoder(GroupRecord)
compliance_decoder = msgspec.json.Decoder(ComplianceRecord)
warranty_decoder = msgspec.json.Decoder(WarrantyRecord)
job_decoder = msgspec.json.Decoder(JobRecord)
appliance_decoder = msgspec.json.Decoder(ApplianceRecord)


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
