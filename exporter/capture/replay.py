"""A capture served over HTTP, so that the exporter can poll it as it polls the API."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import structlog
from aiohttp import web

from exporter.capture.folder import (
    CaptureError,
    Manifest,
    Saved,
    SavedAnswer,
    read_answers,
    read_manifest,
)
from exporter.clock import SystemClock
from exporter.sources.vendors import SOURCES

NOT_CAPTURED = 501
"""The status for what nobody asked while it was captured; a 404 would mean something to clients."""
_log = structlog.get_logger("exporter.replay")
_SIZES = frozenset({"limit", "$top"})
_ANY_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?"
)
_FIRST_PAGE = frozenset({("offset", "0"), ("$skip", "0")})


class StandingClock(SystemClock):
    """A clock whose date stands still; durations and pauses are real.

    Times in answers are kept as they are, and what is asked for follows from the time.
    """

    def __init__(self, at: float) -> None:
        """Stop at a Unix time."""
        self._at = at

    def wall(self) -> float:
        """Return the one time."""
        return self._at


class Answers:
    """The saved answers of one source."""

    def __init__(self, found: Iterable[Saved]) -> None:
        """Sort them by what was asked."""
        self._exact: dict[bytes, Saved] = {}
        self._any_time: dict[bytes, list[Saved]] = defaultdict(list)
        self._any_size: dict[bytes, list[Saved]] = defaultdict(list)
        for saved in sorted(found, key=lambda each: each.request.number):
            asked = saved.request
            what = asked.method, asked.path, asked.query, asked.question
            self._exact[_key(*what)] = saved
            self._any_time[_timeless(*what)].append(saved)
            self._any_size[_sizeless(*what)].append(saved)

    def __len__(self) -> int:
        return len(self._exact)

    def to(
        self, method: str, path: str, query: Mapping[str, str], question: Any
    ) -> SavedAnswer | None:
        """Find the answer to a request; None if nothing like it was asked.

        Of several that differ in the time, the one that was asked for last is given: who tries
        windows stops at the one that has data. Of several page sizes it is the largest.

        Args:
            method: Of the request.
            path: Decoded.
            query: Decoded.
            question: The body, decoded from JSON; `UNSET` without one.
        """
        what = method, path, query, question
        if exact := self._exact.get(_key(*what)):
            return exact.answer
        if at_other_times := self._any_time.get(_timeless(*what)):
            return at_other_times[-1].answer
        of_other_sizes = self._any_size.get(_sizeless(*what))
        return max(of_other_sizes, key=_size).answer if of_other_sizes else None


def _key(method: str, path: str, query: Mapping[str, str], question: Any) -> bytes:
    asked = [method, path, query, None if question is msgspec.UNSET else [question]]
    return msgspec.json.encode(asked, order="sorted")


def _timeless(method: str, path: str, query: Mapping[str, str], question: Any) -> bytes:
    without = {name: _ANY_TIME.sub("*", value) for name, value in query.items()}
    return _key(method, path, without, question)


def _sizeless(method: str, path: str, query: Mapping[str, str], question: Any) -> bytes:
    kept = {name: value for name, value in query.items() if name not in _SIZES}
    # Some lists are asked for their first page without saying so.
    kept = {name: value for name, value in kept.items() if (name, value) not in _FIRST_PAGE}
    return _timeless(method, path, kept, question)


def _size(saved: Saved) -> int:
    sizes = (saved.request.query.get(name, "") for name in _SIZES)
    return max((int(size) for size in sizes if size.isdecimal()), default=0)


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
