"""Answers of `/-/healthy` and `/-/ready`."""

import structlog
from aiohttp import web

from exporter.polling.scheduler import Scheduler
from exporter.web.protection import Protected

_log = structlog.get_logger("exporter.web")


class Health:
    """Whether the exporter works; the state of the sources is no matter."""

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
