"""The session of an OpenManage Enterprise source.

An appliance limits the sessions of a user, so there is one for the whole source, and it is logged
out at the end. A login that may have arrived is not repeated.
"""

import asyncio
import math
import re
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from exporter.clock import Clock
from exporter.errors import LoginError, Reason, SourceError
from exporter.sources.login import Login, SharedSession
from exporter.sources.observer import ApiObserver
from exporter.sources.ome.refusals import refusal_from
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.refusals import Refusal, reason_of_login, refused_login
from exporter.sources.transport import Answer, Request, Transport

SESSIONS = "SessionService/Sessions"
SESSION = "SessionService/Sessions(id)"
TOKEN_HEADER = "X-Auth-Token"  # noqa: S105 - the name of a header
TOO_MANY_SESSIONS = "CURS1209"
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


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What a login gives."""

    token: str = field(repr=False)
    id: str
    """Empty where the appliance gave none that could be used: it cannot be logged out then."""
    used_until: float = math.inf
    """The appliance ends a session that is idle, and says so by a refusal."""


class _Body(msgspec.Struct, rename="pascal"):
    id: str | None = None


_body = msgspec.json.Decoder(_Body)


class OmeSession(SharedSession[Session]):
    """The one session of a source."""

    def __init__(
        self, settings: OmeSettings, transport: Transport, clock: Clock, observer: ApiObserver
    ) -> None:
        """Prepare a session; nobody logs in yet."""
        self._settings = settings
        self._transport = transport
        self._login = Login(settings, settings.username, transport, clock, observer, self._open_one)
        self._refused: Session | None = None
        super().__init__(self._login.log_in, clock)

    @property
    def secrets(self) -> list[str]:
        """Whatever the appliance was sent to log in and could repeat."""
        session = self._current
        return [each for each in (self._login.secret, session and session.id) if each]

    async def after_refusal(self, refused: Session) -> Session:
        """Return another session; the refused one is logged out, should it still be open."""
        if self._current is refused:
            self._refused = refused
        return await super().after_refusal(refused)

    async def log_out(self) -> None:
        """Log out, also of a session whose login is still under way; never raises."""
        await self._end(await self.close(LOGIN_GRACE))

    async def _open_one(self, secret: str) -> Session:
        # Most often it has ended. If only one resource refuses it, it would stay open for 30 min.
        refused, self._refused = self._refused, None
        await self._end(refused)
        answer = await self._transport.send(self._login_request(secret))
        return self._session_from(answer, secret)

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

    def _session_from(self, answer: Answer, secret: str) -> Session:
        if not answer.ok:
            raise _refused(answer, refusal_from(answer.body, [secret]), self._clock.wall())
        token = answer.headers.get(TOKEN_HEADER, "").strip()
        if not _TOKEN.fullmatch(token):
            raise LoginError(
                Reason.EMPTY,
                f"{SESSIONS}: the login gave no {TOKEN_HEADER}; {OTHER_HINT}",
                status=answer.status,
            )
        return Session(token, _session_id(answer))

    async def _end(self, session: Session | None) -> None:
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


def _refused(answer: Answer, said: Refusal, now: float) -> LoginError:
    hint = HINTS.get(reason_of_login(answer.status), OTHER_HINT)
    if said.code == TOO_MANY_SESSIONS:
        hint = (
            "the appliance limits the sessions of a user: give the exporter a user of its own, "
            "raise the limit, or wait until idle sessions end (after 30 min by default)"
        )
    words = f", {said.words}" if said.words else ""
    text = f"{SESSIONS}: the login was refused (HTTP {answer.status}{words}); {hint}"
    return refused_login(answer, text, now)


def _session_id(answer: Answer) -> str:
    """Read the session's id from the body's `Id`, else from `Location`."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _body.decode(answer.body).id or ""
        if _ID.fullmatch(found):
            return found
    location = _LOCATION.search(answer.headers.get("Location", ""))
    return location[1] if location else ""
