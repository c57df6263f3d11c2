"""Can the host of an API be found and reached, directly or through the proxy?"""

import asyncio
import base64
import ipaddress
import socket
from dataclasses import dataclass, field

from yarl import URL

from exporter.config.source import HttpSettings
from exporter.doctor.findings import TroubleError

LONGEST = 10.0
"""Seconds for one step: whoever is there answers sooner."""
_MOST_ADDRESSES = 4
_REFUSED = "nothing listens there: check the port, and that the API is running"
_DROPPED = (
    "a firewall drops it, or the host is off: allow TCP from this machine to {where}, or set "
    "http.proxy"
)
_PROXY_REFUSALS = {
    403: "let the proxy connect to {where}",
    407: "put user and password into http.proxy: http://USER:PASSWORD@HOST:PORT",
}

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Route:
    """The way to one API, as far as it has been gone."""

    url: URL
    http: HttpSettings
    addresses: list[str] = field(default_factory=list)

    @property
    def limit(self) -> float:
        """Seconds that a step gets."""
        return min(self.http.timeout, LONGEST)

    @property
    def proxy(self) -> URL | None:
        """The proxy, which may carry a password: show its host only."""
        return URL(self.http.proxy.get_secret_value()) if self.http.proxy else None

    @property
    def first_hop(self) -> URL:
        """What this machine connects to."""
        return self.proxy or self.url

    @property
    def where(self) -> str:
        """Host and port of the API."""
        return place(self.url)


def place(url: URL) -> str:
    """Write host and port, and nothing else of an address."""
    host = url.host or ""
    return f"[{host}]:{url.port}" if ":" in host else f"{host}:{url.port}"


async def resolve(route: Route) -> str:
    """Look the host up; gives its addresses.

    Raises:
        TroubleError: It has none.
    """
    host, port = route.first_hop.host or "", route.first_hop.port or 0
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        route.addresses = [host]
        return f"{host} is an address, no name to look up"
    loop = asyncio.get_running_loop()
    setting = "http.proxy" if route.proxy else "url or region"
    try:
        async with asyncio.timeout(route.limit):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise TroubleError(
            f"no answer from the DNS servers within {route.limit:g} s",
            "check the DNS servers of this machine (/etc/resolv.conf) and the way to them",
        ) from None
    except OSError as error:
        raise TroubleError(
            f"the name cannot be resolved ({error.strerror or error})",
            f"check the spelling in {setting}, and whether this machine's DNS servers know the "
            f"name: getent hosts {host}",
        ) from None
    route.addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    return ", ".join(route.addresses)


async def connect(route: Route) -> str:
    """Connect to every address; gives which ones answer.

    Raises:
        TroubleError: None does.
    """
    tried = route.addresses[:_MOST_ADDRESSES]
    failures = await asyncio.gather(*(_attempt(route, address) for address in tried))
    good = [address for address, failure in zip(tried, failures, strict=True) if not failure]
    bad = {address: failure for address, failure in zip(tried, failures, strict=True) if failure}
    port = route.first_hop.port
    if not good:
        seen = "; ".join(f"{address} port {port}: {why[0]}" for address, why in bad.items())
        raise TroubleError(seen, next(iter(bad.values()))[1])
    route.addresses = good
    unreachable = f" (not {', '.join(bad)})" if bad else ""
    return f"port {port} answers at {', '.join(good)}{unreachable}"


async def _attempt(route: Route, address: str) -> tuple[str, str] | None:
    """Return why an address cannot be connected to, and what to do; None if it can."""
    try:
        async with asyncio.timeout(route.limit):
            _, writer = await asyncio.open_connection(address, route.first_hop.port)
    except TimeoutError:
        advice = _DROPPED.format(where=place(route.first_hop))
        return f"no answer within {route.limit:g} s", advice
    except ConnectionRefusedError:
        return "connection refused", _REFUSED
    except OSError as error:
        return error.strerror or str(error), "check the route from this machine to the network"
    writer.transport.abort()
    return None


async def opened(route: Route) -> Streams:
    """Open a connection to the API, through the proxy where one is set.

    Raises:
        TroubleError: The proxy refuses.
        OSError, TimeoutError: It could be opened a moment ago.
    """
    async with asyncio.timeout(route.limit):
        proxy = route.proxy
        secure = True if proxy is not None and proxy.scheme == "https" else None
        reader, writer = await asyncio.open_connection(
            route.addresses[0],
            route.first_hop.port,
            ssl=secure,
            server_hostname=route.first_hop.host if secure else None,
        )
        if proxy is not None and route.url.scheme == "https":
            try:
                await _tunnel(route, proxy, reader, writer)
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
    except (OSError, TimeoutError, EOFError) as error:
        raise TroubleError(
            f"the proxy hung up or did not answer ({type(error).__name__})",
            "check that http.proxy is the address of an HTTP proxy that allows CONNECT",
        ) from None
    writer.transport.abort()
    return f"connects to {route.where}"


async def _tunnel(
    route: Route, proxy: URL, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    lines = [f"CONNECT {route.where} HTTP/1.1", f"Host: {route.where}"]
    if proxy.user is not None:
        pair = f"{proxy.user}:{proxy.password or ''}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    words = answer.split(b" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    if not 200 <= status < 300:
        hint = _PROXY_REFUSALS.get(status, "look into the proxy's log; can it reach {where}?")
        raise TroubleError(
            f"the proxy refuses to connect to {route.where} (HTTP {status})",
            hint.format(where=route.where),
        )
