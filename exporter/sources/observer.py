"""What a source reports of its calls: to the telemetry, or to nothing in a unit test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from exporter.sources.headers import Deprecation


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was answered, and its answer; never one of a login."""

    endpoint: str
    """A template such as `Devices(id)/Power`."""
    method: str
    url: str
    """Encoded."""
    question: bytes | None = field(repr=False)
    """The body of the request."""
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Of the answer, case-insensitive."""
    body: bytes = field(repr=False)
    """Decompressed."""


class ApiObserver(Protocol):
    """Listens to what one source does on the wire."""

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        """A request has ended; `code`: the status or `error`, `received`: bytes on the wire."""

    def exchange(self, exchange: Exchange) -> None:
        """A request was answered, whatever the status; logins are not told."""

    def retry(self, reason: str) -> None:
        """A request is sent again."""

    def login(self, *, ok: bool) -> None:
        """A login was tried."""

    def token_expiry(self, timestamp: float) -> None:
        """A token was obtained that ends at this Unix time."""

    def certificate(self, not_after: float) -> None:
        """The API showed a certificate that ends at this Unix time."""

    def version(self, text: str) -> None:
        """The API named its version."""

    def deprecation(self, endpoint: str, announced: Deprecation | None) -> None:
        """An answer announced the end of its endpoint; None: a successful one announced none."""


class Silence:
    """An observer that listens to nothing."""

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        """Ignore a request."""

    def exchange(self, exchange: Exchange) -> None:
        """Ignore an answer."""

    def retry(self, reason: str) -> None:
        """Ignore a retry."""

    def login(self, *, ok: bool) -> None:
        """Ignore a login."""

    def token_expiry(self, timestamp: float) -> None:
        """Ignore a token."""

    def certificate(self, not_after: float) -> None:
        """Ignore a certificate."""

    def version(self, text: str) -> None:
        """Ignore a version."""

    def deprecation(self, endpoint: str, announced: Deprecation | None) -> None:
        """Ignore an announcement."""
