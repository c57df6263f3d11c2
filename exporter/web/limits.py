"""How much of us may clients have at our own port?"""

from dataclasses import dataclass

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
