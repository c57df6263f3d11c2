"""Verification of the certificates of a source."""

import ssl
from collections.abc import Callable
from typing import Any

from exporter.config.source import HttpSettings
from exporter.sources.certificate import Certificate, certificate_from
from exporter.sources.progress import Phase, reached


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
