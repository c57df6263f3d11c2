"""What time is it while answers are saved, and while they are served again?

The same in both: times in answers are kept as they are, and what is asked for follows from the
time (closed windows, the jobs of the last day), as does what is too old to be used.
"""

from exporter.clock import SystemClock


class StandingClock(SystemClock):
    """A clock whose date stands still; durations and pauses are real."""

    def __init__(self, at: float) -> None:
        """Stop at a Unix time."""
        self._at = at

    def wall(self) -> float:
        """Return the one time."""
        return self._at
