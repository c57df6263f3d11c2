"""What replaces something looks like it, is the same everywhere, and tells nothing."""

import ipaddress
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from exporter.capture.pseudonyms import Pseudonyms
from exporter.sources.observer import Exchange
from tests.capture.conftest import exchanges

KEY = b"one key"


def wording() -> Pseudonyms:
    return Pseudonyms(KEY)


def answered(document: object, endpoint: str = "x", status: int = 200) -> Exchange:
    body = msgspec.json.encode(document)
    return Exchange(endpoint, "GET", "https://a/b", None, status, CIMultiDict(), body)


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
    replacing = exchanges(api="https://ome.example.net")
    link = "/api/Devices(11790)/Alerts?$filter=AlertDeviceId%20eq%2011790&$skip=500"
    document = {
        "@odata.nextLink": link,
        "value": [{"Id": 20815, "AlertDeviceId": 11790, "AlertDeviceIdentifier": "11790"}],
    }
    url = "https://ome.example.net/api/Devices(11790)/Power?$filter=AlertDeviceId%20eq%2011790"
    body = msgspec.json.encode(document)
    exchange = Exchange("AlertService/Alerts", "GET", url, None, 200, CIMultiDict(), body)

    asked, answer = replacing.request(exchange), replacing.answer(exchange)

    (alert,) = answer.document["value"]
    number = alert["AlertDeviceId"]
    assert number != 11790
    assert alert == {
        "Id": alert["Id"],
        "AlertDeviceId": number,
        "AlertDeviceIdentifier": str(number),
    }
    assert answer.document["@odata.nextLink"] == link.replace("11790", str(number))
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


def test_another_key_replaces_otherwise() -> None:
    one, other = (Pseudonyms(key) for key in (b"1", b"2"))

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
    for endpoint in ("x", "DeviceService/Devices", "Devices(id)/Power"):
        replaced = exchanges().answer(answered(document, endpoint))

        assert outline(replaced.document) == outline(msgspec.json.decode(body))


def outline(value: object) -> object:
    if isinstance(value, dict):
        return [outline(item) for item in value.values()]
    if isinstance(value, list):
        return [outline(item) for item in value]
    return type(value).__name__


OF_COM = {
    "total": 2,
    "items": [
        {
            "id": "P06760-B21+MXQ12345AB",
            "name": "fra-esx00033",
            "hardware": {
                "model": "ProLiant DL325 Gen10 Plus",
                "memoryMb": 524288,
                "powerState": "ON",
                "health": {"summary": "OK", "fanRedundancy": "NON_REDUNDANT", "bios": "WARNING"},
                "bmc": {"version": "2.72"},
            },
            "state": {"subscriptionState": "Subscribed", "subscriptionTier": "Enhanced"},
            "serverGeneration": "GEN_10_PLUS",
            "lastFullInventoryCollectionAt": "2022-12-14T17:20:43.292718+00:00",
            "firmwareInventory": [{"name": "System ROM", "version": "v2.56"}],
            "maintenanceMode": True,
        }
    ],
}
OF_OME = {
    "power": "73",
    "peakPower": 310.5,
    "powerUnit": "W",
    "peakPowerUnit": "BTU/hr",
    "systemEnergyConsumptionUnit": "kWh",
    "peakPowerTimeStamp": "20170414145039.000000-300",
    "minimumPowerTimeStamp": "2023-07-02 18:30:20.810",
    "instantaneousHeadroom": "N/A",
}


def test_numbers_times_and_known_words_of_declared_fields_stay() -> None:
    of_com = exchanges("com").answer(answered(OF_COM, "v1/servers")).document

    expected = msgspec.json.decode(msgspec.json.encode(OF_COM))
    (server,), (replaced,) = expected["items"], of_com["items"]
    for field in ("id", "name"):
        assert replaced[field] != server[field]
        server[field] = replaced[field]
    assert replaced["hardware"]["model"] != server["hardware"]["model"]
    server["hardware"]["model"] = replaced["hardware"]["model"]
    assert of_com == expected
    assert exchanges().answer(answered(OF_OME, "Devices(id)/Power")).document == OF_OME


def test_of_a_field_that_is_not_declared_only_name_and_type_stay() -> None:
    document = {
        "id": "P06760-B21+MXQ12345AB",
        "tags": {"owner": "jane", "racks": [7, 2.5, True, None, "OK"]},
        "someNewMode": "OK",
        "count": 739104428,
    }

    answer = exchanges("com").answer(answered({"items": [document]}, "v1/servers"))

    (found,) = answer.document["items"]
    assert list(found) == list(document)
    assert list(found["tags"].values()) == ["", [0, 0.0, False, None, ""]]
    assert not {"owner", "racks"} & set(found["tags"])
    assert (found["someNewMode"], found["count"]) == ("", 0)


@pytest.mark.parametrize(
    ("vendor", "error", "kept"),
    [
        ("com", {"errorCode": "HPE_GL_ERROR_BAD_REQUEST", "message": "No zaphod"}, "errorCode"),
        ("ome", {"MessageId": "CGEN1006", "Message": "No zaphod"}, "MessageId"),
    ],
)
def test_of_an_error_the_code_stays_and_none_of_the_words(
    vendor: str, error: dict[str, str], kept: str
) -> None:
    document = error if vendor == "com" else {"error": {"@Message.ExtendedInfo": [error]}}

    answer = exchanges(vendor).answer(answered(document, status=400))

    text = msgspec.json.encode(answer).decode()
    assert f'"{kept}":"{error[kept]}"' in text
    assert "zaphod" not in text


def test_what_stands_in_the_configuration_never_passes_as_a_known_word() -> None:
    exchange = answered({"powerUnit": "watts", "wattsOfJane": 1}, "Devices(id)/Power")

    shown = exchanges().answer(exchange).document
    hidden = exchanges(secrets=("watts",)).answer(exchange).document

    assert shown == {"powerUnit": "watts", "wattsOfJane": 0}
    assert "watts" not in str(hidden)


def test_a_sentence_about_an_error_keeps_the_call_and_the_status() -> None:
    sentence = "Devices(id)/Power: HTTP 403 (CGEN1234: zaphod may not see 11790); ask jane"

    assert exchanges().said(sentence) == "Devices(id)/Power: HTTP 403"


def test_a_document_with_too_many_levels_is_saved_as_text() -> None:
    body = b"[" * 400 + b"]" * 400
    exchange = Exchange("x", "GET", "https://a/b", None, 200, CIMultiDict(), body)

    assert exchanges().answer(exchange).text == "not captured: 800 bytes"
