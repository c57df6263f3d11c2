"""The way to an API, gone step by step: its name, the connection, the tunnel of a proxy."""

import asyncio
import base64
import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from yarl import URL

from exporter.doctor.findings import TroubleError
from exporter.sources.diagnosis import diagnosed, refused_by_proxy
from exporter.sources.remedies import Diagnosis
from exporter.sources.target import Phase, Target
from exporter.sources.tls import context_for

LONGEST = 10.0
"""Seconds for one step: whoever is there answers sooner."""
_MOST_ADDRESSES = 4

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Route:
    """The way to one API, as far as it has been gone."""

    target: Target
    wall: Callable[[], float]
    addresses: list[str] = field(default_factory=list)

    @property
    def limit(self) -> float:
        """Seconds that a step gets."""
        return min(self.target.http.timeout, LONGEST)

    def diagnosed(self, error: Exception, phase: Phase) -> Diagnosis:
        """Say why a step failed."""
        return diagnosed(error, self.target, phase, limit=self.limit, now=self.wall())


def trouble(found: Diagnosis) -> TroubleError:
    """Make the failure of a step out of its diagnosis."""
    return TroubleError(found.cause, found.todo)


async def resolve(route: Route) -> str:
    """Look the host up; returns its addresses.

    Raises:
        TroubleError: It has none.
    """
    hop = route.target.first_hop
    host = hop.host or ""
    with suppress(ValueError):
        ipaddress.ip_address(host)
        route.addresses = [host]
        return f"{host} is an address, no name to look up"
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(route.limit):
            found = await loop.getaddrinfo(host, hop.port or 0, type=socket.SOCK_STREAM)
    except OSError as error:
        raise trouble(route.diagnosed(error, Phase.NAME)) from None
    route.addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    return ", ".join(route.addresses)


async def connect(route: Route) -> str:
    """Connect to every address; returns which ones answer.

    Raises:
        TroubleError: None does.
    """
    tried = route.addresses[:_MOST_ADDRESSES]
    failures = await asyncio.gather(*(_attempt(route, address) for address in tried))
    good = [address for address, failure in zip(tried, failures, strict=True) if not failure]
    bad = {address: failure for address, failure in zip(tried, failures, strict=True) if failure}
    port = route.target.first_hop.port
    if not good:
        seen = "; ".join(f"{address} port {port}: {why.cause}" for address, why in bad.items())
        raise TroubleError(seen, next(iter(bad.values())).todo)
    route.addresses = good
    unreachable = f" (not {', '.join(bad)})" if bad else ""
    return f"port {port} answers at {', '.join(good)}{unreachable}"


async def _attempt(route: Route, address: str) -> Diagnosis | None:
    """Return why an address cannot be connected to; None if it can."""
    try:
        async with asyncio.timeout(route.limit):
            _, writer = await asyncio.open_connection(address, route.target.first_hop.port)
    except OSError as error:
        return route.diagnosed(error, Phase.CONNECT)
    writer.transport.abort()
    return None


async def opened(route: Route) -> Streams:
    """Open a connection to the API, through the proxy where one is set.

    Raises:
        TroubleError: The proxy refuses.
        OSError, TimeoutError, EOFError: It could be opened a moment ago.
    """
    proxy, hop = route.target.proxy, route.target.first_hop
    secure = proxy is not None and proxy.scheme == "https"
    async with asyncio.timeout(route.limit):
        reader, writer = await asyncio.open_connection(
            route.addresses[0],
            hop.port,
            ssl=context_for(route.target.http, lambda _: None) if secure else None,
            server_hostname=hop.host if secure else None,
        )
        if proxy is not None and route.target.is_tunnelled:
            try:
                await _tunnel(route.target, proxy, reader, writer)
            except BaseException:
                writer.transport.abort()
                raise
        return reader, writer


async def tunnel(route: Route) -> str:
    """Have the proxy connect to the API.

    Raises:
        TroubleError: It does not.
    """
    try:
        _, writer = await opened(route)
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        raise trouble(route.diagnosed(error, Phase.CONNECT)) from None
    writer.transport.abort()
    return f"connects to {route.target.where}"


async def _tunnel(
    target: Target, proxy: URL, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    lines = [f"CONNECT {target.where} HTTP/1.1", f"Host: {target.where}"]
    if proxy.user is not None:
        pair = f"{proxy.user}:{proxy.password or ''}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    words = answer.split(b" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    if not 200 <= status < 300:
        raise trouble(refused_by_proxy(status, target))
