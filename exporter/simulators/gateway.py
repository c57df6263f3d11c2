"""What happens to every request on its way to an API, how it is counted, and to every answer."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal
from weakref import WeakKeyDictionary

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from exporter.simulators.answer import Answer, compress
from exporter.simulators.faults import Fault, Faults
from exporter.simulators.spoilt_answers import INSTEAD, SENDING
from exporter.simulators.spoilt_documents import DOCUMENT_FAULTS, spoil
from exporter.simulators.spoilt_order import disordered

Vendor = Literal["com", "ome"]

_BEGINNINGS: Final[tuple[tuple[str, Vendor], ...]] = (
    ("/compute-ops-mgmt", "com"),
    ("/as/", "com"),
    ("/authorization/", "com"),
    ("/api", "ome"),
)
_DEVICE: Final = re.compile(r"\(\{id[^)]*\}\)|\('\{id\}'\)")


class Traffic:
    """Counters of a simulation.

    `requests` counts (vendor, method, endpoint template), such as
    `("ome", "GET", "/api/DeviceService/Devices(id)/Power")`; `max_in_flight` is the most that
    a vendor ever had to answer at the same time.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.requests: Counter[tuple[str, str, str]] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.max_in_flight: Counter[str] = Counter()

    @contextmanager
    def counted(self, vendor: Vendor, request: web.Request) -> Iterator[None]:
        """Count a request while it is answered."""
        self.requests[vendor, request.method, endpoint_of(request)] += 1
        self.in_flight[vendor] += 1
        self.max_in_flight[vendor] = max(self.max_in_flight[vendor], self.in_flight[vendor])
        try:
            yield
        finally:
            self.in_flight[vendor] -= 1


def vendor_of(request: web.Request) -> Vendor | None:
    """Tell whose path it is; None for what belongs to neither API."""
    for beginning, vendor in _BEGINNINGS:
        if request.path.startswith(beginning):
            return vendor
    return None


def endpoint_of(request: web.Request) -> str:
    """Return the template of the path, `unknown` for one that no route takes."""
    resource = request.match_info.route.resource
    if resource is None:
        return "unknown"
    return _DEVICE.sub("(id)", resource.canonical)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refuse = Callable[[web.Request, int], web.Response]

KEEP_ALIVE_SECONDS: Final = 5.0
_PART: Final = re.compile(r"(offset|limit|(\$|%24)(skip|top))=\d+&?")
REQUESTS_A_CONNECTION: Final = 150
"""OME's Apache ends a connection after as many requests, or when it idled too long."""


class Gateway:
    """Counts, misbehaves as ordered, lets the API answer, and compresses.

    `latency` delays every answer by some seconds; `compression` may be switched off.
    """

    def __init__(self, faults: Faults, traffic: Traffic, refuse: dict[Vendor, Refuse]) -> None:
        """Stand before both APIs; `refuse` answers what no route takes."""
        self.latency = 0.0
        self.compression = True
        self._faults = faults
        self._traffic = traffic
        self._refuse = refuse
        self._served: WeakKeyDictionary[asyncio.BaseTransport, int] = WeakKeyDictionary()

    def middleware(self) -> Middleware:
        """Return the middleware of the application."""

        @web.middleware
        async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
            vendor = vendor_of(request)
            if vendor is None:
                return await handler(request)
            with self._traffic.counted(vendor, request):
                return await self._serve(vendor, request, handler)

        return serve

    async def _serve(
        self, vendor: Vendor, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if self.latency:
            await asyncio.sleep(self.latency)
        faults = self._faults.take(vendor, request)
        for fault in faults:
            if fault.kind in INSTEAD:
                instead = await INSTEAD[fault.kind](fault, vendor, request)
                if instead is not None:
                    return instead
        response = await self._answer(vendor, request, disordered(handler, vendor, faults))
        if not isinstance(response, web.Response):
            return response
        return await self._sent(vendor, request, response, faults)

    async def _answer(
        self, vendor: Vendor, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            return self._refuse[vendor](request, error.status)

    async def _sent(
        self, vendor: Vendor, request: web.Request, response: web.Response, faults: list[Fault]
    ) -> web.StreamResponse:
        _spoil(request, response, faults)
        if vendor == "ome":
            self._keep_alive(request, response)
        for fault in faults:
            if fault.kind in SENDING:
                return await SENDING[fault.kind](fault, request, response)
        if self.compression:
            compress(request, response)
        return response

    def _keep_alive(self, request: web.Request, response: web.Response) -> None:
        if request.transport is None:
            return
        served = self._served[request.transport] = self._served.get(request.transport, 0) + 1
        left = REQUESTS_A_CONNECTION - served
        if left > 0:
            response.headers["Keep-Alive"] = f"timeout={KEEP_ALIVE_SECONDS:.0f}, max={left}"
        else:
            response.force_close()


def _list_of(request: web.Request) -> str:
    """Tell lists apart, whichever page of them is asked for."""
    return _PART.sub("", request.path_qs)


def _spoil(request: web.Request, response: web.Response, faults: list[Fault]) -> None:
    wanted = [fault for fault in faults if fault.kind in DOCUMENT_FAULTS]
    if not wanted or not isinstance(response, Answer) or response.status >= 300:
        return
    # A copy: parts of the document may be shared with other answers.
    document = msgspec.json.decode(msgspec.json.encode(response.document))
    for fault in wanted:
        spoil(fault, request.path, document, _list_of(request))
    response.rewrite(document)
