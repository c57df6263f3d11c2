import msgspec
import pytest

from exporter.errors import Reason, SourceError
from exporter.sources.records import Readable, decode, decode_document, readable


class Device(msgspec.Struct):
    id: int
    name: str = ""


ONE = msgspec.json.Decoder(Device)
MANY = msgspec.json.Decoder(list[msgspec.Raw])


def failure(body: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        decode(body, ONE, "Devices")
    return caught.value


def test_a_body_becomes_a_record() -> None:
    assert decode(b'{"id": 1, "unknown": [1]}', ONE, "Devices") == Device(1)


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_body_is_named_as_such(body: bytes) -> None:
    error = failure(body)

    assert error.reason is Reason.DECODE
    assert str(error) == "Devices: the answer is empty"


def test_a_web_page_is_named_as_such() -> None:
    error = failure(b"\n<!doctype html><p>Log in</p>")

    assert error.reason is Reason.DECODE
    assert "a web page, not JSON" in str(error)
    assert "Log in" not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 1',
        b"\xff\xfe",
        b'{"id": NaN}',
        b'{"id": 1, "name": "\xff"}',
        b'{"x": ' + b"[" * 100_000,
    ],
    ids=["cut", "no text", "NaN", "no UTF-8", "too deep"],
)
def test_what_is_not_json_cannot_be_decoded(body: bytes) -> None:
    assert failure(body).reason is Reason.DECODE


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"id": "x"}', b"null", b'{"id": 1e400}'])
def test_json_of_another_shape_is_named_with_the_place(body: bytes) -> None:
    error = failure(body)

    assert error.reason in (Reason.SCHEMA, Reason.DECODE)
    assert str(error).startswith("Devices: ")


def test_a_shape_error_says_where_but_not_what() -> None:
    error = failure(b'{"id": "planted-secret"}')

    assert error.reason is Reason.SCHEMA
    assert "$.id" in str(error)
    assert "planted-secret" not in str(error)


def test_records_that_do_not_fit_are_counted_and_the_others_kept() -> None:
    raws = decode(
        b'[{"id": 1}, {"id": "x"}, {}, null, {"id": 2, "name": "b"}, []]', MANY, "Devices"
    )

    assert readable(raws, ONE) == Readable([Device(1), Device(2, "b")], problems=4)


def test_a_record_that_is_nested_too_deeply_is_one_problem() -> None:
    raws = [
        msgspec.Raw(b'{"id": 1, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        msgspec.Raw(b'{"id": 2}'),
    ]

    assert readable(raws, ONE) == Readable([Device(2)], problems=1)


def test_no_record_is_no_problem() -> None:
    assert readable([], ONE) == Readable([], problems=0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (rb"a\ud800b", "a\ufffdb"),
        (rb"\udc00", "\ufffd"),
        (rb"\ud83d\ude00", "\U0001f600"),
        (rb"\ud800\ud83d\ude00\ude00", "\ufffd\U0001f600\ufffd"),
    ],
)
def test_half_a_character_costs_neither_the_page_nor_the_record(text: bytes, name: str) -> None:
    (raw,) = decode(b'[{"id": 1, "name": "' + text + b'"}]', MANY, "Devices")

    assert readable([raw], ONE).records == [Device(1, name)]


def test_half_a_character_does_not_cost_a_document() -> None:
    found, _ = decode_document(rb'{"id": 1, "name": "\ud83d"}', ONE, "Info")

    assert found == Device(1, "\ufffd")


@pytest.mark.parametrize("unread", [b"\xfc", b"\\ud83d"])
def test_text_that_is_no_unicode_beside_a_field_of_a_wrong_type_costs_the_record_alone(
    unread: bytes,
) -> None:
    raw = msgspec.Raw(b'{"id": 1, "name": 5, "unread": "' + unread + b'"}')
    good = msgspec.Raw(b'{"id": 2, "name": "b"}')

    found = readable([raw, good], ONE)

    assert (found.records, found.problems) == ([Device(2, "b")], 1)


def test_a_list_with_many_odd_entries_costs_that_list_alone() -> None:
    class Parts(msgspec.Struct):
        id: int
        parts: list[Device] | None = None

    raw = msgspec.Raw(msgspec.json.encode({"id": 1, "parts": [{"id": 2, "name": 5}] * 100}))

    found = readable([raw], msgspec.json.Decoder(Parts))

    assert (found.records, found.problems) == ([Parts(1)], 0)
    assert {field for field, _, _ in found.drift.unknown} == {"parts.name", "parts"}


def test_a_huge_record_with_an_odd_field_is_one_problem() -> None:
    huge = b'{"id": 2, "name": 3, "rest": [' + b"0," * 150_000 + b"0]}"
    fitting = b'{"id": 4, "rest": [' + b"0," * 150_000 + b"0]}"
    found = readable(map(msgspec.Raw, (b'{"id": 1, "name": 3}', huge, fitting)), ONE)

    assert found.records == [Device(1), Device(4)]
    assert found.problems == 1
