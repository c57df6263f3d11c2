"""A large page has the same records as a small one, whatever is in them."""

import json
import random
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from exporter.errors import Reason, SourceError
from exporter.sources import pages
from exporter.sources.pages import read_page


class Envelope(msgspec.Struct):
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    total: object = None


DECODER = msgspec.json.Decoder(Envelope)
WORDS = ("", "plain", '"', "\\", '\\"', "}],", "{[", "a,b", "ü\u2028", "x" * 300)


async def records_of(body: bytes) -> list[bytes]:
    with patch.object(pages, "fits_at_once", lambda _: False):
        page, records = await read_page(body, DECODER, "items", "v1/servers")
    assert page.items == []
    assert len(records) == len(list(records))
    return [bytes(each) for each in records]


async def failure(body: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await records_of(body)
    assert len(str(caught.value)) < 200
    return caught.value


def chosen(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(7 if depth else 5)
    if kind == 5:
        return [chosen(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 6:
        return {chance.choice(WORDS): chosen(chance, depth - 1) for _ in range(chance.randrange(4))}
    return (chance.choice(WORDS), chance.random(), chance.randrange(99), None, True)[kind]


@pytest.mark.parametrize("seed", range(50))
@pytest.mark.parametrize("step", [1, 7, 1000])
async def test_records_are_found_whatever_is_in_them(
    monkeypatch: pytest.MonkeyPatch, seed: int, step: int
) -> None:
    monkeypatch.setattr(pages, "_STEP", step)
    chance = random.Random(seed)  # noqa: S311 - the same values each time
    items = [chosen(chance, 9) for _ in range(20)]
    document = {"before": chosen(chance, 3), "items": items, "after": chosen(chance, 3)}
    body = json.dumps(document, ensure_ascii=chance.random() < 0.5, indent=seed % 3 or None)

    found = await records_of(body.encode())

    assert [json.loads(each) for each in found] == items


@pytest.mark.parametrize("body", [b'{"items":[]}', b'{"items":[ \n ], "total":0}'])
async def test_an_empty_list_has_no_records(body: bytes) -> None:
    assert await records_of(body) == []


@pytest.mark.parametrize(
    "body", [b'{"total":1}', b'{"data":{"items":[1]}}', b'{"items":{"a":1}}', b'{"items":null}']
)
async def test_a_page_without_the_list_is_of_another_shape(body: bytes) -> None:
    error = await failure(body)

    assert error.reason is Reason.SCHEMA
    assert "no list of items" in str(error)


@pytest.mark.parametrize(
    "body",
    [b'{"items":[1,2', b'{"items":["a', b'{"items":[{"a":[1]', b"[1,2]", b"<html>", b'{"items":[1}',
     b'{"items":[1],"items":[2]}', b'{"items":[1] "total":2}'],
)  # fmt: skip
async def test_what_is_no_json_is_not_read(body: bytes) -> None:
    assert (await failure(body)).reason is Reason.DECODE


@pytest.mark.parametrize("record", [b"0", b"[]", b'{"id":"a"}', b'"' + b"a" * 60 + b'"'])
async def test_too_many_records_are_refused_before_any_is_decoded(record: bytes) -> None:
    body = b'{"total":3,"items":[' + b",".join([record] * (pages.MOST_RECORDS + 1)) + b"]}"

    error = await failure(body)

    assert error.reason is Reason.TOO_LARGE
    assert "more than 100000 records on one page" in str(error)


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (b'{"id":"' + b"x" * 2**21 + b'"}', "a text of more than 1048576 bytes"),
        (b"1" * 17 * 2**20, "a record of more than 16777216 bytes"),
        (b"[" + b'"a",' * 400_001 + b"1]", "a record of more than 400000 values"),
        (b"{" + b'"k":{"l":[2]},' * 1_400_000 + b'"b":1}', "a record of more than 16777216 bytes"),
        (b"[" * 200, "a record of more than 64 levels"),
    ],
    ids=["text", "digits", "values", "object", "levels"],
)  # fmt: skip
async def test_one_record_cannot_be_the_bomb(item: bytes, why: str) -> None:
    error = await failure(b'{"items":[' + item + b"]}")

    assert error.reason is Reason.TOO_LARGE
    assert why in str(error)


async def test_what_is_beside_the_records_cannot_be_the_bomb() -> None:
    before = await failure(b"{" + b'"a":0,' * 100_000 + b'"items":[1]}')
    after = await failure(b'{"items":[1]' + b',"items":[0,0,0,0]' * 100_000 + b"}")

    assert before.reason is Reason.SCHEMA
    assert after.reason is Reason.TOO_LARGE
