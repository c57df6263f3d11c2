"""Who else scrapes? Clients that read slowly, stop reading, or go away in the middle."""

import asyncio
import random
import socket

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
