"""The body of an answer: read within a limit of its size, and of the memory of all large responses.

The part of a response up to `UNRESERVED` is not counted: ordinary responses are smaller, and never
wait. A larger one reserves the most that it may become before it is read on, and keeps that until
it has been mapped. Each source reads one large response at a time, so that one source cannot take
all of the memory; those that wait are served in the order in which they came. Nothing that holds
memory waits for more of it, so there is no deadlock.

Large pages are decoded and mapped one after another. Each does so in slices of a few milliseconds,
and the slices of many sources at the same time would hold the event loop for their sum.
"""

import asyncio
import io
from collections import deque
from collections.abc import AsyncIterator
from typing import cast

import aiohttp
from isal import isal_zlib

from exporter.errors import Reason, SourceError
from exporter.sources.text import clean

_CHUNK = 2**16
_PIECE = 2**18
"""Bytes to decompress before others have their turn: 64 KiB may become 64 MiB."""
# The library's stubs declare its exception as a value.
_CorruptGzip = cast("type[Exception]", isal_zlib.error)
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


class Meter:
    """Reads one body under a limit that holds after decompression."""

    def __init__(self, limit: int, memory: SourceMemory) -> None:
        """Nothing has been received yet.

        Args:
            limit: Bytes.
            memory: From which a large body takes what it needs.
        """
        self.received = 0
        self.limit = limit
        self.reservation: Reservation | None = None
        """What a large body holds; the caller releases it."""
        self._memory = memory
        self._length = 0

    async def read(self, stream: aiohttp.StreamReader, encoding: str) -> bytes:
        """Return the whole body.

        Raises:
            SourceError: It is larger than allowed, or compressed in a way that cannot be read.
        """
        if encoding in ("identity", ""):
            parts = self._chunks(stream)
        elif encoding in ("gzip", "x-gzip"):
            parts = self._gunzipped(stream)
        else:
            raise SourceError(
                Reason.DECODE, f"the answer is compressed with {clean(encoding)[:32]!r}, not gzip"
            )
        # Its value is the buffer itself; joining parts would copy them all at once.
        whole = io.BytesIO()
        async for part in self._within_limit(parts):
            whole.write(part)
        return whole.getvalue()

    async def _within_limit(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for part in parts:
            self._length += len(part)
            if self._length > self.limit:
                raise self._too_large()
            if self._length > UNRESERVED and self.reservation is None:
                self.reservation = await self._memory.reserve()
            yield part

    async def _chunks(self, stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
        async for chunk in stream.iter_chunked(_CHUNK):
            self.received += len(chunk)
            if self.received > self.limit:
                raise self._too_large()
            yield chunk

    async def _gunzipped(self, stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
        inflate = isal_zlib.decompressobj(wbits=31)
        async for chunk in self._chunks(stream):
            # An answer may be made of several members, and be padded with zeros.
            data = chunk.lstrip(b"\0") if inflate.eof else chunk
            while data:
                if inflate.eof:
                    inflate = isal_zlib.decompressobj(wbits=31)
                try:
                    part = inflate.decompress(data, _PIECE)
                except _CorruptGzip:
                    raise SourceError(Reason.DECODE, "the answer is not valid gzip") from None
                ended = inflate.eof
                data = inflate.unused_data.lstrip(b"\0") if ended else inflate.unconsumed_tail
                yield part
                if len(part) == _PIECE:
                    await asyncio.sleep(0)
        if not inflate.eof and self.received:
            raise SourceError(Reason.DECODE, "the compressed answer ends too early")

    def _too_large(self) -> SourceError:
        return SourceError(
            Reason.TOO_LARGE,
            f"the answer is larger than {self.limit} bytes; if that is right, raise "
            "http.max_response_bytes",
        )
