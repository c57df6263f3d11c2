"""Do the appliance's codes, words and numbers become what they mean?"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model import (
    AlertSeverity,
    Components,
    Description,
    Health,
    Inventory,
    Power,
    PowerDraw,
    PowerState,
    Server,
    Temperatures,
)
from exporter.sources.drift import NO_DRIFT, drifted
from exporter.sources.ome import device_records, records
from exporter.sources.ome.health import component_of, components_from, unknown_in
from exporter.sources.ome.mapping import (
    DeviceFinder,
    alert_from,
    description_from,
    is_open,
    server_from,
    status_from,
)
from exporter.sources.ome.measurements import (
    draw_from,
    number_from,
    power_from,
    temperatures_from,
    unfit_power,
    unfit_temperature,
)
from exporter.sources.ome.records import DeviceRecord
from exporter.sources.ome.times import is_never, is_unreadable, unix_time
from tests.support.drift import unknown

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "ome"
UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def sample(name: str) -> Any:
    file = SAMPLES / name
    if not file.exists():
        pytest.skip(f"{name} is not here")
    return json.loads(file.read_text())


def device(**fields: Any) -> DeviceRecord:
    return records.DEVICE.decode(json.dumps({"Id": 10, "Identifier": "TAG10", **fields}))


def management(**fields: Any) -> dict[str, Any]:
    profile = {"AgentName": "iDRAC", "Version": "7.00.00.00"}
    return {
        "NetworkAddress": "192.0.2.1",
        "ManagementType": 2,
        "DnsName": "idrac-tag10",
        "ManagementProfile": [profile],
        **fields,
    }


# --- who a device is


def test_a_server_is_known_by_its_identifier() -> None:
    record = device(DeviceServiceTag="OTHER", DeviceName="web-1")
    assert server_from(record) == Server(id="10", serial="TAG10", name="web-1")


@pytest.mark.parametrize("nothing", [None, "", " ", "null", "None", "N/A"])
def test_the_service_tag_stands_in_for_a_missing_identifier(nothing: str | None) -> None:
    record = device(Identifier=nothing, DeviceServiceTag="ABC1234", DeviceName=nothing)
    assert server_from(record) == Server(id="10", serial="ABC1234", name="ABC1234")


def test_a_device_without_any_serial_number_is_nobody() -> None:
    assert server_from(device(Identifier=None)) is None


# --- state


@pytest.mark.parametrize(
    ("code", "health"),
    [
        (1000, Health.OK),
        (2000, Health.UNKNOWN),
        (3000, Health.WARNING),
        (4000, Health.CRITICAL),
        (5000, Health.UNKNOWN),
        (6000, Health.UNKNOWN),
        (None, None),
    ],
)
def test_status_codes(code: int | None, health: Health | None) -> None:
    assert status_from(device(Status=code), UTC).health is health


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (1, PowerState.UNKNOWN),
        (17, PowerState.ON),
        (18, PowerState.OFF),
        (19, PowerState.UNKNOWN),
        (20, PowerState.POWERING_ON),
        (21, PowerState.POWERING_OFF),
        (None, None),
    ],
)
def test_power_state_codes(code: int | None, state: PowerState | None) -> None:
    assert status_from(device(PowerState=code), UTC).power is state


@pytest.mark.parametrize(("code", "managed"), [(3000, True), (5000, False), (None, None)])
def test_only_the_managed_state_3000_is_managed(code: int | None, managed: bool | None) -> None:
    assert status_from(device(ManagedState=code), UTC).managed is managed


@pytest.mark.parametrize("connected", [True, False, None])
def test_the_connection_state_is_taken_as_it_is(connected: bool | None) -> None:
    assert status_from(device(ConnectionState=connected), UTC).connected is connected


@pytest.mark.parametrize(
    ("text", "zone", "seconds"),
    [
        ("2023-07-02 18:30:20.810", UTC, 1688322620.81),
        ("2023-07-02 18:30:20.810", BERLIN, 1688315420.81),
        ("2023-01-02 18:30:20", BERLIN, 1672680620.0),
        # The hour that is there twice, and the one that never was.
        ("2023-10-29 02:30:00.000", BERLIN, 1698539400.0),
        ("2023-03-26 02:30:00.000", BERLIN, 1679794200.0),
        ("2023-07-02T18:30:20+02:00", UTC, 1688315420.0),
    ],
)
def test_times_are_read_in_the_zone_of_the_source(
    text: str, zone: ZoneInfo, seconds: float
) -> None:
    assert unix_time(text, zone) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "null",
        "Unknown",
        "0001-01-01 00:00:00.000",
        "1969-12-31 18:00:00.000",
        "1970-01-01 00:00:00.000",
        "2023-13-01 00:00:00",
        "12.07.2023",
    ],
)
def test_what_is_no_time_is_absent(text: str | None) -> None:
    assert unix_time(text, BERLIN) is None


@given(st.datetimes(min_value=datetime(1971, 1, 1)), st.timezones())  # noqa: DTZ001
def test_every_time_is_read_in_every_zone(moment: datetime, zone: ZoneInfo) -> None:
    # The text does not say which of two equal times at the end of summer it is: the first counts.
    assert unix_time(str(moment), zone) == moment.replace(fold=0, tzinfo=zone).timestamp()


@pytest.mark.parametrize("text", ["2023-13-01 00:00:00", "12.07.2023", "soon"])
def test_a_text_that_is_no_time_is_unreadable(text: str) -> None:
    assert is_unreadable(text)


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", " ", "null", "N/A", "Unknown", "None"),
        *("0001-01-01 00:00:00.000", "0000-00-00 00:00:00", "1969-12-31 18:00:00.000"),
        *("2023-07-02 18:30:20.810", "2023-07-02T18:30:20+02:00"),
    ],
)
def test_a_time_or_a_way_to_write_that_there_is_none_is_readable(text: str | None) -> None:
    assert not is_unreadable(text)


@given(st.text())
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    unix_time(text, BERLIN)
    is_never(text)
    is_unreadable(text)


# --- description


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (1000, "server"),
        (2000, "chassis"),
        (3000, "storage"),
        (4000, "network_iom"),
        (5000, "dell_storage"),
        (6000, "unknown"),
        (7000, "network_switch"),
        (8000, "storage_iom"),
        (9000, "network_controller"),
        (None, ""),
    ],
)
def test_device_types(code: int | None, word: str) -> None:
    assert description_from(device(Type=code)).device_type == word


def test_a_server_is_described_by_its_public_management_address() -> None:
    record = device(
        Type=1000,
        Model=" PowerEdge R750 ",
        ChassisServiceTag="MXL1234",
        DeviceManagement=[
            management(NetworkAddress="[::]", ManagementProfile=None),
            management(NetworkAddress="::", DnsName="unknown"),
            management(ManagementType=1, NetworkAddress="10.0.0.1"),
            management(),
            management(NetworkAddress="192.0.2.2"),
        ],
    )
    assert description_from(record) == Description(
        id="10",
        model="PowerEdge R750",
        hostname="idrac-tag10",
        bmc_address="192.0.2.1",
        bmc_model="iDRAC",
        bmc_version="7.00.00.00",
        chassis="MXL1234",
    )


@pytest.mark.parametrize(
    ("own", "tag", "chassis"),
    [
        ({"Identifier": "TAG10"}, "MXL1234", "MXL1234"),
        ({"Identifier": "TAG10"}, "TAG10", ""),
        ({"Identifier": "TAG10"}, " tag10 ", ""),
        ({"Identifier": "0W875HX3", "DeviceServiceTag": "TAG10"}, "TAG10", ""),
        ({"Identifier": None, "DeviceServiceTag": "TAG10"}, "TAG10", ""),
        ({"Identifier": "TAG10", "DeviceServiceTag": None}, "MXL1234", "MXL1234"),
        ({"Identifier": "TAG10"}, None, ""),
        ({"Identifier": "TAG10"}, "null", ""),
    ],
)
def test_the_own_tag_in_place_of_a_chassis_is_no_chassis(
    own: dict[str, Any], tag: str | None, chassis: str
) -> None:
    assert description_from(device(**own, ChassisServiceTag=tag)).chassis == chassis


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("[2607:f2b1:f083:135::7]", "2607:f2b1:f083:135::7"),
        (" [2001:db8::7] ", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("192.0.2.7", "192.0.2.7"),
        ("idrac-7.example.net", "idrac-7.example.net"),
        ("[::]", ""),
    ],
)
def test_an_address_is_shown_without_brackets(address: str, shown: str) -> None:
    described = description_from(device(DeviceManagement=[management(NetworkAddress=address)]))
    assert described.bmc_address == shown


@pytest.mark.parametrize("entries", [None, [], [management(NetworkAddress="[::]")]])
def test_a_device_without_a_usable_address_has_no_words_about_its_bmc(entries: Any) -> None:
    described = description_from(device(DeviceManagement=entries))
    assert (described.bmc_address, described.bmc_model, described.hostname) == ("", "", "")


def test_a_profile_without_version_gives_way_to_the_next() -> None:
    profiles = [{"AgentName": "x", "Version": None}, {"AgentName": "iDRAC", "Version": "6.10"}]
    described = description_from(device(DeviceManagement=[management(ManagementProfile=profiles)]))
    assert (described.bmc_model, described.bmc_version) == ("iDRAC", "6.10")


# --- alerts


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (16, AlertSeverity.CRITICAL),
        (8, AlertSeverity.WARNING),
        (4, AlertSeverity.INFO),
        (2, AlertSeverity.INFO),
        (1, AlertSeverity.INFO),
        (32, AlertSeverity.INFO),
        (None, AlertSeverity.CRITICAL),
    ],
)
def test_severity_codes(code: int | None, severity: AlertSeverity) -> None:
    record = records.ALERT.decode(json.dumps({"Id": 1, "SeverityType": code}))
    assert alert_from(record, 16, "").severity is severity


@pytest.mark.parametrize(
    ("code", "is_it"), [(1000, False), (2000, True), (3000, True), (None, True)]
)
def test_1000_is_acknowledged_and_2000_is_not(code: int | None, is_it: bool) -> None:
    assert is_open(records.ALERT.decode(json.dumps({"Id": 1, "StatusType": code}))) is is_it


@pytest.mark.parametrize(
    ("fields", "server"),
    [
        ({"AlertDeviceId": 10}, "10"),
        ({"AlertDeviceId": 10, "AlertDeviceIdentifier": "TAG11"}, "10"),
        ({"AlertDeviceId": 99, "AlertDeviceIdentifier": "TAG11"}, "11"),
        ({"AlertDeviceId": None, "AlertDeviceIdentifier": "TAG11"}, "11"),
        ({"AlertDeviceId": 99, "AlertDeviceIdentifier": "TAG99"}, "99"),
        ({"AlertDeviceId": 0, "AlertDeviceIdentifier": ""}, "0"),
        ({}, ""),
    ],
)
def test_an_alert_belongs_to_the_device_by_id_else_by_serial(
    fields: dict[str, Any], server: str
) -> None:
    record = records.ALERT.decode(json.dumps({"Id": 1, **fields}))
    servers = [Server(id=each, serial=f"TAG{each}", name=each) for each in ("10", "11")]
    assert DeviceFinder(Inventory(tuple(servers)))(record) == server


# --- subsystems


@pytest.mark.parametrize(
    ("subsystem", "component"),
    [
        ("SEL/Misc", "sel"),
        ("Fan", "fans"),
        ("PowerSupply", "power_supplies"),
        ("Processor", "processor"),
        ("Memory", "memory"),
        ("Storage", "storage"),
        ("System", "system"),
        ("Voltage", "voltage"),
        ("Current", "current"),
        ("Intrusion", "intrusion"),
        ("Battery", "battery"),
        ("Temperature", "temperature"),
        ("MM", "management_module"),
        ("IOM.Slot.A1", "iom"),
        ("System.Modular.3", "system"),
        ("Miscellaneous", "sel"),
        ("LiquidCooling", "liquid_cooling"),
        ("GPU Tray/é", "gpu_tray"),
        ("X" * 99, "x" * 32),
        ("", ""),
        ("é", ""),
    ],
)
def test_subsystems_become_components(subsystem: str, component: str) -> None:
    assert component_of(subsystem) == component


def rows(*pairs: tuple[str, Any]) -> list[device_records.SubsystemRecord]:
    texts = [json.dumps({"SubSystem": name, "RollupStatus": code}) for name, code in pairs]
    return [device_records.SUBSYSTEM.decode(text) for text in texts]


def test_roll_ups_are_strings_or_numbers_and_unknown_ones_make_no_component() -> None:
    found = rows(
        ("Fan", "1000"),
        ("Memory", 3000),
        ("Storage", " 4000 "),
        ("Voltage", "2000"),
        ("Current", "5000"),
        ("Battery", None),
        ("Processor", "77"),
    )
    assert components_from(found) == Components((("fans", 0), ("memory", 1), ("storage", 2)))
    assert unknown(drifted(unknown_in(found))) == {"RollupStatus": ("77",)}


def test_of_two_rows_of_one_component_the_worst_counts() -> None:
    found = rows(("IOM.Slot.A1", "4000"), ("IOM.Slot.A2", "1000"), ("SEL/Misc", "1000"))
    assert components_from(found) == Components((("iom", 2), ("sel", 0)))


def test_the_components_of_a_device_are_bounded() -> None:
    found = rows(*((f"part{number}", "1000") for number in range(5000)))
    assert len(components_from(found).severities) == 64


@given(st.text())
def test_any_subsystem_becomes_a_bounded_word(subsystem: str) -> None:
    component = component_of(subsystem)
    assert len(component) <= 32
    assert not component or component.replace("_", "a").isalnum()
    assert component.isascii()


# --- measurements


def test_power_is_read_from_strings() -> None:
    record = device_records.POWER.decode(
        json.dumps(
            {
                "power": "310",
                "powerUnit": "watt",
                "peakPower": "512",
                "peakPowerUnit": "watt",
                "peakPowerTimeStamp": "20240414145039.000000-300",
                "minimumPower": "98",
                "minimumPowerUnit": "watt",
                "minimumPowerTimeStamp": "20240414145039.000000-300",
                "instantaneousHeadroom": 740,
                "instantaneousHeadroomUnit": "watt",
                "systemEnergyConsumption": "1234.5",
                "systemEnergyConsumptionUnit": "killowatt-hour",
            }
        )
    )
    assert power_from(record) == Power(
        peak_watts=512, minimum_watts=98, headroom_watts=740, energy_joules=4444.2e6
    )
    assert draw_from(record) == PowerDraw(310)


@pytest.mark.parametrize(
    "value",
    [
        *("N/A", "65535", 65535, "", None, "null", "NaN", "inf", "-Infinity", "12 W", "-7"),
        *("-1", "-1.0", -1, -1.0, " -1 ", "4294967295", 2147483647),
        *("9223372036854775807", 2**63 - 1, "18446744073709551615", 2**64 - 1, 4294967295.0),
    ],
)
def test_what_is_no_measurement_makes_no_power(value: Any) -> None:
    fields = ("power", "peakPower", "minimumPower", "instantaneousHeadroom")
    body = json.dumps({**dict.fromkeys(fields, value), "systemEnergyConsumption": value})
    record = device_records.POWER.decode(body)
    assert (power_from(record), draw_from(record)) == (Power(), None)


def test_a_time_of_1969_takes_its_number_away() -> None:
    never = "19691231180000.000000-360"
    body = {"power": "5", "peakPower": "7", "peakPowerTimeStamp": never}
    record = device_records.POWER.decode(json.dumps(body))
    assert (power_from(record), draw_from(record)) == (Power(), PowerDraw(5))


@pytest.mark.parametrize(
    ("unit", "watts"),
    [
        *((unit, 100.0) for unit in ("watt", "Watts", "W", " w ", "WATT", "", None, "N/A")),
        *((unit, pytest.approx(29.3071)) for unit in ("BTU/hr", "btu/h", "BTU/Hr")),
    ],
)
def test_power_is_read_in_each_spelling_of_its_unit(unit: str | None, watts: float) -> None:
    record = device_records.POWER.decode(json.dumps({"power": "100", "powerUnit": unit}))
    assert draw_from(record) == PowerDraw(watts)
    assert unfit_power(record) == NO_DRIFT


@pytest.mark.parametrize(
    "unit", ["kilowatt-hour", "killowatt-hour", "Kilowatt-Hours", "kWh", "KWH", "", None]
)
def test_energy_is_read_in_each_spelling_of_its_unit(unit: str | None) -> None:
    body = {"systemEnergyConsumption": "2", "systemEnergyConsumptionUnit": unit}
    record = device_records.POWER.decode(json.dumps(body))
    assert power_from(record) == Power(energy_joules=7.2e6)
    assert unfit_power(record) == NO_DRIFT


@pytest.mark.parametrize(("kwh", "joules"), [("0.57", 2_052_000), ("0.07", 252_000)])
def test_energy_has_no_digits_that_were_not_measured(kwh: str, joules: float) -> None:
    record = device_records.POWER.decode(json.dumps({"systemEnergyConsumption": kwh}))
    assert power_from(record) == Power(energy_joules=joules)


def test_a_unit_that_is_not_expected_takes_its_number_away_and_is_named() -> None:
    body = {
        "power": "5",
        "powerUnit": "horsepower",
        "systemEnergyConsumption": "5",
        "systemEnergyConsumptionUnit": "watt",
        "minimumPower": "3",
        "minimumPowerUnit": "Watt",
    }
    record = device_records.POWER.decode(json.dumps(body))
    assert (power_from(record), draw_from(record)) == (Power(minimum_watts=3), None)
    assert unknown(drifted(unfit_power(record))) == {
        "powerUnit": ("horsepower",),
        "systemEnergyConsumptionUnit": ("watt",),
    }


@pytest.mark.parametrize(
    ("value", "celsius"),
    [
        *(("23", 23), (23.5, 23.5), ("-5", -5), ("-1.5", -1.5), ("0", 0)),
        *((value, None) for value in ("-101", "201", "N/A", "-1", "-1.0", -1, -1.0)),
    ],
)
def test_temperatures(value: Any, celsius: float | None) -> None:
    body = {"instantaneousTemperature": value, "instantaneousTemperatureUnit": "celsius"}
    expected = () if celsius is None else (("system", celsius),)
    record = device_records.TEMPERATURE.decode(json.dumps(body))
    assert temperatures_from(record) == Temperatures(expected)
    assert unfit_temperature(record) == NO_DRIFT


@pytest.mark.parametrize(
    ("value", "unit", "celsius"),
    [
        *(("23", unit, 23) for unit in ("Celsius", "°C", "C", "c", "", None)),
        *(("77", unit, 25) for unit in ("fahrenheit", "Fahrenheit", "F", "°F")),
    ],
)
def test_temperatures_are_read_in_each_spelling_of_their_unit(
    value: str, unit: str | None, celsius: float
) -> None:
    body = {"instantaneousTemperature": value, "instantaneousTemperatureUnit": unit}
    record = device_records.TEMPERATURE.decode(json.dumps(body))
    assert dict(temperatures_from(record).sensors) == {"system": pytest.approx(celsius)}
    assert unfit_temperature(record) == NO_DRIFT


def test_a_temperature_in_another_unit_is_left_out_and_named() -> None:
    body = {"instantaneousTemperature": "290", "instantaneousTemperatureUnit": "kelvin"}
    record = device_records.TEMPERATURE.decode(json.dumps(body))
    assert temperatures_from(record) == Temperatures(())
    named = {"instantaneousTemperatureUnit": ("kelvin",)}
    assert unknown(drifted(unfit_temperature(record))) == named


@given(st.one_of(st.text(), st.floats(), st.none()))
def test_no_value_breaks_the_reading_of_numbers(value: float | str | None) -> None:
    number_from(value)


# --- published answers


def test_the_published_device_listing_is_read_whole() -> None:
    listing = sample("GET_DeviceService_Devices.json")
    devices = [records.DEVICE.decode(json.dumps(each)) for each in listing["value"]]
    serials = ["MX84002", "CZMC1T2", "4111H63", "541K903", "J368DH2"]
    assert [server and server.serial for server in map(server_from, devices)] == serials
    described = description_from(devices[0])
    assert (described.bmc_address, described.bmc_version) == ("192.35.0.1", "7.00.00.00")
    assert (described.hostname, described.chassis) == ("idrac-MX84002", "MXLAAS1")
    states = [status_from(each, UTC) for each in devices]
    assert [each.health for each in states] == [
        Health.OK,
        Health.OK,
        Health.CRITICAL,
        Health.WARNING,
        Health.OK,
    ]
    assert states[0].power is PowerState.OFF
    assert states[0].inventory_at == pytest.approx(1688322620.81)


def test_the_published_chassis_is_read() -> None:
    item = sample("GET_DeviceService_Devices_MX7000_chassis_item.json")["value"][0]
    record = records.DEVICE.decode(json.dumps({"Id": 25007, **item}))
    assert server_from(record) == Server(id="25007", serial="MXL1234", name="MX-0003I")
    assert description_from(record).device_type == "chassis"


def test_the_published_subsystems_of_a_server_are_read() -> None:
    body = json.dumps(sample("GET_DeviceService_Devices_id_SubSystemHealth_server.json"))
    read = [device_records.SUBSYSTEM.decode(raw) for raw in (records.PAGE.decode(body).value or ())]
    severities = dict(components_from(read).severities)
    assert severities["sel"] == 2
    assert len(severities) == 11
    assert unknown_in(read) == NO_DRIFT


def test_the_published_subsystems_of_a_chassis_are_read() -> None:
    body = json.dumps(sample("GET_DeviceService_Devices_id_SubSystemHealth_chassis.json"))
    read = [device_records.SUBSYSTEM.decode(raw) for raw in (records.PAGE.decode(body).value or ())]
    severities = dict(components_from(read).severities)
    assert severities.pop("power_supplies") == 2
    expected = {"management_module", "system", "iom", "sel", "temperature", "battery", "fans"}
    assert set(severities) == expected
    assert unknown_in(read) == NO_DRIFT


def test_the_published_power_of_a_server_that_is_off_has_no_minimum() -> None:
    body = json.dumps(sample("GET_DeviceService_Devices_id_Power.json"))
    record = device_records.POWER.decode(body)
    assert draw_from(record) == PowerDraw(0)
    assert power_from(record) == Power(peak_watts=73, energy_joules=0)


def test_the_published_temperature_is_read() -> None:
    body = json.dumps(sample("GET_DeviceService_Devices_id_Temperature.json"))
    temperatures = temperatures_from(device_records.TEMPERATURE.decode(body))
    assert temperatures == Temperatures((("system", 23),))


def test_the_published_alert_is_read() -> None:
    item = sample("GET_AlertService_Alerts.json")["value"][0]
    alert = alert_from(records.ALERT.decode(json.dumps(item)), 2, "10161")
    assert (alert.id, alert.device, alert.severity) == ("15473", "10161", AlertSeverity.INFO)
    assert alert.message == "Device is online."


@pytest.mark.parametrize(
    ("decoder", "body"),
    [
        (records.PAGE, "{}"),
        (records.PAGE, "[]"),
        (records.DEVICE, '{"Identifier": "X"}'),
        (records.DEVICE, '{"Id": 1, "Status": "1000"}'),
        (device_records.POWER, '{"power": true}'),
    ],
)
def test_another_shape_is_refused(decoder: msgspec.json.Decoder[Any], body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoder.decode(body)
