"""The TLS context of the HTTP port, made from `tls_server_config`.

Go's names of cipher suites and curves are translated to those of OpenSSL. A context is immutable
here: a changed configuration makes another one, which the next connection gets.
"""

import ipaddress
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exporter.config import files
from exporter.config.web import TlsServer

MODERN = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""What TLS 1.2 offers where `cipher_suites` says nothing; those of TLS 1.3 are all good."""
SUITES_1_3 = frozenset(
    {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
)
SUITES = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    # Go's former names of the two above.
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305": "ECDHE-RSA-CHACHA20-POLY1305",
}
CURVES = {
    "CurveP256": "prime256v1",
    "CurveP384": "secp384r1",
    "CurveP521": "secp521r1",
    "X25519": "X25519",
}
_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_VERIFIED = {
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}


class TlsError(ValueError):
    """A setting cannot be used; the message never quotes a key."""

    def __init__(self, key: str, text: str) -> None:
        """Take the setting within `tls_server_config`, and what is wrong with it."""
        super().__init__(f"tls_server_config.{key}: {text}")


def context_of(settings: TlsServer) -> ssl.SSLContext:
    """Build the context; blocks while files are read.

    Raises:
        TlsError: A file cannot be read, the key is not that of the certificate, or a setting is
            beyond what Python's TLS can do.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[settings.min_version]
    context.maximum_version = _VERSIONS[settings.max_version]
    context.options |= ssl.OP_NO_RENEGOTIATION
    if not settings.prefer_server_cipher_suites:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    _set_suites(context, settings)
    _set_curves(context, settings.curve_preferences)
    _load_pair(context, settings)
    _set_clients(context, settings)
    return context


def _set_suites(context: ssl.SSLContext, settings: TlsServer) -> None:
    names = settings.cipher_suites
    for name in names:
        if name not in SUITES and name not in SUITES_1_3:
            raise TlsError("cipher_suites", f"there is no {name[:60]!r} among {', '.join(SUITES)}")
    chosen = [SUITES[name] for name in names if name in SUITES]
    if names and not chosen:
        # As in Go: without a suite for it, TLS 1.2 is not spoken.
        if context.maximum_version is ssl.TLSVersion.TLSv1_2:
            raise TlsError("cipher_suites", "none is for TLS 1.2, and max_version is TLS12")
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_ciphers(":".join(chosen) or MODERN)


def _set_curves(context: ssl.SSLContext, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in CURVES:
            raise TlsError(
                "curve_preferences", f"there is no {name[:60]!r} among {', '.join(CURVES)}"
            )
    if len(names) > 1:
        raise TlsError(
            "curve_preferences",
            "Python's TLS can be held to one curve, not to an order of several: name one, or leave "
            "it out for X25519 and the others in OpenSSL's order",
        )
    if names:
        context.set_ecdh_curve(CURVES[names[0]])


def _load_pair(context: ssl.SSLContext, settings: TlsServer) -> None:
    """Load certificate and key, which Python reads from files only."""
    cert_name = "cert_file" if settings.cert_file else "cert"
    key_name = "key_file" if settings.key_file else "key"
    certificate = _content(settings.cert_file, settings.cert, cert_name)
    key = _content(settings.key_file, settings.key.get_secret_value(), key_name)
    if b"-----BEGIN CERTIFICATE-----" not in certificate:
        raise TlsError(cert_name, "has no certificate in PEM form")
    with _in_memory(certificate) as cert_path, _in_memory(key) as key_path:
        try:
            context.load_cert_chain(cert_path, key_path, password=_refuse_password)
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise TlsError(key_name, "is not the key of the certificate") from None
            raise TlsError(
                key_name,
                "certificate and key cannot be used: each must be in PEM form, the server's "
                "own certificate first, the key without a password",
            ) from None
        except ValueError as error:
            raise TlsError(key_name, str(error)) from None


def _refuse_password() -> str:
    """Keep OpenSSL from asking for one on the terminal."""
    raise ValueError("the key is encrypted; store it without a password, readable by us only")


def _content(path: Path | None, inline: str, name: str) -> bytes:
    """Return what is in PEM form; comments in it may be in any encoding."""
    try:
        return inline.encode() if path is None else files.read(path, files.LARGE)
    except OSError as error:
        raise TlsError(name, f"cannot read {path}: {error.strerror}") from None
    except UnicodeEncodeError:
        raise TlsError(name, "has a character that no text has") from None


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """Yield a path at which content can be read that never is on a disk."""
    descriptor = os.memfd_create("pem")
    try:
        os.write(descriptor, content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _set_clients(context: ssl.SSLContext, settings: TlsServer) -> None:
    context.verify_mode = _VERIFIED.get(settings.client_auth_type, ssl.CERT_NONE)
    if context.verify_mode is ssl.CERT_NONE:
        return
    name = "client_ca_file" if settings.client_ca_file else "client_ca"
    authority = _content(settings.client_ca_file, settings.client_ca, name)
    # From a path: as a parameter, text in PEM form would have to be ASCII, comments included.
    try:
        with _in_memory(authority) as path:
            context.load_verify_locations(path)
    except ssl.SSLError:
        raise TlsError(name, "has no certificate in PEM form") from None
    if settings.client_allowed_sans is not None:
        context.sslobject_class = _doorkeeper(frozenset(settings.client_allowed_sans))


def _doorkeeper(allowed: frozenset[str]) -> type[ssl.SSLObject]:
    """Make a class of TLS connections that end a handshake with a client of another name."""

    class Doorkeeper(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            if not allowed.intersection(_names(self.getpeercert() or {})):
                raise ssl.SSLCertVerificationError("no name of the client is allowed")

    return Doorkeeper


def _names(certificate: Any) -> Iterator[str]:
    """Yield the subject's alternative names as Go writes them."""
    for kind, name in certificate.get("subjectAltName", ()):
        yield str(ipaddress.ip_address(name)) if kind == "IP Address" else name
