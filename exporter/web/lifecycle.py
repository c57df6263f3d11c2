"""How is the running exporter told over HTTP to read its configuration again?"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from exporter.reload import Outcome

Reload = Callable[[], Awaitable[Outcome]]
NOT_ENABLED = (
    "reloading over HTTP is not enabled: start the exporter with --web.enable-lifecycle, "
    "or send it SIGHUP\n"
)


def add_lifecycle(app: web.Application, reload: Reload | None) -> None:
    """Add `/-/reload` for POST and PUT, as Prometheus has it; None refuses every call."""

    async def answer(_: web.Request) -> web.Response:
        if reload is None:
            return web.Response(status=403, text=NOT_ENABLED)
        return _told(await reload())

    app.router.add_post("/-/reload", answer)
    app.router.add_put("/-/reload", answer)


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
