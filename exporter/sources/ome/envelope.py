"""What does the appliance say in the body of an error?"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from exporter.sources.fields import known
from exporter.sources.text import clean, concealed

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


@dataclass(frozen=True, slots=True)
class Complaint:
    """The first message of an error; empty strings where there is none."""

    id: str = ""
    """`MessageId`, such as `CGEN1001`."""
    text: str = ""
    """`Message`, on one line and of bounded length."""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.id, self.text) if part)


def complaint_of(body: bytes, hidden: Iterable[str] = ()) -> Complaint:
    """Read the first message of an error.

    It stands in a Redfish-like envelope; some builds leave out `error` around it, or everything
    around the message itself.

    Args:
        body: The body of an answer with an error status, of whatever kind.
        hidden: Secrets that are cut out, in case the answer repeats what was sent.
    """
    for each in _messages(_decoded(body)):
        text = each.get("Message", each.get("message"))
        complaint = Complaint(_shown(each.get("MessageId"), hidden), _shown(text, hidden))
        if str(complaint):
            return complaint
    return Complaint()


def is_envelope(body: bytes) -> bool:
    """Return whether a body is an error of the appliance's own, and not of a web server."""
    document = _decoded(body)
    return isinstance(document, dict) and ("error" in document or bool(complaint_of(body).id))


def _decoded(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


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


def _shown(text: object, hidden: Iterable[str]) -> str:
    return clean(concealed(text, hidden)) if isinstance(text, str) else ""
