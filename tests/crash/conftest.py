"""The real program, treated badly."""

import socket

from tests.commands.conftest import fleet

__all__ = ["fleet", "free_port"]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
