"""An observer that remembers what it was told."""

from exporter.sources.observer import Silence


class Witness(Silence):
    """Keeps requests, retries and certificates."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, float, int]] = []
        self.retries: list[str] = []
        self.certificates: list[float] = []

    @property
    def codes(self) -> list[str]:
        return [code for _, code, _, _ in self.requests]

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        self.requests.append((endpoint, code, seconds, received))

    def retry(self, reason: str) -> None:
        self.retries.append(str(reason))

    def certificate(self, not_after: float) -> None:
        self.certificates.append(not_after)
