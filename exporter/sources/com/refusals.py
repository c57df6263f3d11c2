"""Refusals of COM or its token endpoint: what they say, and which show that a path is missing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Annotated

import msgspec

from exporter.errors import LoginError, SourceError
from exporter.sources.fields import known
from exporter.sources.refusals import Refusal, decoded, quoted, unless_missing

REMOVED = "HPE_GL_ERROR_BAD_REQUEST"
"""The `errorCode` of a path that was removed."""
LONGEST_QUOTE = 200
"""Characters of each part of the API's own words in an error."""
MOST_ISSUES = 5
HINTS = {
    401: "a fresh token is refused too; check that the API client belongs to this workspace",
    403: "give the user of the API client the role Viewer of Compute Ops Management",
    404: "there is no such path; check the region or url of this source",
    429: "raise the intervals, or set http.requests_per_minute",
    451: "the account is blocked; ask HPE support",
}


class ErrorBody(msgspec.Struct, rename="camel"):
    """What is read of an error answer; of a code that is known, the consequence differs."""

    error_code: Annotated[object, known((REMOVED,))] = None
    message: object = None
    debug_id: object = None
    error_details: object = None


_body = msgspec.json.Decoder(ErrorBody)


def refusal_from(body: bytes, secrets: Collection[str]) -> Refusal:
    """Read an error answer; a part that is missing or of another type is left out.

    Args:
        body: The body, of any shape.
        secrets: Credentials, which are redacted should the API repeat them.
    """
    error = decoded(body, _body)
    if error is None:
        return Refusal()
    message = _quoted(error.message, secrets)
    return Refusal(
        code=_quoted(error.error_code, secrets),
        message=message,
        issues="; ".join(_issues(error.error_details, message, secrets))[:LONGEST_QUOTE],
        debug_id=_quoted(error.debug_id, secrets),
    )


def _issues(details: object, message: str, secrets: Collection[str]) -> Iterator[str]:
    """Yield subject and description of each issue, without what the message already says."""
    issues = (issue for detail in _objects(details) for issue in _objects(detail.get("issues")))
    for issue in islice(issues, MOST_ISSUES):
        words = (_quoted(issue.get(key), secrets) for key in ("subject", "description"))
        if text := ": ".join(word for word in words if word and word != message):
            yield text


def _objects(value: object) -> Iterator[dict[str, object]]:
    """Yield the objects of a list, and nothing of any other value."""
    return (
        (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())
    )


def _quoted(word: object, secrets: Collection[str]) -> str:
    return quoted(word, secrets, LONGEST_QUOTE)


@contextmanager
def available(endpoint: str) -> Iterator[None]:
    """Turn the refusal of a path into "not available".

    Collectors run after the inventory has succeeded: so the credential is good, and a path that is
    forbidden lacks a permission or a licence. A beta path may be missing in a region.

    Raises:
        NotAvailableError: 403, or 404 of a beta path, or 400 with `HPE_GL_ERROR_BAD_REQUEST` of a
            beta path, which is how the gateway answers for a path that was removed; without the
            API's own words, which differ with every call.
        SourceError: Everything else.
    """
    with unless_missing(lambda error: absence(endpoint, error)):
        yield


def absence(endpoint: str, error: SourceError) -> str:
    """Say in a sentence what is missing; the empty string where nothing is."""
    if isinstance(error, LoginError):
        return ""
    if error.status == 403:
        return f"{endpoint}: HTTP 403; {HINTS[403]}, or check the subscription that this needs"
    if "beta" in endpoint and (error.status == 404 or _is_removed(error)):
        return f"{endpoint}: HTTP {error.status}; this path of the API is not offered here"
    return ""


def _is_removed(error: SourceError) -> bool:
    """Whether the gateway does not know a path; a list was asked for in every form by then."""
    return error.status == 400 and error.code == REMOVED
