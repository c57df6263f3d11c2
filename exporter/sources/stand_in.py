"""What a capture of a source has to look like to a client that logs in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ANYTHING = "replay"
"""Stands for every credential."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """What a replay has to know of a vendor's API beside the recorded answers."""

    kept: frozenset[str]
    """Settings that say how to ask, and nothing about whom."""
    routes: tuple[tuple[str, str, Handler], ...]
    """Method, path and handler of each login."""
    credentials: Callable[[str], dict[str, Any]]
    """Settings with which the stand-in at an address is logged in to."""
