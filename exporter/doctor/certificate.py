"""The TLS handshake with an API: version, certificate and its end."""

import asyncio
import ssl

from exporter.doctor.route import Route, Streams, opened, trouble
from exporter.sources.certificate import Certificate, certificate_from, day
from exporter.sources.progress import Phase
from exporter.sources.tls import context_for

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
