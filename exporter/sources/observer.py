"""Whom does a source tell about its calls? The telemetry, or nobody in a unit test."""

from typing import Protocol


class ApiObserver(Protocol):
    """Listens to what one source does on the wire."""

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        """A request has ended; `code`: the status or `error`, `received`: bytes on the wire."""

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


class Silence:
    """An observer that listens to nothing."""

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        """Ignore a request."""

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
