"""Is the API's certificate one that we trust, whose is it, and when does it end?"""

import asyncio
import hashlib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exporter.doctor.findings import TroubleError
from exporter.doctor.route import Route, Streams, opened
from exporter.sources.text import clean
from exporter.sources.tls import context_for

SOON = 30.0
"""Days before the end of a certificate from which on it is a warning."""
_DAY = 86400.0
_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python does not name."""

EXPIRED, NOT_YET = 10, 9
WRONG_NAME = frozenset({62, 64})
SELF_SIGNED = frozenset({18, 19})
"""OpenSSL's numbers of why a certificate is not good."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate that was shown."""

    names: tuple[str, ...]
    issuer: str
    not_after: float
    """Unix seconds."""
    fingerprint: str = ""

    def described(self, now: float) -> str:
        """Write it down."""
        days = (self.not_after - now) / _DAY
        end = datetime.fromtimestamp(self.not_after, UTC).strftime("%Y-%m-%d")
        when = f"ends {end} (in {days:.0f} days)" if days >= 0 else f"ended {end}"
        return f"certificate for {', '.join(self.names[:5]) or 'nobody'}, of {self.issuer}, {when}"


def shown_from(certificate: Mapping[str, Any], der: bytes = b"") -> Shown:
    """Read what Python says of a certificate."""
    names = [str(value) for _, value in certificate.get("subjectAltName", ())]
    if not names:
        names = [_name(certificate.get("subject", ()), "commonName")]
    issuer = certificate.get("issuer", ())
    return Shown(
        tuple(text for name in names if (text := clean(name))),
        clean(_name(issuer, "commonName") or _name(issuer, "organizationName")) or "an unnamed CA",
        float(ssl.cert_time_to_seconds(str(certificate["notAfter"]))),
        hashlib.sha256(der).hexdigest() if der else "",
    )


def _name(pairs: Any, wanted: str) -> str:
    return next((str(value) for part in pairs for key, value in part if key == wanted), "")


async def handshake(route: Route, now: float) -> tuple[Streams, str, str]:
    """Speak TLS as the exporter does; gives the connection, what was seen, and a warning.

    Raises:
        TroubleError: It fails.
    """
    try:
        streams = await _spoken(route, context_for(route.http, lambda _: None))
    except ssl.SSLCertVerificationError as error:
        raise await _distrusted(route, error, now) from None
    except ssl.SSLError as error:
        raise _misunderstood(error) from None
    except (OSError, TimeoutError, EOFError):
        raise TroubleError(
            "the connection ends during the TLS handshake",
            "a firewall or an inspecting proxy stands between, or the port speaks something else",
        ) from None
    connection = streams[1].get_extra_info("ssl_object")
    protocol = connection.version()
    certificate = connection.getpeercert()
    if not certificate:
        warning = "its certificate is not verified: set http.ca_file, not insecure_skip_verify"
        return streams, protocol, warning
    shown = shown_from(certificate)
    trusted = "http.ca_file" if route.http.ca_file else "a CA of this system"
    seen = f"{protocol}, {shown.described(now)}, verified by {trusted}"
    ends_soon = shown.not_after - now < SOON * _DAY
    return streams, seen, "renew the API's certificate before it ends" if ends_soon else ""


async def _spoken(route: Route, context: ssl.SSLContext, name: str | None = None) -> Streams:
    reader, writer = await opened(route)
    name = name or route.http.server_name or route.url.host
    try:
        async with asyncio.timeout(route.limit):
            await writer.start_tls(context, server_hostname=name)
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer


async def _distrusted(
    route: Route, error: ssl.SSLCertVerificationError, now: float
) -> TroubleError:
    shown = await _looked_at(route)
    seen = f"{error.verify_message}: {shown.described(now)}" if shown else error.verify_message
    return TroubleError(seen, _advice(route, error.verify_code, shown))


def _advice(route: Route, code: int, shown: Shown | None) -> str:
    if code == EXPIRED:
        return (
            "renew the certificate at the API (OME: Application Settings, Security, Certificates), "
            "or correct the clock of this machine"
        )
    if code == NOT_YET:
        return "it is not valid yet: check the clocks of both sides (NTP)"
    if code in WRONG_NAME:
        names = ", ".join(shown.names[:5]) if shown and shown.names else "the name it is for"
        return f"set http.server_name to a name of the certificate ({names}), or url to that host"
    which = "the certificate itself" if code in SELF_SIGNED else "the CA that issued it"
    if route.http.ca_file:
        return f"http.ca_file does not hold {which}: put it there in PEM form"
    compare = f" after comparing its SHA-256, {shown.fingerprint}" if shown else ""
    return f"write {which} to a file in PEM form{compare}, and set http.ca_file to it"


def _misunderstood(error: ssl.SSLError) -> TroubleError:
    reason = error.reason or "unknown reason"
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return TroubleError("the port does not speak TLS", "check scheme and port of url")
    if "PROTOCOL" in reason or "VERSION" in reason:
        return TroubleError(
            f"no common TLS version ({reason})",
            "the API offers nothing newer than TLS 1.1: update it; TLS 1.2 is the least we speak",
        )
    return TroubleError(
        f"the TLS handshake fails ({reason})",
        "check what stands between, such as an inspecting proxy, and the API's TLS settings",
    )


async def _looked_at(route: Route) -> Shown | None:
    """Read a certificate that is not trusted; nothing is sent to its owner.

    Python decodes only certificates that it has verified. So this one is fetched first, and then
    made its own authority for a second look.
    """
    with suppress(OSError, TimeoutError, EOFError, TroubleError, KeyError, ValueError):
        der = await _certificate(route, _blind(), binary=True)
        context = _blind()
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags |= _NO_CHECK_TIME
        context.load_verify_locations(cadata=der)
        return shown_from(await _certificate(route, context, binary=False), der)
    return None


def _blind() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _certificate(route: Route, context: ssl.SSLContext, *, binary: bool) -> Any:
    _, writer = await _spoken(route, context)
    try:
        return writer.get_extra_info("ssl_object").getpeercert(binary_form=binary)
    finally:
        writer.transport.abort()
