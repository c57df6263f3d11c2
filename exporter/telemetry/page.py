"""The exporter's own families on the page of `/metrics`.

They are written at most once for each change. What changes by itself (the process, the event loop's
lag, the age of data) is at most a second old.
"""

from collections.abc import Callable, Collection

from exporter.catalogue import own as families
from exporter.clock import Clock
from exporter.exposition.gzipped import Text
from exporter.exposition.page import EOF, Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.telemetry.metrics import OwnMetrics

_OLDEST = 1.0


class OwnPage:
    """Writes the exporter's own families, after bringing those up to date that mirror a state."""

    def __init__(
        self,
        metrics: OwnMetrics,
        store: Store,
        pages: Pages,
        clock: Clock,
        mirror: Callable[[], None],
    ) -> None:
        """Take what is written.

        Args:
            metrics: The live metrics.
            store: What is served.
            pages: For the size of what is served.
            clock: For the age of the last writing.
            mirror: Brings the families up to date that mirror the state of the collectors.
        """
        self._metrics = metrics
        self._store = store
        self._pages = pages
        self._clock = clock
        self._mirror_collectors = mirror
        self._written: dict[Format, Text] = {}
        self._mirrored: tuple[object, float] = (None, 0.0)

    def text(self, kind: Format) -> Text:
        """Return the own families; in OpenMetrics they end with `# EOF`."""
        self._bring_up_to_date()
        if kind not in self._written:
            self._written[kind] = Text.of(self._metrics.text(kind))
        return self._written[kind]

    def narrowed(
        self, kind: Format, sources: Collection[str] | None, collectors: Collection[str] | None
    ) -> Text:
        """Return the own families about some sources and collectors (None: about all).

        What describes the process has neither label, and is left out; what describes a source as a
        whole is left out when collectors are named.
        """
        self._bring_up_to_date()
        asked = {"source": sources, "collector": collectors}
        wanted = {label: frozenset(names) for label, names in asked.items() if names is not None}
        end = EOF.plain if kind is Format.OPENMETRICS else b""
        return Text.of(self._metrics.narrowed(kind, wanted) + end)

    def _bring_up_to_date(self) -> None:
        state, at = self._mirrored
        now = self._clock.monotonic()
        if state != self._state() or now - at >= _OLDEST:
            self._mirror()
            self._mirrored = self._state(), now
            self._written.clear()

    def _state(self) -> tuple[int, int]:
        return self._metrics.changes, self._store.generation

    def _mirror(self) -> None:
        self._mirror_collectors()
        volume, metrics = self._pages.volume(), self._metrics
        metrics.set(families.EXPOSITION_SERIES, volume.series)
        metrics.set(families.EXPOSITION_BYTES, volume.plain, "identity")
        metrics.set(families.EXPOSITION_BYTES, volume.compressed, "gzip")
