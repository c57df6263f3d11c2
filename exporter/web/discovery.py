"""The route `/sd`: Prometheus discovers the BMCs of the servers from it (http_sd)."""

from collections.abc import Callable, Iterable

from aiohttp import web

from exporter.exposition.targets import Found, Targets
from exporter.polling.source import PolledSource
from exporter.web.headers import answer_with


def add_discovery(app: web.Application, sources: Callable[[], Iterable[PolledSource]]) -> None:
    """Add `/sd`.

    Args:
        app: Gets the route.
        sources: Gives the sources that are polled now.
    """
    app.router.add_get("/sd", DiscoveryHandler(sources).answer)


class DiscoveryHandler:
    """Answers `/sd`."""

    def __init__(self, sources: Callable[[], Iterable[PolledSource]]) -> None:
        """Take what is listed."""
        self._sources = sources
        self._targets = Targets()

    async def answer(self, request: web.Request) -> web.Response:
        """List the targets, or those that `source`, `vendor` and `model` narrow it to."""
        sources = tuple(self._sources())
        self._targets.keep({polled.name for polled in sources})
        asked = _asked(request, sources)
        _refuse_half(asked)
        found = [Found(each.name, each.vendor, each.inventory) for each in asked]
        page = await self._targets.page(found, request.query.getall("model", None))
        return answer_with(request, page, "application/json", {})


def _asked(request: web.Request, sources: tuple[PolledSource, ...]) -> list[PolledSource]:
    """Choose the sources that are asked for.

    Raises:
        HTTPNotFound: A source or a vendor is not known.
    """
    known = {
        "source": [polled.name for polled in sources],
        "vendor": [polled.vendor for polled in sources],
    }
    wanted = {key: request.query.getall(key, names) for key, names in known.items()}
    for key, names in known.items():
        if not set(wanted[key]) <= set(names):
            raise web.HTTPNotFound(text=f"unknown {key}; known: {', '.join(sorted(set(names)))}\n")
    return [
        polled
        for polled in sources
        if polled.name in wanted["source"] and polled.vendor in wanted["vendor"]
    ]


def _refuse_half(asked: Iterable[PolledSource]) -> None:
    """Refuse an answer from which targets would be missing: Prometheus would drop them.

    Raises:
        HTTPServiceUnavailable: A source has not been read since the start; after an error
            Prometheus keeps the targets that it has.
    """
    unread = [polled.name for polled in asked if not polled.is_known]
    if unread:
        text = f"not read since the start: {', '.join(unread)}; ask for others with ?source=NAME\n"
        raise web.HTTPServiceUnavailable(text=text)
