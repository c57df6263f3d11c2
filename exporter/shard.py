"""Which of several processes that share one fleet serves a server.

A server belongs to the shard that its serial number gives, and to no other. Any program can work it
out: take the SHA-256 of the serial number as the label `serial` has it (UTF-8), read the first
eight bytes as an unsigned big-endian number, and put that and the number of shards into the jump
consistent hash (Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014).
From N to N+1 shards it moves only every (N+1)th server, and only to the new shard.
"""

import hashlib
from dataclasses import dataclass

MOST = 10_000
"""Shards."""
_64_BITS = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `total` processes that share a fleet.

    Raises:
        ValueError: There is no such shard.
    """

    index: int = 0
    total: int = 1

    def __post_init__(self) -> None:
        """Refuse a shard that would serve nothing, or nothing but what others serve too."""
        if self.total < 1:
            raise ValueError(f"there is at least one shard, not {self.total}")
        if self.total > MOST:
            raise ValueError(f"there are at most {MOST} shards, not {self.total}")
        if not 0 <= self.index < self.total:
            raise ValueError(
                f"{self.total} shards are counted from 0 to {self.total - 1}, {self.index} is none"
            )

    @property
    def is_whole(self) -> bool:
        """Whether there is no other."""
        return self.total == 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that serves what is said of a source as a whole."""
        return self.index == 0

    def owns(self, serial: str) -> bool:
        """Tell whether a server is this shard's."""
        return shard_of(serial, self.total) == self.index


WHOLE = Shard()


def shard_of(serial: str, total: int) -> int:
    """Return the index, from 0, of the shard that serves a server.

    Args:
        serial: The serial number, as the label `serial` has it.
        total: How many shards there are.
    """
    # What cannot be written in UTF-8 is written with question marks, as on the page.
    digest = hashlib.sha256(serial.encode("utf-8", "replace")).digest()
    return jump(int.from_bytes(digest[:8], "big"), total)


def jump(key: int, buckets: int) -> int:
    """Return the bucket, from 0, of a 64-bit key: the jump consistent hash."""
    bucket, following = -1, 0
    while following < buckets:
        bucket = following
        key = (key * 2862933555777941757 + 1) & _64_BITS
        following = int((bucket + 1) * (2**31 / ((key >> 33) + 1)))
    return bucket
