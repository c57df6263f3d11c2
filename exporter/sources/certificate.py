"""Facts of a certificate that an API presents."""

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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
