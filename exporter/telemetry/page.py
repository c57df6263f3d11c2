"""How do the exporter's own families get onto the page?

They are written at most once for each change. What changes by itself (the process, the event loop's
lag, the age of data) is at most a second old.
"""

from collections.abc import Callable, Collection, Iterable

from exporter.clock import Clock
from exporter.exposition.gzipped import Text
from exporter.exposition.page import EOF, Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.polling.board import Board, CollectorState, calls_an_hour
from exporter.polling.source import PolledSource
from exporter.telemetry.drift import DriftMetrics
from exporter.telemetry.metrics import OwnMetrics

_OLDEST = 1.0


class OwnPage:
    """Writes the exporter's own families, after bringing those up to date that mirror a state."""

    def __init__(
        self,
        metrics: OwnMetrics,
        board: Board,
        store: Store,
        pages: Pages,
        clock: Clock,
        sources: Callable[[], Iterable[PolledSource]],
    ) -> None:
        """Take what is mirrored.

        Args:
            metrics: The live metrics.
            board: The states of the collectors.
            store: What is served.
            pages: For the size of what is served.
            clock: For the age of the last writing.
            sources: Gives the sources that are polled now.
        """
        self._metrics = metrics
        self._board = board
        self._store = store
        self._pages = pages
        self._clock = clock
        self._sources = sources
        self._drift = DriftMetrics(metrics)
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
        served = {(source, name): item for source, name, item in self._store.served()}
        for state in self._board:
            self._mirror_collector(state, is_served=(state.source, state.collector) in served)
        self._drift.mirror(self._board)
        for polled in self._sources():
            source, inventory = polled.name, polled.source.collectors[0].name
            up = self._board.state(source, inventory).success
            self._metrics.set("serverfleet_source_up", bool(up), source, polled.vendor)
            needed = calls_an_hour(each for each in self._board if each.source == source)
            self._metrics.set("serverfleet_api_budget_requests_per_hour", needed, source)
        volume = self._pages.volume()
        self._metrics.set("serverfleet_exposition_series", volume.series)
        self._metrics.set("serverfleet_exposition_bytes", volume.plain, "identity")
        self._metrics.set("serverfleet_exposition_bytes", volume.compressed, "gzip")

    def _mirror_collector(self, state: CollectorState, *, is_served: bool) -> None:
        own = state.source, state.collector
        readings = {
            "interval_seconds": state.interval,
            "consecutive_failures": state.consecutive_failures,
            "data_served": is_served,
            "success": state.success,
            "last_run_timestamp_seconds": state.last_run,
            "last_success_timestamp_seconds": state.last_success,
            "duration_seconds": state.duration,
            "calls": state.calls,
            "available": not state.unavailable,
            "items": state.items,
            "problems": state.problems,
        }
        for name, value in readings.items():
            if value is not None:
                self._metrics.set(f"serverfleet_collector_{name}", value, *own)
