"""Logging in to an API: one login at a time, and not soon again after a refused one.

An API limits the sessions of a user, and locks accounts out. So all calls of a source share one
session, callers that come while a login is under way share its outcome, and a refused login is
remembered: repeating it would change nothing.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from exporter.clock import Clock
from exporter.config.files import SecretUnreadableError
from exporter.config.source import SourceSettings
from exporter.errors import LoginError, Reason, SourceError
from exporter.sources.observer import ApiObserver
from exporter.sources.redaction import PAIR, basic
from exporter.sources.transport import Answer, Transport

FIRST_PAUSE = 30.0
LONGEST_PAUSE = 600.0
"""Seconds for which a refusal is remembered: the first, doubling up to the longest."""


class Session(Protocol):
    """What a login gives."""

    @property
    def token(self) -> str:
        """What the calls carry."""
        ...

    @property
    def used_until(self) -> float:
        """Monotonic seconds after which calls need another one."""
        ...


S = TypeVar("S", bound=Session)
Send = Callable[[str], Awaitable[S]]
"""Sends one login with a secret; raises SourceError."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: LoginError
    digest: bytes = field(repr=False)
    pause: float
    until: float
    """Monotonic seconds."""


class Login(Generic[S]):
    """Logs one source in, with its secret as it is at that time."""

    def __init__(
        self,
        settings: SourceSettings,
        user: str,
        transport: Transport,
        clock: Clock,
        observer: ApiObserver,
        send: Send[S],
    ) -> None:
        """Take the means; nothing is sent yet."""
        self._settings = settings
        self._user = user
        self._redactor = transport.redactor
        self._clock = clock
        self._observer = observer
        self._send = send
        self._refusal: _Refusal | None = None
        self.secret = ""
        """What the last login was tried with."""

    async def log_in(self) -> S:
        """Log in.

        Raises:
            LoginError: The secret cannot be read; the login failed; or it was refused a short while
                ago with the same secret, then without a call.
        """
        try:
            self.secret = secret = await self._settings.secret.read_async()
        except SecretUnreadableError as error:
            raise LoginError(Reason.AUTH, f"cannot log in: {error}") from None
        self._redactor.learn("secret", secret)
        self._redactor.learn(PAIR, basic(self._user, secret))
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        self._respect_refusal(digest)
        try:
            session = await self._send(secret)
        except SourceError as error:
            self._observer.login(ok=False)
            failure = LoginError.of(error)
            if isinstance(error, LoginError):
                self._remember(failure, digest)
            raise failure from error
        self._redactor.learn("token", session.token)
        self._refusal = None
        self._observer.login(ok=True)
        return session

    def _respect_refusal(self, digest: bytes) -> None:
        refusal = self._refusal
        if refusal is None or refusal.digest != digest:
            self._refusal = None
        elif self._clock.monotonic() < refusal.until:
            raise LoginError(
                refusal.error.reason,
                f"{refusal.error.message} (remembered; the login is repeated within "
                f"{refusal.pause:g} s, or as soon as the secret changes)",
                status=refusal.error.status,
            )

    def _remember(self, error: LoginError, digest: bytes) -> None:
        if error.reason not in (Reason.AUTH, Reason.FORBIDDEN):
            return
        pause = min(self._refusal.pause * 2, LONGEST_PAUSE) if self._refusal else FIRST_PAUSE
        self._refusal = _Refusal(error, digest, pause, self._clock.monotonic() + pause)


class SharedSession(Generic[S]):
    """The session of one source, shared by all of its calls."""

    def __init__(self, open_: Callable[[], Awaitable[S]], clock: Clock) -> None:
        """Begin without a session.

        Args:
            open_: Logs in; raises SourceError.
            clock: Monotonic time, for sessions that end.
        """
        self._open = open_
        self._clock = clock
        self._current: S | None = None
        self._opening: asyncio.Task[S] | None = None
        self._closed = False

    async def current(self) -> S:
        """Return the session, after a login where there is none.

        Raises:
            SourceError: The login failed, or the source is closed.
        """
        if self._closed:
            raise SourceError(Reason.INTERNAL, "the source is closed")
        session = self._current
        if session is not None and self._clock.monotonic() < session.used_until:
            return session
        try:
            return await asyncio.shield(self._under_way())
        except LoginError as error:
            raise LoginError.of(error) from None  # each caller raises an exception of its own

    async def after_refusal(self, refused: S) -> S:
        """Return another session than one that the API has just refused.

        Of many calls that were refused with the same session only the first logs in.

        Raises:
            SourceError: The login failed, or the source is closed.
        """
        if self._current is refused:
            self._current = None
        return await self.current()

    async def send(self, call: Callable[[S], Awaitable[Answer]]) -> tuple[Answer, S]:
        """Send a call; one that is refused with its session (401) is sent once more with another.

        Returns:
            The answer, and the session that it was asked for with.

        Raises:
            SourceError: No answer came, the login failed, or the source is closed.
        """
        session = await self.current()
        answer = await call(session)
        if answer.status == 401:
            session = await self.after_refusal(session)
            answer = await call(session)
        return answer, session

    async def close(self, grace: float) -> S | None:
        """Return the session that has to be ended, if there is one; there is no other one later.

        Args:
            grace: Seconds that a login under way may still take: until then nobody knows its
                session.
        """
        self._closed = True
        if self._opening is not None:
            await asyncio.wait({self._opening}, timeout=grace)
        if self._opening is not None:
            self._opening.cancel()
        session, self._current = self._current, None
        return session

    def _under_way(self) -> "asyncio.Task[S]":
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
            self._opening.add_done_callback(self._opened)
        return self._opening

    def _opened(self, task: "asyncio.Task[S]") -> None:
        self._opening = None
        # Asking for the exception keeps asyncio silent where every caller has been cancelled.
        if not task.cancelled() and task.exception() is None:
            self._current = task.result()
