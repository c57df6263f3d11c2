"""Returns memory to the system that answers took for a while."""

import asyncio
import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from exporter.clock import Clock

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
LARGE = 2**20
"""Bytes from which on a buffer has pages of its own, which end with it."""
_EVERY = 60.0


@asynccontextmanager
async def memory_given_back(clock: Clock) -> AsyncIterator[None]:
    """Let the system have what is no longer used, while the block lasts.

    Python hands its buffers back to the C library, which keeps them. It does nothing without glibc.
    """
    _keep_large_buffers_apart()
    giving = asyncio.create_task(_trim_now_and_then(clock))
    try:
        yield
    finally:
        giving.cancel()
        with suppress(asyncio.CancelledError):
            await giving


def _keep_large_buffers_apart() -> None:
    """Give large buffers pages of their own.

    By itself glibc takes room for buffers as large as any that was freed before from the heap,
    where small objects keep it: after a minute of answers of 4 MiB and more that were refused, a
    process of 70 MB stayed at 140 MB.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, LARGE)
        mallopt(_TRIM_THRESHOLD, LARGE)


async def _trim_now_and_then(clock: Clock) -> None:
    """Give back the pages of the heap that only hold freed buffers.

    Smaller buffers share the heap with objects that stay, and every storm of odd answers leaves
    some more room between those: 8 MB of a process of 80 MB within an hour of the soak.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return
    while True:
        await clock.sleep(_EVERY)
        # In a thread, because it looks at every gap: the interpreter goes on meanwhile. Where the
        # system has no thread left, the next minute will do.
        with suppress(RuntimeError):
            await asyncio.to_thread(trim, 0)
