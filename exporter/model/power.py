"""What does a server draw now, how warm is it, and how much of it is used?"""

from msgspec import Struct


class PowerDraw(Struct, frozen=True, gc=False):
    """What one server drew at the last reading."""

    watts: float


class Power(Struct, frozen=True, gc=False, kw_only=True):
    """Power statistics in watts; energy in joules since the counter began."""

    peak_watts: float | None = None
    minimum_watts: float | None = None
    headroom_watts: float | None = None
    energy_joules: float | None = None


class Temperatures(Struct, frozen=True, gc=False):
    """Degrees celsius by sensor (system, inlet)."""

    sensors: tuple[tuple[str, float], ...]


class Utilization(Struct, frozen=True, gc=False):
    """Average use by resource (cpu, memory, io, cpu_interconnect), each from 0 to 1."""

    resources: tuple[tuple[str, float], ...]
