"""Who writes down what a source is answered?"""

import re
from collections import Counter

import msgspec

from exporter.capture.exchanges import Exchanges
from exporter.capture.folder import CaptureError, Folder, Saved, SavedRequest
from exporter.sources.observer import Exchange, Silence

_SIGNS = re.compile(r"[^a-z0-9]+")


class Recorder(Silence):
    """Listens to one source and saves every answer as it comes."""

    def __init__(self, folder: Folder, exchanges: Exchanges) -> None:
        """Begin without answers."""
        self._folder = folder
        self._exchanges = exchanges
        self._files: dict[bytes, tuple[str, SavedRequest]] = {}
        self._of_endpoint: Counter[str] = Counter()
        self._earlier: dict[bytes, tuple[int, ...]] = {}
        self.statuses: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()
        self.api_version = ""
        self.failure: CaptureError | None = None
        """Why nothing can be written any more."""

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()

    @property
    def files(self) -> int:
        """How many different requests were saved."""
        return len(self._files)

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        """Note a request that got no complete answer; `exchange` hears of the others."""
        del seconds, received
        if code == "error":
            self.unanswered[endpoint] += 1

    def version(self, text: str) -> None:
        """Note the version that the API names."""
        self.api_version = self._exchanges.version(text)

    def exchange(self, exchange: Exchange) -> None:
        """Save an answer; of several to the same request the last one stays."""
        self.statuses[str(exchange.status)] += 1
        if self.failure is not None:
            return
        asked = self._exchanges.request(exchange)
        key = msgspec.json.encode(asked, order="sorted")
        if key not in self._files:
            numbered = msgspec.structs.replace(asked, number=len(self._files) + 1)
            self._files[key] = self._name(exchange), numbered
        name, asked = self._files[key]
        earlier = self._earlier.get(key, ())
        self._earlier[key] = (*earlier, exchange.status)
        try:
            answer = self._exchanges.answer(exchange, earlier)
            self._folder.write_answer(name, Saved(asked, answer))
        except CaptureError as error:
            self.failure = error

    def _name(self, exchange: Exchange) -> str:
        """Name a file after the template of the path, so that it names nobody."""
        kind = _SIGNS.sub("-", f"{exchange.method} {exchange.endpoint}".lower()).strip("-")
        self._of_endpoint[kind] += 1
        return f"{kind}-{self._of_endpoint[kind]:04d}.json"
