"""The faults and events of a soak, drawn by chance from a seed, and the scrapers that misbehave."""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bench.soak.fleet import Fleet
from bench.soak.truth import INVENTORIES, SOURCES
from exporter.simulators.faults import KINDS, FaultHandle

_ASK = b"GET /metrics HTTP/1.1\r\nHost: soak\r\nAccept-Encoding: identity\r\n\r\n"
_SMALL = 4096


async def come_and_go(port: int, chance: random.Random) -> None:
    """Let some of them come at once."""
    await asyncio.gather(
        *(_scraper(port, chance.uniform(0.2, 5), chance) for _ in range(chance.randint(5, 60)))
    )


async def _scraper(port: int, patience: float, chance: random.Random) -> None:
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        own.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience):
                await loop.sock_connect(own, ("127.0.0.1", port))
                # Some never end their request, and some never read the answer.
                await loop.sock_sendall(own, chance.choice((_ASK, _ASK, _ASK[:20])))
                while chance.random() < 0.9:
                    if not await loop.sock_recv(own, _SMALL):
                        return
                    await asyncio.sleep(0.02)
                await asyncio.sleep(patience)
        except (TimeoutError, ConnectionError):
            return


LYING = (
    "wrong_types", "nulls", "missing_fields", "renamed_fields", "unknown_codes",
    "ill_typed_field", "short_list", "null_list",
)  # fmt: skip
"""Kinds whose answers are taken, and say something else than the truth."""
_PATHS = (
    "", "", "",
    "token", "compute-ops-mgmt/.*/servers", "alerts", "energy", "groups", "jobs",
    "Sessions", "DeviceService/Devices", "AlertService", "Power", "SubSystemHealth", "Baselines",
)  # fmt: skip
_STATUSES = (400, 401, 403, 404, 409, 429, 500, 502, 503, 504)
_OPTIONS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "delay": lambda chance: {"seconds": chance.uniform(0.1, 4)},
    "status": lambda chance: {
        "code": chance.choice(_STATUSES),
        "retry_after": chance.choice((None, None, 1, 60, "Wed, 21 Oct 2026 07:28:00 GMT")),
    },
    "endless": lambda _: {"bytes": 8_000_000},
    "gzip_bomb": lambda _: {"bytes": 40_000_000},
    "oversize": lambda _: {"bytes": 8_000_000},
    "stall_body": lambda _: {"seconds": 5},
    "slow_drip": lambda _: {"chunk": 4096, "seconds": 0.02},
    "empty_list": lambda chance: {"total": chance.choice(("kept", "zero"))},
    "short_list": lambda chance: {"drop": chance.randint(1, 5)},
    "refuse_parameter": lambda chance: {"name": chance.choice(("select", "$orderby"))},
    "ill_typed_field": lambda chance: {"field": chance.choice(("name", "Model"))},
}
_LONGEST_STORM = 8.0
"""Seconds of the machine."""


@dataclass
class Trouble:
    """Makes it, and heals it."""

    fleet: Fleet
    chance: random.Random
    say: Callable[[str], None]
    storms: int = 0
    hits: int = 0

    async def storm(self) -> None:
        """Misbehave for a few seconds."""
        self.storms += 1
        orders = [self._order() for _ in range(self.chance.randint(0, 3))]
        for _ in range(self.chance.randint(0, 3)):
            await asyncio.sleep(self.chance.uniform(0, _LONGEST_STORM / 4))
            event = self.chance.choice(self._events)
            self.say(event.__name__)
            await event()
        await asyncio.sleep(self.chance.uniform(0.5, _LONGEST_STORM))
        for order in orders:
            order.remove()
            self.hits += order.hits
        await self.fleet.heal()
        self.say("healed")

    def _order(self) -> FaultHandle:
        kind = self.chance.choice(list(KINDS))
        vendor = self.chance.choice((None, *SOURCES))
        path = self.chance.choice(_PATHS)
        times = self.chance.choice((None, None, 1, 3))
        drawn = _OPTIONS.get(kind)
        options = drawn(self.chance) if drawn else {}
        self.say(f"fault {kind} vendor={vendor} path={path!r} times={times} {options}")
        if kind in LYING:
            self.fleet.lie(vendor)
        return self.fleet.simulation.faults.add(
            kind=kind, vendor=vendor, path=path, times=times, **options
        )

    @property
    def _events(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        return (
            self.tokens_expire,
            self.sessions_expire,
            self.secrets_rotate,
            self.a_server_is_replaced,
            self.a_server_changes,
            self.configuration_changes,
            self.configuration_is_bad,
            self.a_source_leaves,
            self.slow_scrapers,
        )

    async def tokens_expire(self) -> None:
        self.fleet.simulation.expire_com_tokens()

    async def sessions_expire(self) -> None:
        self.fleet.simulation.expire_ome_sessions()

    async def secrets_rotate(self) -> None:
        self.fleet.rotate(f"secret-{self.chance.getrandbits(64):x}")

    async def a_server_is_replaced(self) -> None:
        vendor = self.chance.choice(list(SOURCES))
        self.fleet.replace(vendor, self.chance)

    async def a_server_changes(self) -> None:
        serial = self.fleet.any_server(self.chance.choice(list(SOURCES)), self.chance)
        wish = self.chance.choice(
            ({"health": "CRITICAL"}, {"health": "WARNING"}, {"power": "OFF"}, {"connected": False})
        )
        self.fleet.simulation.world.override(serial, **wish)

    async def configuration_changes(self) -> None:
        await self.fleet.reload(concurrency=self.chance.randint(1, 8))

    async def configuration_is_bad(self) -> None:
        await self.fleet.reload_badly()

    async def a_source_leaves(self) -> None:
        await self.fleet.reload(without=self.chance.choice(list(INVENTORIES)))

    async def slow_scrapers(self) -> None:
        port, seed = self.fleet.port, self.chance.getrandbits(32)
        self.fleet.beside(come_and_go(port, random.Random(seed)))  # noqa: S311 - bad luck
