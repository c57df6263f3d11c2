"""How is a token obtained, and what happens when the login is refused?

Both endpoints, the legacy SSO and that of a workspace, take the same OAuth2 form. A refused login
is remembered for a while: repeating it would change nothing, and could lock the API client.
"""

import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from exporter.clock import Clock
from exporter.config.files import SecretUnreadableError
from exporter.errors import LoginError, Reason, SourceError, reason_of_status
from exporter.sources.com.refusals import refusal_from
from exporter.sources.com.settings import ComSettings
from exporter.sources.com.words import amount
from exporter.sources.observer import ApiObserver
from exporter.sources.records import decode
from exporter.sources.redaction import PAIR, basic
from exporter.sources.retry_after import retry_after
from exporter.sources.transport import Answer, Request, Transport

ENDPOINT = "token"
DEFAULT_LIFETIME = 900.0
"""Seconds: the shorter of the two endpoints' lifetimes, for an answer without `expires_in`."""
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 600.0
"""Seconds for which a refusal is remembered: the first, doubling up to the longest."""
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

    text: str = field(repr=False)
    lifetime: float
    """Seconds from the login on."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A login that was refused, and until when (monotonic seconds) that stands."""

    error: SourceError
    digest: bytes = field(repr=False)
    pause: float
    until: float


class _TokenBody(msgspec.Struct):
    access_token: object = None
    expires_in: object = None


class _RefusalBody(msgspec.Struct):
    error: object = None


_token_body = msgspec.json.Decoder(_TokenBody)
_refusal_body = msgspec.json.Decoder(_RefusalBody)


class Login:
    """Logs one source in."""

    def __init__(
        self, settings: ComSettings, transport: Transport, clock: Clock, observer: ApiObserver
    ) -> None:
        """Remember how; nothing is sent yet."""
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._observer = observer
        self._refusal: _Refusal | None = None
        self.secret = ""
        """What the last login was tried with."""

    async def token(self) -> Token:
        """Log in with the secret as it is now.

        Raises:
            LoginError: auth or forbidden, also without a call while an earlier refusal of the same
                secret stands; empty, if the answer has no token; else as the call failed.
        """
        secret = await self._secret()
        self._transport.redactor.learn("secret", secret)
        self._transport.redactor.learn(PAIR, basic(self._settings.client_id, secret))
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        self._respect_refusal(digest)
        try:
            answer = await self._transport.send(self._request(secret))
            token = self._token(answer)
            self._transport.redactor.learn("token", token.text)
        except SourceError as error:
            self._observer.login(ok=False)
            self._remember(error, digest)
            raise LoginError.of(error) from error
        self._refusal = None
        self._observer.login(ok=True)
        self._observer.token_expiry(self._clock.wall() + token.lifetime)
        return token

    async def _secret(self) -> str:
        try:
            self.secret = await self._settings.secret.read_async()
        except SecretUnreadableError as error:
            raise LoginError(Reason.AUTH, f"cannot log in: {error}") from None
        return self.secret

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

    def _token(self, answer: Answer) -> Token:
        if not answer.ok:
            raise self._refused(answer)
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
        return Token(text, _lifetime(body.expires_in))

    def _refused(self, answer: Answer) -> LoginError:
        status = answer.status
        words = _oauth_error(answer.body) or refusal_from(answer.body, (self.secret,)).text
        hint = HINTS.get(status, "the login service has trouble" if status >= 500 else "")
        return LoginError(
            Reason.AUTH if status == 400 else reason_of_status(status),
            f"the login was refused with HTTP {status}"
            + (f" ({words})" if words else "")
            + (f": {hint}" if hint else ""),
            status=status,
            retry_after=retry_after(answer, self._clock.wall()),
        )

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

    def _remember(self, error: SourceError, digest: bytes) -> None:
        if error.reason not in (Reason.AUTH, Reason.FORBIDDEN):
            return
        pause = min(self._refusal.pause * 2, LONGEST_PAUSE) if self._refusal else FIRST_PAUSE
        self._refusal = _Refusal(error, digest, pause, self._clock.monotonic() + pause)


def _lifetime(value: object) -> float:
    """Read `expires_in`: seconds, as a number or its text."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        value = int(value)
    return amount(value) or DEFAULT_LIFETIME


def _oauth_error(body: bytes) -> str:
    try:
        word = _refusal_body.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return word if isinstance(word, str) and word in OAUTH_ERRORS else ""
