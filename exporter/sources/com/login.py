"""The token of a COM source.

Both endpoints, the legacy SSO and that of a workspace, take the same OAuth2 form.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from exporter.clock import Clock
from exporter.errors import LoginError, Reason
from exporter.sources.com.refusals import refusal_from
from exporter.sources.com.settings import ComSettings
from exporter.sources.com.vocabulary import amount
from exporter.sources.login import Login, SharedSession
from exporter.sources.observer import ApiObserver
from exporter.sources.records import decode
from exporter.sources.refusals import decoded, refused_login
from exporter.sources.transport import Answer, Request, Transport

ENDPOINT = "token"
DEFAULT_LIFETIME = 900.0
"""Seconds: the shorter of the two endpoints' lifetimes, for an answer without `expires_in`."""
MARGIN = 60.0
"""Seconds before its end at which a token is no longer used."""
CREDENTIAL = "check client_id and client_secret, and that the API client still exists"
HINTS = {
    400: CREDENTIAL + "; with workspace_id, also that it is the client's own workspace",
    401: CREDENTIAL,
    403: "the API client may not log in here; check its workspace and the roles of its user",
    404: "there is no such token endpoint; check workspace_id or token_url",
    429: "too many logins; do other programs use the same API client?",
    451: "the account is blocked; ask HPE support",
}
OAUTH_ERRORS = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""The only words of an OAuth2 refusal that are repeated: its free text could echo the secret."""


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """What a login gives."""

    token: str = field(repr=False)
    used_until: float
    """Monotonic seconds: until shortly before it expires."""


class _TokenBody(msgspec.Struct):
    access_token: object = None
    expires_in: object = None


class _RefusalBody(msgspec.Struct):
    error: object = None


_token_body = msgspec.json.Decoder(_TokenBody)
_refusal_body = msgspec.json.Decoder(_RefusalBody)


class Tokens(SharedSession[Token]):
    """The token of one source: obtained once, used until it is about to expire."""

    def __init__(
        self, settings: ComSettings, transport: Transport, clock: Clock, observer: ApiObserver
    ) -> None:
        """Take the means; nothing is sent yet."""
        self._settings = settings
        self._transport = transport
        self._observer = observer
        self._login = Login(settings, settings.client_id, transport, clock, observer, self._obtain)
        super().__init__(self._login.log_in, clock)

    @property
    def secret(self) -> str:
        """What the last login was tried with, and an API could repeat."""
        return self._login.secret

    async def _obtain(self, secret: str) -> Token:
        began = self._clock.monotonic()
        answer = await self._transport.send(self._request(secret))
        if not answer.ok:
            raise self._refused(answer, secret)
        token, lifetime = _token(answer)
        self._observer.token_expiry(self._clock.wall() + lifetime)
        # A token that lives hardly longer than the margin is used for half of its life.
        return Token(token, began + max(lifetime - MARGIN, lifetime / 2))

    def _request(self, secret: str) -> Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": secret,
        }
        return Request(
            method="POST",
            url=self._settings.token_address,
            endpoint=ENDPOINT,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            body=urlencode(form, errors="surrogatepass").encode("ascii"),
            private=True,
        )

    def _refused(self, answer: Answer, secret: str) -> LoginError:
        status = answer.status
        words = _oauth_error(answer.body) or refusal_from(answer.body, (secret,)).text
        hint = HINTS.get(status, "the login service has trouble" if status >= 500 else "")
        text = f"the login was refused with HTTP {status}" + (f" ({words})" if words else "")
        return refused_login(answer, text + (f": {hint}" if hint else ""), self._clock.wall())


def _token(answer: Answer) -> tuple[str, float]:
    """Return the token of an answer, and its lifetime in seconds."""
    body = decode(answer.body, _token_body, ENDPOINT)
    text = body.access_token
    # Whatever cannot stand in a header is no token either.
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or " " in text:
        text = ""
    if not text:
        raise LoginError(
            Reason.EMPTY,
            "the login succeeded but gave no usable access_token; check that the token address "
            "is that of HPE GreenLake",
            status=answer.status,
        )
    return text, _lifetime(body.expires_in)


def _lifetime(value: object) -> float:
    """Read `expires_in`: seconds, as a number or its text."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        value = int(value)
    return amount(value) or DEFAULT_LIFETIME


def _oauth_error(body: bytes) -> str:
    found = decoded(body, _refusal_body)
    word = found.error if found else None
    return word if isinstance(word, str) and word in OAUTH_ERRORS else ""
