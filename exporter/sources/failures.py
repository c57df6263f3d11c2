"""Turning what fails on the wire into errors that say what to do."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp

from exporter.errors import SourceError
from exporter.sources.diagnosis import answered_for_another, diagnosed, refused_by_proxy
from exporter.sources.progress import Progress, progress
from exporter.sources.remedies import Diagnosis, Trouble
from exporter.sources.target import Target, place

_ENDED = (aiohttp.ClientError, OSError, EOFError)
"""What comes out of the HTTP library; a `TimeoutError` is an `OSError`."""
_TLS_PORT_SAYS = (b"plain http request", b"plain http to an ssl", b"http request to an https")
"""Apache, nginx and Go, on a port that speaks TLS, to a request that does not."""
_LONGEST_LOOKED_AT = 2000
"""Bytes."""


@asynccontextmanager
async def understood(
    endpoint: str, target: Target, limit: float, wall: Callable[[], float]
) -> AsyncIterator[None]:
    """Turn whatever the HTTP library raises into a `SourceError` that names the call.

    Args:
        endpoint: What is called.
        target: Where it is, and how it is reached.
        limit: The seconds after which a `TimeoutError` comes.
        wall: The wall clock.
    """
    call = Progress()
    entered = progress.set(call)
    try:
        yield
    except SourceError as error:
        raise SourceError(error.reason, f"{endpoint}: {error.message}") from None
    except _ENDED as error:
        found = diagnosed(error, target, call.phase, limit=limit, now=wall())
        raise _failure(endpoint, target, found) from error
    finally:
        progress.reset(entered)


def misdirected(
    endpoint: str, target: Target, status: int, headers: Mapping[str, str], body: bytes
) -> SourceError | None:
    """Return the error of an answer that is not that of the API; None where it may well be."""
    found = _foreign(target, status, headers.get("Content-Type", ""), body)
    return _failure(endpoint, target, found) if found else None


def _foreign(target: Target, status: int, content: str, body: bytes) -> Diagnosis | None:
    if status == 407:
        return refused_by_proxy(status, target)
    if target.url.scheme != "http":
        return None
    said = body[:_LONGEST_LOOKED_AT].lower()
    if status == 400 and any(words in said for words in _TLS_PORT_SAYS):
        return answered_for_another(Trouble.TLS_EXPECTED, status, target)
    is_error_page = "text/html" in content.lower() and (status == 403 or status >= 500)
    if target.proxy is not None and is_error_page:
        return answered_for_another(Trouble.PROXY_PAGE, status, target)
    return None


def _failure(endpoint: str, target: Target, found: Diagnosis) -> SourceError:
    """Make the error of a call. It has no status: a proxy's says nothing of the API."""
    proxy = target.proxy
    through = f"through the proxy {place(proxy)}" if found.at_proxy and proxy else ""
    where = through or f"at {target.url.host}"
    return SourceError(found.reason, f"{endpoint} {where}: {found.cause}", remedy=found.todo)
