"""What replaces something looks like it, is the same everywhere, and tells nothing."""

import ipaddress
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from exporter.capture.exchanges import Exchanges
from exporter.capture.pseudonyms import Pseudonyms
from exporter.capture.wording import Wording
from exporter.sources.observer import Exchange

KEY = b"one key"


def wording() -> Wording:
    return Wording(Pseudonyms(KEY))


def answered(document: object, status: int = 200) -> Exchange:
    body = msgspec.json.encode(document)
    return Exchange("x", "GET", "https://a/b", None, status, CIMultiDict(), body)


def shape(text: str) -> str:
    """Return a text with every sign replaced by its class."""
    text = re.sub(r"[0-9]", "9", text)
    return re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", text))


@pytest.mark.parametrize(
    "original",
    ["MXQ12345AB", "1M2SA1Y", "fra-esx00033", "P06760-B21+MXQ12345AB", "sled_7/Left", "00731"],
)
def test_names_and_serials_keep_their_shape(original: str) -> None:
    replaced = wording().text(original)

    assert replaced != original
    assert shape(replaced) == shape(original)


def test_addresses_become_addresses_that_nobody_has() -> None:
    words = wording()

    ipv4 = ipaddress.ip_address(words.text("10.67.130.113"))
    assert any(
        ipv4 in ipaddress.ip_network(network)
        for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    )
    ipv6 = ipaddress.ip_address(words.text("fe80::21b:ff:fe01:2"))
    assert ipv6 in ipaddress.ip_network("2001:db8::/32")
    assert re.fullmatch(r"02(:[0-9A-F]{2}){5}", words.text("B4:7A:F1:B0:4C:44"))
    assert re.fullmatch(r"02(-[0-9a-f]{2}){5}", words.text("b4-7a-f1-b0-4c-44"))
    assert words.text("ilo.acme.com").endswith(".example")
    assert re.fullmatch(r"\w+@mail\.example", words.text("jane.doe@acme.com"))


@pytest.mark.parametrize("kept", ["127.0.0.1", "[::]", "::1", "00:00:00:00:00:00"])
def test_addresses_that_mean_nothing_stay(kept: str) -> None:
    assert wording().text(kept) == kept


def test_an_original_is_replaced_alike_wherever_it_stands() -> None:
    words = wording()
    serial = words.text("MXQ12345AB")

    assert words.text("P06760-B21+MXQ12345AB") == f"P06760-B21+{serial}"
    assert words.text("ilo-mxq12345ab.acme.com").partition(".")[0].endswith(serial.lower())
    assert serial in words.text("The server MXQ12345AB has lost a fan.")
    assert words.text("B4:7A:F1:B0:4C:44").lower() == words.text("b4:7a:f1:b0:4c:44")
    uuid = "13f3dcda-3c53-49c2-a69a-269a44e56ecf"
    assert words.text(uuid).replace("-", "") == words.text(uuid.replace("-", ""))


def test_a_number_is_replaced_alike_in_fields_texts_paths_and_filters() -> None:
    exchanges = Exchanges(KEY, "https://ome.example.net", ())
    document = {"Id": 11790, "DeviceId": "11790", "@odata.id": "/api/Devices(11790)/Power"}
    url = "https://ome.example.net/api/Devices(11790)/Power?$filter=AlertDeviceId%20eq%2011790"
    exchange = Exchange("x", "GET", url, None, 200, CIMultiDict(), msgspec.json.encode(document))

    asked, answer = exchanges.request(exchange), exchanges.answer(exchange)

    number = answer.document["Id"]
    assert number != 11790
    assert answer.document == {
        "Id": number,
        "DeviceId": str(number),
        "@odata.id": f"/api/Devices({number})/Power",
    }
    assert asked.path == f"/api/Devices({number})/Power"
    assert asked.query == {"$filter": f"AlertDeviceId eq {number}"}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.from_regex(r"[a-z]{1,4}[0-9]{0,2}", fullmatch=True), unique=True, max_size=60))
def test_two_originals_never_share_a_replacement(originals: list[str]) -> None:
    words = wording()

    assert len({words.text(each) for each in originals}) == len(originals)


def test_more_addresses_than_the_ranges_for_documents_have_stay_apart() -> None:
    names = Pseudonyms(KEY)
    originals = [f"10.1.{number // 250}.{number % 250 + 1}" for number in range(3000)]

    assert len({names.ipv4(each) for each in originals}) == len(originals)


def test_every_single_digit_and_letter_has_a_replacement_of_its_own() -> None:
    names = Pseudonyms(KEY)
    short = [*"0123456789", *"abcdefghijklmnopqrstuvwxyz"]

    assert len({names.word(each) for each in short}) == len(short)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=200))
def test_no_text_at_all_is_too_odd(text: str) -> None:
    words = wording()

    assert words.text(text) == words.text(text)
    words.phrases(text)


def test_another_key_replaces_otherwise() -> None:
    one, other = (Wording(Pseudonyms(key)) for key in (b"1", b"2"))

    for original in ("MXQ12345AB", "10.67.130.113", "B4:7A:F1:B0:4C:44", "a b c d e f g"):
        assert one.text(original) != other.text(original)


@settings(deadline=None, max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_the_structure_of_a_document_stays(document: object) -> None:
    body = msgspec.json.encode(document)
    exchange = Exchange("x", "GET", "https://a/b", None, 200, CIMultiDict(), body)

    replaced = Exchanges(KEY, "https://a", ()).answer(exchange)

    assert outline(replaced.document) == outline(msgspec.json.decode(body))


def outline(value: object) -> object:
    if isinstance(value, dict):
        return [outline(item) for item in value.values()]
    if isinstance(value, list):
        return [outline(item) for item in value]
    return type(value).__name__


def test_what_says_how_a_server_is_stays() -> None:
    document = {
        "hardware": {
            "model": "ProLiant DL325 Gen10 Plus",
            "memoryMb": 524288,
            "powerState": "ON",
            "health": {
                "summary": "OK",
                "fanRedundancy": "REDUNDANT",
                "liquidCooling": "NOT_PRESENT",
            },
        },
        "processorVendor": "AMD EPYC 7352 24-Core Processor                ",
        "firmwareInventory": [{"name": "System ROM", "version": "A43 v2.56 (02/10/2022)"}],
        "host": {"osName": "None", "osVersion": "7.0 Update 2 Build-17867351 (A04)"},
        "updatedAt": "2022-12-14T17:20:43.292718+00:00",
        "LastInventoryTime": "2023-07-02 18:30:20.810",
        "peakPowerTimeStamp": "20170414145039.000000-300",
        "JobStatus": {"Id": 2060, "Name": "Completed"},
        "Status": 1000,
        "peakPower": "73",
        "peakHeadroom": "310",
        "powerUnit": "W",
        "peakPowerUnit": "BTU/hr",
        "systemEnergyConsumptionUnit": "kWh",
        "instantaneousTemperatureUnit": "°C",
        "Id": "1.0",
        "Value": "1.0",
        "Size": "931.52 GB",
        "subscriptionTier": "Enhanced",
        "someNewMode": "POWER_SAVING",
        "AssetTag": "",
        "tags": {},
    }
    assert Exchanges(KEY, "https://a", ()).answer(answered(document)).document == document


def test_the_words_of_an_api_about_an_error_stay_readable() -> None:
    body = {"error": {"message": "The server MXQ12345AB of zaphod is not available."}}
    exchange = Exchange(
        "x", "GET", "https://a/b", None, 404, CIMultiDict(), msgspec.json.encode(body)
    )

    said = Exchanges(KEY, "https://a", ()).answer(exchange).document["error"]["message"]

    assert re.fullmatch(r"The server [A-Z]{3}\d{5}[A-Z]{2} of [a-z]{6} is not available\.", said)
    assert "MXQ12345AB" not in said
    assert "zaphod" not in said


def test_what_stands_in_the_configuration_never_passes_as_a_known_word() -> None:
    exchange = answered({"model": "PowerEdge R660", "key R660x": 1})

    shown = Exchanges(KEY, "https://a", ()).answer(exchange).document["model"]
    hidden = Exchanges(KEY, "https://a", ("r660",)).answer(exchange).document["model"]

    assert shown == "PowerEdge R660"
    assert "660" not in hidden


def test_a_document_with_too_many_levels_is_saved_as_text() -> None:
    body = b"[" * 400 + b"]" * 400
    exchange = Exchange("x", "GET", "https://a/b", None, 200, CIMultiDict(), body)

    assert Exchanges(KEY, "https://a", ()).answer(exchange).text == body.decode()
