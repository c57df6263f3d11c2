"""Do our clock and that of the API agree? The header `Date` of any answer tells."""

import asyncio
from email.utils import parsedate_to_datetime

from exporter.doctor.findings import Finding, Verdict
from exporter.doctor.route import Route, Streams, opened
from exporter.sources.transport import USER_AGENT

NOTICED = 5.0
"""Seconds of difference that are worth a word; the header itself counts whole seconds."""
WRONG = 60.0
_ADVICE = (
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
        return _unknown(route, "no answer to a plain request")
    return _finding(route, _date(head), asked, route.wall())


def _date(head: bytes) -> float | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"date":
            try:
                return parsedate_to_datetime(value.decode("ascii").strip()).timestamp()
            except (ValueError, UnicodeDecodeError, OverflowError):
                return None
    return None


def _finding(route: Route, date: float | None, asked: float, answered: float) -> Finding:
    if date is None:
        return _unknown(route, "the answer has no usable header Date")
    # The header is cut to whole seconds: its moment lies half a second later on average.
    skew = date + 0.5 - (asked + answered) / 2
    size, word = abs(skew), "ahead of" if skew > 0 else "behind"
    if size <= NOTICED:
        return Finding(
            "clock", route.target.where, Verdict.OK, f"agrees with ours within {NOTICED:g} s"
        )
    verdict = Verdict.FAILED if size > WRONG else Verdict.WARNING
    return Finding(
        "clock", route.target.where, verdict, f"the API is {size:.0f} s {word} us", _ADVICE
    )


def _unknown(route: Route, seen: str) -> Finding:
    advice = "compare the clocks by hand; both sides should follow NTP"
    return Finding("clock", route.target.where, Verdict.WARNING, seen, advice)
