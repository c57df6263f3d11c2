"""Whether an exporter still answers others while one client holds as many connections as it can."""

import http.client
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import trustme
import yaml

from bench.processes import running
from bench.prometheus import free_port, resident_memory, wait

REFUSED, HANDSHAKES = 512, 2000
"""Connections with a refused request each, and with a TLS handshake that does not go on."""
_ASKED = 100
_SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(frozen=True)
class CrowdFigures:
    """What becomes of others in a crowd."""

    crowd: str
    answered: float
    """Share of probes and scrapes that were answered."""
    grown: float
    """Megabytes of memory that the exporter takes in addition."""


def crowd_figures(folder: Path) -> Iterator[CrowdFigures]:
    """Measure both crowds."""
    yield _measured(folder, f"{REFUSED} connections after 401", REFUSED, tls=False)
    yield _measured(folder, f"{HANDSHAKES} TLS handshakes", HANDSHAKES, tls=True)


def _measured(folder: Path, crowd: str, count: int, *, tls: bool) -> CrowdFigures:
    web, port = _web_config(folder, tls=tls), free_port()
    listen = f"--listen=127.0.0.1:{port}"
    command = [sys.executable, "-m", "exporter", "demo", "--servers=200", listen]
    with (
        (folder / "log").open("w") as log,
        running([*command, f"--web.config.file={web}"], stdout=log, stderr=log) as process,
        ExitStack() as held,
    ):
        wait(lambda: _status(port, "/-/ready", tls=tls) == 200, "the demo is ready")
        before = resident_memory(process.pid)
        for _ in range(count):
            with suppress(OSError):
                client = held.enter_context(socket.create_connection(("127.0.0.1", port), 5))
                if not tls:
                    client.sendall(_SCRAPE)
                    client.recv(12)
        time.sleep(1)
        grown = resident_memory(process.pid) - before
        paths = ("/-/healthy", "/metrics")
        good = [_status(port, path, tls=tls) == 200 for path in paths for _ in range(_ASKED)]
    return CrowdFigures(crowd, sum(good) / len(good), grown)


def _web_config(folder: Path, *, tls: bool) -> Path:
    tree: dict[str, object] = {
        "basic_auth_users": {"prometheus": bcrypt.hashpw(b"secret", bcrypt.gensalt(10)).decode()}
    }
    if tls:
        issued = trustme.CA().issue_cert("localhost")
        issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "pair.pem"))
        tree["tls_server_config"] = {"cert_file": "pair.pem", "key_file": "pair.pem"}
    path = folder / "web.yml"
    path.write_text(yaml.safe_dump(tree))
    return path


def _status(port: int, path: str, *, tls: bool) -> int:
    """Ask on a connection of its own; 0 if there is no answer."""
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client: http.client.HTTPConnection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=5, context=context
        )
    else:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request("GET", path, headers={"Authorization": "Basic cHJvbWV0aGV1czpzZWNyZXQ="})
        return client.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        client.close()
