"""How is a capture served, so that the exporter can poll it?"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import structlog
from aiohttp import web

from exporter.capture.clock import StandingClock
from exporter.capture.folder import (
    CaptureError,
    Manifest,
    SavedAnswer,
    read_answers,
    read_manifest,
)
from exporter.capture.matching import Answers
from exporter.sources.types import SOURCES

NOT_CAPTURED = 501
"""The status for what nobody asked while it was captured; a 404 would mean something to clients."""
_log = structlog.get_logger("exporter.replay")


@dataclass(frozen=True, slots=True)
class Replay:
    """A capture that can be served."""

    manifest: Manifest
    answers: Answers
    at: float
    """The present of the capture, in Unix seconds."""

    @classmethod
    def of(cls, path: Path) -> "Replay":
        """Read a directory.

        Raises:
            CaptureError: It is no capture, or one that this version cannot serve.
        """
        manifest = read_manifest(path)
        if manifest.type not in SOURCES:
            raise CaptureError(f"{path}: there is no type of source {manifest.type!r}")
        try:
            at = datetime.fromisoformat(manifest.captured_at).timestamp()
        except ValueError:
            raise CaptureError(f"{path}: captured_at is no time") from None
        return cls(manifest, Answers(read_answers(path)), at)

    @property
    def clock(self) -> StandingClock:
        """The clock of the capture."""
        return StandingClock(self.at)

    def entry(self, name: str, address: str) -> dict[str, Any]:
        """Return an entry of `sources` that polls the served capture.

        Args:
            name: The name of the source.
            address: Where it is served.
        """
        standin = SOURCES[self.manifest.type].stand_in
        kept = {key: each for key, each in self.manifest.settings.items() if key in standin.kept}
        return {
            "name": name,
            "type": self.manifest.type,
            **kept,
            **standin.credentials(address),
        }

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on a free port of this machine while the context is entered; gives the address."""
        app = web.Application()
        for method, path, handler in SOURCES[self.manifest.type].stand_in.routes:
            app.router.add_route(method, path, handler)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        path, query = unquote(request.rel_url.raw_path), _parameters(request)
        saved = self.answers.to(request.method, path, query, await _question(request))
        if saved is None:
            asked = f"{request.method} {unquote(request.path_qs)}"
            _log.warning("not in the capture", request=asked)
            return web.json_response({"message": "not in the capture"}, status=NOT_CAPTURED)
        return _response(saved)


def _response(saved: SavedAnswer) -> web.Response:
    text = saved.text
    is_text = isinstance(text, str)
    body = text.encode() if isinstance(text, str) else msgspec.json.encode(saved.document)
    kind = "text/plain" if is_text else "application/json"
    headers = {"Content-Type": kind, **{key.title(): each for key, each in saved.headers.items()}}
    return web.Response(status=saved.status, body=body, headers=headers)


def _parameters(request: web.Request) -> Mapping[str, str]:
    parts = (part.partition("=") for part in request.rel_url.raw_query_string.split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in parts}


async def _question(request: web.Request) -> Any:
    body = await request.read()
    if not body:
        return msgspec.UNSET
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode("utf-8", "replace")
