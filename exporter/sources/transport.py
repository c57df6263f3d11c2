"""How does a request leave, and what is allowed to come back?

One `Transport` belongs to one source. It knows no vendor: it bounds time, size, concurrency and
rate, refuses redirects, decompresses under a limit, repeats what may be repeated, and turns
whatever goes wrong on the wire into a `SourceError`. Other statuses are the business of the
vendor's client.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import aiohttp
import stamina
from isal import isal_zlib
from yarl import URL

from exporter import __version__
from exporter.clock import Clock
from exporter.config.source import HttpSettings
from exporter.errors import Reason, SourceError
from exporter.sources.gate import Gate
from exporter.sources.observer import ApiObserver, Exchange
from exporter.sources.on_behalf import errand
from exporter.sources.retry_after import retry_after
from exporter.sources.tls import context_for

USER_AGENT = f"serverfleet-exporter/{__version__}"
ATTEMPTS = 3
LONGEST_PAUSE = 10.0
"""Seconds: a longer wait that an API asks for is left to the scheduler."""
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_CHUNK = 2**16
# The library's stubs declare its exception as a value.
_CorruptGzip = cast("type[Exception]", isal_zlib.error)

# A retry is counted by our own metric and is no event of its own in the log.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. `url` is encoded already: a space is `%20`, and `$` stays as it is."""

    method: str
    url: str
    endpoint: str
    """A template such as `Devices(id)/Power`: the value of the label `endpoint`."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = True
    """Whether it may be sent again after it may have arrived."""
    private: bool = False
    """Whether it carries a credential, or its answer does: nobody is told what is in them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, decompressed."""

    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300


class _RetriedStatusError(Exception):
    """Carries an answer that is worth another attempt out of the retried block."""

    def __init__(self, answer: Answer, wait: float | None) -> None:
        super().__init__(answer.status)
        self.answer = answer
        self.reason = f"http_{answer.status}"
        self.wait = wait


class Transport:
    """The connections of one source. Create it on the event loop that uses it."""

    def __init__(
        self,
        settings: HttpSettings,
        clock: Clock,
        observer: ApiObserver,
        *,
        keepalive: float = 30.0,
    ) -> None:
        """Prepare the connections; none is opened yet.

        Args:
            settings: Limits, TLS and proxy.
            clock: Time for durations and for the rate limit.
            observer: Told about every request.
            keepalive: Seconds for which an idle connection is kept.
        """
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._gate = Gate(settings.concurrency, settings.requests_per_minute, clock)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=settings.concurrency,
                keepalive_timeout=keepalive,
                ssl=context_for(settings, observer.certificate),
            ),
            # Its own limit loses a cancellation that comes at the same time: see `_observed`.
            timeout=aiohttp.ClientTimeout(),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close every connection."""
        self._gate.close()
        await self._session.close()

    async def send(self, request: Request) -> Answer:
        """Send a request, again where that may help, and return the answer whatever its status.

        Raises:
            SourceError: No complete answer came (timeout, connect, tls, too_large, decode), or the
                answer points elsewhere (redirect).
        """
        if not request.repeatable:
            return await self._attempt(request)
        failure = ""
        try:
            async for attempt in stamina.retry_context(
                on=self._pause_before_retry,
                attempts=ATTEMPTS,
                timeout=None,
                wait_initial=0.5,
                wait_max=LONGEST_PAUSE,
            ):
                if attempt.num > 1:
                    self._observer.retry(failure)
                with attempt:
                    try:
                        return await self._attempt(request)
                    except (SourceError, _RetriedStatusError) as error:
                        failure = error.reason
                        raise
        except _RetriedStatusError as error:
            return error.answer
        raise AssertionError("unreachable: an attempt returns or raises")

    def _pause_before_retry(self, error: Exception) -> bool | float:
        """Decide whether and when to send again; a number is the pause in seconds."""
        if isinstance(error, _RetriedStatusError):
            if error.wait is not None and error.wait > LONGEST_PAUSE:
                return False
            return True if error.wait is None else error.wait
        lost = Reason.CONNECT, Reason.TIMEOUT
        return isinstance(error, SourceError) and error.reason in lost

    async def _attempt(self, request: Request) -> Answer:
        async with self._gate.turn():
            answer = await self._observed(request)
        if 300 <= answer.status < 400:
            raise SourceError(
                Reason.REDIRECT,
                f"{request.endpoint}: the answer is a redirect ({answer.status}), which is not "
                "followed, because it could carry the credential to another host: set the API's "
                "final address",
                status=answer.status,
            )
        if request.repeatable and answer.status in RETRIED_STATUSES:
            raise _RetriedStatusError(answer, retry_after(answer, self._clock.wall()))
        return answer

    async def _observed(self, request: Request) -> Answer:
        if (run := errand.get()) is not None:
            run.calls += 1
        started = self._clock.monotonic()
        meter = _Meter(self._settings.max_response_bytes)
        code = "error"
        try:
            limit = self._settings.timeout
            async with _understood(request, limit), asyncio.timeout(limit):
                answer = await self._exchange(request, meter)
            code = str(answer.status)
            self._show(request, answer)
            return answer
        finally:
            elapsed = self._clock.monotonic() - started
            self._observer.request(request.endpoint, code, elapsed, meter.received)

    def _show(self, request: Request, answer: Answer) -> None:
        if not request.private:
            self._observer.exchange(
                Exchange(
                    request.endpoint,
                    request.method,
                    request.url,
                    request.body,
                    answer.status,
                    answer.headers,
                    answer.body,
                )
            )

    async def _exchange(self, request: Request, meter: "_Meter") -> Answer:
        proxy = self._settings.proxy
        async with self._session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=request.headers,
            data=request.body,
            allow_redirects=False,
            server_hostname=self._settings.server_name,
            proxy=proxy.get_secret_value() if proxy else None,
        ) as response:
            encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
            body = await meter.read(response.content, encoding)
            return Answer(status=response.status, headers=response.headers, body=body)


class _Meter:
    """Reads one body under a limit that holds after decompression."""

    def __init__(self, limit: int) -> None:
        self.received = 0
        self._limit = limit

    async def read(self, stream: aiohttp.StreamReader, encoding: str) -> bytes:
        """Return the whole body.

        Raises:
            SourceError: It is larger than allowed, or compressed in a way that cannot be read.
        """
        if encoding in ("identity", ""):
            return b"".join([chunk async for chunk in self._chunks(stream)])
        if encoding not in ("gzip", "x-gzip"):
            raise SourceError(
                Reason.DECODE, f"the answer is compressed with {encoding[:32]!r}, not gzip"
            )
        return await self._gunzipped(stream)

    async def _chunks(self, stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
        async for chunk in stream.iter_chunked(_CHUNK):
            self.received += len(chunk)
            if self.received > self._limit:
                raise self._too_large()
            yield chunk

    async def _gunzipped(self, stream: aiohttp.StreamReader) -> bytes:
        inflate = isal_zlib.decompressobj(wbits=31)
        parts: list[bytes] = []
        room = self._limit
        async for chunk in self._chunks(stream):
            # An answer may be made of several members, and be padded with zeros.
            data = chunk.lstrip(b"\0") if inflate.eof else chunk
            while data:
                if inflate.eof:
                    inflate = isal_zlib.decompressobj(wbits=31)
                try:
                    part = inflate.decompress(data, room + 1)
                except _CorruptGzip:
                    raise SourceError(Reason.DECODE, "the answer is not valid gzip") from None
                room -= len(part)
                if room < 0:
                    raise self._too_large()
                parts.append(part)
                ended = inflate.eof
                data = inflate.unused_data.lstrip(b"\0") if ended else inflate.unconsumed_tail
        if not inflate.eof and self.received:
            raise SourceError(Reason.DECODE, "the compressed answer ends too early")
        return b"".join(parts)

    def _too_large(self) -> SourceError:
        return SourceError(
            Reason.TOO_LARGE,
            f"the answer is larger than {self._limit} bytes; if that is right, raise "
            "http.max_response_bytes",
        )


@asynccontextmanager
async def _understood(request: Request, timeout: float) -> AsyncIterator[None]:
    """Turn whatever the HTTP library raises into a `SourceError` that names the call."""
    where = f"{request.endpoint} at {URL(request.url).host}"
    try:
        yield
    except SourceError as error:
        raise SourceError(error.reason, f"{request.endpoint}: {error.message}") from None
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
