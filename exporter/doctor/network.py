"""How far does one get on the way to an API: name, connection, TLS, clock?"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from yarl import URL

from exporter.config.source import HttpSettings
from exporter.doctor import certificate, clocks, route
from exporter.doctor.findings import Finding, TroubleError, Verdict
from exporter.doctor.route import Route, Streams
from exporter.sources.target import Target, place

Wall = Callable[[], float]


async def examined(address: str, http: HttpSettings, wall: Wall) -> tuple[Finding, ...]:
    """Go the way to an API step by step; what comes after a failure is not tried."""
    target = Target(URL(address), http)
    way = Route(target, wall)
    path = _Path(way)
    hop = place(target.first_hop)
    await path.step("dns", target.first_hop.host or "", lambda: route.resolve(way))
    await path.step("tcp", hop, lambda: route.connect(way))
    if target.is_tunnelled:
        await path.step("proxy", hop, lambda: route.tunnel(way))
    await _secured(path)
    return tuple(path.findings)


async def _secured(path: "_Path") -> None:
    way, streams = path.way, None
    if way.target.url.scheme != "https":
        path.add("tls", Verdict.OK, "not used: the address begins with http://")
    elif path.broken:
        path.add("tls", Verdict.NOT_TRIED)
    else:
        streams = await _handshake(path)
    if path.broken:
        path.add("clock", Verdict.NOT_TRIED)
    elif way.target.proxy is not None and streams is None:
        path.add("clock", Verdict.OK, "not compared through a proxy without TLS")
    else:
        path.findings.append(await clocks.compared(way, streams))


async def _handshake(path: "_Path") -> Streams | None:
    try:
        streams, seen, warning = await certificate.handshake(path.way)
    except TroubleError as trouble:
        path.add("tls", Verdict.FAILED, trouble.seen, trouble.advice)
        path.broken = True
        return None
    path.add("tls", Verdict.WARNING if warning else Verdict.OK, seen, warning)
    return streams


class _Path:
    """The findings on one way."""

    def __init__(self, way: Route) -> None:
        self.way = way
        self.findings: list[Finding] = []
        self.broken = False

    def add(self, step: str, verdict: Verdict, seen: str = "", advice: str = "") -> None:
        self.findings.append(Finding(step, self.way.target.where, verdict, seen, advice))

    async def step(self, name: str, subject: str, act: Callable[[], Awaitable[Any]]) -> None:
        """Take a step, unless a former one failed."""
        if self.broken:
            self.findings.append(Finding(name, subject, Verdict.NOT_TRIED))
            return
        try:
            seen = await act()
        except TroubleError as trouble:
            self.broken = True
            self.findings.append(
                Finding(name, subject, Verdict.FAILED, trouble.seen, trouble.advice)
            )
            return
        self.findings.append(Finding(name, subject, Verdict.OK, seen))


def leads_nowhere(findings: Iterable[Finding]) -> bool:
    """Tell whether a way ends before the API; a wrong clock does not end it."""
    bad = (Verdict.FAILED, Verdict.NOT_TRIED)
    return any(each.verdict in bad for each in findings if each.step != "clock")
