"""Who may ask OME? Sessions with a token: a limited number a user, gone when idle."""

import binascii
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any, Final

import msgspec
from aiohttp import BasicAuth, web

from exporter.simulators.answer import Answer
from exporter.simulators.ome.appliance import appliance_time
from exporter.simulators.ome.envelope import RefusalError, reply

PATH: Final = "/api/SessionService/Sessions"
MAX_SESSIONS: Final = 100
IDLE_TIMEOUT: Final = 1800.0
"""Both are settings of an appliance; these are the usual ones."""

_KEYS: Final = {"UserName", "Password", "SessionType"}


@dataclass(frozen=True, slots=True)
class OmeCredentials:
    """A user of the appliance."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """One login; times are Unix seconds."""

    id: str
    user: str
    address: str
    started: float
    used: float


class Sessions:
    """The sessions now open."""

    def __init__(self, credentials: OmeCredentials, clock: Callable[[], float]) -> None:
        """Accept one user."""
        self.credentials = credentials
        self.idle_timeout = IDLE_TIMEOUT
        self.max_sessions = MAX_SESSIONS
        self._clock = clock
        self._open: dict[str, Session] = {}

    def rotate(self, password: str) -> None:
        """Change the user's password; open sessions stay open."""
        self.credentials = replace(self.credentials, password=password)

    def expire_all(self) -> None:
        """End every session, as a restart of the appliance does."""
        self._open.clear()

    @property
    def count(self) -> int:
        """How many sessions are open."""
        self._drop_idle()
        return len(self._open)

    def check(self, request: web.Request) -> None:
        """Let a request pass that carries a session's token, or the user's name and password.

        Raises:
            RefusalError: It carries neither, 401 CGEN1001.
        """
        self._drop_idle()
        token = request.headers.get("X-Auth-Token", "")
        session = self._open.get(token)
        if session is not None:
            self._open[token] = replace(session, used=self._clock())
        elif not self._is_basic(request.headers.get("Authorization")):
            raise RefusalError(401, "CGEN1001")

    async def create(self, request: web.Request, zone: tzinfo) -> Answer:
        """Answer a login.

        Raises:
            RefusalError: The body is not what it must be (400), the credentials are wrong (401),
                or too many sessions are open (CURS1209).
        """
        wish = await _wish_of(request)
        mine = self.credentials
        if (wish["UserName"], wish["Password"]) != (mine.username, mine.password):
            raise RefusalError(401, "CGEN1001")
        self._drop_idle()
        if len(self._open) >= self.max_sessions:
            raise RefusalError(400, "CURS1209")
        token, now = str(uuid.uuid4()), self._clock()
        session = Session(str(uuid.uuid4()), mine.username, request.remote or "", now, now)
        self._open[token] = session
        location = f"{PATH}('{session.id}')"
        headers = {"X-Auth-Token": token, "Location": location}
        return reply(_document(session, zone), status=201, **headers)

    def delete(self, session_id: str) -> web.Response:
        """Answer a logout.

        Raises:
            RefusalError: No session has this id, 404.
        """
        for token, session in self._open.items():
            if session.id == session_id:
                del self._open[token]
                return web.Response(status=204)
        raise RefusalError(404, "CGEN1006")

    def _drop_idle(self) -> None:
        limit = self._clock() - self.idle_timeout
        if any(session.used <= limit for session in self._open.values()):
            self._open = {key: each for key, each in self._open.items() if each.used > limit}

    def _is_basic(self, header: str | None) -> bool:
        if header is None:
            return False
        try:
            given = BasicAuth.decode(header, encoding="utf-8")
        except (ValueError, binascii.Error):
            return False
        same_user = given.login == self.credentials.username
        return same_user and secrets.compare_digest(
            given.password.encode(), self.credentials.password.encode()
        )


async def _wish_of(request: web.Request) -> dict[str, str]:
    if request.content_type != "application/json":
        raise RefusalError(415, "CGEN1002")
    try:
        wish = msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        raise RefusalError(400, "CGEN1002") from None
    if not isinstance(wish, dict) or set(wish) != _KEYS or wish["SessionType"] != "API":
        raise RefusalError(400, "CGEN1002")
    return wish


def _document(session: Session, zone: tzinfo) -> dict[str, Any]:
    return {
        "Id": session.id,
        "Description": session.user,
        "Name": "API",
        "UserName": session.user,
        "UserId": 10078,
        "Password": None,
        "Roles": ["VIEWER"],
        "IpAddress": session.address,
        "StartTimeStamp": appliance_time(session.started, zone),
        "LastAccessedTimeStamp": appliance_time(session.used, zone),
        "DirectoryGroup": [],
    }


CONFIGURATION: Final = [
    {
        "@odata.type": "#SessionService.SessionConfiguration",
        "SessionType": kind,
        "MaxSessions": most,
        "SessionTimeout": timeout,
        "MinSessionTimeout": 60000 if most else -1,
        "MaxSessionTimeout": 86400000,
        "MinSessionsAllowed": 1 if most else 0,
        "MaxSessionsAllowed": 100 if most else 0,
        "MaxSessionsConfigurable": bool(most),
        "SessionTimeoutConfigurable": True,
    }
    for kind, most, timeout in (
        ("GUI", 6, 1800000), ("API", 100, 1800000), ("UniversalTimeout", 0, -1),
    )
]  # fmt: skip
"""What `SessionConfiguration` lists; timeouts in milliseconds."""
