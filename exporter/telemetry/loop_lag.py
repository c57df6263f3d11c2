"""How late is the event loop?"""

from exporter.clock import Clock
from exporter.telemetry.metrics import OwnMetrics

_EVERY = 0.25


async def watch_event_loop(metrics: OwnMetrics, clock: Clock) -> None:
    """Measure for ever how much later than asked a sleeping task is woken."""
    while True:
        due = clock.monotonic() + _EVERY
        await clock.sleep(_EVERY)
        lag = max(0.0, clock.monotonic() - due)
        metrics.observe("serverfleet_event_loop_lag_seconds", lag)
