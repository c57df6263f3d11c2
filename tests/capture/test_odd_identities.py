"""Addresses, numbers and places in fields, forms and types in which nobody expects them."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import pytest

from exporter.capture.documents import declared
from exporter.sources.fields import Field, Holds, holds_records
from exporter.sources.vendors import SOURCES
from tests.capture.conftest import VENDORS, exchanges
from tests.capture.test_nothing_remains import asked

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
TEXTS = (*HARDWARE, *IP_ADDRESSES, *PHONE_NUMBERS)
ready = cache(exchanges)


def filled(field: Field, value: object) -> object:
    """Return a value for a declared field with something in each field below it."""
    if holds_records(field.holds):
        return [{part.name: filled(part, value) for part in field.parts}]
    if not field.parts:
        return value
    return {part.name: filled(part, value) for part in field.parts}


def answers(vendor: str, value: object) -> list[tuple[str, object]]:
    """Return an answer of each call with something in each declared field."""
    return [
        (endpoint, {name: filled(field, value) for name, field in fields.items()})
        for endpoint, fields in declared(SOURCES[vendor]).items()
    ]


def saved(
    document: object, endpoint: str = "x", vendor: str = "ome", status: int = 200, **headers: str
) -> tuple[Any, str]:
    """Return the document as it is saved, and the text of everything that is."""
    exchange = asked(
        "https://a/b", body=msgspec.json.encode(document), status=status, headers=headers
    )
    answer = ready(vendor).answer(replace(exchange, endpoint=endpoint))
    return answer.document, msgspec.json.encode(answer).decode()


def digits(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("original", TEXTS)
@pytest.mark.parametrize(
    "around", ["{}", "NIC.Slot.3:{}", "Port {} failed", "port_{}", "{}-1", "P{}", "iLO {}"]
)
def test_no_address_or_telephone_number_stays_in_a_declared_field(
    original: str, around: str, vendor: str
) -> None:
    text = around.format(original)

    for endpoint, document in answers(vendor, text):
        for status in (200, 400):
            _, found = saved(document, endpoint, vendor, status)
            assert original not in found
            assert digits(original) not in digits(found)


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_stays_behind_signs_that_nobody_sees(vendor: str) -> None:
    for text in (
        "\u200b" * 5000 + "acmefra",
        " " * 5000 + "acmefra",
        "OK" + "\u200b" * 300 + "acmefra",
    ):
        for endpoint, document in answers(vendor, text):
            assert "acmefra" not in saved(document, endpoint, vendor)[1]


@pytest.mark.parametrize("original", TEXTS)
def test_none_stays_in_an_error_of_the_api_or_a_header(original: str) -> None:
    error = {
        "error": {"code": original, "message": f"The host {original} is not available ({original})"}
    }
    headers = {"Retry-After": original, "RateLimit-Reset": f"wait {original}"}

    _, found = saved(error, status=503, **headers)

    assert digits(original) not in digits(found)
    assert digits(original) not in digits(exchanges().said(f"see {original}"))


NAME_FIELDS = (
    "serialNumber", "ipAddress", "SerialNumber", "Serial", "ServiceTag", "NetworkAddress", "Owner",
    "phone", "AssetTag", "hostname", "Contact", "accountId", "AccountId", "accountid", "ACCOUNTID",
    "accountNumber", "account_number", "accountNo", "customerNumber", "customerId",
    "contractNumber", "account", "managementIp", "ipv4", "telephone", "mobile", "zip", "postalCode",
    "serialNo", "uid",
)  # fmt: skip


NUMBERS = pytest.mark.parametrize(
    "number", [739104428, 173264973, 4711, 9041735200, 739104428.0, 1e308]
)


@pytest.mark.parametrize("field", NAME_FIELDS)
@NUMBERS
def test_no_number_stays_in_a_field_that_is_not_declared(field: str, number: float) -> None:
    for value in (number, str(number), [number], {"main": {field: number}}):
        _, found = saved({field: value})

        assert str(int(number)) not in found


@pytest.mark.parametrize("vendor", VENDORS)
@NUMBERS
def test_no_number_stays_in_a_declared_field_for_names(vendor: str, number: float) -> None:
    tried = 0
    for endpoint, fields in declared(SOURCES[vendor]).items():
        for field in filter(lambda each: holds_records(each.holds), fields.values()):
            document = {field.name: [{part.name: number for part in field.parts}]}
            (found,) = saved(document, endpoint, vendor)[0][field.name]
            names = [part.name for part in field.parts if part.marker(Holds) is Holds.NAME]
            assert number not in [found[name] for name in names]
            tried += len(names)
    assert tried > 5


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
    def decoded(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("exporter.capture.exchanges.decode_small", decoded)
    answer = exchanges().answer(asked("https://api/things", body=body))

    assert answer.document is msgspec.UNSET
    assert answer.text == f"not captured: {len(body)} bytes are too large"


def test_half_a_character_does_not_cost_the_answer() -> None:
    exchange = asked("https://api/things", body=b'{"power": 1000, "powerUnit": "\\ud800"}')
    answer = exchanges().answer(replace(exchange, endpoint="Devices(id)/Power"))

    assert answer.document["power"] == 1000
