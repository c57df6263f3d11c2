"""The text of an error answer of COM or of its token endpoint."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import msgspec

from exporter.sources.fields import known
from exporter.sources.text import clean, concealed

REMOVED = "HPE_GL_ERROR_BAD_REQUEST"
"""The `errorCode` of a path that was removed."""
LONGEST_QUOTE = 200
"""Characters of each part of the API's own words in an error."""
MOST_ISSUES = 5


class ErrorBody(msgspec.Struct, rename="camel"):
    """What is read of an error answer; of a code that is known, the consequence differs."""

    error_code: Annotated[object, known((REMOVED,))] = None
    message: object = None
    debug_id: object = None
    error_details: object = None


_body = msgspec.json.Decoder(ErrorBody)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error answer says: each part is one bounded line, empty where it is missing."""

    code: str = ""
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


def refusal_from(body: bytes, secrets: Collection[str]) -> Refusal:
    """Read an error answer; a part that is missing or of another type is left out.

    Args:
        body: The body, of any shape.
        secrets: Credentials, which are redacted should the API repeat them.
    """
    try:
        error = _body.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
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
    return clean(concealed(word, secrets))[:LONGEST_QUOTE] if isinstance(word, str) else ""
