"""What does it mean when a call fails on the wire, and what can be done about it?"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from exporter.errors import Reason, SourceError


@asynccontextmanager
async def understood(endpoint: str, host: str | None, timeout: float) -> AsyncIterator[None]:
    """Turn whatever the HTTP library raises into a `SourceError` that names the call.

    Args:
        endpoint: What is called.
        host: Where it is.
        timeout: The seconds after which a `TimeoutError` comes.
    """
    where = f"{endpoint} at {host}"
    try:
        yield
    except SourceError as error:
        raise SourceError(error.reason, f"{endpoint}: {error.message}") from None
    except TimeoutError as error:
        failure = SourceError(
            Reason.TIMEOUT,
            f"{where}: no complete answer within {timeout:g} s; if the API is slow, raise "
            "http.timeout",
        )
        raise failure from error
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise SourceError(Reason.TLS, f"{where}: {_tls_problem(error)}") from error
    except (aiohttp.ClientError, OSError) as error:
        failure = SourceError(Reason.CONNECT, f"{where}: {_connection_problem(error)}")
        raise failure from error


def _tls_problem(error: Exception) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    reason = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or str(cause)
    return (
        f"TLS failed ({reason}); set http.ca_file to the CA of its certificate, or http.server_name"
    )


def _connection_problem(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name cannot be resolved"
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        return f"cannot connect ({cause.strerror or str(cause) or type(cause).__name__})"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the connection ended in the middle of the answer"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection was closed before an answer came"
    return f"the connection failed ({type(error).__name__})"
