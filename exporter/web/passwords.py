"""Passwords of users: verified once with bcrypt, and remembered by a keyed digest.

A verification takes a tenth of a second of a core by design. So it happens in a thread, one at a
time. Names of users that do not exist share one line, which is short; every user has a line of its
own, in which everybody waits: whoever floods one name or address delays others by one verification
each, and locks nobody out. A user that does not exist costs the same.
"""

import asyncio
import hashlib
import hmac
import random
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

import bcrypt

from exporter.threads import outcome, started

MOST_REMEMBERED = 256
MOST_WAITING = 32
MOST_WAITING_OF_ONE = 4
"""Verifications of users that do not exist that wait, in all and of one client."""
_SALT_AND_HASH = "." * 53
_READ_BY_BCRYPT = 72


class BusyError(Exception):
    """Too many passwords wait to be verified; the client may try again shortly."""


@dataclass(eq=False, slots=True)
class _Verification:
    """A password that is to be verified, and what came of it."""

    digest: bytes
    hashed: str
    password: str = field(repr=False)
    known: bool
    result: "asyncio.Future[bool]"
    clients: int = 0
    """How many wait for it; when nobody does, it is not begun."""


T = TypeVar("T")


class Turns(Generic[T]):
    """Items in lines, which take turns between users, then clients.

    Of one line, the oldest item and a random one are next in turn. The oldest alone would never be
    that of a client that gives up before its turn and comes again, as a scrape does in a flood.
    """

    def __init__(self, chance: random.Random | None = None) -> None:
        """Begin without lines."""
        self._chance = chance or random.Random()  # noqa: S311 - nothing secret
        self._at_random = True
        self._users: OrderedDict[str | None, OrderedDict[str, OrderedDict[T, None]]] = OrderedDict()
        self._where: dict[T, tuple[str | None, str]] = {}

    def add(self, item: T, user: str | None, client: str) -> None:
        """Put an item at the end of the line of a client; user None is the line of all others."""
        self._users.setdefault(user, OrderedDict()).setdefault(client, OrderedDict())[item] = None
        self._where[item] = user, client

    def waiting(self, user: str | None, client: str | None = None) -> int:
        """Count the items of a user, or of one of its clients."""
        clients = self._users.get(user, OrderedDict())
        return sum(len(line) for name, line in clients.items() if client in (None, name))

    def next(self) -> T | None:
        """Remove and return the item whose turn it is; None if there is none."""
        for user, clients in self._users.items():
            for client, line in clients.items():
                self._at_random = not self._at_random
                item = self._chance.choice([*line]) if self._at_random else next(iter(line))
                self._users.move_to_end(user)
                clients.move_to_end(client)
                self.remove(item)
                return item
        return None

    def remove(self, item: T) -> bool:
        """Remove an item; return whether it was there."""
        if item not in self._where:
            return False
        user, client = self._where.pop(item)
        clients = self._users[user]
        del clients[client][item]
        if not clients[client]:
            del clients[client]
        if not clients:
            del self._users[user]
        return True


class Passwords:
    """Verifies passwords. What it remembers is useless outside this process."""

    def __init__(self) -> None:
        """Remember nobody yet."""
        self._key = secrets.token_bytes(32)
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._pending: dict[bytes, _Verification] = {}
        self._turns: Turns[_Verification] = Turns()
        self._running: asyncio.Future[bool] | None = None

    def remembers(self, users: Mapping[str, str], user: str, password: str) -> bool:
        """Return whether a password has been verified before."""
        digest = user in users and self._digest(user, users[user], password)
        if not digest or digest not in self._good:
            return False
        self._good.move_to_end(digest)
        return True

    async def right(
        self, users: Mapping[str, str], user: str, password: str, client: str = ""
    ) -> bool:
        """Tell whether a password is that of a user.

        Args:
            users: The bcrypt hash of every user.
            user: Whoever the client says it is.
            password: What it gives as proof.
            client: Its address, or whatever clients of one owner have in common.

        Raises:
            BusyError: Too many others wait.
        """
        if self.remembers(users, user, password):
            return True
        known = user in users
        hashed = users[user] if known else self._nobodys(user, users)
        digest = self._digest(user, hashed, password)
        found = self._pending.get(digest)
        if found is None:
            result = asyncio.get_running_loop().create_future()
            found = _Verification(digest, hashed, password, known, result)
            self._queue(found, user if known else None, client)
        return await self._result_of(found) and known

    def close(self) -> None:
        """Begin no verification any more."""
        self._turns = Turns()
        if self._running is not None:
            self._running.cancel()

    def _queue(self, found: _Verification, user: str | None, client: str) -> None:
        if user is None and (
            self._turns.waiting(None) >= MOST_WAITING
            or self._turns.waiting(None, client) >= MOST_WAITING_OF_ONE
        ):
            raise BusyError
        self._pending[found.digest] = found
        self._turns.add(found, user, client)
        self._begin_next()

    async def _result_of(self, found: _Verification) -> bool:
        found.clients += 1
        try:
            return await asyncio.shield(found.result)
        finally:
            found.clients -= 1
            if not found.clients and self._turns.remove(found):
                del self._pending[found.digest]

    def _begin_next(self) -> None:
        """Verify whoever has its turn."""
        if self._running is None and (found := self._turns.next()) is not None:
            verifying = started(partial(_matches, found.hashed, found.password))
            self._running = asyncio.ensure_future(outcome(verifying))
            self._running.add_done_callback(partial(self._ended, found))

    def _ended(self, found: _Verification, running: "asyncio.Future[bool]") -> None:
        if running.cancelled():
            return
        self._running = None
        error = running.exception()
        if isinstance(error, OSError):
            # The system has no thread left.
            error = BusyError()
        self._end(found, running.result() if error is None else error)
        self._begin_next()

    def _end(self, found: _Verification, result: BaseException | bool) -> None:
        del self._pending[found.digest]
        if result is True and found.known:
            self._remember(found.digest)
        if isinstance(result, BaseException):
            found.result.set_exception(result)
            # Where nobody waits any more, asyncio would log that nobody has seen it.
            found.result.exception()
        else:
            found.result.set_result(result)

    def _remember(self, digest: bytes) -> None:
        self._good[digest] = None
        if len(self._good) > MOST_REMEMBERED:
            self._good.popitem(last=False)

    def _nobodys(self, user: str, users: Mapping[str, str]) -> str:
        """Return a hash that no password has, as costly as that of some user.

        Where the costs differ, which one it is depends on the name alone: asking again tells no
        more than asking once.
        """
        costs = sorted(hashed[4:6] for hashed in users.values())
        drawn = int.from_bytes(self._keyed(user.encode("utf-8", "surrogatepass")))
        return f"$2b${costs[drawn % len(costs)]}${_SALT_AND_HASH}"

    def _digest(self, *parts: str) -> bytes:
        encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
        return self._keyed(b"".join(len(part).to_bytes(8) + part for part in encoded))

    def _keyed(self, text: bytes) -> bytes:
        return hmac.digest(self._key, text, hashlib.sha256)


def _matches(hashed: str, password: str) -> bool:
    # Whoever makes or checks bcrypt hashes elsewhere reads 72 bytes; this library insists on it.
    read = password.encode("utf-8", "surrogatepass")[:_READ_BY_BCRYPT]
    return bcrypt.checkpw(read, hashed.encode())
