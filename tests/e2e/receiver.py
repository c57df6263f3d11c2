"""Stands where pagers and chats stand in production, and remembers what it was told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Told:
    """One alert in one message."""

    receiver: str
    status: str
    labels: dict[str, str]
    annotations: dict[str, str]
    since: str

    @property
    def key(self) -> tuple[str, str, frozenset[tuple[str, str]], str]:
        """What is the same when Alertmanager repeats itself."""
        return self.receiver, self.status, frozenset(self.labels.items()), self.since

    @property
    def name(self) -> str:
        return self.labels["alertname"]


class Receiver:
    """Every receiver of a configuration of Alertmanager."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Listen while the block lasts; gives the base address."""
        app = web.Application()
        app.add_routes([web.post("/{receiver}", self._note)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _note(self, request: web.Request) -> web.Response:
        message: dict[str, Any] = await request.json()
        name = request.match_info["receiver"]
        assert message["receiver"] == name
        self.told.extend(
            Told(name, each["status"], each["labels"], each["annotations"], each["startsAt"])
            for each in message["alerts"]
        )
        return web.Response()

    def of(self, status: str, **labels: str) -> list[Told]:
        """Return what was told with this status of alerts that have these labels, each once.

        Alertmanager promises to notify at least once: a message that is sent again, because it was
        late or because another alert joined its group, is no second event. An alert that begins
        again is one.
        """
        found: dict[object, Told] = {}
        for each in self.told:
            if each.status == status and labels.items() <= each.labels.items():
                found.setdefault(each.key, each)
        return list(found.values())
