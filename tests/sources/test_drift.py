"""Unknown values and missing fields: counted, bounded, and never by mistake."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from exporter.model import DriftedField, DriftKind
from exporter.sources.com import calls as of_com
from exporter.sources.com.server_record import server_decoder
from exporter.sources.drift import (
    LONGEST_VALUE,
    MOST_FIELDS,
    MOST_NAMED,
    NO_DRIFT,
    Drift,
    Expected,
    Unseen,
    drifted,
    joined,
    looked,
    unknown_values,
)
from exporter.sources.ome import SOURCE as OME
from exporter.sources.ome import device_records as of_device
from exporter.sources.ome import power_manager_records
from exporter.sources.ome import records as of_ome
from tests.support.drift import missing

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


class Part(Struct, rename="camel"):
    fan_speed: int | None = None


class Record(Struct, rename="camel"):
    kind: str | None = None
    part: Part | None = None
    parts: tuple[Part, ...] | None = None
    words: dict[str, object] | None = None


def record(**fields: Any) -> Record:
    return msgspec.convert(fields, Record)


def lacking(expected: Expected[Record], *records: Record) -> dict[str, int]:
    return missing(drifted(expected.look(records)))


# --- missing fields


def test_a_field_is_missing_only_where_not_a_single_record_has_it() -> None:
    expected = Expected(Record, "kind")
    assert lacking(expected, *[record()] * 4) == {"kind": 4}
    assert lacking(expected, *[record()] * 3, record(kind="")) == {}


def test_null_is_as_good_as_missing() -> None:
    assert lacking(Expected(Record, "kind"), *[record(kind=None)] * 3) == {"kind": 3}


def test_one_or_two_odd_records_are_no_drift() -> None:
    assert lacking(Expected(Record, "kind"), record(), record()) == {}


def test_of_a_single_document_one_is_enough() -> None:
    drift = Expected(Record, "kind").look([record()])
    assert missing(drifted(drift, fewest=1)) == {"kind": 1}


def test_a_field_is_expected_only_where_that_which_holds_it_is_there() -> None:
    expected = Expected(Record, "part.fanSpeed", "parts.fanSpeed", "words.summary")
    assert lacking(expected, *[record()] * 9) == {}
    assert lacking(expected, *[record(parts=[], part=None)] * 9) == {}
    assert lacking(expected, *[record(part={}, parts=[{}, {}], words={})] * 3) == {
        "part.fanSpeed": 3,
        "parts.fanSpeed": 3,
        "words.summary": 3,
    }
    entries = record(parts=[{}, {"fanSpeed": 1}])
    assert lacking(expected, *[record(parts=[{}])] * 3, entries) == {}
    assert lacking(expected, *[record(words={"summary": "OK"})] * 3) == {}


def test_nothing_is_expected_of_records_that_are_not_ordinary() -> None:
    expected = Expected(Record, "part", when=lambda each: each.kind == "whole")
    assert lacking(expected, *[record(kind="bare")] * 9, *[record(kind="whole")] * 2) == {}
    assert lacking(expected, *[record(kind="bare")] * 9, *[record(kind="whole")] * 3) == {"part": 3}


def test_a_field_that_one_page_lacks_and_another_has_is_not_missing() -> None:
    expected = Expected(Record, "kind")
    bare, whole = expected.look([record()] * 50), expected.look([record(kind="x")])
    assert drifted(bare, whole) == ()
    assert missing(drifted(bare, bare)) == {"kind": 100}


def test_a_field_that_the_record_does_not_have_cannot_be_expected() -> None:
    with pytest.raises(ValueError, match=r"Record has no part\.fan_speed"):
        Expected(Record, "part.fan_speed")


def test_fields_are_named_by_their_kind_of_record_where_a_collector_reads_several() -> None:
    assert lacking(Expected(Record, "kind", within="Reports."), *[record()] * 3) == {
        "Reports.kind": 3
    }


# --- unknown values


def test_unknown_values_are_counted_by_field_and_the_commonest_named_first() -> None:
    drift = unknown_values("Status", [7, 1000, None, 7, 6], {1000})
    assert drifted(drift) == (
        DriftedField(DriftKind.UNKNOWN_VALUES, "Status", records=3, values=("7", "6")),
    )
    assert unknown_values("Status", [1000, None], {1000}) == NO_DRIFT


def test_equal_drifts_of_many_devices_add_up() -> None:
    one = Drift(unknown=(("Status", "7", 1),), absent=(("Name", 2),))
    whole = joined([one] * 1000)
    assert whole.unknown == (("Status", "7", 1000),)
    assert whole.absent == (("Name", 2000),)


def test_values_are_shortened_cleaned_and_bounded() -> None:
    unseen = Unseen()
    for number in range(10_000):
        unseen.note("word", f"\x1b[31m<{number}>\n" + "x" * 9999)
    unseen.note("empty", "undefined")
    (empty, word) = drifted(unseen.drift)
    assert empty.values == ("undefined",)
    assert word.records == 10_000
    assert len(word.values) == MOST_NAMED
    assert all(len(value) <= LONGEST_VALUE and value.isprintable() for value in word.values)


def test_a_flood_of_fields_becomes_one_called_other() -> None:
    unseen = Unseen()
    for number in range(MOST_FIELDS + 7):
        unseen.note(f"field{number:03d}", "x", records=2)
    found = drifted(unseen.drift)
    assert len(found) == MOST_FIELDS + 1
    assert (found[-1].name, found[-1].records, found[-1].values) == ("other", 14, ())


def test_a_drifted_field_is_a_sentence() -> None:
    unseen = Unseen()
    unseen.note("powerState", "WARP", 3)
    lacking_state = Expected(Record, "part").look([record()] * 40)
    assert [str(each) for each in drifted(unseen.drift, lacking_state)] == [
        "powerState has values that are not known, in 3 record(s): WARP",
        "part is missing from all 40 record(s) that should have it",
    ]


# --- what real systems have answered

CAPTURED: dict[str, msgspec.json.Decoder[Any]] = {
    "GET_DeviceService_Devices.json": of_ome.DEVICE,
    "GET_DeviceService_Devices_MX7000_chassis_item.json": of_ome.DEVICE,
    "GET_AlertService_Alerts.json": of_ome.ALERT,
    "GET_DeviceService_Devices_id_SubSystemHealth_server.json": of_device.SUBSYSTEM,
    "GET_DeviceService_Devices_id_SubSystemHealth_chassis.json": of_device.SUBSYSTEM,
    "GET_DeviceService_Devices_id_Power.json": of_device.POWER,
    "GET_DeviceService_Devices_id_Temperature.json": of_device.TEMPERATURE,
    "GET_GroupService_Groups_item_user_static.json": of_ome.GROUP,
    "GET_JobService_Jobs.json": of_ome.JOB,
    "GET_PowerService_MonitoredDevices.json": power_manager_records.MONITORED,
    "GET_TemplateService_Baselines.json": of_ome.CONFIG_BASELINE,
    "GET_TemplateService_Baselines_id_DeviceConfigComplianceReports.json": of_ome.CONFIG_REPORT,
    "GET_UpdateService_Baselines_item.json": of_ome.FIRMWARE_BASELINE,
    "GET_WarrantyService_Warranties.json": of_ome.WARRANTY,
}


def sample(name: str) -> list[dict[str, Any]]:
    file = SAMPLES / name
    if not file.exists():
        pytest.skip("the samples are not here")
    document = json.loads(file.read_bytes())
    found = document.get("items", document.get("value", [document]))
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("name", CAPTURED)
def test_a_fleet_of_what_an_appliance_has_answered_has_no_drift(name: str) -> None:
    items = [{"Id": 1, **item} for item in sample(f"ome/{name}")]
    records = [CAPTURED[name].decode(json.dumps(item)) for item in items * 3]
    call = next(each for each in OME.calls if each.record is type(records[0]))
    assert drifted(call.missing_in(records)) == ()


@pytest.mark.parametrize(
    "names",
    [
        ("servers_v1beta2_list_DL325Gen10Plus_OK.repaired.json",),
        ("servers_v1beta2_list_unsubscribed.json",),
        (
            "servers_v1beta2_list_DL325Gen10Plus_OK.repaired.json",
            "servers_v1beta2_list_unsubscribed.json",
        ),
    ],
    ids=["subscribed", "unsubscribed", "both"],
)
def test_a_fleet_of_what_com_has_answered_has_no_drift(names: tuple[str, ...]) -> None:
    items = [item for name in names for item in sample(f"com/{name}")]
    records = [server_decoder.decode(json.dumps(item)) for item in items * 3]
    assert drifted(looked(of_com.SERVERS.expected, records)) == ()


def test_a_condition_of_a_run_narrows_the_outermost_fields_alone() -> None:
    outer, deeper = Expected(Record, "part", "parts.fanSpeed").where(lambda _: False)
    bare = [record(part=None, parts=[{}])] * 4

    assert lacking(outer, *bare) == {}
    assert lacking(deeper, *bare) == {"parts.fanSpeed": 4}
