"""Routes under `/-/`, as Prometheus has them: health, readiness and reload."""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from exporter.config.plan import Outcome
from exporter.polling.scheduler import Scheduler
from exporter.telemetry.process import WebTelemetry
from exporter.web.protection import Protected

_log = structlog.get_logger("exporter.web")

Reload = Callable[[], Awaitable[Outcome]]
NOT_ENABLED = (
    "reloading over HTTP is not enabled: start the exporter with --web.enable-lifecycle, "
    "or send it SIGHUP\n"
)
FOREIGN = "a page of another site asked for this reload\n"


def add_management(
    app: web.Application,
    scheduler: Scheduler,
    protected: Protected,
    reload: Reload | None,
    telemetry: WebTelemetry,
) -> None:
    """Add `/-/healthy`, `/-/ready`, and `/-/reload` for POST and PUT; None refuses every reload."""
    health = Health(scheduler, protected)

    async def reloaded(request: web.Request) -> web.Response:
        if is_foreign(request.headers):
            telemetry.refused("foreign_site")
            return web.Response(status=403, text=FOREIGN)
        if reload is None:
            return web.Response(status=403, text=NOT_ENABLED)
        return _outcome(await reload())

    app.router.add_get("/-/healthy", health.healthy)
    app.router.add_get("/-/ready", health.ready)
    app.router.add_post("/-/reload", reloaded)
    app.router.add_put("/-/reload", reloaded)


class Health:
    """Whether the exporter works; the state of the sources does not matter."""

    def __init__(self, scheduler: Scheduler, protected: Protected) -> None:
        """Take what can fail."""
        self._scheduler = scheduler
        self._protected = protected
        self._logged = ""

    async def healthy(self, _: web.Request) -> web.Response:
        """Say whether the event loop, the scheduler and the watch of the web configuration work.

        The cause may name a source. Where a password is asked for, only the log has it.
        """
        problem = self._problem()
        self._log_change(problem)
        if not problem:
            return web.Response(text="healthy\n")
        cause = "" if self._protected.now.users else f": {problem}"
        return web.Response(status=503, text=f"not healthy{cause}\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Say whether the first attempt of every source has ended."""
        if self._scheduler.attempted:
            return web.Response(text="ready\n")
        text = "not ready: the first inventory of a source is still being read\n"
        return web.Response(status=503, text=text)

    def _problem(self) -> str:
        if not self._protected.followed:
            return "changes of the web configuration are no longer noticed"
        return self._scheduler.stuck()

    def _log_change(self, problem: str) -> None:
        if problem != self._logged:
            if problem:
                _log.error("not healthy", cause=problem)
            else:
                _log.info("healthy again")
        self._logged = problem


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


def _outcome(outcome: Outcome) -> web.Response:
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
