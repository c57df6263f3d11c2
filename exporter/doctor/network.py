"""The steps of the way to an API: name, connection, TLS and its certificate, clock."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import Any

from yarl import URL

from exporter.config.source import HttpSettings
from exporter.doctor.findings import Finding, TroubleError, Verdict
from exporter.doctor.route import Route, Streams, connect, opened, resolve, trouble, tunnel
from exporter.sources.target import Phase, Target, place
from exporter.sources.tls import Certificate, certificate_from, context_for, day
from exporter.sources.transport import USER_AGENT

Wall = Callable[[], float]


async def examined(address: str, http: HttpSettings, wall: Wall) -> tuple[Finding, ...]:
    """Go the way to an API step by step; what comes after a failure is not tried."""
    target = Target(URL(address), http)
    way = Route(target, wall)
    path = _Path(way)
    hop = place(target.first_hop)
    await path.step("dns", target.first_hop.host or "", lambda: resolve(way))
    await path.step("tcp", hop, lambda: connect(way))
    if target.is_tunnelled:
        await path.step("proxy", hop, lambda: tunnel(way))
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
        path.findings.append(await compared(way, streams))


async def _handshake(path: "_Path") -> Streams | None:
    try:
        streams, seen, warning = await handshake(path.way)
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


SOON = 30.0
"""Days before the end of a certificate from which on it is a warning."""
_DAY = 86400.0
_MOST_NAMES = 5


async def handshake(route: Route) -> tuple[Streams, str, str]:
    """Speak TLS as the exporter does; returns the connection, what was seen, and a warning.

    Raises:
        TroubleError: It fails.
    """
    try:
        streams = await _spoken(route)
    except (OSError, EOFError) as error:
        raise trouble(route.diagnosed(error, Phase.HANDSHAKE)) from None
    connection = streams[1].get_extra_info("ssl_object")
    protocol = connection.version()
    info = connection.getpeercert()
    if not info:
        warning = "its certificate is not verified: set http.ca_file, not insecure_skip_verify"
        return streams, protocol, warning
    shown, now = certificate_from(info), route.wall()
    trusted = "http.ca_file" if route.target.http.ca_file else "a CA of this system"
    seen = f"{protocol}, {_described(shown, now)}, verified by {trusted}"
    ends_soon = shown.not_after - now < SOON * _DAY
    return streams, seen, "renew the API's certificate before it ends" if ends_soon else ""


async def _spoken(route: Route) -> Streams:
    reader, writer = await opened(route)
    context: ssl.SSLContext = context_for(route.target.http, lambda _: None)
    try:
        async with asyncio.timeout(route.limit):
            await writer.start_tls(context, server_hostname=route.target.server_name)
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer


def _described(certificate: Certificate, now: float) -> str:
    days = (certificate.not_after - now) / _DAY
    when = f"in {days:.0f} days" if days >= 0 else "in the past"
    names = ", ".join(certificate.names[:_MOST_NAMES]) or "no name"
    issuer = certificate.issuer or "an unnamed CA"
    return (
        f"certificate for {names}, issued by {issuer}, ends {day(certificate.not_after)} ({when})"
    )


NOTICED_SKEW = 5.0
"""Seconds of difference that are worth a word; the header itself counts whole seconds."""
WRONG_SKEW = 60.0
_CLOCK_ADVICE = (
    "set the clocks by NTP on both sides; the times of tokens, certificates and energy windows "
    "depend on them"
)


async def compared(route: Route, streams: Streams | None) -> Finding:
    """Ask for nothing in particular, without any credential, and read the time of the answer."""
    try:
        async with asyncio.timeout(route.limit):
            reader, writer = streams or await opened(route)
            try:
                host = route.target.url.host_port_subcomponent
                writer.write(
                    f"HEAD / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\n"
                    "Accept: */*\r\nConnection: close\r\n\r\n".encode()
                )
                asked = route.wall()
                head = await reader.readuntil(b"\r\n\r\n")
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
        return _unknown_clock(route, "no answer to a plain request")
    return _skew_finding(route, _date(head), asked, route.wall())


def _date(head: bytes) -> float | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"date":
            try:
                return parsedate_to_datetime(value.decode("ascii").strip()).timestamp()
            except (ValueError, UnicodeDecodeError, OverflowError):
                return None
    return None


def _skew_finding(route: Route, date: float | None, asked: float, answered: float) -> Finding:
    if date is None:
        return _unknown_clock(route, "the answer has no usable header Date")
    # The header is cut to whole seconds: its moment lies half a second later on average.
    skew = date + 0.5 - (asked + answered) / 2
    size, word = abs(skew), "ahead of" if skew > 0 else "behind"
    if size <= NOTICED_SKEW:
        return Finding(
            "clock", route.target.where, Verdict.OK, f"agrees with ours within {NOTICED_SKEW:g} s"
        )
    verdict = Verdict.FAILED if size > WRONG_SKEW else Verdict.WARNING
    return Finding(
        "clock", route.target.where, verdict, f"the API is {size:.0f} s {word} us", _CLOCK_ADVICE
    )


def _unknown_clock(route: Route, seen: str) -> Finding:
    advice = "compare the clocks by hand; both sides should follow NTP"
    return Finding("clock", route.target.where, Verdict.WARNING, seen, advice)
