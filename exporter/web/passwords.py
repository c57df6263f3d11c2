"""Is this the password of that user? Verified once with bcrypt, and remembered by a keyed digest.

A verification takes a tenth of a second of a core by design. So it happens in a thread, one at a
time; few may wait for it, and fewer of one client, so that a flood of wrong passwords costs bounded
work and never delays whoever has been verified before. A user that does not exist costs the same.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import Counter, OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import bcrypt

MOST_REMEMBERED = 256
MOST_WAITING = 32
MOST_WAITING_OF_ONE = 4
"""Verifications that wait, in all and of one address."""
_SALT_AND_HASH = "." * 53
_READ_BY_BCRYPT = 72


class BusyError(Exception):
    """Too many passwords wait to be verified; the client may try again shortly."""


class Passwords:
    """Verifies passwords. What it remembers is useless outside this process."""

    def __init__(self) -> None:
        """Remember nobody yet."""
        self._key = secrets.token_bytes(32)
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._under_way: dict[bytes, asyncio.Task[bool]] = {}
        self._waiting: Counter[str] = Counter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bcrypt")

    async def right(
        self, users: Mapping[str, str], user: str, password: str, remote: str = ""
    ) -> bool:
        """Tell whether a password is that of a user.

        Args:
            users: The bcrypt hash of every user.
            user: Whoever the client says it is.
            password: What it gives as proof.
            remote: The address of the client.

        Raises:
            BusyError: Too many others wait.
        """
        known = users.get(user)
        hashed = known or self._nobodys(user, users)
        digest = self._digest(user, hashed, password)
        if digest in self._good:
            self._good.move_to_end(digest)
            return True
        matches = await asyncio.shield(self._verification(digest, hashed, password, remote))
        if matches and known:
            self._good[digest] = None
            if len(self._good) > MOST_REMEMBERED:
                self._good.popitem(last=False)
        return matches and known is not None

    def close(self) -> None:
        """Let the thread end; what waits is not verified any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _verification(
        self, digest: bytes, hashed: str, password: str, remote: str
    ) -> "asyncio.Task[bool]":
        """Begin a verification, or join that of the same password."""
        if digest in self._under_way:
            return self._under_way[digest]
        if len(self._under_way) >= MOST_WAITING or self._waiting[remote] >= MOST_WAITING_OF_ONE:
            raise BusyError
        task = asyncio.ensure_future(self._verify(hashed, password))
        self._under_way[digest] = task
        self._waiting[remote] += 1
        task.add_done_callback(lambda _: self._ended(digest, remote))
        return task

    def _ended(self, digest: bytes, remote: str) -> None:
        del self._under_way[digest]
        self._waiting[remote] -= 1
        if not self._waiting[remote]:
            del self._waiting[remote]

    async def _verify(self, hashed: str, password: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, _matches, hashed, password)

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
