"""Refusals of an API: its own words in the body of an error, and the errors that they become."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from exporter.errors import LoginError, NotAvailableError, Reason, SourceError, reason_of_status
from exporter.sources.headers import retry_after
from exporter.sources.text import LONGEST, clean, concealed
from exporter.sources.transport import Answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error answer says: each part is one bounded line, empty where it is missing."""

    code: str = ""
    """Such as `CGEN1001` or `HPE_GL_ERROR_BAD_REQUEST`."""
    message: str = ""
    issues: str = ""
    """What is wrong with the request, such as `limit: limit must be at most 500`."""
    debug_id: str = ""

    @property
    def text(self) -> str:
        """All parts, the debug id last."""
        debug_id = f"debugId {self.debug_id}" if self.debug_id else ""
        return ": ".join(filter(None, (self.words, debug_id)))

    @property
    def words(self) -> str:
        """What is the same for every call; the debug id is another each time."""
        return ": ".join(filter(None, (self.code, self.message, self.issues)))


def decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T | None:
    """Decode the body of an error; None where it is of another shape, or no JSON."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def quoted(word: object, secrets: Iterable[str], longest: int = LONGEST) -> str:
    """Return a text of an error without secrets, on one line and bounded; else an empty string."""
    return clean(concealed(word, secrets))[:longest] if isinstance(word, str) else ""


def refused(
    answer: Answer, said: Refusal, text: str, now: float, kind: type[SourceError] = SourceError
) -> SourceError:
    """Return the error of a call that was refused.

    Args:
        answer: The answer; one with a success status is an error all the same (`schema`).
        said: What it says.
        text: The message of the error.
        now: Unix seconds, for dates in `Retry-After`.
        kind: The class of the error.
    """
    error = kind(
        Reason.SCHEMA if answer.ok else reason_of_status(answer.status),
        text,
        status=answer.status,
        code=said.code,
        retry_after=retry_after(answer, now),
    )
    error.words = said.words
    return error


def reason_of_login(status: int) -> Reason:
    """Return the reason for a login that was refused; 400 is an answer to a wrong credential."""
    return Reason.AUTH if status == 400 else reason_of_status(status)


def refused_login(answer: Answer, text: str, now: float) -> LoginError:
    """Return the error of a login that was refused; arguments as for `refused`."""
    return LoginError(
        reason_of_login(answer.status),
        text,
        status=answer.status,
        retry_after=retry_after(answer, now),
    )


@contextmanager
def unless_missing(absence: Callable[[SourceError], str]) -> Iterator[None]:
    """Turn refusals of the calls in the block into "not available".

    Args:
        absence: Says in a sentence what a refusal shows to be missing; empty where nothing is.
            It is not asked about a failed login, which concerns every call.

    Raises:
        NotAvailableError: Something is missing.
        SourceError: A call failed in another way.
    """
    try:
        yield
    except SourceError as error:
        missing = "" if isinstance(error, LoginError) else absence(error)
        if missing:
            raise NotAvailableError(missing) from error
        raise
