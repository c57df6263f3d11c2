"""Into which parts does the CPU time of a poll fall?

Functions are replaced by measured ones. Measuring costs about a microsecond a call, and only two
of the functions are called for each changed record; what nobody claims is the network's: requests,
TLS, decompression and the event loop.
"""

import functools
import inspect
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from exporter.exposition import block
from exporter.exposition.store import Store
from exporter.sources import pages, renewal
from exporter.sources.com import alerts as com_alerts
from exporter.sources.com import lists as com_lists
from exporter.sources.com import servers as com_servers
from exporter.sources.ome import alerts as ome_alerts
from exporter.sources.ome import devices as ome_devices

_MEASURED: tuple[tuple[Any, str, str], ...] = (
    *((module, "read_page", "split") for module in (com_lists, pages)),
    (renewal.RenewalRun, "page", "recognise"),
    (renewal, "read", "decode"),
    *((module, "one_per_serial", "gather") for module in (com_servers,)),
    (com_servers, "column", "gather"),
    (ome_devices, "chosen_devices", "gather"),
    *((module, "tally", "gather") for module in (com_alerts, ome_alerts)),
    (block, "_renewed_shard", "render"),
    (block, "deflated", "compress"),
)
PARTS = (
    "network",
    "split",
    "recognise",
    "decode",
    "map",
    "gather",
    "publish",
    "render",
    "compress",
)


class Parts:
    """CPU seconds by part; a part within another one does not count for that one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.spent: dict[str, float] = defaultdict(float)
        self._since = 0.0
        self._inside: list[str] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what the block spends."""
        self._turn()
        self._inside.append(name)
        try:
            yield
        finally:
            self._turn()
            self._inside.pop()

    def figures(self, total: float) -> dict[str, float]:
        """Return seconds by part, of `total` seconds."""
        network = total - sum(self.spent.values())
        return {name: self.spent[name] for name in PARTS} | {"network": network}

    def _turn(self) -> None:
        now = time.process_time()
        if self._inside:
            self.spent[self._inside[-1]] += now - self._since
        self._since = now


@contextmanager
def measured_parts() -> Iterator[Parts]:
    """Measure while the block lasts; one collector at a time may run."""
    parts = Parts()
    with ExitStack() as stack:
        for owner, name, part in _MEASURED:
            measured = _measured(parts, part, getattr(owner, name))
            stack.enter_context(mock.patch.object(owner, name, measured))
        stack.enter_context(mock.patch.object(Store, "publish", _publish(parts)))
        stack.enter_context(mock.patch.object(renewal.RenewalRun, "__init__", _mapping(parts)))
        yield parts


def _measured(parts: Parts, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: Any, **options: Any) -> Any:
            with parts.part(name):
                return await function(*args, **options)

        return awaited

    @functools.wraps(function)
    def measured(*args: Any, **options: Any) -> Any:
        with parts.part(name):
            return function(*args, **options)

    return measured


def _publish(parts: Parts) -> Callable[..., Any]:
    publish = Store.publish

    async def measured(*args: Any, **options: Any) -> None:
        with parts.part("publish"):
            await publish(*args, **options)

    return measured


def _mapping(parts: Parts) -> Callable[..., None]:
    init = renewal.RenewalRun.__init__

    def measured(self: Any, decoder: Any, expected: Any, into: Any, last: Any) -> None:
        init(self, decoder, expected, _measured(parts, "map", into), last)

    return measured
