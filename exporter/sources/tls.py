"""Verification of the certificates of a source, and what they say."""

import hashlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exporter.config.source import HttpSettings
from exporter.sources.target import Phase, reached
from exporter.sources.text import clean

_SHORT = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU"}
"""The parts of a subject that are shown; the others say where its owner lives."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it was presented, whether or not it is trusted."""

    subject: str
    """Such as `CN=ome, O=Dell Inc.`; empty if it has none."""
    issuer: str
    names: tuple[str, ...]
    """The hosts that it is for."""
    not_before: float
    """Unix seconds."""
    not_after: float
    """Unix seconds."""
    fingerprint: str = ""
    """SHA-256 in hexadecimal digits; empty where the bytes are not known."""


def certificate_from(info: Mapping[str, Any], der: bytes = b"") -> Certificate:
    """Read what Python decodes of a certificate.

    Args:
        info: The form of `ssl.SSLSocket.getpeercert`.
        der: Its bytes.

    Raises:
        KeyError, ValueError: It has no readable dates.
    """
    subject = info.get("subject", ())
    names = [clean(str(value)) for _, value in info.get("subjectAltName", ())]
    return Certificate(
        subject=_described(subject),
        issuer=_described(info.get("issuer", ())),
        names=tuple(filter(None, names or [clean(_part(subject, "commonName"))])),
        not_before=float(ssl.cert_time_to_seconds(str(info["notBefore"]))),
        not_after=float(ssl.cert_time_to_seconds(str(info["notAfter"]))),
        fingerprint=hashlib.sha256(der).hexdigest() if der else "",
    )


def day(timestamp: float) -> str:
    """Write a date in UTC."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")


def _described(name: Any) -> str:
    parts = [(short, clean(_part(name, long))) for long, short in _SHORT.items()]
    return ", ".join(f"{short}={value}" for short, value in parts if value)


def _part(name: Any, wanted: str) -> str:
    return next((str(value) for part in name for key, value in part if key == wanted), "")


class UntrustedError(ssl.SSLCertVerificationError):
    """A certificate was refused; carries what was presented."""

    chain: tuple[Certificate, ...] = ()
    """The API's own certificate first; empty where OpenSSL does not keep it."""


def context_for(settings: HttpSettings, seen: Callable[[float], None]) -> ssl.SSLContext:
    """Build the TLS context of a source.

    Args:
        settings: `ca_file` and `insecure_skip_verify` are read.
        seen: Called with the end (Unix seconds) of every verified certificate that is shown.
    """
    trusted = settings.ca_file.pem if settings.ca_file else None
    context = ssl.create_default_context(cadata=trusted)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Defaults of Python 3.13, set alike for every version. The strict checks refuse certificates
    # of appliances and corporate CAs over their form; a certificate in `ca_file` is trusted itself,
    # also where it is not a root.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if settings.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.sslobject_class = _witness(seen)
    return context


def _witness(seen: Callable[[float], None]) -> type[ssl.SSLObject]:
    """Make a class of TLS connections that report the certificate of their peer.

    asyncio hides the certificate of a connection that has already gone back to the pool; the
    handshake is the one moment at which it is always there.
    """

    class Witness(ssl.SSLObject):
        _sslobj: Any

        def do_handshake(self) -> None:
            reached(Phase.HANDSHAKE)
            try:
                super().do_handshake()
            except ssl.SSLCertVerificationError as error:
                raise _untrusted(error, self._sslobj) from None
            reached(Phase.CONNECT)
            certificate = self.getpeercert() or {}
            not_after = certificate.get("notAfter")
            if isinstance(not_after, str):
                seen(float(ssl.cert_time_to_seconds(not_after)))

    return Witness


def _untrusted(error: ssl.SSLCertVerificationError, connection: Any) -> UntrustedError:
    made = UntrustedError(*error.args)
    made.reason, made.library = error.reason, error.library
    made.verify_code, made.verify_message = error.verify_code, error.verify_message
    made.chain = _presented(connection)
    return made


def _presented(connection: Any) -> tuple[Certificate, ...]:
    """Decode certificates that are not trusted, which Python offers in private only.

    Nothing but the words of a message depends on it.
    """
    try:
        chain = connection.get_unverified_chain() or ()
        return tuple(
            certificate_from(each.get_info(), ssl.PEM_cert_to_DER_cert(each.public_bytes()))
            for each in chain
        )
    except (AttributeError, KeyError, TypeError, ValueError, ssl.SSLError):
        return ()
