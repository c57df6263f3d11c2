"""A bound on the memory of large responses, over all sources.

The part of a response up to `UNRESERVED` is not counted: ordinary responses are smaller, and never
wait. A larger one reserves the most that it may become before it is read on, and keeps that until
it has been mapped. Each source reads one large response at a time, so that one source cannot take
all of the memory; those that wait are served in the order in which they came. Nothing that holds
memory waits for more of it, so there is no deadlock.

Large pages are decoded and mapped one after another. Each does so in slices of a few milliseconds,
and the slices of many sources at the same time would hold the event loop for their sum.
"""

import asyncio
from collections import deque

UNRESERVED = 4 * 2**20
"""Bytes of a response that are not counted."""
TOTAL = 256 * 2**20
"""Bytes that large responses of all sources may have together."""
TAKES_TURNS = 2**18
"""Bytes from which on a page is mapped while no other one is."""


class ResponseMemory:
    """The memory of one process for large responses."""

    def __init__(self, total: int = TOTAL) -> None:
        """Start with all of it free.

        Args:
            total: Bytes. A source that allows larger responses reserves all of it for each.
        """
        self.turn = asyncio.Lock()
        """Held by the one page that is decoded and mapped."""
        self._total = total
        self._free = total
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def reserve(self, size: int) -> int:
        """Wait for memory; return the bytes that have to be given to `release`."""
        size = min(size, self._total)
        granted = asyncio.get_running_loop().create_future()
        self._waiting.append((size, granted))
        self._grant()
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.release(size)
            else:
                self._grant()
            raise
        return size

    def release(self, size: int) -> None:
        """Return bytes that were reserved."""
        self._free += size
        self._grant()

    def _grant(self) -> None:
        while self._waiting:
            size, granted = self._waiting[0]
            if not granted.done():
                if size > self._free:
                    return
                self._free -= size
                granted.set_result(None)
            self._waiting.popleft()


class SourceMemory:
    """The part of one source: one large response at a time."""

    def __init__(self, memory: ResponseMemory, largest: int) -> None:
        """Take the bytes that a response of this source may have."""
        self._memory = memory
        self._largest = largest
        self._one = asyncio.Lock()

    @property
    def turn(self) -> asyncio.Lock:
        """Held by the one page of all sources that is decoded and mapped."""
        return self._memory.turn

    async def reserve(self) -> "Reservation":
        """Wait until a large response may be read."""
        await self._one.acquire()
        try:
            return Reservation(self._memory, self._one, await self._memory.reserve(self._largest))
        except BaseException:
            self._one.release()
            raise


class Reservation:
    """Memory that one large response holds."""

    def __init__(self, memory: ResponseMemory, one: asyncio.Lock, size: int) -> None:
        """Hold `size` bytes of `memory`, and the place of the source's one large response."""
        self._memory = memory
        self._one = one
        self._size = size
        self._is_held = True

    def release(self) -> None:
        """Return the memory; to do so twice is no mistake."""
        if self._is_held:
            self._is_held = False
            self._memory.release(self._size)
            self._one.release()

    def __del__(self) -> None:
        """Return the memory of a response that was dropped on the way, by a cancellation."""
        self.release()
