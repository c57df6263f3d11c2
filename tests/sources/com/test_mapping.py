"""What do COM's words become, and what happens to words that nobody has seen?"""

import json
from calendar import timegm
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from exporter.model import (
    AlertSeverity,
    Components,
    Description,
    Energy,
    FirmwareUpdate,
    FirmwareUpdateState,
    Health,
    Location,
    Memory,
    PowerState,
    Redundancy,
    RedundancyState,
    Server,
    Status,
    Subscription,
    SubscriptionState,
)
from exporter.sources.com.mapping import (
    EnergyReading,
    ServerReadings,
    alert_from,
    energy_reading_from,
    is_cleared,
    readings_from,
)
from exporter.sources.com.records import AlertRecord, alert_decoder, energy_decoder
from exporter.sources.com.server_record import ServerRecord, UserDefined, server_decoder
from exporter.sources.com.vocabulary import (
    COMPONENTS,
    REDUNDANT_COMPONENTS,
    amount,
    instant,
    is_unreadable,
    normal,
)
from exporter.sources.drift import NO_DRIFT, Unseen, drifted
from tests.support.drift import unknown

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "com"
ID = "P06760-B21+2M212504P8"
GATEWAY = "gateway+c3b1d4de-6e5c-4bb4-9a35-2f35ac9d7a11"


def mapped(unseen: Unseen | None = None, **record: Any) -> ServerReadings:
    raw = json.dumps({"id": ID, **record})
    return readings_from(server_decoder.decode(raw), unseen or Unseen())


def with_health(health: dict[str, Any], unseen: Unseen | None = None) -> ServerReadings:
    return mapped(unseen, hardware={"health": health})


def alert(**record: Any) -> AlertRecord:
    return alert_decoder.decode(json.dumps({"id": "a1", **record}))


def energy(**record: Any) -> EnergyReading:
    read = energy_decoder.decode(json.dumps({"id": ID, **record}))
    return energy_reading_from(read, Unseen())


def sample(name: str) -> list[ServerReadings]:
    file = SAMPLES / name
    if not file.exists():
        pytest.skip("the samples are not here")
    items = json.loads(file.read_bytes())["items"]
    return [readings_from(msgspec.convert(item, ServerRecord), Unseen()) for item in items]


def at(*when: int) -> float:
    """Give the Unix time of year, month, day and so on."""
    return float(timegm((*when, 0, 0, 0)[:6]))


def test_a_whole_server_is_mapped() -> None:
    found = mapped(
        name="web01",
        processorVendor="AMD EPYC 7352 24-Core Processor                ",
        serverGeneration="GEN_11",
        maintenanceMode=True,
        lastFullInventoryCollectionAt="2026-07-01T10:00:00.250000+00:00",
        lastFirmwareUpdate={"status": "FAILED", "attemptedAt": "2026-01-01T00:00:00Z"},
        hardware={
            "serialNumber": "2M212504P8",
            "model": "ProLiant DL380 Gen11",
            "memoryMb": 524288,
            "powerState": "ON",
            "bmc": {"ip": "10.0.0.9", "model": "iLO 6", "version": "iLO 6 v1.55", "mac": "x"},
            "health": {"summary": "WARNING", "fans": "OK", "fanRedundancy": "REDUNDANT"},
        },
        host={"hostname": "web01.example.net", "osName": "RHEL", "osVersion": "9.4"},
        state={
            "managed": True,
            "connected": False,
            "subscriptionState": "SUBSCRIBED",
            "subscriptionTier": "ENHANCED",
            "subscriptionExpiresAt": "2027-04-21T17:55:00+00:00",
            "subscriptionKey": "KEY",
        },
    )

    assert found == ServerReadings(
        server=Server(ID, "2M212504P8", "web01"),
        description=Description(
            id=ID,
            model="ProLiant DL380 Gen11",
            generation="GEN_11",
            processor="AMD EPYC 7352 24-Core Processor",
            hostname="web01.example.net",
            os="RHEL 9.4",
            bmc_address="10.0.0.9",
            bmc_model="iLO 6",
            bmc_version="iLO 6 v1.55",
            device_type="server",
        ),
        status=Status(
            health=Health.WARNING,
            power=PowerState.ON,
            connected=False,
            managed=True,
            maintenance=True,
            inventory_at=at(2026, 7, 1, 10) + 0.25,
        ),
        memory=Memory(512 * 2**30),
        components=Components((("fans", 0),)),
        redundancy=Redundancy((("fans", RedundancyState.REDUNDANT),)),
        subscription=Subscription(
            state=SubscriptionState.SUBSCRIBED, tier="enhanced", end=at(2027, 4, 21, 17, 55)
        ),
        firmware_update=FirmwareUpdate(FirmwareUpdateState.FAILED),
    )


@pytest.mark.parametrize(
    "record",
    [
        {},
        dict.fromkeys(("name", "hardware", "host", "state", "maintenanceMode"), None),
        dict.fromkeys(("processorVendor", "serverGeneration", "lastFirmwareUpdate"), None),
        {"hardware": {}, "host": {}, "state": {}, "lastFirmwareUpdate": {}},
        {"hardware": {"health": None, "bmc": None, "memoryMb": None, "powerState": None}},
        {"hardware": {"health": {}, "bmc": {}, "serialNumber": None}},
    ],
)
def test_what_the_vendor_does_not_say_is_absent(record: dict[str, Any]) -> None:
    found = mapped(**record)

    assert found == ServerReadings(
        server=Server(ID, "2M212504P8", "2M212504P8"),
        description=Description(id=ID),
        status=Status(),
        memory=None,
        components=None,
        redundancy=None,
        subscription=None,
        firmware_update=None,
    )


@pytest.mark.parametrize(
    ("id", "hardware", "serial"),
    [
        ("P1-B21+S1", {"serialNumber": "S9"}, "S9"),
        ("P1-B21+S1", {"serialNumber": "  S9 "}, "S9"),
        ("P1-B21+S1", {"serialNumber": ""}, "S1"),
        ("P1-B21+S1", {"serialNumber": "None"}, "S1"),
        ("P1+B21+S1", None, "S1"),
        ("S1", None, "S1"),
        ("P1+", None, "P1+"),
    ],
)
def test_the_serial_number_is_that_of_the_hardware_or_of_the_id(
    id: str, hardware: Any, serial: str
) -> None:
    assert mapped(id=id, hardware=hardware).server.serial == serial


@pytest.mark.parametrize(
    ("name", "hostname", "shown"),
    [
        ("web01", "host", "web01"),
        (None, "host", "host"),
        ("  ", "host", "host"),
        ("None", "None", "2M212504P8"),
        (None, None, "2M212504P8"),
    ],
)
def test_a_server_is_called_by_its_name_its_host_name_or_its_serial_number(
    name: str | None, hostname: str | None, shown: str
) -> None:
    assert mapped(name=name, host={"hostname": hostname}).server.name == shown


@pytest.mark.parametrize(
    ("word", "health"),
    [
        ("OK", Health.OK),
        ("READY", Health.OK),
        ("ENABLED", Health.OK),
        ("WARNING", Health.WARNING),
        ("CRITICAL", Health.CRITICAL),
        ("UNKNOWN", Health.UNKNOWN),
        ("NOT_PRESENT", Health.UNKNOWN),
        ("Not Present", Health.UNKNOWN),
        (" warning ", Health.WARNING),
        ("BURNING", Health.UNKNOWN),
        ("None", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_the_summary_becomes_the_health(word: object, health: Health | None) -> None:
    assert with_health({"summary": word}).status.health is health


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("OK", 0),
        ("READY", 0),
        ("Enabled", 0),
        ("WARNING", 1),
        ("CRITICAL", 2),
        ("UNKNOWN", None),
        ("NOT_PRESENT", None),
        ("not-present", None),
        ("BURNING", None),
        (None, None),
        ([], None),
    ],
)
@pytest.mark.parametrize(("key", "component"), COMPONENTS.items())
def test_each_component_has_its_severity(
    key: str, component: str, word: object, severity: int | None
) -> None:
    expected = None if severity is None else Components(((component, severity),))

    assert with_health({key: word}).components == expected


def test_components_are_sorted_by_their_names_in_the_contract() -> None:
    found = with_health(dict.fromkeys(COMPONENTS, "OK")).components

    assert found is not None
    assert [name for name, _ in found.severities] == [
        "air_filter",
        "bios",
        "fans",
        "health_led",
        "liquid_cooling",
        "memory",
        "network",
        "power_supplies",
        "processor",
        "smart_storage",
        "storage",
        "temperature",
    ]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("REDUNDANT", RedundancyState.REDUNDANT),
        ("NON_REDUNDANT", RedundancyState.NON_REDUNDANT),
        ("Non-Redundant", RedundancyState.NON_REDUNDANT),
        ("FAILED_REDUNDANT", RedundancyState.FAILED),
        ("NOT_PRESENT", None),
        ("UNKNOWN", None),
        ("SHAKY", None),
        (None, None),
    ],
)
@pytest.mark.parametrize(("key", "component"), REDUNDANT_COMPONENTS.items())
def test_each_redundancy_has_its_state(
    key: str, component: str, word: object, state: RedundancyState | None
) -> None:
    expected = None if state is None else Redundancy(((component, state),))

    assert with_health({key: word}).redundancy == expected


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ON", PowerState.ON),
        ("OFF", PowerState.OFF),
        ("POWERING_ON", PowerState.POWERING_ON),
        ("PoweringOn", PowerState.UNKNOWN),
        ("Powering Off", PowerState.POWERING_OFF),
        ("RESET", PowerState.POWERING_ON),
        ("UNKNOWN", PowerState.UNKNOWN),
        ("WARP", PowerState.UNKNOWN),
        (None, None),
    ],
)
def test_the_power_state_is_translated(word: str | None, state: PowerState | None) -> None:
    assert mapped(hardware={"powerState": word}).status.power is state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUBSCRIBED", SubscriptionState.SUBSCRIBED),
        ("REQUIRED", SubscriptionState.REQUIRED),
        ("Expired", SubscriptionState.EXPIRED),
        ("ACTIVE", SubscriptionState.SUBSCRIBED),
    ],
)
def test_the_subscription_is_translated(word: str, state: SubscriptionState) -> None:
    assert mapped(state={"subscriptionState": word}).subscription == Subscription(state=state)


def test_an_unknown_subscription_keeps_its_end_and_has_no_state() -> None:
    found = mapped(
        state={
            "subscriptionState": "LEASED",
            "subscriptionTier": "Standard ",
            "subscriptionExpiresAt": "2030-01-01T00:00:00Z",
        }
    )

    assert found.subscription == Subscription(tier="standard", end=at(2030, 1, 1))
    assert mapped(state={"subscriptionState": "LEASED"}).subscription is None


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("OK", FirmwareUpdateState.OK),
        ("FAILED", FirmwareUpdateState.FAILED),
        ("SKIPPED", FirmwareUpdateState.SKIPPED),
        ("Not Updated", FirmwareUpdateState.NOT_UPDATED),
    ],
)
def test_the_last_firmware_update_is_translated(word: str, state: FirmwareUpdateState) -> None:
    assert mapped(lastFirmwareUpdate={"status": word}).firmware_update == FirmwareUpdate(state)


@pytest.mark.parametrize("word", ["EXPLODED", "", None, "None"])
def test_an_unknown_firmware_update_makes_no_sample(word: str | None) -> None:
    assert mapped(lastFirmwareUpdate={"status": word}).firmware_update is None


def test_each_unseen_word_is_named_once_with_its_field() -> None:
    unseen = Unseen()
    for _ in range(3):
        mapped(
            unseen,
            hardware={
                "powerState": "warp 9",
                "health": {
                    "summary": "BURNING",
                    "fans": "SPINNING",
                    "fanRedundancy": "N+1",
                    "vibration": "OK",
                },
            },
            state={"subscriptionState": "LEASED"},
            lastFirmwareUpdate={"status": "EXPLODED"},
        )

    drift = drifted(unseen.drift)
    assert {field.records for field in drift} == {3}
    assert unknown(drift) == {
        "hardware.health": ("vibration",),
        "hardware.health.fanRedundancy": ("N+1",),
        "hardware.health.fans": ("SPINNING",),
        "hardware.health.summary": ("BURNING",),
        "hardware.powerState": ("WARP_9",),
        "lastFirmwareUpdate.status": ("EXPLODED",),
        "state.subscriptionState": ("LEASED",),
    }


def test_known_words_are_no_surprise() -> None:
    unseen = Unseen()
    with_health(
        {"summary": "NOT_PRESENT", "network": "UNKNOWN", "fanRedundancy": "NOT_PRESENT"}, unseen
    )

    assert unseen.drift == NO_DRIFT


@pytest.mark.parametrize(
    ("mebibytes", "bytes"),
    [
        (1, 2**20),
        (262144, 2**38),
        (1.5, 3 * 2**19),
        (0, None),
        (-4, None),
        (True, None),
        ("262144", None),
        (None, None),
        ([], None),
    ],
)
def test_memory_is_given_in_bytes_or_not_at_all(mebibytes: object, bytes: int | None) -> None:
    expected = None if bytes is None else Memory(bytes)

    assert mapped(hardware={"memoryMb": mebibytes}).memory == expected


def test_the_literal_word_none_is_nothing() -> None:
    found = mapped(
        host={"osName": "None", "osVersion": "None", "hostname": "None"},
        hardware={"model": "None", "bmc": {"ip": "None", "model": None, "version": "null"}},
        processorVendor="N/A",
        serverGeneration="UNKNOWN",
    )

    assert found.description == Description(id=ID)


@pytest.mark.parametrize(
    ("os", "text"),
    [
        ({"osName": "VMware ESXi", "osVersion": "8.0.2"}, "VMware ESXi 8.0.2"),
        ({"osName": "Windows", "osVersion": "None"}, "Windows"),
        ({"osName": None, "osVersion": "8.0.2"}, "8.0.2"),
    ],
)
def test_the_operating_system_is_name_and_version(os: dict[str, Any], text: str) -> None:
    assert mapped(host=os).description.os == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2022-12-14T17:20:43.292718+00:00", at(2022, 12, 14, 17, 20, 43) + 0.292718),
        ("2022-12-14T17:20:43Z", at(2022, 12, 14, 17, 20, 43)),
        ("2022-12-14T17:20:43.1Z", at(2022, 12, 14, 17, 20, 43) + 0.1),
        ("2022-12-14T17:20:43.123456789Z", at(2022, 12, 14, 17, 20, 43) + 0.123456),
        ("2022-12-14T17:20:43", at(2022, 12, 14, 17, 20, 43)),
        ("2022-12-14T19:20:43+02:00", at(2022, 12, 14, 17, 20, 43)),
        (" 2022-12-14T17:20:43Z ", at(2022, 12, 14, 17, 20, 43)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1969-12-31T23:59:59Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-14:00", at(9999, 12, 31, 23, 59, 59) + 14 * 3600),
        ("2022-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("None", None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_unix_seconds_and_sentinels_are_no_times(
    text: str | None, seconds: float | None
) -> None:
    assert instant(text) == (None if seconds is None else pytest.approx(seconds, abs=1e-6))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0.0),
        (1.5, 1.5),
        (-0.1, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        ("1", None),
        (None, None),
    ],
)
def test_an_amount_is_a_finite_number_that_is_not_negative(
    value: object, number: float | None
) -> None:
    assert amount(value) == number


@pytest.mark.parametrize(
    ("text", "unreadable"),
    [
        *((text, True) for text in ("tomorrow", "2025-13-01T00:00:00Z", "15/06/2025")),
        *((text, False) for text in (None, "", " ", "null", "N/A", "None")),
        *((text, False) for text in ("0000-00-00T00:00:00Z", "0001-01-01T00:00:00Z")),
        *((text, False) for text in ("1970-01-01T00:00:00Z", "2025-06-15T12:00:00Z")),
    ],
)
def test_only_a_text_that_says_something_else_is_unreadable(
    text: str | None, unreadable: bool
) -> None:
    assert is_unreadable(text) is unreadable


def test_words_are_compared_in_their_documented_spelling() -> None:
    assert normal("Not Compliant") == "NOT_COMPLIANT"
    assert normal(" not-compliant ") == "NOT_COMPLIANT"
    assert normal("None") == normal(None) == normal(5) == ""


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", AlertSeverity.CRITICAL),
        ("Critical", AlertSeverity.CRITICAL),
        ("warning", AlertSeverity.WARNING),
        ("OK", AlertSeverity.INFO),
        ("Informational", AlertSeverity.INFO),
        ("UNKNOWN", AlertSeverity.INFO),
        ("NOT_PRESENT", AlertSeverity.INFO),
        ("REDUNDANT", AlertSeverity.INFO),
        ("NON_REDUNDANT", AlertSeverity.INFO),
        ("never seen", AlertSeverity.INFO),
        (None, AlertSeverity.INFO),
    ],
)
def test_all_that_is_neither_critical_nor_warning_is_info(
    word: str | None, severity: AlertSeverity
) -> None:
    assert alert_from(alert(severity=word), {}, Unseen()).severity is severity


@pytest.mark.parametrize(
    ("record", "device"),
    [
        ({"serverId": ID}, ID),
        ({"device": {"id": ID}}, ID),
        ({"server": {"id": ID}}, ID),
        ({"resourceUri": f"/compute-ops-mgmt/v1/servers/{ID}/alerts/a1"}, ID),
        ({"resourceUri": f"/compute-ops-mgmt/v1/servers/{quote(ID)}/alerts/a1"}, ID),
        ({"resourceUri": f"https://x.example.net/v1/servers/{quote(ID)}/alerts"}, ID),
        ({"device": {"id": GATEWAY}, "serverId": ID}, ID),
        ({"device": {"id": GATEWAY}, "server": {"id": ID}}, ID),
        ({"device": {"id": ID}, "serverId": "P1+GONE"}, ID),
        ({"device": {"id": None}, "server": {}, "serverId": ID}, ID),
        ({"device": {"id": GATEWAY}}, GATEWAY),
        ({"device": {"id": "P2+S2"}, "serverId": "P1+S1"}, "P1+S1"),
        ({"device": None, "server": None, "serverId": None, "resourceUri": None}, ""),
        ({"resourceUri": "/compute-ops-mgmt/v1/alerts/a1"}, ""),
        ({"resourceUri": f"/compute-ops-mgmt/v1/servers/{ID}"}, ""),
        ({"resourceUri": "/compute-ops-mgmt/v1/servers//alerts/a1"}, ""),
        ({"resourceUri": "/v1/servers/%00%0a/alerts/%ff%"}, ""),
    ],
)
def test_an_alert_belongs_to_the_server_that_it_names_in_whatever_form(
    record: dict[str, Any], device: str
) -> None:
    found = alert_from(alert(**record), {ID: "web01"}, Unseen())

    assert found.device == device
    assert found.device_name == ("web01" if device == ID else "")


def test_the_text_of_an_alert_is_its_message_or_its_description() -> None:
    assert alert_from(alert(message="m", description="d"), {}, Unseen()).message == "m"
    assert (
        alert_from(alert(message=" ", description="d\x1b[31m\n"), {}, Unseen()).message == "d [31m"
    )
    assert alert_from(alert(), {}, Unseen()).message == ""


@pytest.mark.parametrize(
    ("record", "cleared"),
    [
        ({"cleared": True}, True),
        ({"clearedAt": "2026-07-01T00:00:00Z"}, True),
        ({"cleared": False, "clearedAt": None}, False),
        ({"clearedAt": "0001-01-01T00:00:00Z"}, False),
        ({}, False),
    ],
)
def test_an_alert_is_over_when_it_says_so(record: dict[str, Any], cleared: bool) -> None:
    assert is_cleared(alert(**record)) is cleared


def test_energy_is_given_in_joules_grams_and_dollars() -> None:
    found = energy(
        status="COMPLETE",
        kwh={"collected": 2.5, "total": 9},
        co2eKg={"collected": 1.1},
        cost={"collected": 0.4},
        entityDetails={"location": "Houston ", "model": "x"},
    )

    assert found.energy == Energy(joules=9e6, grams_co2e=1100.0, cost_usd=0.4)
    assert found.location == Location(location="Houston")


@pytest.mark.parametrize(
    "record",
    [
        {"status": "PARTIAL", "kwh": {"collected": 1}},
        {"kwh": {"collected": 1}},
        {"status": "COMPLETE"},
        {"status": "COMPLETE", "kwh": None},
        {"status": "COMPLETE", "kwh": {"collected": None, "projected": 4}},
        {"status": "COMPLETE", "kwh": {"collected": -1}},
        {"status": "COMPLETE", "kwh": {"collected": True}},
        {"status": "COMPLETE", "kwh": {"collected": "1"}},
    ],
)
def test_energy_that_is_not_complete_is_absent(record: dict[str, Any]) -> None:
    assert energy(**record).energy is None


def test_emissions_and_cost_are_absent_each_on_its_own() -> None:
    found = energy(
        status="Complete", kwh={"collected": 0}, co2eKg={"collected": -1}, cost={"projected": 1}
    )

    assert found.energy == Energy(joules=0.0)
    assert found.location is None


@pytest.mark.parametrize("kwh", ["12", True, -1, None, [], 1e30])
def test_an_energy_that_is_no_quantity_costs_neither_emissions_nor_cost(kwh: object) -> None:
    found = energy(
        status="COMPLETE",
        kwh={"collected": kwh},
        co2eKg={"collected": 1.1},
        cost={"collected": 0.4},
    )

    assert found.energy == Energy(grams_co2e=1100.0, cost_usd=0.4)


def test_a_captured_server_is_mapped() -> None:
    (found,) = sample("servers_v1beta2_list_DL325Gen10Plus_OK.repaired.json")

    assert found.server == Server("P18606-B21+CZJ11105MN", "CZJ11105MN", "Geneva-CIC-amd16")
    assert found.description == Description(
        id="P18606-B21+CZJ11105MN",
        model="ProLiant DL325 Gen10 Plus",
        generation="GEN_10",
        processor="AMD EPYC 7352 24-Core Processor",
        hostname="Geneva-CIC-amd16",
        bmc_address="10.4.25.209",
    )
    assert found.status == Status(
        health=Health.OK, power=PowerState.ON, connected=True, managed=True
    )
    assert found.components is not None
    assert {severity for _, severity in found.components.severities} == {0}
    assert "liquid_cooling" not in dict(found.components.severities)
    assert found.redundancy == Redundancy(
        (("fans", RedundancyState.REDUNDANT), ("power_supplies", RedundancyState.REDUNDANT))
    )
    assert found.subscription == Subscription(
        state=SubscriptionState.SUBSCRIBED, tier="enhanced", end=at(2027, 4, 21, 17, 55)
    )
    assert found.firmware_update is None


def test_a_captured_server_without_subscription_is_mapped() -> None:
    (found,) = sample("servers_v1beta2_list_unsubscribed.json")

    assert found.server == Server("P07595-B21+MXQ1140XVX", "MXQ1140XVX", "MXQ1140XVX")
    assert found.status == Status(connected=False, managed=True)
    assert found.components is None
    assert found.subscription == Subscription(state=SubscriptionState.REQUIRED)


@pytest.mark.parametrize(
    ("of_com", "of_oneview", "maintenance"),
    [
        (True, None, True),
        (False, None, False),
        (None, {"maintenanceMode": True}, True),
        (None, {"maintenanceMode": False}, False),
        (False, {"maintenanceMode": True}, True),
        (True, {"maintenanceMode": False}, True),
        (False, {"maintenanceMode": None}, False),
        (None, {"state": "Monitored"}, None),
        (None, {}, None),
    ],
)
def test_a_server_is_in_maintenance_if_com_or_oneview_says_so(
    of_com: bool | None, of_oneview: Any, maintenance: bool | None
) -> None:
    found = mapped(maintenanceMode=of_com, oneview=of_oneview)

    assert found.status.maintenance is maintenance


@pytest.mark.parametrize(
    ("bmc", "address"),
    [
        ({"ip": "10.0.0.9", "userDefined": None}, "10.0.0.9"),
        ({"ip": None, "userDefined": {"host": "10.0.0.8"}}, "10.0.0.8"),
        ({"ip": "", "userDefined": {"host": "idrac7.example.net"}}, "idrac7.example.net"),
        ({"userDefined": {"host": None}}, ""),
        ({"userDefined": {"username": "root", "password": "calvin"}}, ""),
    ],
)
def test_the_bmc_of_a_third_party_server_has_the_address_that_its_user_entered(
    bmc: dict[str, Any], address: str
) -> None:
    found = mapped(connectionType="CREDENTIAL", hardware={"bmc": bmc})

    assert found.description.bmc_address == address


def test_of_what_a_user_entered_for_a_bmc_only_the_host_is_read() -> None:
    assert [field.name for field in msgspec.structs.fields(UserDefined)] == ["host"]
