"""How is the body of an answer read, so that it never takes more memory than allowed?"""

from collections.abc import AsyncIterator
from typing import cast

import aiohttp
from isal import isal_zlib

from exporter.errors import Reason, SourceError

_CHUNK = 2**16
# The library's stubs declare its exception as a value.
_CorruptGzip = cast("type[Exception]", isal_zlib.error)


class Meter:
    """Reads one body under a limit that holds after decompression."""

    def __init__(self, limit: int) -> None:
        """Nothing has been received yet; the limit is in bytes."""
        self.received = 0
        self._limit = limit

    async def read(self, stream: aiohttp.StreamReader, encoding: str) -> bytes:
        """Return the whole body.

        Raises:
            SourceError: It is larger than allowed, or compressed in a way that cannot be read.
        """
        if encoding in ("identity", ""):
            return b"".join([chunk async for chunk in self._chunks(stream)])
        if encoding not in ("gzip", "x-gzip"):
            raise SourceError(
                Reason.DECODE, f"the answer is compressed with {encoding[:32]!r}, not gzip"
            )
        return await self._gunzipped(stream)

    async def _chunks(self, stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
        async for chunk in stream.iter_chunked(_CHUNK):
            self.received += len(chunk)
            if self.received > self._limit:
                raise self._too_large()
            yield chunk

    async def _gunzipped(self, stream: aiohttp.StreamReader) -> bytes:
        inflate = isal_zlib.decompressobj(wbits=31)
        parts: list[bytes] = []
        room = self._limit
        async for chunk in self._chunks(stream):
            # An answer may be made of several members, and be padded with zeros.
            data = chunk.lstrip(b"\0") if inflate.eof else chunk
            while data:
                if inflate.eof:
                    inflate = isal_zlib.decompressobj(wbits=31)
                try:
                    part = inflate.decompress(data, room + 1)
                except _CorruptGzip:
                    raise SourceError(Reason.DECODE, "the answer is not valid gzip") from None
                room -= len(part)
                if room < 0:
                    raise self._too_large()
                parts.append(part)
                ended = inflate.eof
                data = inflate.unused_data.lstrip(b"\0") if ended else inflate.unconsumed_tail
        if not inflate.eof and self.received:
            raise SourceError(Reason.DECODE, "the compressed answer ends too early")
        return b"".join(parts)

    def _too_large(self) -> SourceError:
        return SourceError(
            Reason.TOO_LARGE,
            f"the answer is larger than {self._limit} bytes; if that is right, raise "
            "http.max_response_bytes",
        )
