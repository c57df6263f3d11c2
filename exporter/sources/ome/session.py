"""How do we log in to an appliance once, and out again?

An appliance limits the sessions of a user and locks accounts out. So there is one session for the
whole source, one login at a time, no repetition of a login that may have arrived, and no new
attempt shortly after a refused one.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from exporter.clock import Clock
from exporter.config.files import SecretUnreadableError
from exporter.errors import LoginError, Reason, SourceError, reason_of_status
from exporter.sources.observer import ApiObserver
from exporter.sources.ome.envelope import Complaint, complaint_of
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.redaction import PAIR, basic
from exporter.sources.retry_after import retry_after
from exporter.sources.transport import Answer, Request, Transport

SESSIONS = "SessionService/Sessions"
SESSION = "SessionService/Sessions(id)"
TOKEN_HEADER = "X-Auth-Token"  # noqa: S105 - the name of a header
TOO_MANY_SESSIONS = "CURS1209"
SHORTEST_REFUSAL = 30.0
LONGEST_REFUSAL = 600.0
LOGOUT_TIMEOUT = 0.7
LOGIN_GRACE = 0.7
"""Seconds that a login on its way gets to end when the source is closed: until then nobody knows
the session that has to be logged out."""

HINTS = {
    Reason.AUTH: "check username and password",
    Reason.FORBIDDEN: "give the user a role that may use the API, such as VIEWER",
    Reason.RATE_LIMITED: "the appliance asks for fewer logins",
    Reason.HTTP_5XX: "the appliance cannot take logins now; look at its own state",
}
OTHER_HINT = "is url the address of an OpenManage Enterprise appliance?"

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_LOCATION = re.compile(r"Sessions\('([0-9A-Za-z-]{1,64})'\)")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True)
class _Session:
    token: str = field(repr=False)
    id: str
    """Empty where the appliance gave none that could be used: it cannot be logged out then."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: LoginError
    secret: str = field(repr=False)
    until: float
    pause: float


class _Body(msgspec.Struct, rename="pascal"):
    id: str | None = None


_body = msgspec.json.Decoder(_Body)


class OmeSession:
    """The one session of a source."""

    def __init__(
        self, settings: OmeSettings, transport: Transport, clock: Clock, observer: ApiObserver
    ) -> None:
        """Prepare a session; nobody logs in yet."""
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._observer = observer
        self._current: _Session | None = None
        self._refused: _Session | None = None
        self._login: asyncio.Task[_Session] | None = None
        self._refusal: _Refusal | None = None
        self._closed = False
        self._password = ""

    @property
    def secrets(self) -> list[str]:
        """Whatever the appliance was sent to log in and could repeat."""
        return [secret for secret in (self._password, self._current and self._current.id) if secret]

    async def token(self) -> str:
        """Return the token of the session, after a login where there is none.

        Callers that come while a login is on its way share its outcome.

        Raises:
            SourceError: The login failed or was refused a short while ago, or the source is closed.
        """
        if self._closed:
            raise SourceError(Reason.INTERNAL, "the source is closed")
        if self._current is None:
            return (await asyncio.shield(self._login_on_its_way())).token
        return self._current.token

    def forget(self, token: str) -> None:
        """Drop a session that the appliance no longer accepts, unless it is replaced already."""
        if self._current is not None and self._current.token == token:
            self._refused, self._current = self._current, None

    async def close(self) -> None:
        """Log out, also of a session whose login is still on its way; never raises."""
        self._closed = True
        if self._login is not None:
            await asyncio.wait({self._login}, timeout=LOGIN_GRACE)
        if self._login is not None:
            self._login.cancel()
        session, self._current = self._current, None
        await self._log_out(session)

    def _login_on_its_way(self) -> "asyncio.Task[_Session]":
        if self._login is None:
            self._login = asyncio.ensure_future(self._log_in())
            self._login.add_done_callback(self._login_ended)
        return self._login

    def _login_ended(self, task: "asyncio.Task[_Session]") -> None:
        self._login = None
        # Asking for the exception keeps asyncio silent where every caller has been cancelled.
        if not task.cancelled() and task.exception() is None:
            self._current = task.result()

    async def _log_in(self) -> _Session:
        secret = await self._secret()
        redactor = self._transport.redactor
        redactor.learn("secret", secret)
        redactor.learn(PAIR, basic(self._settings.username, secret))
        self._raise_remembered(secret)
        # Most often it has ended. If only one resource refuses it, it would stay open for 30 min.
        refused, self._refused = self._refused, None
        await self._log_out(refused)
        try:
            answer = await self._transport.send(self._login_request(secret))
            session = self._session_from(answer, secret)
            redactor.learn("token", session.token)
        except SourceError as error:
            self._observer.login(ok=False)
            self._remember(error, secret)
            raise LoginError.of(error) from error
        self._observer.login(ok=True)
        self._refusal = None
        return session

    async def _secret(self) -> str:
        try:
            self._password = await self._settings.secret.read_async()
        except SecretUnreadableError as error:
            raise LoginError(Reason.AUTH, f"{SESSIONS}: {error}") from None
        return self._password

    def _login_request(self, secret: str) -> Request:
        credentials = {
            "UserName": self._settings.username,
            "Password": secret,
            "SessionType": "API",
        }
        return Request(
            method="POST",
            url=f"{self._settings.api}/api/{SESSIONS}",
            endpoint=SESSIONS,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=msgspec.json.encode(credentials),
            repeatable=False,
            private=True,
        )

    def _session_from(self, answer: Answer, secret: str) -> _Session:
        if not answer.ok:
            raise _refused(answer, complaint_of(answer.body, [secret]), self._clock.wall())
        token = answer.headers.get(TOKEN_HEADER, "").strip()
        if not _TOKEN.fullmatch(token):
            raise LoginError(
                Reason.EMPTY,
                f"{SESSIONS}: the login gave no {TOKEN_HEADER}; {OTHER_HINT}",
                status=answer.status,
            )
        return _Session(token, _session_id(answer))

    def _raise_remembered(self, secret: str) -> None:
        refusal = self._refusal
        if refusal is None or refusal.secret != secret:
            self._refusal = None
        elif self._clock.monotonic() < refusal.until:
            error = refusal.error
            raise LoginError(error.reason, error.message, status=error.status)

    def _remember(self, error: SourceError, secret: str) -> None:
        if not isinstance(error, LoginError) or error.reason not in (Reason.AUTH, Reason.FORBIDDEN):
            return
        former = self._refusal
        pause = min(2 * former.pause, LONGEST_REFUSAL) if former else SHORTEST_REFUSAL
        self._refusal = _Refusal(error, secret, self._clock.monotonic() + pause, pause)

    async def _log_out(self, session: _Session | None) -> None:
        if session is None or not session.id:
            return
        request = Request(
            method="DELETE",
            url=f"{self._settings.api}/api/{SESSIONS}('{session.id}')",
            endpoint=SESSION,
            headers={TOKEN_HEADER: session.token},
            repeatable=False,
            private=True,
        )
        with suppress(SourceError, TimeoutError):
            async with asyncio.timeout(LOGOUT_TIMEOUT):
                await self._transport.send(request)


def _refused(answer: Answer, complaint: Complaint, now: float) -> LoginError:
    reason = Reason.AUTH if answer.status == 400 else reason_of_status(answer.status)
    hint = HINTS.get(reason, OTHER_HINT)
    if complaint.id == TOO_MANY_SESSIONS:
        hint = (
            "the appliance limits the sessions of a user: give the exporter a user of its own, "
            "raise the limit, or wait until idle sessions end (after 30 min by default)"
        )
    said = f", {complaint}" if str(complaint) else ""
    return LoginError(
        reason,
        f"{SESSIONS}: the login was refused (HTTP {answer.status}{said}); {hint}",
        status=answer.status,
        retry_after=retry_after(answer, now),
    )


def _session_id(answer: Answer) -> str:
    """Read the session's id from the body's `Id`, else from `Location`."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _body.decode(answer.body).id or ""
        if _ID.fullmatch(found):
            return found
    location = _LOCATION.search(answer.headers.get("Location", ""))
    return location[1] if location else ""
