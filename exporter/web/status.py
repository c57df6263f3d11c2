"""Routes of the status page, its files and its JSON documents."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from exporter.clock import Clock
from exporter.status.attention import Looked, order
from exporter.status.documents import Document, Reporter
from exporter.status.schema import Statement
from exporter.web.assets import all_assets
from exporter.web.headers import answer_with, page_headers
from exporter.web.page import Query, listing, status_page


def add_status(
    app: web.Application, reporter: Reporter, clock: Clock, grafana_url: str = ""
) -> None:
    """Add `/`, `/status.json`, `/attention.json` and the files of the page."""

    async def page(request: web.Request) -> web.Response:
        said, looked = await reporter.current()
        # In a thread: of a large fleet in trouble it takes longer than the event loop may be held.
        document = await asyncio.to_thread(
            _page, said, looked, clock.wall(), request.query, grafana_url
        )
        return answer_with(request, document, "text/html; charset=utf-8", page_headers())

    async def asset(request: web.Request) -> web.Response:
        found = all_assets().get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return answer_with(request, found.document, found.content_type, _REVALIDATED)

    app.router.add_get("/", page)
    app.router.add_get("/status.json", _json(reporter.status))
    app.router.add_get("/attention.json", _json(reporter.attention))
    app.router.add_get("/assets/{name}", asset)


_REVALIDATED = {"Cache-Control": "no-cache"}


def _page(
    said: Statement,
    looked: tuple[Looked, ...],
    now: float,
    parameters: Mapping[str, str],
    grafana_url: str,
) -> Document:
    query = Query.read(parameters, [source.name for source in said.sources])
    cases = heapq.merge(*(each.cases for each in looked), key=order)
    page = status_page(said, now, listing(cases, query), grafana_url)
    return Document.of(page.encode(errors="replace"))


def _json(
    document: Callable[[], Awaitable[Document]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        return answer_with(request, await document(), "application/json", _REVALIDATED)

    return answer
