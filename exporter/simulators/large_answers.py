"""Answers that are small on the wire and large once they are decompressed."""

import asyncio
import zlib
from collections.abc import Iterable, Iterator

from aiohttp import web

from exporter.simulators.faults import Fault

_BLOCK = 1 << 20
_HEADS = {
    "com": b'{"total":3,"count":3,"offset":0,"items":[',
    "ome": b'{"@odata.count":3,"value":[',
}


async def gzip_bomb(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    """Send nothing but blanks."""
    del vendor
    return await _sent(request, (*_repeated(b" ", int(fault.options["bytes"])), b"{}"))


async def many_records(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    """Send a page with far more records than it counts, all of them the same."""
    record = str(fault.options["record"]).encode()
    others = (int(fault.options["records"]) - 1) * (len(record) + 1)
    return await _sent(request, (_HEADS[vendor], *_repeated(record + b",", others), record, b"]}"))


async def huge_field(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    """Send a page whose only record has a name of so many bytes."""
    name = _repeated(b"a", int(fault.options["bytes"]))
    identity = b'{"id":"a","name":"' if vendor == "com" else b'{"Id":1,"DeviceName":"'
    return await _sent(request, (_HEADS[vendor], identity, *name, b'"}]}'))


def _repeated(part: bytes, length: int) -> Iterator[bytes]:
    """Yield so many bytes of repetitions of a part, block by block."""
    times = max(1, _BLOCK // len(part))
    block = part * times
    whole, rest = divmod(length, len(block))
    for _ in range(whole):
        yield block
    yield block[:rest]


async def _sent(request: web.Request, parts: Iterable[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    response.enable_chunked_encoding()
    await response.prepare(request)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for part in parts:
        await response.write(packer.compress(part) or b"")
        await asyncio.sleep(0)
    await response.write(packer.flush())
    return response
