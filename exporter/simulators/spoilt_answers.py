"""Faults that replace, delay, break off or inflate an answer."""

import asyncio
import math
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from exporter.simulators.com.problems import bad_request, problem
from exporter.simulators.faults import Fault
from exporter.simulators.ome.envelope import refusal

_BLOCK: Final = 1 << 20
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


Instead = Callable[[Fault, str, web.Request], Awaitable[web.StreamResponse | None]]
Sending = Callable[[Fault, web.Request, web.Response], Awaitable[web.StreamResponse]]

_LOGIN_PAGE: Final = b"""<!DOCTYPE html><html><head><title>Sign in</title></head>
<body><form action="/login" method="post"><input name="user"></form></body></html>"""


async def _delay(fault: Fault, vendor: str, request: web.Request) -> None:
    del vendor, request
    await asyncio.sleep(float(fault.options["seconds"]))


async def _status(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    del request
    code, wait = int(fault.options["code"]), fault.options["retry_after"]
    headers = dict(fault.options["headers"])
    if wait is not None:
        headers.setdefault("Retry-After", str(wait))
    if fault.options["body"] is not None:
        return _with_body(code, fault.options["body"], headers)
    if vendor == "ome":
        answer = refusal(code, "CGEN1001" if code == 401 else "CGEN1002")
        answer.headers.update(headers)
        return answer
    seconds = wait if isinstance(wait, int | float) else None
    if code == 429:
        reset = math.ceil(seconds) if seconds is not None else 60
        headers = _throttled(reset) | headers
    again = None if seconds is None else math.ceil(seconds)
    return problem(code, "The request failed.", retry_after=again, headers=headers)


def _throttled(seconds: int) -> dict[str, str]:
    return {
        "ratelimit-limit": "60",
        "ratelimit-remaining": "0",
        "rateLimit-reset": str(seconds),
    }


def _with_body(code: int, body: Any, headers: dict[str, str]) -> web.Response:
    if isinstance(body, str):
        return web.Response(text=body, status=code, headers=headers)
    return web.Response(
        body=msgspec.json.encode(body),
        status=code,
        headers={"Content-Type": "application/json", **headers},
    )


async def _reset(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    del fault, vendor
    _abort(request)
    return web.Response()


async def _html(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    del fault, vendor, request
    return web.Response(body=_LOGIN_PAGE, content_type="text/html")


async def _empty_body(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    del vendor, request
    return web.Response(status=int(fault.options["code"]), content_type="application/json")


async def _redirect(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    del vendor, request
    headers = {"Location": str(fault.options["location"])}
    return web.Response(status=int(fault.options["code"]), headers=headers)


async def _endless(fault: Fault, vendor: str, request: web.Request) -> web.StreamResponse:
    del vendor
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(b'{"items":[')
    chunk = b"0," * (int(fault.options["chunk"]) // 2)
    for _ in range(int(fault.options["bytes"]) // max(1, len(chunk))):
        await response.write(chunk)
    return response


async def _limit_above(fault: Fault, vendor: str, request: web.Request) -> web.Response | None:
    most = int(fault.options["size"])
    for name in ("limit",) if vendor == "com" else ("$top", "top"):
        asked = request.rel_url.query.get(name, "")
        if asked.isdecimal() and int(asked) > most:
            return _bad_request(vendor, name, f"{name} must be less than or equal to {most}")
    return None


async def _refuse_parameter(fault: Fault, vendor: str, request: web.Request) -> web.Response | None:
    name = str(fault.options["name"])
    if name not in request.rel_url.query:
        return None
    return _bad_request(vendor, name, f"{name} is not supported")


def _bad_request(vendor: str, name: str, description: str) -> web.Response:
    if vendor == "com":
        return bad_request(name, description)
    return refusal(400, "CGEN1002", description)


async def _truncated_json(
    fault: Fault, request: web.Request, response: web.Response
) -> web.StreamResponse:
    del request
    response.body = _kept(fault, _bytes(response))
    return response


async def _not_json_type(
    fault: Fault, request: web.Request, response: web.Response
) -> web.StreamResponse:
    del request
    response.headers["Content-Type"] = str(fault.options["content_type"])
    return response


async def _headers(
    fault: Fault, request: web.Request, response: web.Response
) -> web.StreamResponse:
    del request
    response.headers.update(fault.options["headers"])
    return response


async def _oversize(
    fault: Fault, request: web.Request, response: web.Response
) -> web.StreamResponse:
    body = _bytes(response)
    stream = web.StreamResponse(headers={"Content-Type": response.headers["Content-Type"]})
    missing = max(0, int(fault.options["bytes"]) - len(body))
    stream.content_length = len(body) + missing
    await stream.prepare(request)
    while missing:
        part = min(missing, _BLOCK)
        await stream.write(b" " * part)
        missing -= part
    await stream.write(body)
    return stream


async def _stall_body(
    fault: Fault, request: web.Request, response: web.Response
) -> web.StreamResponse:
    body = _bytes(response)
    head = _kept(fault, body)
    stream = await _begun(request, response, len(body))
    await stream.write(head)
    await asyncio.sleep(float(fault.options["seconds"]))
    await stream.write(body[len(head) :])
    return stream


async def _slow_drip(
    fault: Fault, request: web.Request, response: web.Response
) -> web.StreamResponse:
    body, step = _bytes(response), max(1, int(fault.options["chunk"]))
    stream = await _begun(request, response, len(body))
    for place in range(0, len(body), step):
        await stream.write(body[place : place + step])
        await asyncio.sleep(float(fault.options["seconds"]))
    return stream


async def _close_midway(
    fault: Fault, request: web.Request, response: web.Response
) -> web.StreamResponse:
    body = _bytes(response)
    stream = await _begun(request, response, len(body))
    await stream.write(_kept(fault, body))
    if request.transport is not None:
        request.transport.close()
    return stream


async def _begun(request: web.Request, response: web.Response, length: int) -> web.StreamResponse:
    stream = web.StreamResponse(
        status=response.status, headers={"Content-Type": response.headers["Content-Type"]}
    )
    stream.content_length = length
    await stream.prepare(request)
    return stream


def _bytes(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


def _kept(fault: Fault, body: bytes) -> bytes:
    return body[: int(len(body) * float(fault.options["keep"]))]


def _abort(request: web.Request) -> None:
    if isinstance(request.transport, asyncio.WriteTransport):
        request.transport.abort()


INSTEAD: Final[Mapping[str, Instead]] = {
    "delay": _delay,
    "status": _status,
    "reset": _reset,
    "html": _html,
    "empty_body": _empty_body,
    "redirect": _redirect,
    "endless": _endless,
    "gzip_bomb": gzip_bomb,
    "many_records": many_records,
    "huge_field": huge_field,
    "limit_above": _limit_above,
    "refuse_parameter": _refuse_parameter,
}
"""Kinds that act before the request is looked at; what they return is sent in its place."""

SENDING: Final[Mapping[str, Sending]] = {
    "headers": _headers,
    "truncated_json": _truncated_json,
    "not_json_type": _not_json_type,
    "oversize": _oversize,
    "stall_body": _stall_body,
    "slow_drip": _slow_drip,
    "close_midway": _close_midway,
}
"""Kinds that act on headers or bytes of an answer; the first one that is ordered sends it."""
