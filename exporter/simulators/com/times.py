"""How does COM write a time?"""

from datetime import UTC, datetime


def offset_time(t: float) -> str:
    """Write Unix seconds as the servers' records do: `2022-12-14T17:20:43.292718+00:00`."""
    return datetime.fromtimestamp(t, UTC).isoformat(timespec="microseconds")


def zulu_time(t: float) -> str:
    """Write Unix seconds as in `attemptedAt` and in queries: `2025-04-01T06:00:00Z`."""
    return datetime.fromtimestamp(int(t), UTC).isoformat()[:19] + "Z"
