"""Who asked what, and how much at once? Counted by the vendor's own paths."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from aiohttp import web

Vendor = Literal["com", "ome"]

_BEGINNINGS: Final[tuple[tuple[str, Vendor], ...]] = (
    ("/compute-ops-mgmt", "com"),
    ("/as/", "com"),
    ("/authorization/", "com"),
    ("/api", "ome"),
)
_DEVICE: Final = re.compile(r"\(\{id[^)]*\}\)|\('\{id\}'\)")


class Traffic:
    """Counters of a simulation.

    `requests` counts (vendor, method, endpoint template), such as
    `("ome", "GET", "/api/DeviceService/Devices(id)/Power")`; `max_in_flight` is the most that
    a vendor ever had to answer at the same time.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.requests: Counter[tuple[str, str, str]] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.max_in_flight: Counter[str] = Counter()

    @contextmanager
    def counted(self, vendor: Vendor, request: web.Request) -> Iterator[None]:
        """Count a request while it is answered."""
        self.requests[vendor, request.method, endpoint_of(request)] += 1
        self.in_flight[vendor] += 1
        self.max_in_flight[vendor] = max(self.max_in_flight[vendor], self.in_flight[vendor])
        try:
            yield
        finally:
            self.in_flight[vendor] -= 1


def vendor_of(request: web.Request) -> Vendor | None:
    """Tell whose path it is; None for what belongs to neither API."""
    for beginning, vendor in _BEGINNINGS:
        if request.path.startswith(beginning):
            return vendor
    return None


def endpoint_of(request: web.Request) -> str:
    """Return the template of the path, `unknown` for one that no route takes."""
    resource = request.match_info.route.resource
    if resource is None:
        return "unknown"
    return _DEVICE.sub("(id)", resource.canonical)
