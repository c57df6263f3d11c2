"""The API that a request goes to, the way that it takes, and how far it has come on it.

What a time limit interrupts depends on how far a request has come.
"""

import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import aiohttp
from yarl import URL

from exporter.config.source import HttpSettings


@dataclass(frozen=True, slots=True)
class Target:
    """One API, reached directly or through a proxy."""

    url: URL
    http: HttpSettings
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    """Read for the names of proxies that are set there and not used; never for their values."""

    @property
    def proxy(self) -> URL | None:
        """The proxy, which may carry a password: show its `place` only."""
        return URL(self.http.proxy.get_secret_value()) if self.http.proxy else None

    @property
    def first_hop(self) -> URL:
        """What this machine connects to."""
        return self.proxy or self.url

    @property
    def is_tunnelled(self) -> bool:
        """Whether a proxy is asked to connect to the API."""
        return self.proxy is not None and self.url.scheme == "https"

    @property
    def where(self) -> str:
        """Host and port of the API."""
        return place(self.url)

    @property
    def server_name(self) -> str:
        """The name that the API's certificate must have."""
        return self.http.server_name or self.url.host or ""

    @property
    def unused_proxy(self) -> str:
        """The environment variable that names a proxy for this API; empty if there is none."""
        if self.http.proxy:
            return ""
        excepted = self.environ.get("no_proxy") or self.environ.get("NO_PROXY", "")
        if _is_excepted(self.url.host or "", excepted):
            return ""
        names = (f"{self.url.scheme}_proxy", "all_proxy")
        found = (name for each in names for name in (each, each.upper()) if self.environ.get(name))
        return next(found, "")


def _is_excepted(host: str, listed: str) -> bool:
    """Tell whether `NO_PROXY` names a host: itself, a domain above it, or `*`."""
    names = [name.strip().lstrip(".").lower() for name in listed.split(",")]
    return any(name in ("*", host) or host.endswith(f".{name}") for name in names if name)


def place(url: URL) -> str:
    """Write host and port, and nothing else of an address."""
    host = url.host or ""
    return f"[{host}]:{url.port}" if ":" in host else f"{host}:{url.port}"


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
