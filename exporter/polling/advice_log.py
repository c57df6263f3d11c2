"""Which sentences about a collector are news? What holds run after run is logged once."""

import structlog

from exporter.polling.board import CollectorState
from exporter.polling.pace import too_slow
from exporter.polling.source import PolledSource
from exporter.sources.contract import Collector

_log = structlog.get_logger("exporter.polling")
_Key = tuple[str, str]


class AdviceLog:
    """Remembers what it has said of each collector."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said: dict[_Key, tuple[str, ...]] = {}
        self._slow: set[_Key] = set()

    def warn(self, source: str, collector: str, warnings: tuple[str, ...]) -> None:
        """Log what the run before this one did not say."""
        key = source, collector
        for sentence in warnings:
            if sentence not in self._said.get(key, ()):
                _log.warning(sentence, source=source, collector=collector)
        self._said[key] = warnings

    def pace(
        self, polled: PolledSource, collector: Collector, state: CollectorState, took: float
    ) -> None:
        """Log that runs do not fit; the first one may read more than those that follow.

        Args:
            polled: The source.
            collector: Its collector.
            state: As the run before this one left it, but for the calls.
            took: Seconds of this run.
        """
        key = polled.name, collector.name
        advice = too_slow(
            took,
            collector.interval,
            state.calls or 0,
            polled.concurrency,
            polled.requests_per_minute,
        )
        if not advice:
            self._slow.discard(key)
        elif state.runs > 0 and key not in self._slow:
            self._slow.add(key)
            _log.warning(
                "poll too slow", source=polled.name, collector=collector.name, advice=advice
            )

    def forget(self, source: str) -> None:
        """Let go of a source that is no longer polled."""
        self._said = {key: said for key, said in self._said.items() if key[0] != source}
        self._slow = {key for key in self._slow if key[0] != source}
