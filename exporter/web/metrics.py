"""The route `/metrics`: ready bytes; nothing is fetched or rendered for a scrape."""

import asyncio
from collections.abc import Iterable, Sequence

from aiohttp import web

from exporter.exposition.gzipped import Answer
from exporter.exposition.page import Pages
from exporter.exposition.text import Format
from exporter.polling.board import Board
from exporter.slices import Slices
from exporter.telemetry.page import OwnPage
from exporter.web.headers import wanted_format, wants_gzip

_CHUNK = 2**19
"""What is handed to the socket at once: larger pieces are copied by the event loop."""
_STALLED = 20.0
"""Seconds after which a client that takes none of that is let go."""
_QUERY = {"source": ("source",), "collector": ("collector", "collect[]")}
"""Parameters of the query that narrow the answer; `collect[]` is what other exporters call it."""


class MetricsHandler:
    """Answers `/metrics`."""

    def __init__(self, pages: Pages, own: OwnPage, board: Board) -> None:
        """Take what is served."""
        self._pages = pages
        self._own = own
        self._board = board

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve everything, or what `source` and `collector` narrow it to."""
        self._refuse_unknown(request)
        kind = wanted_format(request.headers.get("Accept", ""))
        compressed = wants_gzip(request.headers.get("Accept-Encoding", ""))
        answer = self._answer(request, kind, compressed=compressed)
        headers = {
            "Content-Type": kind.value,
            "Content-Length": str(answer.length),
            "Vary": "Accept, Accept-Encoding",
        }
        if compressed:
            headers["Content-Encoding"] = "gzip"
        response = web.StreamResponse(headers=headers)
        await _send(request, response, answer.parts)
        return response

    def _answer(self, request: web.Request, kind: Format, *, compressed: bool) -> Answer:
        sources, collectors = _named(request, "source"), _named(request, "collector")
        if sources is None and collectors is None:
            body, end = self._pages.whole(kind), self._own.text(kind)
        else:
            body = self._pages.narrowed(kind, sources, collectors)
            end = self._own.narrowed(kind, sources, collectors)
        return body.compressed(end) if compressed else body.plain(end)

    def _refuse_unknown(self, request: web.Request) -> None:
        known = {
            "source": {state.source for state in self._board},
            "collector": {state.collector for state in self._board},
        }
        for key, names in known.items():
            if not names.issuperset(_named(request, key) or ()):
                text = f"unknown {key}; known: {', '.join(sorted(names))}\n"
                raise web.HTTPNotFound(text=text)


def _named(request: web.Request, key: str) -> Sequence[str] | None:
    """Return the names that a query asks for; None if it does not narrow."""
    found = [name for each in _QUERY[key] for name in request.query.getall(each, ())]
    return found or None


async def _send(request: web.Request, response: web.StreamResponse, parts: Iterable[bytes]) -> None:
    """Send ready bytes; a client that stalls is a `TimeoutError`."""
    await response.prepare(request)
    if request.method == "HEAD":
        return
    # A client that is faster than we are never makes us wait, and nobody else would have a turn.
    slices = Slices()
    for part in parts:
        view = memoryview(part)
        for start in range(0, len(part), _CHUNK):
            async with asyncio.timeout(_STALLED):
                await response.write(view[start : start + _CHUNK])
            await slices.breathe()
