"""Waiting lines: one for each user, and in it one for each client, which take turns."""

import random
from collections import OrderedDict
from typing import Generic, TypeVar

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
