"""How are the status page, its files and its two documents answered?"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiohttp import ETag, web

from exporter.clock import Clock
from exporter.status.reporter import Document, Reporter
from exporter.web.assets import all_assets
from exporter.web.headers import page_headers
from exporter.web.negotiation import wants_gzip
from exporter.web.status_page import status_page

LINKS = (
    ("metrics", "Metrics"),
    ("status.json", "Status as JSON"),
    ("sd", "Discovery"),
    ("-/healthy", "Healthy"),
    ("-/ready", "Ready"),
)
"""Relative, so that they work under any path of a reverse proxy."""


class Content(Protocol):
    """What is answered in two encodings."""

    @property
    def plain(self) -> bytes:
        """Without compression."""
        ...

    @property
    def gzip(self) -> bytes:
        """The same as one gzip stream."""
        ...

    @property
    def tag(self) -> str:
        """Changes with the content."""
        ...


def add_status(app: web.Application, reporter: Reporter, clock: Clock) -> None:
    """Add `/`, `/status.json`, `/attention.json` and the files of the page."""

    async def page(_: web.Request) -> web.Response:
        text = status_page(await reporter.statement(), clock.wall(), LINKS)
        return web.Response(text=text, content_type="text/html", headers=page_headers())

    async def asset(request: web.Request) -> web.Response:
        found = all_assets().get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return _answer(request, found, found.content_type)

    app.router.add_get("/", page)
    app.router.add_get("/status.json", _json(reporter.status))
    app.router.add_get("/attention.json", _json(reporter.attention))
    app.router.add_get("/assets/{name}", asset)


def _json(
    document: Callable[[], Awaitable[Document]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        return _answer(request, await document(), "application/json")

    return answer


def _answer(request: web.Request, content: Content, content_type: str) -> web.Response:
    """Answer with the content, or say that the client has it already."""
    # Weak: both encodings have the same one.
    headers = {
        "ETag": f'W/"{content.tag}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if _has_it(request.if_none_match, content.tag):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = content_type
    if not wants_gzip(request.headers.get("Accept-Encoding", "")):
        return web.Response(body=content.plain, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return web.Response(body=content.gzip, headers=headers)


def _has_it(tags: Sequence[ETag] | None, tag: str) -> bool:
    return any(each.value in (tag, "*") for each in tags or ())
