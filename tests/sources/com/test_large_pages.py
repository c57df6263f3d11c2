"""Pages of any size are mapped, and others have their turn in between."""

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import msgspec
import pytest
from msgspec import Raw

from exporter import slices
from exporter.errors import Reason, SourceError
from exporter.sources.drift import NO_DRIFT, Drift
from exporter.sources.listing import Page
from exporter.sources.pages import mapped
from exporter.sources.records import MOST_ENTRIES, decode, read_entries

if TYPE_CHECKING:
    from tests.sources.com.conftest import Call, FakeCom, Run


def raws(count: int, size: int = 1) -> list[Raw]:
    return [Raw(b" " * (size - 1) + b"%d" % number) for number in range(count)]


def into(calls: list[int]) -> Callable[[list[Raw]], Page[int]]:
    def one(few: list[Raw]) -> Page[int]:
        calls.append(len(few))
        drift = Drift(absent=(("name", len(few)),))
        return Page([int(bytes(each)) for each in few], len(few), 7, drift)

    return one


async def test_a_page_is_mapped_a_few_records_at_a_time_and_is_still_one_page() -> None:
    calls: list[int] = []

    page = await mapped(raws(120), into(calls))

    assert calls == [100, 20]
    assert page == Page(list(range(120)), 120, 7, Drift(absent=(("name", 120),)))


async def test_large_records_are_mapped_one_by_one() -> None:
    calls: list[int] = []

    await mapped(raws(3, size=2**18), into(calls))

    assert calls == [1, 1, 1]


async def test_an_empty_page_is_mapped_too() -> None:
    calls: list[int] = []

    assert await mapped([], into(calls)) == Page([], 0, 7, Drift(absent=(("name", 0),)))
    assert calls == [0]


async def test_others_have_their_turn_while_a_page_is_mapped() -> None:
    calls: list[int] = []
    seen: list[int] = []

    async def other() -> None:
        while True:
            seen.append(len(calls))
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    with patch.object(slices, "_SLICE", 0.0):
        await mapped(raws(400), into(calls))
    task.cancel()

    assert {1, 2, 3} <= set(seen)


ENTRY = msgspec.json.Decoder(int)


async def test_a_list_that_is_never_paged_has_a_bound() -> None:
    found = await read_entries(raws(MOST_ENTRIES), ENTRY, "Devices(id)/SubSystemHealth")
    assert (len(found.records), found.problems, found.drift) == (MOST_ENTRIES, 0, NO_DRIFT)

    with pytest.raises(SourceError, match="more than 5000 records") as caught:
        await read_entries(raws(MOST_ENTRIES + 1), ENTRY, "Devices(id)/SubSystemHealth")
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("body", [b"[" + b"0," * 200_000 + b"0]", b'"' + b"a" * 2**22 + b'"'])
def test_a_document_that_takes_long_to_decode_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        decode(body, msgspec.json.Decoder(), "Devices(id)/Power")

    assert caught.value.reason is Reason.TOO_LARGE
    assert str(caught.value).startswith("Devices(id)/Power: ")


def servers(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"P1-B21+S{number:05}", "hardware": {"serialNumber": f"S{number:05}"}, **more}
        for number in range(count)
    ]


def everything(items: list[dict[str, Any]]) -> "Callable[[Call], tuple[int, bytes]]":
    body = json.dumps({"total": len(items), "items": items}).encode()
    return lambda _: (200, body)


@pytest.mark.parametrize("padding", [0, 1000], ids=["small", "large"])
async def test_a_server_that_ignores_the_limit_is_read_on_one_page(
    com: "FakeCom", run: "Run", padding: int
) -> None:
    com.replies["v1/servers"] = everything(servers(6000, notes="x" * padding))

    found = await run("servers")

    assert (found.items, found.problems, len(found.servers or ())) == (6000, 0, 6000)
    assert len(com.asked("v1/servers")) == 1


async def test_a_page_of_a_large_list_with_an_odd_record_loses_that_record_alone(
    com: "FakeCom", run: "Run"
) -> None:
    items: list[Any] = servers(5000, notes="x" * 1000)
    items[7:9] = [0, {"name": "no id"}]
    com.replies["v1/servers"] = everything(items)

    found = await run("servers")

    assert (found.items, found.problems) == (4998, 2)


async def test_a_page_with_too_many_records_fails_the_run(com: "FakeCom", run: "Run") -> None:
    body = b'{"total":3,"items":[' + b'{"id":"a"},' * 100_000 + b'{"id":"a"}]}'
    com.replies["v1/servers"] = lambda _: (200, body)

    with pytest.raises(SourceError) as caught:
        await run("servers")

    assert caught.value.reason is Reason.TOO_LARGE
    assert str(caught.value) == "v1/servers: there are more than 100000 records on one page"


async def test_a_state_of_parts_with_very_many_keys_keeps_what_is_known(
    com: "FakeCom", run: "Run"
) -> None:
    health = {f"key{number}": "OK" for number in range(50_000)} | {"summary": "OK", "fans": "OK"}
    item = {"id": "P1-B21+S1", "hardware": {"serialNumber": "S1", "health": health}}
    com.items("v1/servers", [item])

    found = await run("servers")

    parts = next(each for each in found.columns if each.facet.__name__ == "Components")
    assert [each.severities for each in dict(parts.by_id).values()] == [(("fans", 0),)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("character", ["\x9b", "\x85", "\u202e", "\u2028", "\u200b", "\ufeff"])
async def test_an_id_that_cannot_be_shown_is_no_id(
    com: "FakeCom", run: "Run", character: str
) -> None:
    com.items("v1/servers", [*servers(2), {"id": f"P1-B21+S{character}9"}])

    found = await run("servers")

    assert (found.items, found.problems) == (2, 1)
