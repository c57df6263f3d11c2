"""How is the body of an answer read, so that it never takes more memory than allowed?"""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import cast

import aiohttp
from isal import isal_zlib

from exporter.errors import Reason, SourceError
from exporter.sources.response_memory import UNRESERVED, Reservation, SourceMemory
from exporter.sources.text import clean

_CHUNK = 2**16
_PIECE = 2**18
"""Bytes to decompress before others have their turn: 64 KiB may become 64 MiB."""
# The library's stubs declare its exception as a value.
_CorruptGzip = cast("type[Exception]", isal_zlib.error)


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
