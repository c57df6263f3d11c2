"""Limits of clients at the HTTP port, and the places for their connections."""

import ipaddress
from collections import Counter
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

LONGEST_LINE = 8190
"""Bytes of the request line, and of one header."""
MOST_HEADERS = 64
LARGEST_BODY = 2**16
MOST_UNREAD = 2**18
"""Bytes that a client may send from the head of one request on to that of the next."""
LINGER = 0.5
"""Seconds for which the rest of a refused body is read and dropped."""
SPARE_CONNECTIONS = 16
"""Beyond the limits, for probes and for users who have been verified before."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What can be set on the command line; times are in seconds."""

    requests: int = 40
    """Answered at once; 0: no limit. Those for /-/healthy and /-/ready do not count."""
    connections: int = 512
    """Open at once, those included whose TLS handshake is under way; 0: no limit."""
    connections_of_one: int = 64
    """Of one client."""
    handshake: float = 10.0
    """For a TLS handshake."""
    read: float = 10.0
    """For the whole head of a request, from the connection or its first byte on."""
    write: float = 120.0
    """For the whole answer."""
    idle: float = 150.0
    """For which a connection is kept without a request: longer than most scrape intervals."""


class Occupant(Protocol):
    """A connection that has a place."""

    client: str
    spare: bool

    def drop(self) -> None:
        """End it at once."""
        ...


T = TypeVar("T", bound=Occupant)


class Places(Generic[T]):
    """Counts connections from the moment they are accepted, by client.

    Where there is no place, the connection goes that has waited for a request, or for the end of
    its handshake, for longest. Where all are being answered, a few more are taken in as spare ones.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        """Begin empty; 0 is no limit."""
        self._most = most
        self._most_of_one = most_of_one
        self._taken: dict[T, None] = {}
        self._waiting: dict[T, None] = {}
        """The one that has waited for longest first."""
        self._of: Counter[str] = Counter()
        self._spare = 0

    def __len__(self) -> int:
        """Count the connections."""
        return len(self._taken)

    def take(self, occupant: T) -> bool:
        """Take a place, and mark the connection as spare if it is beyond the limits.

        Returns:
            Whether there was one; if not, the connection must be closed.
        """
        occupant.spare = self._is_full(occupant.client)
        if occupant.spare and self._spare >= SPARE_CONNECTIONS:
            return False
        self._spare += occupant.spare
        self._taken[occupant] = self._waiting[occupant] = None
        self._of[occupant.client] += 1
        return True

    def make_room(self, client: str) -> bool:
        """Drop the connection that has waited for longest, if there is no place for a client.

        Returns:
            Whether one was dropped.
        """
        if not self._is_full(client):
            return False
        own = self._has_too_many(client)
        for occupant in self._waiting:
            if not own or occupant.client == client:
                self.leave(occupant)
                occupant.drop()
                return True
        return False

    def leave(self, occupant: T) -> None:
        """Free the place of a connection, if it still has one."""
        if occupant not in self._taken:
            return
        del self._taken[occupant]
        self._waiting.pop(occupant, None)
        self._spare -= occupant.spare
        self._of[occupant.client] -= 1
        if not self._of[occupant.client]:
            del self._of[occupant.client]

    def begin_answer(self, occupant: T) -> None:
        """Note that a connection is being answered: it is not dropped for another one."""
        self._waiting.pop(occupant, None)

    def end_answer(self, occupant: T) -> None:
        """Note that a connection waits for its next request from now on."""
        if occupant in self._taken:
            self._waiting[occupant] = None

    def _is_full(self, client: str) -> bool:
        return self._has_too_many(client) or 0 < self._most <= len(self._taken)

    def _has_too_many(self, client: str) -> bool:
        return 0 < self._most_of_one <= self._of[client]


def client_of(host: str) -> str:
    """Return what the connections of one client have in common.

    That is its address; of IPv6 the network of 64 bits, all of which a host can use.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4 or address.is_link_local:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
