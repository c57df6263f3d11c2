"""How far a request has come: what a time limit interrupts depends on it."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import aiohttp


class Phase(Enum):
    """What is awaited."""

    NAME = auto()
    """The address of the host."""
    CONNECT = auto()
    """A connection, or a tunnel through a proxy."""
    HANDSHAKE = auto()
    """The end of the TLS handshake."""
    ANSWER = auto()
    """The answer, on an open connection."""


@dataclass(slots=True)
class Progress:
    """Of one request."""

    phase: Phase = Phase.ANSWER


progress: ContextVar[Progress | None] = ContextVar("progress", default=None)
"""Of the request of this task; the tasks and callbacks that connect for it inherit it."""


def reached(phase: Phase) -> None:
    """Note a phase of the present request."""
    if (request := progress.get()) is not None:
        request.phase = phase


def tracing() -> aiohttp.TraceConfig:
    """Return what has aiohttp note the phases of each request."""
    config = aiohttp.TraceConfig()
    config.on_connection_create_start.append(_noting(Phase.CONNECT))
    config.on_dns_resolvehost_start.append(_noting(Phase.NAME))
    config.on_dns_resolvehost_end.append(_noting(Phase.CONNECT))
    config.on_connection_create_end.append(_noting(Phase.ANSWER))
    return config


def _noting(phase: Phase) -> Any:
    async def note(*_: object) -> None:
        reached(phase)

    return note
