"""In which ways can an API let us down, and what does that mean for a poll?"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a run failed: the closed set of values of the label `reason`, and of the log field."""

    TIMEOUT = "timeout"
    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    REDIRECT = "redirect"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    DECODE = "decode"
    SCHEMA = "schema"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    INTERNAL = "internal"


class SourceError(Exception):
    """A call or a run failed in a way that we understand.

    The message names the object and says what to do; it never contains a secret.
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        retry_after: float | None = None,
        remedy: str = "",
    ) -> None:
        """Keep the facts.

        Args:
            reason: The class of the failure.
            message: One sentence for the log and the status page.
            remedy: What to do about this very case, where that is known; it follows the message.
            status: The HTTP status, where there was an answer.
            code: The API's own error code, such as `CGEN1006` (OME `MessageId`) or
                `HPE_GL_ERROR_BAD_REQUEST` (COM `errorCode`); empty where it gave none.
            retry_after: Seconds the API asks us to wait, where it said so.
        """
        self.cause = message
        self.remedy = remedy
        self.message = f"{message}; {remedy}" if remedy else message
        super().__init__(self.message)
        self.reason = reason
        self.status = status
        self.code = code
        self.words = ""
        """The API's own words without what differs between calls, printable and without secrets."""
        self.retry_after = retry_after


def refusal_text(error: SourceError) -> str:
    """Return status and words of a refusal, the same for every call; else the reason."""
    if not error.status:
        return error.reason.value
    return f"HTTP {error.status}" + (f" ({error.words})" if error.words else "")


class LoginError(SourceError):
    """The login failed: the trouble concerns every call, and no single path or device."""

    @classmethod
    def of(cls, error: SourceError) -> "LoginError":
        """Return the failure of a login request as one that concerns every call."""
        return cls(
            error.reason,
            error.cause,
            status=error.status,
            code=error.code,
            retry_after=error.retry_after,
            remedy=error.remedy,
        )


class NotAvailableError(Exception):
    """A collector has nothing to read here: its licence, plugin or permission is missing.

    That is no failure. The message names what is missing and how to get it.
    """


def reason_of_status(status: int) -> Reason:
    """Give the reason for an HTTP status that is not a success."""
    named = {401: Reason.AUTH, 403: Reason.FORBIDDEN, 429: Reason.RATE_LIMITED}
    if status in named:
        return named[status]
    if status >= 500:
        return Reason.HTTP_5XX
    return Reason.HTTP_4XX if status >= 400 else Reason.REDIRECT
