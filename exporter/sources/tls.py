"""How is a source's certificate verified, and when does it end?"""

import ssl
from collections.abc import Callable

from exporter.config.source import HttpSettings


def context_for(settings: HttpSettings, seen: Callable[[float], None]) -> ssl.SSLContext:
    """Build the TLS context of a source.

    Args:
        settings: `ca_file` and `insecure_skip_verify` are read.
        seen: Called with the end (Unix seconds) of every verified certificate that is shown.
    """
    trusted = settings.ca_file.pem if settings.ca_file else None
    context = ssl.create_default_context(cadata=trusted)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
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
        def do_handshake(self) -> None:
            super().do_handshake()
            certificate = self.getpeercert() or {}
            not_after = certificate.get("notAfter")
            if isinstance(not_after, str):
                seen(float(ssl.cert_time_to_seconds(not_after)))

    return Witness
