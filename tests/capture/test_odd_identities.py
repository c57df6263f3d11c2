"""Addresses, numbers and places in fields, forms and types in which nobody expects them."""

import re
from typing import Any

import msgspec
import pytest

from exporter.capture.exchanges import Exchanges
from tests.capture.test_nothing_remains import asked

KEY = b"k" * 32
HARDWARE = (
    "5C:F9:DD:01:02:03",
    "5c-f9-dd-01-02-03",
    "5C_F9_DD_01_02_03",
    "5C.F9.DD.01.02.03",
    "5cf9.dd01.0203",
    "5CF9-DD01-0203",
    "5C F9 01 02 03 04",
    "00:25:11:22:33:44",
    "00_25_11_22_33_44",
    "0011.2233.4455",
    "0:25:b5:0:0:f",
    "5cf9dd010203",
    "20:00:00:25:B5:00:00:0F",
    "20-00-00-25-b5-00-00-0f",
    "5000-0972-0813-B1C4",
    "50000972:0813b1c4",
    "50060160c7e0123f",
)
IP_ADDRESSES = (
    "10.67.130.113",
    "010.067.130.113",
    "10.67.130.013",
    "192.168.001.005",
    "10.67.130.05",
    "10-67-130-113",
    "10_67_130_113",
    "010-067-130-113",
    "2001:A100::25",
    "FE80::1",
    "2001:0:0:0:0:0:0:25",
)
PHONE_NUMBERS = (
    "+49 69 1234 5678",
    "+49 69 123 456 78",
    "+49.69.123.4567",
    "+496912345678",
    "0049 69 1234 567",
    "(069) 1234-5678",
    "069/1234567",
    "069-123-4567",
    "555-123-4567",
    "555.123.4567",
    "1-800-555-0199",
)
TECHNICAL = ("instanceId", "InstanceId", "fqdd", "Fqdd", "deviceContext", "code", "FirmwareVersion")
TEXTS = (*HARDWARE, *IP_ADDRESSES, *PHONE_NUMBERS)


def saved(document: object, status: int = 200, **headers: str) -> tuple[Any, str]:
    """Return the document as it is saved, and the text of everything that is."""
    exchange = asked(
        "https://a/b", body=msgspec.json.encode(document), status=status, headers=headers
    )
    answer = Exchanges(KEY, "https://a", ()).answer(exchange)
    return answer.document, msgspec.json.encode(answer).decode()


def digits(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())


@pytest.mark.parametrize("original", TEXTS)
@pytest.mark.parametrize(
    "around", ["{}", "NIC.Slot.3:{}", "Port {} failed", "port_{}", "{}-1", "P{}"]
)
def test_no_address_or_telephone_number_stays_in_a_technical_field(
    original: str, around: str
) -> None:
    text = around.format(original)
    document = dict.fromkeys(TECHNICAL, text)

    for status in (200, 400):
        _, found = saved(document, status)
        assert original not in found
        assert digits(original) not in digits(found)


@pytest.mark.parametrize("original", TEXTS)
def test_none_stays_in_an_error_of_the_api_or_a_header(original: str) -> None:
    error = {
        "error": {"code": original, "message": f"The host {original} is not available ({original})"}
    }
    headers = {"Retry-After": original, "RateLimit-Reset": f"wait {original}"}

    _, found = saved(error, 503, **headers)

    assert digits(original) not in digits(found)
    assert digits(original) not in digits(Exchanges(KEY, "https://a", ()).said(f"see {original}"))


NAME_FIELDS = (
    "serialNumber", "ipAddress", "SerialNumber", "Serial", "ServiceTag", "NetworkAddress", "Owner",
    "phone", "AssetTag", "hostname", "Contact", "accountId", "AccountId", "accountid", "ACCOUNTID",
    "accountNumber", "account_number", "accountNo", "customerNumber", "customerId",
    "contractNumber", "account", "managementIp", "ipv4", "telephone", "mobile", "zip", "postalCode",
    "serialNo", "uid",
)  # fmt: skip


@pytest.mark.parametrize("field", NAME_FIELDS)
@pytest.mark.parametrize("number", [739104428, 173264973, 4711, 9041735200, 739104428.0])
def test_no_number_stays_in_a_field_for_names_and_numbers_of_things(
    field: str, number: float
) -> None:
    for value in (number, str(number), [number], {"main": {field: number}}):
        _, found = saved({field: value})

        assert str(int(number)) not in found


@pytest.mark.parametrize("field", NAME_FIELDS)
def test_a_code_and_an_empty_value_stay(field: str) -> None:
    document = {field: 7, "count": [0, None, True, ""]}

    assert list(saved(document)[0].values()) == list(document.values())


PLACES: tuple[dict[str, Any], ...] = (
    {"latitude": 50.11092, "longitude": 8.68213},
    {"lat": 50.11092, "lng": 8.68213},
    {"Lat": "50.11092", "Lon": "8.68213"},
    {"geoLat": 50.11092, "geoLong": 8.68213},
    {"siteLatitude": 50.11092, "site_lon": 8.68213},
    {"latitudeValue": "50.11092", "longitudeValue": "8.68213"},
    {"coordinates": [50.11092, 8.68213]},
    {"coordinates": ["50.11092", "8.68213"]},
    {"geo": {"type": "Point", "coordinates": [50.11092, 8.68213]}},
    {"location": {"x": 50.11092, "y": 8.68213}},
    {"position": {"value": 50.11092, "other": 8.68213}},
    {"gpsPosition": "50.11092, 8.68213"},
    {"latitudeE7": 501109200, "longitudeE7": 86821300},
    {"lat": 50, "long": 8},
    {"x": 50.11092, "y": 8.68213},
    {"northing": 501109.2, "easting": 8.68213},
)


@pytest.mark.parametrize("document", PLACES, ids="-".join)
def test_no_coordinate_stays_whatever_its_name(document: dict[str, Any]) -> None:
    found, text = saved(document)

    assert not re.search(r"50\D?1109|8\D?6821", text)
    assert found not in (document,)


KEPT = {
    "FirmwareVersion": (
        "6.10.30.00",
        "7.00.30.00",
        "2.19.0",
        "U46 v2.56 (02/10/2022)",
    ),
    "fqdd": ("NIC.Integrated.1-1-1", "Disk.Bay.0:Enclosure.Internal.0-1:RAID.Integrated.1-1"),
    "instanceId": ("DCIM:INSTALLED#741__BIOS.Setup.1-1", "PSU.Slot.1"),
    "model": ("ProLiant DL325 Gen10 Plus", "PowerEdge R660xs"),
    "code": ("CGEN1006", "HPE-GL-ERROR_NOT-404"),
    "processor": ("AMD EPYC 7352 24-Core Processor",),
}


@pytest.mark.parametrize(
    ("field", "text"), [(field, text) for field, texts in KEPT.items() for text in texts]
)
def test_versions_names_of_parts_and_products_stay(field: str, text: str) -> None:
    assert saved({field: text})[0] == {field: text}


def test_an_address_has_one_replacement_however_it_is_written() -> None:
    document, _ = saved(
        {"name": "10.67.130.113", "host": "10-67-130-113", "tag": "010.067.130.113"}
    )

    assert document["host"] == document["name"].replace(".", "-")
    assert document["tag"] == document["name"]


def test_what_is_measured_stays_beside_a_place() -> None:
    document = {"power": 231.5, "count": 4711, "size": 739104428, "energy": 1e9, "rackSlot": 12}

    assert saved(document)[0] == document


HOSTILE = [
    b"[" + b"0," * 150_001 + b"0]",
    b'{"Name":"' + b"x" * (4 * 2**20) + b'"}',
    b"[" * 5_000_000,
    b"<" * 5_000_000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=["values", "text", "levels", "page"])
def test_an_answer_beyond_the_bounds_of_the_collectors_is_not_decoded(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    exchanges = Exchanges(KEY, "https://api", ())

    def decoded(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("exporter.capture.exchanges.decode_small", decoded)
    answer = exchanges.answer(asked("https://api/things", body=body))

    assert answer.document is msgspec.UNSET
    assert answer.text == f"not captured: {len(body)} bytes are too large"


def test_half_a_character_does_not_cost_the_answer() -> None:
    answer = Exchanges(KEY, "https://api", ()).answer(
        asked("https://api/things", body=b'{"Status": 1000, "Name": "\\ud800"}')
    )

    assert answer.document["Status"] == 1000
