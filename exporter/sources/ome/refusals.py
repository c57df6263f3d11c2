"""Refusals of the appliance: what they say, and which show that something is missing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import msgspec

from exporter.errors import SourceError
from exporter.sources.fields import known
from exporter.sources.refusals import Refusal, decoded, quoted, unless_missing

FORBIDDEN = 403
NO_SUCH_SERVICE = frozenset({404, 405, 501})
NO_SUCH_RESOURCE = NO_SUCH_SERVICE | {FORBIDDEN}
NOT_IMPLEMENTED = "CGEN1006"
"""`MessageId` for a service that an edition or a version lacks; some builds send it with 400."""
HINTS = {
    401: "; a fresh session is refused too: is the user locked or disabled?",
    403: "; give the user the role VIEWER, with all devices in its scope",
}
FOREIGN = "; the answer is not the appliance's own: are its services restarting?"

_CODE = re.compile(r"C[A-Z]{3}\d{4}", re.ASCII)


class MessageRecord(msgspec.Struct, rename="pascal"):
    """An entry of `@Message.ExtendedInfo`."""

    message_id: Annotated[object, known(lambda text: _CODE.fullmatch(text) is not None)] = None
    message: object = None


class MessagesRecord(MessageRecord):
    """What holds messages, or is one itself."""

    infos: list[MessageRecord] | None = msgspec.field(name="@Message.ExtendedInfo", default=None)


class ErrorRecord(MessagesRecord):
    """The body of an error; some builds leave out `error` around it.

    It is read by hand, because any part of it may be of any type.
    """

    error: MessagesRecord | None = msgspec.field(name="error", default=None)


_body = msgspec.json.Decoder()


def refusal_from(body: bytes, secrets: Iterable[str] = ()) -> Refusal:
    """Read the first message of an error.

    It stands in a Redfish-like envelope; some builds leave out `error` around it, or everything
    around the message itself.

    Args:
        body: The body of an answer with an error status, of whatever kind.
        secrets: Credentials that are cut out, in case the answer repeats what was sent.
    """
    for each in _messages(decoded(body, _body)):
        text = each.get("Message", each.get("message"))
        refusal = Refusal(quoted(each.get("MessageId"), secrets), quoted(text, secrets))
        if refusal.words:
            return refusal
    return Refusal()


def is_envelope(body: bytes) -> bool:
    """Return whether a body is an error of the appliance's own, and not of a web server."""
    document = decoded(body, _body)
    return isinstance(document, dict) and ("error" in document or bool(refusal_from(body).code))


def _messages(document: object) -> Iterator[Mapping[str, object]]:
    """Yield what may hold a message, the most exact first."""
    found = (document.get("error"), document) if isinstance(document, dict) else ()
    levels: list[Mapping[str, object]] = [each for each in found if isinstance(each, dict)]
    for level in levels:
        infos = level.get("@Message.ExtendedInfo")
        for info in infos if isinstance(infos, list) else [infos]:
            if isinstance(info, dict):
                yield info
    yield from levels


class ForeignNotFoundError(SourceError):
    """A 404 that is not the appliance's own, such as that of its web server during a restart.

    It does not mean that something is missing.
    """


@contextmanager
def needed(what: str, statuses: frozenset[int] = NO_SUCH_RESOURCE) -> Iterator[None]:
    """Turn a refusal of the calls in the block into the news that something is missing.

    Args:
        what: What is needed, and how to get it.
        statuses: The answers that mean it.

    Raises:
        NotAvailableError: The appliance refused.
        SourceError: A call failed in another way.
    """

    def absence(error: SourceError) -> str:
        refuses = error.status in statuses or _lacks_service(error, statuses)
        is_missing = refuses and not isinstance(error, ForeignNotFoundError)
        return f"{error.message}; {what}" if is_missing else ""

    with unless_missing(absence):
        yield


def _lacks_service(error: SourceError, statuses: frozenset[int]) -> bool:
    return 404 in statuses and error.status == 400 and error.code == NOT_IMPLEMENTED
