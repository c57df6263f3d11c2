"""Requests of one source, and what is allowed to come back.

One `Transport` belongs to one source. It knows no vendor: it bounds time, size, concurrency and
rate, refuses redirects and repeats what may be repeated; whatever goes wrong on the wire is a
`SourceError`. Other statuses are the business of the vendor's client.
"""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import stamina
from yarl import URL

from exporter import __version__
from exporter.clock import Clock
from exporter.config.source import HttpSettings
from exporter.errors import Reason, SourceError
from exporter.sources.body import (
    TAKES_TURNS,
    Meter,
    Reservation,
    ResponseMemory,
    SourceMemory,
)
from exporter.sources.diagnosis import misdirected, understood
from exporter.sources.gate import Gate, errand
from exporter.sources.headers import deprecation_from, retry_after
from exporter.sources.observer import ApiObserver, Exchange
from exporter.sources.redaction import Redactor, basic, redactor
from exporter.sources.target import Target, tracing
from exporter.sources.tls import context_for

USER_AGENT = f"serverfleet-exporter/{__version__}"
ATTEMPTS = 3
LONGEST_PAUSE = 10.0
"""Seconds: a longer wait that an API asks for is left to the scheduler."""
LONGEST_SMALL = 2**18
"""Bytes of a login's answer, and of an error: whatever one says fits in much less."""
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})

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
    """Empty where an error has a body of more than `LONGEST_SMALL`."""
    reservation: Reservation | None = field(default=None, repr=False)
    """What a large body holds until it is mapped; see `Transport.mapping`."""

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return is_success(self.status)

    def release(self) -> None:
        """Return the memory that the body holds; it has to be mapped before the next wait."""
        if self.reservation is not None:
            self.reservation.release()


def is_success(status: int) -> bool:
    """Return whether a status says success."""
    return 200 <= status < 300


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
        memory: ResponseMemory | None = None,
    ) -> None:
        """Prepare the connections; none is opened yet.

        Args:
            settings: Limits, TLS and proxy.
            clock: Time for durations and for the rate limit.
            observer: Told about every request.
            keepalive: Seconds for which an idle connection is kept.
            memory: What large answers share with those of other sources; None: with no other.
        """
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self.redactor = Redactor(_secrets_in(settings))
        """Hides the secrets of the source in what is read of its answers."""
        self._memory = SourceMemory(memory or ResponseMemory(), settings.max_response_bytes)
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
            trace_configs=[tracing()],
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
                answer points elsewhere (redirect), or is that of another than the API.
        """
        redactor.set(self.redactor)
        answer = await self._sent(request)
        error = misdirected(
            request.endpoint, self._target(request), answer.status, answer.headers, answer.body
        )
        if error:
            raise error
        return answer

    async def _sent(self, request: Request) -> Answer:
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

    @asynccontextmanager
    async def mapping(self, answer: Answer) -> AsyncIterator[bytes]:
        """Yield the body of an answer while it is mapped in slices; its memory is free afterwards.

        A caller that maps it without waiting for anything needs `release` alone.
        """
        try:
            if len(answer.body) < TAKES_TURNS:
                yield answer.body
            else:
                async with self._memory.turn:
                    yield answer.body
        finally:
            answer.release()

    def _pause_before_retry(self, error: Exception) -> bool | float:
        """Decide whether and when to send again; a number is the pause in seconds."""
        if isinstance(error, _RetriedStatusError):
            if error.wait is not None and error.wait > LONGEST_PAUSE:
                return False
            return True if error.wait is None else error.wait
        lost = Reason.CONNECT, Reason.TIMEOUT
        # A proxy that wants another password does so the next time too, and may lock the account.
        is_login = getattr(error.__cause__, "status", None) == 407
        return isinstance(error, SourceError) and error.reason in lost and not is_login

    def _target(self, request: Request) -> Target:
        return Target(URL(request.url, encoded=True), self._settings)

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
        meter = Meter(self._settings.max_response_bytes, self._memory)
        code = "error"
        try:
            limit, target = self._settings.timeout, self._target(request)
            async with (
                understood(request.endpoint, target, limit, self._clock.wall),
                asyncio.timeout(limit),
            ):
                answer = await self._exchange(request, meter)
            code = str(answer.status)
            self._show(request, answer)
            announced = deprecation_from(answer.headers)
            if announced or answer.ok:
                # A gateway's own error has none of the endpoint's headers.
                self._observer.deprecation(request.endpoint, announced)
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

    async def _exchange(self, request: Request, meter: Meter) -> Answer:
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
            body = await self._body(request, response, meter)
            return Answer(response.status, response.headers, body, meter.reservation)

    async def _body(
        self, request: Request, response: aiohttp.ClientResponse, meter: Meter
    ) -> bytes:
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        succeeded = is_success(response.status)
        if request.private or not succeeded:
            meter.limit = min(meter.limit, LONGEST_SMALL)
        try:
            return (await meter.read(response.content, encoding)).removeprefix(BOM_UTF8)
        except BaseException as error:
            if meter.reservation is not None:
                meter.reservation.release()
            if not succeeded and getattr(error, "reason", None) is Reason.TOO_LARGE:
                # The status says more than the size.
                return b""
            raise


def _secrets_in(settings: HttpSettings) -> list[str]:
    """Return the secrets of the proxy's address."""
    url = URL(settings.proxy.get_secret_value()) if settings.proxy else URL()
    return [url.password, basic(url.user or "", url.password)] if url.password else []
