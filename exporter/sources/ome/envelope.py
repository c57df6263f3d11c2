"""What does the appliance say in the body of an error?"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from exporter.sources.text import clean, concealed


@dataclass(frozen=True, slots=True)
class Complaint:
    """The first entry of an error envelope; empty strings where there is none."""

    id: str = ""
    """`MessageId`, such as `CGEN1001`."""
    text: str = ""
    """`Message`, on one line and of bounded length."""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.id, self.text) if part)


class _Info(msgspec.Struct, rename="pascal"):
    message_id: str | None = None
    message: str | None = None


class _Error(msgspec.Struct):
    message: str | None = None
    infos: list[_Info] | None = msgspec.field(default=None, name="@Message.ExtendedInfo")


class _Envelope(msgspec.Struct):
    error: _Error


_envelope = msgspec.json.Decoder(_Envelope)


def complaint_of(body: bytes, hidden: Iterable[str] = ()) -> Complaint:
    """Read the Redfish-like error envelope.

    Args:
        body: The body of an answer with an error status, of whatever kind.
        hidden: Secrets that are cut out, in case the answer repeats what was sent.
    """
    try:
        error = _envelope.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Complaint()
    first = error.infos[0] if error.infos else _Info(message=error.message)
    return Complaint(_shown(first.message_id, hidden), _shown(first.message, hidden))


def _shown(text: str | None, hidden: Iterable[str]) -> str:
    return clean(concealed(text or "", hidden))
