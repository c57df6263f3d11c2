"""Answers that were recorded from real systems, and a server that repeats them.

The recordings are not part of the project. A path without a recording is answered with 404 and an
error of the API's own, which OME needs to say that it has no such service.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web

SAMPLES: Final = Path(__file__).parents[3] / "shared" / "samples"
Item = dict[str, Any]
Answers = Mapping[str, Callable[[web.Request], web.Response]]
"""What answers each request, by method and path."""
NOT_RECORDED: Final = {"error": {"message": "There is no recording of this path."}}


def sample(name: str) -> Any:
    """Return a recorded answer."""
    return json.loads((SAMPLES / name).read_text())


def always(
    document: Any, status: int = 200, **headers: str
) -> Callable[[web.Request], web.Response]:
    """Return what answers every request alike; `headers` have `_` for `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda _: web.json_response(document, status=status, headers=named)


@asynccontextmanager
async def serving(answers: Answers) -> AsyncIterator[str]:
    """Serve answers on loopback while the context is entered; yield the base URL."""

    async def handle(request: web.Request) -> web.Response:
        answer = answers.get(f"{request.method} {request.path}")
        return answer(request) if answer else web.json_response(NOT_RECORDED, status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
