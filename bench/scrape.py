"""How long does a scrape take, beside nginx that serves the same bytes as a file?"""

import re
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.processes import answered, running

_ROUNDS = 5
_SECONDS = 3
_NGINX_PORT = 10499
_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off; sendfile on; tcp_nopush on; types {{}} default_type text/plain;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""


def scrape_figures(
    port: int, folder: Path, encodings: Sequence[str] = ("gzip", "identity")
) -> dict[str, dict[str, float]]:
    """Measure encodings, in turn with nginx; medians over rounds, in milliseconds.

    Args:
        port: Where the exporter listens.
        folder: Where nginx keeps its files.
        encodings: Those that are asked for.
    """
    ours = f"http://127.0.0.1:{port}/metrics"
    www = folder / "www"
    www.mkdir()
    found: dict[str, dict[str, float]] = {}
    with _nginx(folder):
        for encoding in encodings:
            body = _fetched(ours, encoding)
            (www / encoding).write_bytes(body)
            theirs = f"http://127.0.0.1:{_NGINX_PORT}/{encoding}"
            if _fetched(theirs, encoding) != body:
                raise RuntimeError("nginx does not serve the same bytes")
            rounds = [
                (_latency(ours, encoding), _latency(theirs, encoding)) for _ in range(_ROUNDS)
            ]
            own, other = (statistics.median(column) for column in zip(*rounds, strict=True))
            found[encoding] = {
                "bytes": len(body),
                "exporter": own,
                "nginx": other,
                "ratio": statistics.median(mine / its for mine, its in rounds),
            }
    return found


@contextmanager
def _nginx(folder: Path) -> Iterator[None]:
    folder.chmod(0o755)
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=_NGINX_PORT))
    with running(["nginx", "-c", str(configuration)], stderr=subprocess.DEVNULL):
        yield


def _fetched(url: str, encoding: str) -> bytes:
    return answered(url, headers={"Accept-Encoding": encoding})


def _latency(url: str, encoding: str) -> float:
    """Return wrk's median in milliseconds over one connection."""
    command = ["wrk", "-t1", "-c1", f"-d{_SECONDS}s", "--latency"]
    header = ["-H", f"Accept-Encoding: {encoding}"]
    output = subprocess.run(
        [*command, *header, url], capture_output=True, text=True, check=True
    ).stdout
    match = re.search(r"50%\s+([\d.]+)(us|ms|s)\b", output)
    if match is None:
        raise RuntimeError(f"wrk said:\n{output}")
    return float(match[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[match[2]]
