"""How is the running exporter told over HTTP to read its configuration again?"""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web

from exporter.config.plan import Outcome
from exporter.telemetry.process import WebTelemetry

Reload = Callable[[], Awaitable[Outcome]]
NOT_ENABLED = (
    "reloading over HTTP is not enabled: start the exporter with --web.enable-lifecycle, "
    "or send it SIGHUP\n"
)


FOREIGN = "a page of another site asked for this reload\n"


def add_lifecycle(app: web.Application, reload: Reload | None, telemetry: WebTelemetry) -> None:
    """Add `/-/reload` for POST and PUT, as Prometheus has it; None refuses every call."""

    async def answer(request: web.Request) -> web.Response:
        if is_foreign(request.headers):
            telemetry.refused("foreign_site")
            return web.Response(status=403, text=FOREIGN)
        if reload is None:
            return web.Response(status=403, text=NOT_ENABLED)
        return _told(await reload())

    app.router.add_post("/-/reload", answer)
    app.router.add_put("/-/reload", answer)


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Return whether a browser sends a request for a page of another site.

    Browsers send `Origin` with every POST and PUT, other programs do not. A page that was loaded
    from an attacker's name has that name as `Host` too, after its DNS entry was pointed to us: so
    the name has to be one that only this machine has.
    """
    if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return True
    origin = headers.get("Origin")
    if origin is None:
        return False
    address = origin.partition("://")[2].lower()
    return address != headers.get("Host", "").lower() or not _is_this_machine(address)


def _is_this_machine(address: str) -> bool:
    try:
        host = urlsplit(f"//{address}").hostname or ""
    except ValueError:
        return False
    if host in ("localhost", socket.gethostname().lower()):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _told(outcome: Outcome) -> web.Response:
    if not outcome.ok:
        lines = ["not reloaded, the former configuration stays:", *outcome.problems]
        return web.Response(status=500, text="\n  - ".join(lines) + "\n")
    found = outcome.changes
    counts = (
        f"{len(names)} {word}"
        for word, names in (
            ("added", found.added),
            ("removed", found.removed),
            ("changed", (*found.changed, *found.moved)),
            ("unchanged", found.unchanged),
        )
    )
    sentences = (f"warning: {sentence}" for sentence in outcome.warnings)
    return web.Response(text="\n".join([f"reloaded: {', '.join(counts)}", *sentences]) + "\n")
